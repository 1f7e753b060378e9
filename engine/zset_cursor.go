package engine

// zcursor walks members of a sorted set in order or against it. The set must
// not be changed meanwhile.
type zcursor struct {
	left    int // members still to come
	reverse bool

	// In a zsmall: the offset of the next pair, or those of all that are left.
	pack    pack
	at      int
	offsets []uint32

	// In a zbig: at is an index into the leaf.
	leaf *znode
}

// next gives the next member, a view, and its score.
func (c *zcursor) next() (m []byte, score float64, ok bool) {
	if c.left <= 0 {
		return nil, 0, false
	}
	c.left--
	if c.leaf != nil {
		m, score = c.nextInLeaf()
		return m, score, true
	}
	if c.reverse {
		c.at = int(c.offsets[c.left])
	}
	m, after := c.pack.next(c.at)
	s, after := c.pack.next(after)
	c.at = after
	return m, unpackScore(s), true
}

func (c *zcursor) nextInLeaf() (m []byte, score float64) {
	it := &c.leaf.items[c.at]
	if c.reverse {
		c.at--
	} else {
		c.at++
	}
	switch {
	case c.left == 0:
	case c.at < 0:
		c.leaf = c.leaf.prev
		c.at = len(c.leaf.items) - 1
	case c.at == len(c.leaf.items):
		c.leaf, c.at = c.leaf.next, 0
	}
	return stringBytes(it.member), it.score
}
