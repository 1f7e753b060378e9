package engine

import "elasticache-local/protocol"

func runZCard(c *Ctx) {
	z, ok := c.readZSet(c.Args[1])
	switch {
	case !ok:
	case z == nil:
		c.W.Int(0)
	default:
		c.W.Int(int64(z.Len()))
	}
}

func runZScore(c *Ctx) {
	z, ok := c.readZSet(c.Args[1])
	if !ok {
		return
	}
	c.replyScore(z, c.Args[2])
}

func runZMScore(c *Ctx) {
	z, ok := c.readZSet(c.Args[1])
	if !ok {
		return
	}
	c.W.Array(len(c.Args) - 2)
	for _, m := range c.Args[2:] {
		c.replyScore(z, m)
	}
}

// replyScore replies the score of m in z, which may be nil.
func (c *Ctx) replyScore(z sortedSet, m []byte) {
	if z != nil {
		if score, ok := z.score(m); ok {
			c.W.Double(score)
			return
		}
	}
	c.W.Null()
}

func runZRank(c *Ctx)    { c.zrank(false) }
func runZRevRank(c *Ctx) { c.zrank(true) }

func (c *Ctx) zrank(reverse bool) {
	withScore := len(c.Args) > 3
	if withScore && (len(c.Args) > 4 || !isWord(c.Args[3], "WITHSCORE")) {
		c.W.Error(protocol.ErrSyntax)
		return
	}
	z, ok := c.readZSet(c.Args[1])
	if !ok {
		return
	}
	rank, score, found := 0, 0.0, false
	if z != nil {
		rank, score, found = z.rank(c.Args[2])
	}
	switch {
	case !found && withScore:
		c.W.NullArray()
		return
	case !found:
		c.W.Null()
		return
	case reverse:
		rank = z.Len() - 1 - rank
	}
	if withScore {
		c.W.Array(2)
	}
	c.W.Int(int64(rank))
	if withScore {
		c.W.Double(score)
	}
}
