package engine

import "elasticache-local/protocol"

// zrangeBy says what the bounds of a range are.
type zrangeBy uint8

const (
	byAny zrangeBy = iota // the options decide
	byRank
	byScore
	byLex
)

// zrange is a parsed ZRANGE or one of its older forms.
type zrange struct {
	by            zrangeBy
	reverse       bool
	withScores    bool
	offset, limit int64 // limit < 0: none
	start, stop   int64 // by rank
	scores        scoreRange
	lex           lexRange
}

func runZRange(c *Ctx)           { c.zrange(zrange{}, false) }
func runZRevRange(c *Ctx)        { c.zrange(zrange{by: byRank, reverse: true}, true) }
func runZRangeByScore(c *Ctx)    { c.zrange(zrange{by: byScore}, true) }
func runZRevRangeByScore(c *Ctx) { c.zrange(zrange{by: byScore, reverse: true}, true) }
func runZRangeByLex(c *Ctx)      { c.zrange(zrange{by: byLex}, true) }
func runZRevRangeByLex(c *Ctx)   { c.zrange(zrange{by: byLex, reverse: true}, true) }
func runZRemRangeByRank(c *Ctx)  { c.zremRange(zrange{by: byRank}, "zremrangebyrank") }
func runZRemRangeByScore(c *Ctx) { c.zremRange(zrange{by: byScore}, "zremrangebyscore") }
func runZRemRangeByLex(c *Ctx)   { c.zremRange(zrange{by: byLex}, "zremrangebylex") }
func runZCount(c *Ctx)           { c.zcount(zrange{by: byScore}) }
func runZLexCount(c *Ctx)        { c.zcount(zrange{by: byLex}) }

// zrange runs a command whose arguments are key, begin, end, options. directed
// commands have their direction in the name and know no option REV.
func (c *Ctx) zrange(r zrange, directed bool) {
	if !c.zrangeOptions(&r, c.Args[4:], directed, false) || !c.zrangeBounds(&r, c.Args[2], c.Args[3]) {
		return
	}
	z, ok := c.readZSet(c.Args[1])
	switch {
	case !ok:
	case z == nil:
		c.W.Array(0)
	default:
		c.replyWalk(c.walk(z, r.span(z), r.reverse), r.withScores)
	}
}

// runZRangeStore: ZRANGESTORE destination source begin end options.
func runZRangeStore(c *Ctx) {
	var r zrange
	if !c.zrangeOptions(&r, c.Args[5:], false, true) || !c.zrangeBounds(&r, c.Args[3], c.Args[4]) {
		return
	}
	z, ok := c.readZSet(c.Args[2])
	if !ok {
		return
	}
	var items []zitem
	if z != nil {
		items = c.copyItems(z, r.span(z))
		c.growAsRedis(items, &r)
	}
	c.storeZSet(c.Args[1], items, "zrangestore")
}

// copyItems copies the members of a span, in order.
func (c *Ctx) copyItems(z sortedSet, s zspan) []zitem {
	items := make([]zitem, 0, max(s.len(), 0))
	for cur := c.walk(z, s, false); ; {
		m, score, ok := cur.next()
		if !ok {
			return items
		}
		items = append(items, zitem{score, string(m)})
	}
}

// growAsRedis turns -0 into 0 where the member would be stored before the
// result outgrows a listpack, which knows no -0. By rank, Redis knows in
// advance how long the result will be.
func (c *Ctx) growAsRedis(items []zitem, r *zrange) {
	s := c.KS.Settings()
	if r.by == byRank && len(items) > s.ZSetMaxListpackEntries {
		return
	}
	for i := range min(len(items), s.ZSetMaxListpackEntries) {
		it := &items[i]
		if r.reverse {
			it = &items[len(items)-1-i]
		}
		if len(it.member) > s.ZSetMaxListpackValue {
			return
		}
		if it.score == 0 {
			it.score = 0
		}
	}
}

