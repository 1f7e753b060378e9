package engine

// The side list: the objects of a table, to which its records lead by number.

// sideObject is an object and the size it had when it was last accounted. At a
// place that is free, o is nil and mem leads to the next, see freeSides.
type sideObject struct {
	o   Object
	mem int64
}

// freeSides is the free places in the side list.
type freeSides struct {
	count uint32
	first uint32 // if there are any
}

func (t *table) keepObject(o Object) uint32 {
	side := sideObject{o: o, mem: o.Mem()}
	t.objBytes += side.mem
	if t.free.count > 0 {
		i := t.free.first
		place := t.side(i)
		t.free = freeSides{t.free.count - 1, uint32(place.mem)}
		*place = side
		return i
	}
	if len(t.objs) == sideSegment {
		return t.keepObjectBig(side)
	}
	t.objs = append(t.objs, side)
	return uint32(len(t.objs) - 1)
}

// side is place i of the side list.
func (t *table) side(i uint32) *sideObject {
	if i < sideSegment {
		return &t.objs[i]
	}
	return &t.big.objs[i/sideSegment-1][i%sideSegment]
}

// sides is how many places the side list has.
func (t *table) sides() int {
	if t.big != nil {
		return len(t.objs) + t.big.sides()
	}
	return len(t.objs)
}

func (t *table) dropObject(i uint32) {
	side := t.side(i)
	t.objBytes -= side.mem
	*side = sideObject{mem: int64(t.free.first)}
	t.free = freeSides{t.free.count + 1, i}
}

// resized takes note that the record's object has another size than before.
func (t *table) resized(r ref) {
	if t.meta(r)&flagObject == 0 {
		return
	}
	side := t.side(t.u32(r, recValLen))
	mem := side.o.Mem()
	t.objBytes += mem - side.mem
	side.mem = mem
}

func (t *table) keepObjectBig(side sideObject) uint32 {
	t.grownBig()
	b := t.big
	if n := len(b.objs); n == 0 || len(b.objs[n-1]) == sideSegment {
		b.objs = append(b.objs, make([]sideObject, 0, sideSegment))
	}
	last := &b.objs[len(b.objs)-1]
	*last = append(*last, side)
	return uint32(len(t.objs) + b.sides() - 1)
}

func (b *bigTable) sides() int {
	n := len(b.objs)
	if n == 0 {
		return 0
	}
	return (n-1)*sideSegment + len(b.objs[n-1])
}

func cloneSides(sides []sideObject) []sideObject {
	out := make([]sideObject, len(sides))
	for i, side := range sides {
		if side.o != nil {
			side.o = side.o.Clone()
		}
		out[i] = side
	}
	return out
}
