package engine

// bigTable is what a table has besides when it holds more than a chunk of
// records, so that no command ever does work in proportion to the table:
//
//   - The arena is a list of chunks of a bounded size. Growth copies nothing.
//   - Where garbage gathers, the chunk with the most of it is emptied, some
//     records with each write, and dropped. A dropped chunk is left to the
//     garbage collector and never written again: views into it stay readable.
//   - A change of the number of buckets moves some buckets with each write. A
//     key stands in its old bucket until that is moved, and in its new one
//     from then on: there is always one place to look.
type bigTable struct {
	chunks [][]byte // by number; number 0 is table.arena, a free number nil
	dead   []int    // bytes of garbage, by chunk
	free   []int    // numbers of dropped chunks
	last   int      // the chunk that grows
	total  int      // length of all chunks

	victim   int // the chunk that is being emptied, -1: none
	victimAt int // how far it is

	old     []uint32 // the buckets as they were, nil when all are moved
	moved   int      // buckets of old before it are empty
	resizes int      // how often the number of buckets has changed

	sweep sweepState // of the active expiry, which goes on in the next cycle

	objs [][]sideObject // what does not fit in table.objs, in full segments but for the last
}

const (
	// chunkUnits is how many places for a record's begin a chunk has. That and
	// the number of chunks share a ref's 32 bits: 32 GiB per table.
	chunkUnits = 1 << 15

	// sideSegment is how many objects one piece of the side list holds.
	sideSegment = 1024

	// maxRehashSteps and maxRehashMoves bound how many buckets and how many
	// records one write moves. Twice as many buckets are needed after so many
	// inserts as there were records, an eighth of them after so many removals
	// as are a seventh of the buckets: either is done long before.
	maxRehashSteps = 32
	maxRehashMoves = 3

	// The part of the arena that may be garbage, one in so many bytes: less when
	// it would grow otherwise than when it is getting empty anyway.
	garbageShareGrowing   = 4
	garbageShareShrinking = 2
	// compactBytes is how much of a chunk one write looks at, at least.
	compactBytes = 4096
)

// The limits up to which a table does things at once. Tests lower them.
var (
	maxChunk        = chunkUnits * recUnit // bytes of a chunk, but for one with a single record
	maxRehashAtOnce = 4096                 // buckets
)

// grownBig makes t a big table.
func (t *table) grownBig() {
	if t.big == nil {
		t.big = &bigTable{chunks: [][]byte{nil}, dead: []int{t.garbage}, total: len(t.arena), victim: -1}
	}
}

// step does the share of the work that a write brings about, which adds or
// removes a record of size bytes. Up to one in garbageShare bytes stays
// garbage. Refs may change.
func (t *table) step(size, garbageShare int) {
	if t.big.old != nil {
		t.rehashStep()
	}
	if t.big.victim >= 0 || t.pickVictim(garbageShare) {
		t.compactStep(max(compactBytes, garbageShare*size))
	}
	t.maybeSmall()
}

// maybeSmall makes t a usual table again where that is little work.
func (t *table) maybeSmall() {
	b := t.big
	if b.old != nil || len(b.objs) > 0 || len(t.buckets) > maxRehashAtOnce {
		return
	}
	switch {
	case len(b.chunks) == 1:
		t.big = nil
	case b.total-t.garbage <= maxChunk/4:
		t.rebuild(0)
	}
}

// Buckets.

func (b *bigTable) bucket(buckets []uint32, hash uint32) *uint32 {
	if b.old != nil {
		if i := hash & uint32(len(b.old)-1); int(i) >= b.moved {
			return &b.old[i]
		}
	}
	return &buckets[hash&uint32(len(buckets)-1)]
}

// beginRehash begins to change the number of buckets to n, unless such a
// change is under way.
func (t *table) beginRehash(n int) {
	t.grownBig()
	if t.big.old == nil {
		t.big.old, t.big.moved = t.buckets, 0
		t.big.resizes++
		t.buckets = make([]uint32, n)
	}
}

func (t *table) rehashStep() {
	b := t.big
	for n, moved := 0, 0; n < maxRehashSteps && moved < maxRehashMoves; n++ {
		head := ref(b.old[b.moved])
		b.old[b.moved] = 0
		b.moved++
		moved += t.rechain(head)
		if b.moved == len(b.old) {
			b.old, b.moved = nil, 0
			return
		}
	}
}

// scanBoth is scan while buckets are moved: it visits the cursor's bucket in
// the smaller array and all that it splits into in the larger one.
func (t *table) scanBoth(cursor uint32, visit func(r ref)) uint32 {
	small, large := t.buckets, t.big.old
	if len(small) > len(large) {
		small, large = large, small
	}
	few, many := uint32(len(small)-1), uint32(len(large)-1)
	t.eachIn(ref(small[cursor&few]), visit)
	for {
		t.eachIn(ref(large[cursor&many]), visit)
		cursor = nextCursor(cursor, many)
		if cursor&(few^many) == 0 {
			return cursor
		}
	}
}

