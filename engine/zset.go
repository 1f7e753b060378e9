package engine

import (
	"slices"

	"elasticache-local/protocol"
)

// sortedSet is the value of a sorted set key: a zsmall or a zbig. Members
// passed in are copied, those handed out are views that are valid until the
// next change.
type sortedSet interface {
	memberWalker
	score(m []byte) (float64, bool)
	// rank counts from the lowest score.
	rank(m []byte) (rank int, score float64, ok bool)

	add(m []byte, score float64)    // m is absent
	update(m []byte, score float64) // m is present
	remove(m []byte) bool
	removeSpan(s zspan)

	// Ranges by score and by member are spans of ranks.
	scoreSpan(r scoreRange) zspan
	lexSpan(r lexRange, reverse bool) zspan
}

// span is the ranks from..to-1.
type zspan struct{ from, to int }

func (s zspan) len() int { return s.to - s.from }

// forward gives a cursor over all of z.
func forward(z sortedSet) zcursor {
	if small, ok := z.(*zsmall); ok {
		return small.cursor(0, small.Len(), false, nil)
	}
	return z.(*zbig).cursor(0, z.Len(), false)
}

// walk gives a cursor over a span of z.
func (c *Ctx) walk(z sortedSet, s zspan, reverse bool) zcursor {
	switch z := z.(type) {
	case *zsmall:
		cur := z.cursor(s.from, s.to, reverse, c.offsets)
		if cur.offsets != nil {
			c.offsets = cur.offsets
		}
		return cur
	case *zbig:
		return z.cursor(s.from, s.to, reverse)
	}
	panic("engine: sorted set of an unknown encoding")
}

// readZSet looks a sorted set up for reading; z is nil when the key is absent.
// ok is false when a WRONGTYPE was replied.
func (c *Ctx) readZSet(key []byte) (z sortedSet, ok bool) {
	return c.zsetIn(c.Read(key))
}

// writeZSet is readZSet for a command that may change the set.
func (c *Ctx) writeZSet(key []byte) (e Entry, z sortedSet, ok bool) {
	e = c.Write(key)
	z, ok = c.zsetIn(e)
	return e, z, ok
}

func (c *Ctx) zsetIn(e Entry) (z sortedSet, ok bool) {
	if c.wrongKind(e, KindZSet) {
		return nil, false
	}
	if !e.Exists() {
		return nil, true
	}
	if b := e.packed(); b != nil {
		c.views.zset = zsmall{b}
		return &c.views.zset, true
	}
	return e.Object().(sortedSet), true
}

// newZSet makes an empty set for pairs of score and member, one at least.
func (c *Ctx) newZSet(pairs [][]byte) sortedSet {
	s := c.KS.Settings()
	if s.ZSetMaxListpackEntries <= 0 || len(pairs[1]) > s.ZSetMaxListpackValue {
		return newZBig(c.KS.seed, nil)
	}
	size := zsmallHead
	for i := 1; i < len(pairs) && size <= zsmallReserve; i += 2 {
		size += uvarintLen(len(pairs[i])) + len(pairs[i]) + 1 + 8
	}
	c.views.zset = zsmall{c.views.draft(zsmallHead, size)}
	return &c.views.zset
}

// zsmallReserve bounds what a new set reserves, in bytes: its members may all
// be the same.
const zsmallReserve = 4 << 10

// roomFor gives z, or a zbig with the same members when z is too small a
// structure for one member more.
func (c *Ctx) roomFor(z sortedSet, memberLen int) sortedSet {
	small, ok := z.(*zsmall)
	if !ok {
		return z
	}
	s := c.KS.Settings()
	if small.Len() < s.ZSetMaxListpackEntries && memberLen <= s.ZSetMaxListpackValue &&
		len(small.pack)+memberLen <= maxPackBytes {
		return z
	}
	return newZBig(c.KS.seed, small.items())
}

// zsetOf makes a set of items in order, at least one.
func (c *Ctx) zsetOf(items []zitem) sortedSet {
	s := c.KS.Settings()
	if len(items) <= s.ZSetMaxListpackEntries &&
		!slices.ContainsFunc(items, func(it zitem) bool { return len(it.member) > s.ZSetMaxListpackValue }) {
		return newZSmall(items)
	}
	return newZBig(c.KS.seed, items)
}

// keepZSet stores z, which was made for e or has changed in e.
func (c *Ctx) keepZSet(e *Entry, z sortedSet) {
	small, ok := z.(*zsmall)
	switch {
	case ok:
		c.keep(e, small)
	case e.Exists() && !e.t.isPacked(e.r) && e.Object() == Object(z):
		c.Changed(e)
	default:
		c.SetObj(e, z, e.ExpireAt())
	}
}

// zsetShrunk ends a command that removed members of z, the set in e.
func (c *Ctx) zsetShrunk(e *Entry, z sortedSet, event string) {
	if z.Len() > 0 {
		c.keepZSet(e, z)
		c.Notify(NotifyZSet, event, e.key)
		return
	}
	c.Del(e)
	c.Notify(NotifyZSet, event, e.key)
	c.Notify(NotifyGeneric, "del", e.key)
}

// storeZSet puts a result in place of whatever is at key, nothing when it is
// empty, and replies how long it is.
func (c *Ctx) storeZSet(key []byte, items []zitem, event string) {
	e := c.Write(key)
	switch {
	case len(items) > 0:
		c.SetObj(&e, c.zsetOf(items), 0)
		c.Notify(NotifyZSet, event, key)
	case e.Exists():
		c.Del(&e)
		c.Notify(NotifyGeneric, "del", key)
	}
	c.W.Int(int64(len(items)))
}

// replyWalk replies the members of cur, with scores if wanted.
func (c *Ctx) replyWalk(cur zcursor, withScores bool) {
	c.beginPairs(max(cur.left, 0), withScores)
	for {
		m, score, ok := cur.next()
		if !ok {
			return
		}
		c.replyMember(m, score, withScores)
	}
}

// beginPairs begins the answer of n members. Pairs of member and score are one
// flat array in RESP2, an array of arrays in RESP3.
func (c *Ctx) beginPairs(n int, withScores bool) {
	if withScores && c.W.Proto() == protocol.RESP2 {
		n *= 2
	}
	c.W.Array(n)
}

func (c *Ctx) replyMember(m []byte, score float64, withScore bool) {
	if withScore && c.W.Proto() == protocol.RESP3 {
		c.W.Array(2)
	}
	c.W.Bulk(m)
	if withScore {
		c.W.Double(score)
	}
}

// replyItems is replyWalk for a computed result.
func (c *Ctx) replyItems(items []zitem, withScores bool) {
	leaf := znode{items: items}
	c.replyWalk(zcursor{left: len(items), leaf: &leaf}, withScores)
}
