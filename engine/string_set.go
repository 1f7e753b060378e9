package engine

import (
	"bytes"
	"math"

	"elasticache-local/protocol"
)

// setOptions are the options of SET and GETEX.
type setOptions struct {
	nx, xx, ifEq, get, keepTTL, persist bool

	equal  []byte // what IFEQ wants to find
	unit   expireUnit
	expire []byte // as written
}

// expireUnit is how an expiry is written.
type expireUnit uint8

const (
	noExpire  expireUnit = iota
	inSeconds            // EX
	inMillis             // PX
	atSeconds            // EXAT
	atMillis             // PXAT
)

// setCondition is an option of SET that GETEX does not have.
func (o *setOptions) setCondition(c *Ctx, i int) (used int) {
	switch w := c.Args[i]; {
	case isWord(w, "NX") && !o.xx && !o.ifEq:
		o.nx = true
	case isWord(w, "XX") && !o.nx && !o.ifEq:
		o.xx = true
	case isWord(w, "GET"):
		o.get = true
	case isWord(w, "KEEPTTL") && o.unit == noExpire:
		o.keepTTL = true
	case isWord(w, "IFEQ") && i+1 < len(c.Args) && !o.nx && !o.xx && c.KS.Settings().Version >= V(8, 1, 0):
		o.ifEq, o.equal = true, c.Args[i+1]
		return 2
	default:
		return 0
	}
	return 1
}

// expiry is an option that says how long the key lives.
func (o *setOptions) expiry(args [][]byte, i int) (used int) {
	unit := noExpire
	switch w := args[i]; {
	case isWord(w, "EX"):
		unit = inSeconds
	case isWord(w, "PX"):
		unit = inMillis
	case isWord(w, "EXAT"):
		unit = atSeconds
	case isWord(w, "PXAT"):
		unit = atMillis
	}
	if unit == noExpire || o.unit != noExpire && o.unit != unit || o.keepTTL || o.persist || i+1 == len(args) {
		return 0
	}
	o.unit, o.expire = unit, args[i+1]
	return 2
}

// setOptions reads the options from argument i on, or replies why not.
func (c *Ctx) setOptions(i int) (o setOptions, ok bool) {
	for i < len(c.Args) {
		used := o.setCondition(c, i)
		if used == 0 {
			used = o.expiry(c.Args, i)
		}
		if used == 0 {
			c.W.Error(protocol.ErrSyntax)
			return o, false
		}
		i += used
	}
	return o, true
}

// getExOptions is setOptions for GETEX.
func (c *Ctx) getExOptions() (o setOptions, ok bool) {
	for i := 2; i < len(c.Args); {
		used := o.expiry(c.Args, i)
		if used == 0 && isWord(c.Args[i], "PERSIST") && o.unit == noExpire {
			o.persist, used = true, 1
		}
		if used == 0 {
			c.W.Error(protocol.ErrSyntax)
			return o, false
		}
		i += used
	}
	return o, true
}

// expiryAt reads a new key's expiry in absolute unix milliseconds, 0 for none,
// or replies why not.
func (c *Ctx) expiryAt(written []byte, unit expireUnit) (at int64, ok bool) {
	if unit == noExpire {
		return 0, true
	}
	n, ok := parseInt(written)
	if !ok {
		c.W.Error(protocol.ErrNotInteger)
		return 0, false
	}
	scale, base := int64(1), int64(0)
	if unit == inSeconds || unit == atSeconds {
		scale = 1000
	}
	if unit == inSeconds || unit == inMillis {
		base = c.Now
	}
	if n <= 0 || n > (math.MaxInt64-base)/scale {
		c.W.Error(protocol.ErrExpireTime(c.cmd.Name))
		return 0, false
	}
	return base + n*scale, true
}

// runSet has a way of its own for SET key value, what most commands are.
func runSet(c *Ctx) {
	if len(c.Args) == 3 {
		key := c.Args[1]
		e := c.Write(key)
		c.SetArg(&e, 2, 0)
		c.Notify(NotifyString, "set", key)
		c.W.OK()
		return
	}
	if o, ok := c.setOptions(3); ok {
		c.setGeneric(&o, 2)
	}
}

