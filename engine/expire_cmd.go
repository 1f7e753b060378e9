package engine

import (
	"math"

	"elasticache-local/protocol"
)

func expireCommands() []*Command {
	write := []KeySpec{Key(1, RW|Update)}
	read := []KeySpec{Key(1, RO|Access)}
	return []*Command{
		{Name: "expire", Arity: -3, Flags: Write | Fast, Keys: write, Group: "generic", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Lets a key live for some seconds.", Run: func(c *Ctx) { c.expireAfter(inSeconds) }},
		{Name: "pexpire", Arity: -3, Flags: Write | Fast, Keys: write, Group: "generic", Since: V(2, 6, 0),
			Complexity: "O(1)", Summary: "Lets a key live for some milliseconds.", Run: func(c *Ctx) { c.expireAfter(inMillis) }},
		{Name: "expireat", Arity: -3, Flags: Write | Fast, Keys: write, Group: "generic", Since: V(1, 2, 0),
			Complexity: "O(1)", Summary: "Lets a key live until a unix time in seconds.", Run: func(c *Ctx) { c.expireAfter(atSeconds) }},
		{Name: "pexpireat", Arity: -3, Flags: Write | Fast, Keys: write, Group: "generic", Since: V(2, 6, 0),
			Complexity: "O(1)", Summary: "Lets a key live until a unix time in milliseconds.", Run: func(c *Ctx) { c.expireAfter(atMillis) }},
		{Name: "ttl", Arity: 2, Flags: ReadOnly | Fast, Keys: read, Group: "generic", Since: V(1, 0, 0), Tips: unsteady,
			Complexity: "O(1)", Summary: "Tells how many seconds a key has to live.", Run: func(c *Ctx) { c.replyTTL(inSeconds) }},
		{Name: "pttl", Arity: 2, Flags: ReadOnly | Fast, Keys: read, Group: "generic", Since: V(2, 6, 0), Tips: unsteady,
			Complexity: "O(1)", Summary: "Tells how many milliseconds a key has to live.", Run: func(c *Ctx) { c.replyTTL(inMillis) }},
		{Name: "expiretime", Arity: 2, Flags: ReadOnly | Fast, Keys: read, Group: "generic", Since: V(7, 0, 0),
			Complexity: "O(1)", Summary: "Tells the unix time in seconds at which a key expires.", Run: func(c *Ctx) { c.replyTTL(atSeconds) }},
		{Name: "pexpiretime", Arity: 2, Flags: ReadOnly | Fast, Keys: read, Group: "generic", Since: V(7, 0, 0),
			Complexity: "O(1)", Summary: "Tells the unix time in milliseconds at which a key expires.", Run: func(c *Ctx) { c.replyTTL(atMillis) }},
		{Name: "persist", Arity: 2, Flags: Write | Fast, Keys: write, Group: "generic", Since: V(2, 2, 0),
			Complexity: "O(1)", Summary: "Takes a key's expiry away.", Run: runPersist},
	}
}

// expireCondition is a set of the options of EXPIRE.
type expireCondition uint8

const (
	onlyWithout expireCondition = 1 << iota // NX
	onlyWith                                // XX
	onlyLater                               // GT
	onlySooner                              // LT
)

func (c *Ctx) expireCondition() (cond expireCondition, ok bool) {
	for _, w := range c.Args[3:] {
		switch {
		case isWord(w, "NX"):
			cond |= onlyWithout
		case isWord(w, "XX"):
			cond |= onlyWith
		case isWord(w, "GT"):
			cond |= onlyLater
		case isWord(w, "LT"):
			cond |= onlySooner
		default:
			c.W.Error(protocol.ErrExpireOption(w))
			return 0, false
		}
	}
	switch {
	case cond&onlyWithout != 0 && cond != onlyWithout:
		c.W.Error(protocol.ErrExpireNX)
		return 0, false
	case cond&onlyLater != 0 && cond&onlySooner != 0:
		c.W.Error(protocol.ErrExpireGTLT)
		return 0, false
	}
	return cond, true
}

// allows reports whether a key that expires at old (0: never) may expire at at
// instead.
func (cond expireCondition) allows(old, at int64) bool {
	switch {
	case cond&onlyWithout != 0 && old != 0:
	case cond&onlyWith != 0 && old == 0:
	case cond&onlyLater != 0 && (old == 0 || at <= old):
	case cond&onlySooner != 0 && old != 0 && at >= old:
	default:
		return true
	}
	return false
}

// expireAfter is EXPIRE and its like.
func (c *Ctx) expireAfter(unit expireUnit) {
	cond, ok := c.expireCondition()
	if !ok {
		return
	}
	at, ok := c.intArg(2)
	if !ok {
		return
	}
	if at, ok = c.absoluteTime(at, unit); !ok {
		c.W.Error(protocol.ErrExpireTime(c.cmd.Name))
		return
	}
	key := c.Args[1]
	e := c.Write(key)
	if !e.Exists() || !cond.allows(e.ExpireAt(), at) {
		c.W.Int(0)
		return
	}
	if c.isPast(at) {
		c.Del(&e)
		c.Notify(NotifyGeneric, "del", key)
		c.W.Int(1)
		c.Effect(delName, key)
		return
	}
	c.SetExpire(&e, max(1, at)) // 0 would mean never
	c.Notify(NotifyGeneric, "expire", key)
	c.W.Int(1)
	if unit != atMillis {
		c.expireEffect(key, at)
	}
}

// absoluteTime turns a time as written, which may be negative, into unix
// milliseconds. ok is false when it is out of range.
func (c *Ctx) absoluteTime(n int64, unit expireUnit) (at int64, ok bool) {
	if unit == inSeconds || unit == atSeconds {
		if n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
			return 0, false
		}
		n *= 1000
	}
	if unit == inSeconds || unit == inMillis {
		if n > math.MaxInt64-c.Now {
			return 0, false
		}
		n += c.Now
	}
	return n, true
}

// expireEffect logs PEXPIREAT with the options as they were given.
func (c *Ctx) expireEffect(key []byte, at int64) {
	if len(c.Args) == 3 {
		var digits [20]byte
		c.Effect(pexpireAtName, key, appendInt(digits[:0], at))
		return
	}
	args := append([][]byte{pexpireAtName, key, appendInt(nil, at)}, c.Args[3:]...)
	c.Effect(args...)
}

func (c *Ctx) replyTTL(unit expireUnit) {
	e := c.Look(c.Args[1])
	if !e.Exists() {
		c.W.Int(-2)
		return
	}
	at := e.ExpireAt()
	if at == 0 {
		c.W.Int(-1)
		return
	}
	if unit == inSeconds || unit == inMillis {
		at = max(0, at-c.Now)
	}
	if unit == inSeconds || unit == atSeconds {
		at = (at + 500) / 1000
	}
	c.W.Int(at)
}

func runPersist(c *Ctx) {
	key := c.Args[1]
	e := c.Write(key)
	if e.ExpireAt() == 0 {
		c.W.Int(0)
		return
	}
	c.SetExpire(&e, 0)
	c.Notify(NotifyGeneric, "persist", key)
	c.W.Int(1)
}
