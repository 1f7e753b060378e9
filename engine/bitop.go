package engine

import (
	"encoding/binary"

	"elasticache-local/protocol"
)

// bitOperation combines 8 bytes of two sources.
type bitOperation func(acc, src uint64) uint64

func runBitOp(c *Ctx) {
	var op bitOperation
	switch w := c.Args[1]; {
	case isWord(w, "AND"):
		op = func(acc, src uint64) uint64 { return acc & src }
	case isWord(w, "OR"):
		op = func(acc, src uint64) uint64 { return acc | src }
	case isWord(w, "XOR"), isWord(w, "NOT"): // NOT x is x XOR ones
		op = func(acc, src uint64) uint64 { return acc ^ src }
	default:
		c.W.Error(protocol.ErrSyntax)
		return
	}
	not := isWord(c.Args[1], "NOT")
	if not && len(c.Args) != 4 {
		c.W.Error(protocol.ErrBitOpNot)
		return
	}
	size, ok := c.longestSource()
	if !ok {
		return
	}
	key := c.Args[2]
	if size == 0 {
		if e := c.Peek(key); e.Exists() {
			c.Del(&e)
			c.Notify(NotifyGeneric, "del", key)
		}
		c.W.Int(0)
		return
	}
	dst := make([]byte, size)
	if not {
		for i := range dst {
			dst[i] = 0xff
		}
		c.combine(dst, c.Args[3], op)
	} else {
		if e := c.Peek(c.Args[3]); e.Exists() {
			copy(dst, e.Str())
		}
		for _, k := range c.Args[4:] {
			c.combine(dst, k, op)
		}
	}
	e := c.Write(key)
	c.setOwnedStr(&e, dst, 0)
	c.Notify(NotifyString, "set", key)
	c.W.Int(int64(size))
}

// longestSource is the length of the longest source string, absent ones being
// empty, or it replies WRONGTYPE.
func (c *Ctx) longestSource() (size int, ok bool) {
	for _, k := range c.Args[3:] {
		e, ok := c.readStr(k)
		if !ok {
			return 0, false
		}
		if e.Exists() {
			size = max(size, len(e.Str()))
		}
	}
	return size, true
}

// combine applies op to dst and the string at key, which goes on with zeros.
func (c *Ctx) combine(dst []byte, key []byte, op bitOperation) {
	var src []byte
	if e := c.Peek(key); e.Exists() {
		src = e.Str()
	}
	at := 0
	for ; at+8 <= len(src); at += 8 {
		v := op(binary.LittleEndian.Uint64(dst[at:]), binary.LittleEndian.Uint64(src[at:]))
		binary.LittleEndian.PutUint64(dst[at:], v)
	}
	for ; at < len(src); at++ {
		dst[at] = byte(op(uint64(dst[at]), uint64(src[at])))
	}
	if op(0xff, 0) == 0 { // AND
		clear(dst[at:])
	}
}