func (c *Ctx) zremRange(r zrange, event string) {
	if !c.zrangeBounds(&r, c.Args[2], c.Args[3]) {
		return
	}
	e, z, ok := c.writeZSet(c.Args[1])
	if !ok {
		return
	}
	removed := 0
	if z != nil {
		r.limit = -1
		s := r.span(z)
		removed = s.len()
		z.removeSpan(s)
	}
	if removed > 0 {
		c.zsetShrunk(&e, z, event)
	}
	c.W.Int(int64(removed))
}

func (c *Ctx) zcount(r zrange) {
	if !c.zrangeBounds(&r, c.Args[2], c.Args[3]) {
		return
	}
	z, ok := c.readZSet(c.Args[1])
	switch {
	case !ok:
	case z == nil:
		c.W.Int(0)
	default:
		r.limit = -1
		c.W.Int(int64(r.span(z).len()))
	}
}

// zrangeOptions reads what follows the bounds. ok is false when an error was
// replied.
func (c *Ctx) zrangeOptions(r *zrange, opts [][]byte, directed, store bool) (ok bool) {
	r.limit = -1
	for i := 0; i < len(opts); i++ {
		switch word := opts[i]; {
		case !store && isWord(word, "WITHSCORES"):
			r.withScores = true
		case isWord(word, "LIMIT") && i+2 < len(opts):
			var okOffset, okLimit bool
			r.offset, okOffset = parseInt(opts[i+1])
			r.limit, okLimit = parseInt(opts[i+2])
			if !okOffset || !okLimit {
				c.W.Error(protocol.ErrNotInteger)
				return false
			}
			i += 2
		case !directed && !r.reverse && isWord(word, "REV"):
			r.reverse = true
		case r.by == byAny && isWord(word, "BYLEX"):
			r.by = byLex
		case r.by == byAny && isWord(word, "BYSCORE"):
			r.by = byScore
		default:
			c.W.Error(protocol.ErrSyntax)
			return false
		}
	}
	if r.by == byAny {
		r.by = byRank
	}
	switch {
	case r.limit != -1 && r.by == byRank:
		c.W.Error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
	case r.withScores && r.by == byLex:
		c.W.Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
	default:
		return true
	}
	return false
}

// zrangeBounds reads the bounds; a reversed range by score or by member comes
// with the maximum first. ok is false when an error was replied.
func (c *Ctx) zrangeBounds(r *zrange, min, max []byte) (ok bool) {
	if r.reverse && r.by != byRank {
		min, max = max, min
	}
	switch r.by {
	case byScore:
		if r.scores, ok = parseScoreRange(min, max); !ok {
			c.W.Error(protocol.ErrMinMaxNotFloat)
		}
	case byLex:
		if r.lex, ok = parseLexRange(min, max); !ok {
			c.W.Error(protocol.ErrMinMaxNotLex)
		}
	default:
		var okStop bool
		r.start, ok = parseInt(min)
		r.stop, okStop = parseInt(max)
		if ok = ok && okStop; !ok {
			c.W.Error(protocol.ErrNotInteger)
		}
	}
	return ok
}

// span is the ranks that the range takes from z.
func (r *zrange) span(z sortedSet) zspan {
	switch r.by {
	case byScore:
		return r.cut(z.scoreSpan(r.scores))
	case byLex:
		return r.cut(z.lexSpan(r.lex, r.reverse))
	}
	n := z.Len()
	from, to := span(r.start, r.stop, n)
	if r.reverse {
		from, to = n-to, n-from
	}
	return zspan{from, to}
}

// cut applies the offset and the limit from the end at which the walk begins.
func (r *zrange) cut(s zspan) zspan {
	n := int64(s.len())
	skip, take := r.offset, r.limit
	if skip < 0 { // never runs out before the members do
		skip = n
	}
	skip = min(skip, n)
	if take < 0 || take > n-skip {
		take = n - skip
	}
	if r.reverse {
		return zspan{s.to - int(skip+take), s.to - int(skip)}
	}
	return zspan{s.from + int(skip), s.from + int(skip+take)}
}
