package engine

import (
	"encoding/binary"
	"math/bits"

	"elasticache-local/protocol"
)

// bitRange is the bits from..to of a string, both included and counted from
// the highest bit of the first byte.
type bitRange struct{ from, to int64 }

// clampBits turns offsets, counted in bits or bytes, into a range of bits of a
// string of n bytes. ok is false when it is empty.
func clampBits(start, end int64, inBits bool, n int) (r bitRange, ok bool) {
	total := int64(n)
	if inBits {
		total *= 8
	}
	if start, end, ok = clampRange(start, end, total); !ok {
		return r, false
	}
	if !inBits {
		start, end = start*8, end*8+7
	}
	return bitRange{start, end}, true
}

// bitUnit reads the BYTE or BIT argument, or replies why not.
func (c *Ctx) bitUnit(i int) (inBits, ok bool) {
	switch w := c.Args[i]; {
	case isWord(w, "BIT"):
		return true, true
	case isWord(w, "BYTE"):
		return false, true
	}
	c.W.Error(protocol.ErrSyntax)
	return false, false
}

func runBitCount(c *Ctx) {
	e, ok := c.readStr(c.Args[1])
	if !ok {
		return
	}
	if !e.Exists() {
		c.W.Int(0)
		return
	}
	s := e.Str()
	start, end, inBits := int64(0), int64(-1), false
	switch n := len(c.Args); n {
	case 2:
	case 4, 5:
		if start, ok = c.intArg(2); !ok {
			return
		}
		if end, ok = c.intArg(3); !ok {
			return
		}
		if start < 0 && end < 0 && start > end { // empty whatever the unit, which is not even looked at
			c.W.Int(0)
			return
		}
		if n == 5 {
			if inBits, ok = c.bitUnit(4); !ok {
				return
			}
		}
	default:
		c.W.Error(protocol.ErrSyntax)
		return
	}
	n := 0
	if r, ok := clampBits(start, end, inBits, len(s)); ok {
		n = countBits(s, r)
	}
	c.W.Int(int64(n))
}

// countBits counts the set bits in a range.
func countBits(s []byte, r bitRange) int {
	first, last := r.from>>3, r.to>>3
	n := popcount(s[first : last+1])
	n -= bits.OnesCount8(s[first] &^ (0xff >> (r.from & 7)))
	n -= bits.OnesCount8(s[last] & (0x7f >> (r.to & 7)))
	return n
}

func popcount(s []byte) int {
	n := 0
	for ; len(s) >= 8; s = s[8:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(s))
	}
	for _, b := range s {
		n += bits.OnesCount8(b)
	}
	return n
}

func runBitPos(c *Ctx) {
	bit, ok := c.intArg(2)
	if !ok {
		return
	}
	if bit != 0 && bit != 1 {
		c.W.Error(protocol.ErrBitArgument)
		return
	}
	e, ok := c.readStr(c.Args[1])
	if !ok {
		return
	}
	if !e.Exists() { // endless zeros
		c.W.Int(-bit)
		return
	}
	s := e.Str()
	start, end, inBits := int64(0), int64(-1), false
	n := len(c.Args)
	switch n {
	case 3:
	case 4, 5, 6:
		if start, ok = c.intArg(3); !ok {
			return
		}
		if n == 6 {
			if inBits, ok = c.bitUnit(5); !ok {
				return
			}
		}
		if n >= 5 {
			if end, ok = c.intArg(4); !ok {
				return
			}
		}
	default:
		c.W.Error(protocol.ErrSyntax)
		return
	}
	r, ok := clampBits(start, end, inBits, len(s))
	if !ok {
		c.W.Int(-1)
		return
	}
	pos := findBit(s, r, bit == 1)
	if pos < 0 && bit == 0 && n < 5 {
		pos = int64(len(s)) * 8 // without an end the string goes on with zeros
	}
	c.W.Int(pos)
}

// findBit gives the position of the first set or clear bit in a range, or -1.
func findBit(s []byte, r bitRange, set bool) int64 {
	flip := uint64(0) // makes what is looked for a one
	if !set {
		flip = ^uint64(0)
	}
	for at := r.from; at <= r.to; {
		if at&7 == 0 && r.to-at >= 63 {
			if w := binary.BigEndian.Uint64(s[at>>3:]) ^ flip; w != 0 {
				return at + int64(bits.LeadingZeros64(w))
			}
			at += 64
			continue
		}
		if b := (s[at>>3] ^ byte(flip)) & (0xff >> (at & 7)); b != 0 {
			if pos := at&^7 + int64(bits.LeadingZeros8(b)); pos <= r.to {
				return pos
			}
			return -1
		}
		at = at&^7 + 8
	}
	return -1
}
