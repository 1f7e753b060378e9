package engine

import (
	"math"
	"strconv"

	"elasticache-local/protocol"
)

func runIncr(c *Ctx) { c.incrBy(1) }

func runDecr(c *Ctx) { c.incrBy(-1) }

func runIncrBy(c *Ctx) {
	if by, ok := c.intArg(2); ok {
		c.incrBy(by)
	}
}

func runDecrBy(c *Ctx) {
	by, ok := c.intArg(2)
	switch {
	case !ok:
	case by == math.MinInt64: // has no negative
		c.W.Error(protocol.ErrDecrOverflow)
	default:
		c.incrBy(-by)
	}
}

func (c *Ctx) incrBy(by int64) {
	key := c.Args[1]
	e, ok := c.writeStr(key)
	if !ok {
		return
	}
	var n int64
	if e.Exists() {
		if n, ok = parseInt(e.Str()); !ok {
			c.W.Error(protocol.ErrNotInteger)
			return
		}
	}
	sum := n + by
	if by > 0 && sum < n || by < 0 && sum > n {
		c.W.Error(protocol.ErrOverflow)
		return
	}
	var digits [20]byte
	c.SetStr(&e, appendInt(digits[:0], sum), e.ExpireAt())
	c.Notify(NotifyString, "incrby", key)
	c.W.Int(sum)
}

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

func runIncrByFloat(c *Ctx) {
	key := c.Args[1]
	e, ok := c.writeStr(key)
	if !ok {
		return
	}
	old := zeroDigit
	if e.Exists() {
		old = e.Str()
	}
	x, ok := parseLongDouble(old)
	if !ok {
		c.W.Error(protocol.ErrNotFloat)
		return
	}
	by, ok := parseLongDouble(c.Args[2])
	if !ok {
		c.W.Error(protocol.ErrNotFloat)
		return
	}
	sum, ok := addLongDouble(x, by)
	if !ok {
		c.W.Error(protocol.ErrNaNOrInfinity)
		return
	}
	text := protocol.AppendHumanLongDouble(make([]byte, 0, 48), sum)
	c.setTextStr(&e, text, e.ExpireAt())
	c.Notify(NotifyString, "incrbyfloat", key)
	c.W.Bulk(text)
	c.Effect(setName, key, text, keepTTLWord)
}

var zeroDigit = []byte("0")
