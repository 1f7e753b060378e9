package engine

import (
	"math"

	"elasticache-local/protocol"
)

// zaddOptions are the words between ZADD's key and its first score.
type zaddOptions struct{ nx, xx, gt, lt, ch, incr bool }

// set takes one option and reports whether word is one.
func (o *zaddOptions) set(word []byte) bool {
	switch {
	case isWord(word, "NX"):
		o.nx = true
	case isWord(word, "XX"):
		o.xx = true
	case isWord(word, "CH"):
		o.ch = true
	case isWord(word, "INCR"):
		o.incr = true
	case isWord(word, "GT"):
		o.gt = true
	case isWord(word, "LT"):
		o.lt = true
	default:
		return false
	}
	return true
}

func (o zaddOptions) conflict(pairs int) string {
	switch {
	case o.nx && o.xx:
		return errZAddNXXX
	case o.gt && o.nx || o.lt && o.nx || o.gt && o.lt:
		return errZAddGTLTNX
	case o.incr && pairs > 1:
		return errZAddIncrPairs
	}
	return ""
}

const (
	errZAddNXXX      = "ERR XX and NX options at the same time are not compatible"
	errZAddGTLTNX    = "ERR GT, LT, and/or NX options at the same time are not compatible"
	errZAddIncrPairs = "ERR INCR option supports a single increment-element pair"
)

func runZAdd(c *Ctx) { c.zadd(zaddOptions{}) }

// runZIncrBy is ZADD INCR, down to the options that nobody expects of it.
func runZIncrBy(c *Ctx) { c.zadd(zaddOptions{incr: true}) }

func (c *Ctx) zadd(o zaddOptions) {
	at := 2
	for at < len(c.Args) && o.set(c.Args[at]) {
		at++
	}
	pairs := c.Args[at:]
	if len(pairs) == 0 || len(pairs)%2 != 0 {
		c.W.Error(protocol.ErrSyntax)
		return
	}
	if msg := o.conflict(len(pairs) / 2); msg != "" {
		c.W.Error(msg)
		return
	}
	var few [16]float64
	scores := few[:0]
	for i := 0; i < len(pairs); i += 2 {
		score, ok := parseFloat(pairs[i])
		if !ok {
			c.W.Error(protocol.ErrNotFloat)
			return
		}
		scores = append(scores, score)
	}
	e, z, ok := c.writeZSet(c.Args[1])
	if !ok {
		return
	}
	a := zadder{opt: o, z: z}
	if z == nil && !o.xx {
		a.z = c.newZSet(pairs)
	}
	if a.z != nil {
		for i, score := range scores {
			a.put(c, pairs[2*i+1], score)
		}
	}
	a.store(c, &e)
	a.reply(c)
}

// zadder adds the pairs of one ZADD and counts what became of them.
type zadder struct {
	opt            zaddOptions
	z              sortedSet // becomes another object when it outgrows its encoding
	added, updated int
	score          float64 // of the last pair
	done           bool    // the last pair was not held back by an option
	nan            bool
}

// put adds a member or changes its score, as the options allow.
func (a *zadder) put(c *Ctx, m []byte, score float64) {
	o := &a.opt
	current, present := a.z.score(m)
	if !present {
		if o.xx {
			return
		}
		a.z = c.roomFor(a.z, len(m))
		a.z.add(m, score)
		a.added++
		a.score, a.done = score, true
		return
	}
	if o.nx {
		return
	}
	if o.incr {
		score += current
		if math.IsNaN(score) {
			a.nan = true
			return
		}
	}
	if o.lt && score >= current || o.gt && score <= current {
		return
	}
	a.score, a.done = score, true
	if score != current {
		a.z.update(m, score)
		a.updated++
	}
}

// store puts the set back under its key if it changed.
func (a *zadder) store(c *Ctx, e *Entry) {
	if a.added+a.updated == 0 {
		return
	}
	c.keepZSet(e, a.z)
	event := "zadd"
	if a.opt.incr {
		event = "zincr"
	}
	c.Notify(NotifyZSet, event, c.Args[1])
}

func (a *zadder) reply(c *Ctx) {
	switch {
	case a.nan:
		c.W.Error(protocol.ErrScoreNaN)
	case a.opt.incr && a.done:
		c.W.Double(a.score)
	case a.opt.incr:
		c.W.Null()
	case a.opt.ch:
		c.W.Int(int64(a.added + a.updated))
	default:
		c.W.Int(int64(a.added))
	}
}

func runZRem(c *Ctx) {
	e, z, ok := c.writeZSet(c.Args[1])
	if !ok {
		return
	}
	removed := 0
	if z != nil {
		for _, m := range c.Args[2:] {
			if z.remove(m) {
				removed++
			}
		}
	}
	if removed > 0 {
		c.zsetShrunk(&e, z, "zrem")
	}
	c.W.Int(int64(removed))
}
