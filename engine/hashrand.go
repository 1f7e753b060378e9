package engine

import (
	"math"

	"elasticache-local/protocol"
)

// HRANDFIELD key [count [WITHVALUES]]
func runHRandField(c *Ctx) {
	if len(c.Args) == 2 {
		c.replyRandomField()
		return
	}
	n, repeat, ok := c.pickCountArg(2)
	if !ok {
		return
	}
	withValues := len(c.Args) == 4 && isWord(c.Args[3], "WITHVALUES")
	switch {
	case len(c.Args) > 3 && !withValues:
		c.W.Error(protocol.ErrSyntax)
		return
	case withValues && n > math.MaxInt64/2:
		c.W.Error(protocol.ErrOutOfRange)
		return
	}
	h, ok := c.readHash(c.Args[1])
	switch {
	case !ok:
	case h == nil || n == 0:
		c.W.Array(0)
	case repeat:
		if !c.tooManyPicks(n) {
			c.replyRepeatedFields(h, int(n), withValues)
		}
	default:
		c.replySampledFields(h, int(min(n, int64(h.Len()))), withValues)
	}
}

func (c *Ctx) replyRandomField() {
	h, ok := c.readHash(c.Args[1])
	switch {
	case !ok:
	case h == nil:
		c.W.Null()
	case h.big != nil:
		c.W.Bulk(h.big.at(h.big.random(c.Rand)).key)
	default:
		at := hashHead
		for range c.Rand.IntN(h.Len()) {
			at = h.small.skip(h.small.skip(at))
		}
		field, _ := h.small.next(at)
		c.W.Bulk(field)
	}
}

// replyRepeatedFields picks n times any field.
func (c *Ctx) replyRepeatedFields(h *hash, n int, withValues bool) {
	c.beginFields(n, withValues)
	if h.big != nil {
		for range n {
			i := h.big.random(c.Rand)
			c.replyPair(h.big.at(i).key, h.bigValue(i), withValues)
		}
		return
	}
	offsets := h.small.offsets(hashHead, 2, h.Len())
	for range n {
		field, at := h.small.next(int(offsets[c.Rand.IntN(len(offsets))]))
		val, _ := h.small.next(at)
		c.replyPair(field, val, withValues)
	}
}

// replySampledFields picks n different fields.
func (c *Ctx) replySampledFields(h *hash, n int, withValues bool) {
	c.beginFields(n, withValues)
	size := h.Len()
	if h.big != nil && n < size {
		for _, i := range sample(c.Rand, size, n) {
			c.replyPair(h.big.at(i).key, h.bigValue(i), withValues)
		}
		return
	}
	h.eachField(func(field, val []byte) bool {
		if c.Rand.IntN(size) < n {
			c.replyPair(field, val, withValues)
			n--
		}
		size--
		return n > 0
	})
}

// beginFields begins the answer of n fields. Pairs are one flat array in
// RESP2, an array of arrays in RESP3.
func (c *Ctx) beginFields(n int, withValues bool) {
	if withValues && c.W.Proto() == protocol.RESP2 {
		n *= 2
	}
	c.W.Array(n)
}

func (c *Ctx) replyPair(field, val []byte, withValue bool) {
	if withValue && c.W.Proto() == protocol.RESP3 {
		c.W.Array(2)
	}
	c.W.Bulk(field)
	if withValue {
		c.W.Bulk(val)
	}
}
