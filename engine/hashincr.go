package engine

import (
	"strconv"

	"elasticache-local/protocol"
)

func runHIncrBy(c *Ctx) {
	key, field := c.Args[1], c.Args[2]
	by, ok := c.intArg(3)
	if !ok {
		return
	}
	e, h, ok := c.writeHash(key)
	if !ok {
		return
	}
	n := int64(0)
	if h == nil {
		h = c.newHash(c.Args[2:])
	} else if val, has := h.getField(field); has {
		if n, ok = parseInt(val); !ok {
			c.W.Error(protocol.ErrHashNotInteger)
			return
		}
	}
	sum := n + by
	if (by > 0) != (sum > n) && by != 0 {
		c.W.Error(protocol.ErrOverflow)
		return
	}
	var digits [20]byte
	h.set(field, strconv.AppendInt(digits[:0], sum, 10), c.KS)
	c.keep(&e, h)
	c.Notify(NotifyHash, "hincrby", key)
	c.W.Int(sum)
}

var hsetName = []byte("HSET")

func runHIncrByFloat(c *Ctx) {
	key, field := c.Args[1], c.Args[2]
	sum, ok := parseLongDouble(c.Args[3])
	if !ok {
		c.W.Error(protocol.ErrNotFloat)
		return
	}
	if sum.IsInf() {
		c.W.Error(protocol.ErrIncrNotFinite)
		return
	}
	e, h, ok := c.writeHash(key)
	if !ok {
		return
	}
	if h == nil {
		h = c.newHash(c.Args[2:])
	} else if val, has := h.getField(field); has {
		old, ok := parseLongDouble(val)
		if !ok {
			c.W.Error(protocol.ErrHashNotFloat)
			return
		}
		if sum, ok = addLongDouble(old, sum); !ok {
			c.W.Error(protocol.ErrNaNOrInfinity)
			return
		}
	}
	val := protocol.AppendHumanLongDouble(nil, sum)
	h.set(field, val, c.KS)
	c.keep(&e, h)
	c.Effect(hsetName, key, field, val)
	c.Notify(NotifyHash, "hincrbyfloat", key)
	c.W.Bulk(val)
}
