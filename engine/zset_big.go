package engine

import (
	"bytes"
	"unsafe"
)

// zbig is a sorted set of any size: a tree for the order and a dict for the
// scores. A member's bytes are owned by the dict and shared with the tree.
type zbig struct {
	tree ztree
	dict *dict[float64]
}

// newZBig builds a set from items in order. It keeps the members' bytes.
func newZBig(seed uint64, items []zitem) *zbig {
	z := &zbig{tree: newZTree(items), dict: newDict[float64](seed, len(items))}
	for _, it := range items {
		m := stringBytes(it.member)
		z.dict.add(m, uint32(hashBytes(seed, m)), it.score)
	}
	return z
}

// stringBytes views s as bytes, which must not be changed.
func stringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

func (z *zbig) Kind() Kind       { return KindZSet }
func (z *zbig) Encoding() string { return "skiplist" }
func (z *zbig) Len() int         { return z.tree.len }

func (z *zbig) Mem() int64 {
	return int64(unsafe.Sizeof(*z)) + z.tree.bytes + z.dict.mem(int64(unsafe.Sizeof(dictEntry[float64]{})))
}

func (z *zbig) Clone() Object { return &zbig{tree: z.tree.clone(), dict: z.dict.clone(nil)} }

func (z *zbig) hasMember(m []byte) bool { return z.dict.find(m) >= 0 }

func (z *zbig) eachMember(visit func(m []byte) bool) {
	for cur := z.cursor(0, z.Len(), false); ; {
		m, _, ok := cur.next()
		if !ok || !visit(m) {
			return
		}
	}
}

func (z *zbig) score(m []byte) (float64, bool) { return z.dict.get(m) }

func (z *zbig) rank(m []byte) (rank int, score float64, ok bool) {
	score, ok = z.dict.get(m)
	if !ok {
		return 0, 0, false
	}
	return z.tree.rank(zitem{score, unsafeString(m)}), score, true
}

func (z *zbig) add(m []byte, score float64) {
	own := bytes.Clone(m)
	z.dict.add(own, uint32(hashBytes(z.dict.seed, own)), score)
	z.tree.insert(zitem{score, unsafeString(own)})
}

func (z *zbig) update(m []byte, score float64) {
	e := z.dict.at(z.dict.find(m))
	z.tree.remove(zitem{e.val, unsafeString(e.key)})
	e.val = score
	z.tree.insert(zitem{score, unsafeString(e.key)})
}

func (z *zbig) remove(m []byte) bool {
	i := z.dict.find(m)
	if i < 0 {
		return false
	}
	e := z.dict.at(i)
	z.tree.remove(zitem{e.val, unsafeString(e.key)})
	z.dict.deleteAt(i)
	return true
}

func (z *zbig) removeSpan(s zspan) {
	for range s.to - s.from {
		leaf, i := z.tree.seek(s.from)
		it := leaf.items[i]
		z.tree.remove(it)
		z.dict.delete(stringBytes(it.member))
	}
}

func (z *zbig) scoreSpan(r scoreRange) zspan {
	if r.empty() {
		return zspan{}
	}
	from := z.tree.countWhile(func(it *zitem) bool { return !r.fromMin(it.score) })
	to := z.tree.countWhile(func(it *zitem) bool { return r.toMax(it.score) })
	return zspan{from, max(from, to)}
}

// lexSpan is meant for members that all have the same score. With other scores
// the answer is some span, as it is in Redis.
func (z *zbig) lexSpan(r lexRange, _ bool) zspan {
	if r.empty() {
		return zspan{}
	}
	from := z.tree.countWhile(func(it *zitem) bool { return !r.fromMin(stringBytes(it.member)) })
	to := z.tree.countWhile(func(it *zitem) bool { return r.toMax(stringBytes(it.member)) })
	return zspan{from, max(from, to)}
}

// cursor walks the members whose ranks are in from..to-1, from the front or
// from the back.
func (z *zbig) cursor(from, to int, reverse bool) zcursor {
	cur := zcursor{left: to - from, reverse: reverse}
	switch {
	case cur.left <= 0:
	case reverse:
		cur.leaf, cur.at = z.tree.seek(to - 1)
	default:
		cur.leaf, cur.at = z.tree.seek(from)
	}
	return cur
}
