package engine

import (
	"math"

	"elasticache-local/protocol"
)

// ZRANDMEMBER key [count [WITHSCORES]]
func runZRandMember(c *Ctx) {
	if len(c.Args) == 2 {
		c.replyRandomMember()
		return
	}
	n, repeat, ok := c.pickCountArg(2)
	if !ok {
		return
	}
	withScores := len(c.Args) == 4 && isWord(c.Args[3], "WITHSCORES")
	switch {
	case len(c.Args) > 3 && !withScores:
		c.W.Error(protocol.ErrSyntax)
		return
	case withScores && n > math.MaxInt64/2:
		c.W.Error(protocol.ErrOutOfRange)
		return
	}
	z, ok := c.readZSet(c.Args[1])
	switch {
	case !ok:
	case z == nil || n == 0:
		c.W.Array(0)
	case repeat:
		if !c.tooManyPicks(n) {
			c.replyRepeatedPairs(z, int(n), withScores)
		}
	default:
		c.replySampledPairs(z, int(min(n, int64(z.Len()))), withScores)
	}
}

func (c *Ctx) replyRandomMember() {
	z, ok := c.readZSet(c.Args[1])
	switch {
	case !ok:
	case z == nil:
		c.W.Null()
	default:
		m, _ := c.memberAt(z, c.Rand.IntN(z.Len()))
		c.W.Bulk(m)
	}
}

// memberAt gives the member with a number from 0 to Len-1: its rank in a
// zsmall, its place in the dict of a zbig.
func (c *Ctx) memberAt(z sortedSet, i int) (m []byte, score float64) {
	if big, ok := z.(*zbig); ok {
		e := big.dict.at(i)
		return e.key, e.val
	}
	cur := c.walk(z, zspan{i, i + 1}, false)
	m, score, _ = cur.next()
	return m, score
}

// replyRepeatedPairs picks n times any member.
func (c *Ctx) replyRepeatedPairs(z sortedSet, n int, withScores bool) {
	c.beginPairs(n, withScores)
	for range n {
		m, score := c.memberAt(z, c.Rand.IntN(z.Len()))
		c.replyMember(m, score, withScores)
	}
}

// replySampledPairs picks n different members. All of them come from the highest
// to the lowest, as in Redis.
func (c *Ctx) replySampledPairs(z sortedSet, n int, withScores bool) {
	size := z.Len()
	if big, ok := z.(*zbig); ok && n < size {
		c.beginPairs(n, withScores)
		for _, i := range sample(c.Rand, size, n) {
			e := big.dict.at(i)
			c.replyMember(e.key, e.val, withScores)
		}
		return
	}
	c.beginPairs(n, withScores)
	for cur := c.walk(z, zspan{0, size}, n == size); n > 0; size-- {
		m, score, _ := cur.next()
		if c.Rand.IntN(size) < n {
			c.replyMember(m, score, withScores)
			n--
		}
	}
}