// Chunks.

func (t *table) chunk(i int) *[]byte {
	if i == 0 {
		return &t.arena
	}
	return &t.big.chunks[i]
}

// chunkStart is the offset of chunk i's first record.
func chunkStart(i int) int {
	if i == 0 {
		return recUnit // ref 0 is none
	}
	return 0
}

// allocBig gives a record of size bytes at the end of the last chunk, or in a
// new one.
func (t *table) allocBig(size int) ref {
	b := t.big
	c := t.chunk(b.last)
	if at := len(*c); at+size > maxChunk && at > chunkStart(b.last) {
		c = t.openChunk()
	}
	at := len(*c)
	if at+size > cap(*c) {
		// A chunk's size follows the table's, as an eighth more does elsewhere.
		room := max(at+size, min(maxChunk, at+b.total/8))
		*c = append(make([]byte, 0, roundUnit(room)), *c...)
	}
	*c = (*c)[:at+size]
	b.total += size
	return ref(b.last*chunkUnits + at/recUnit)
}

// openChunk begins a chunk, which is the one that grows from now on.
func (t *table) openChunk() *[]byte {
	b := t.big
	full := b.last
	b.last = -1
	t.noteGarbage(full, 0) // the last chunk is not dropped until there is another
	if n := len(b.free); n > 0 {
		b.last = b.free[n-1]
		b.free = b.free[:n-1]
	} else {
		b.chunks, b.dead = append(b.chunks, nil), append(b.dead, 0)
		b.last = len(b.chunks) - 1
	}
	c := t.chunk(b.last)
	*c = make([]byte, chunkStart(b.last), recUnit)
	b.total += len(*c)
	return c
}

// noteGarbage notes that size bytes of chunk i are dead, and drops the chunk
// when nothing else is in it.
func (t *table) noteGarbage(i, size int) {
	b := t.big
	b.dead[i] += size
	if i != b.last && b.dead[i]+chunkStart(i) == len(*t.chunk(i)) {
		t.dropChunk(i)
	}
}

func (t *table) dropChunk(i int) {
	b, c := t.big, t.chunk(i)
	b.total -= len(*c)
	t.garbage -= b.dead[i]
	*c, b.dead[i] = nil, 0
	b.free = append(b.free, i)
	if i == b.victim {
		b.victim = -1
	}
}

// compactStep moves the records out of some bytes of a chunk full of garbage.
func (t *table) compactStep(bytes int) {
	b := t.big
	for v := b.victim; v == b.victim && bytes > 0; {
		from := record((*t.chunk(v))[b.victimAt:])
		size := from.size()
		bytes -= size
		at := b.victimAt
		b.victimAt += size
		if from[recMeta]&kindMask != 0 {
			t.moveOut(ref(v*chunkUnits+at/recUnit), from[:size])
		}
	}
}

// pickVictim chooses the chunk with the most garbage when there is too much.
func (t *table) pickVictim(garbageShare int) bool {
	b := t.big
	if t.garbage <= b.total/garbageShare {
		return false
	}
	best, most := -1, 0
	for i, dead := range b.dead {
		if i != b.last && dead > most {
			best, most = i, dead
		}
	}
	if best < 0 || most < len(*t.chunk(best))/garbageShare {
		return false // it is in the chunk that grows
	}
	b.victim, b.victimAt = best, chunkStart(best)
	return true
}

// moveOut gives the record at r, which are the bytes from, another place.
func (t *table) moveOut(r ref, from record) {
	to := t.allocBig(len(from))
	copy(t.rec(to), from)
	if p := t.bucket(from.u32(recHash)); ref(*p) == r {
		*p = uint32(to)
	} else {
		t.setU32(t.before(ref(*p), r), recNext, uint32(to))
	}
	from[recMeta] &^= kindMask
	t.garbage += len(from)
	t.noteGarbage(int(r/chunkUnits), len(from))
}

func (b *bigTable) clone() *bigTable {
	if b == nil {
		return nil
	}
	c := *b
	c.chunks = make([][]byte, len(b.chunks))
	for i, chunk := range b.chunks {
		c.chunks[i] = append([]byte(nil), chunk...)
	}
	c.dead = append([]int(nil), b.dead...)
	c.free = append([]int(nil), b.free...)
	c.old = append([]uint32(nil), b.old...)
	c.objs = make([][]sideObject, len(b.objs))
	for i, seg := range b.objs {
		c.objs[i] = append(make([]sideObject, 0, sideSegment), cloneSides(seg)...)
	}
	return &c
}