func runSetNX(c *Ctx) {
	key := c.Args[1]
	e := c.Write(key)
	if e.Exists() {
		c.W.Int(0)
		return
	}
	c.SetArg(&e, 2, 0)
	c.Notify(NotifyString, "set", key)
	c.W.Int(1)
}

func runSetEX(c *Ctx) { c.setGeneric(&setOptions{unit: inSeconds, expire: c.Args[2]}, 3) }

func runPSetEX(c *Ctx) { c.setGeneric(&setOptions{unit: inMillis, expire: c.Args[2]}, 3) }

// setGeneric stores argument i.
func (c *Ctx) setGeneric(o *setOptions, i int) {
	at, ok := c.expiryAt(o.expire, o.unit)
	if !ok {
		return
	}
	key := c.Args[1]
	if o.get {
		if _, ok := c.get(key); !ok {
			return
		}
	}
	e := c.Write(key)
	if o.ifEq && !o.get && c.wrongKind(e, KindString) {
		return
	}
	if !o.allows(e) {
		if !o.get {
			c.W.Null()
		}
		return
	}
	if o.keepTTL {
		at = e.ExpireAt()
	}
	c.SetArg(&e, i, at)
	c.Notify(NotifyString, "set", key)
	if o.unit != noExpire {
		c.Notify(NotifyGeneric, "expire", key)
	}
	if !o.get {
		c.W.OK()
	}
	c.setEffect(o, c.Args[i], at)
}

// allows reports whether the condition of SET holds.
func (o *setOptions) allows(e Entry) bool {
	switch {
	case o.nx:
		return !e.Exists()
	case o.xx:
		return e.Exists()
	case o.ifEq:
		return e.Exists() && bytes.Equal(e.Str(), o.equal)
	}
	return true
}

// setEffect says what SET did: with an absolute time, without GET and IFEQ.
func (c *Ctx) setEffect(o *setOptions, val []byte, at int64) {
	var digits [20]byte
	switch {
	case o.unit != noExpire:
		c.Effect(setName, c.Args[1], val, pxatWord, appendInt(digits[:0], at))
	case o.ifEq && o.keepTTL:
		c.Effect(setName, c.Args[1], val, keepTTLWord)
	case o.ifEq:
		c.Effect(setName, c.Args[1], val)
	case o.get:
		sent := make([][]byte, 0, len(c.Args))
		for i, a := range c.Args {
			if i < 3 || !isWord(a, "GET") {
				sent = append(sent, a)
			}
		}
		c.Effect(sent...)
	}
}

var (
	setName       = []byte("SET")
	persistName   = []byte("PERSIST")
	pexpireAtName = []byte("PEXPIREAT")
	pxatWord      = []byte("PXAT")
	keepTTLWord   = []byte("KEEPTTL")
)

func runGetEx(c *Ctx) {
	o, ok := c.getExOptions()
	if !ok {
		return
	}
	key := c.Args[1]
	e, ok := c.readStr(key)
	switch {
	case !ok:
		return
	case !e.Exists():
		c.W.Null()
		return
	}
	at, ok := c.expiryAt(o.expire, o.unit)
	if !ok {
		return
	}
	c.W.Bulk(e.Str())
	switch {
	case at != 0 && c.isPast(at):
		c.Del(&e)
		c.Notify(NotifyGeneric, "del", key)
		c.Effect(delName, key)
	case at != 0:
		var digits [20]byte
		c.SetExpire(&e, at)
		c.Notify(NotifyGeneric, "expire", key)
		c.Effect(pexpireAtName, key, appendInt(digits[:0], at))
	case o.persist && e.ExpireAt() != 0:
		c.SetExpire(&e, 0)
		c.Notify(NotifyGeneric, "persist", key)
		c.Effect(persistName, key)
	}
}

// isPast reports whether a key given the expiry at is to be deleted at once.
// A replica leaves that to its primary.
func (c *Ctx) isPast(at int64) bool { return at <= c.Now && !c.Applying && !c.Replica }
