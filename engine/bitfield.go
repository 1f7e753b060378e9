package engine

import (
	"math"

	"elasticache-local/protocol"
)

// bitfieldOp is one subcommand of BITFIELD.
type bitfieldOp struct {
	verb     bitfieldVerb
	overflow overflowMode
	signed   bool
	bits     uint  // 1 to 64, unsigned to 63
	offset   int64 // of the highest bit
	operand  int64 // of SET and INCRBY
}

type bitfieldVerb uint8

const (
	bitfieldGet bitfieldVerb = iota
	bitfieldSet
	bitfieldIncrBy
)

// overflowMode is what happens to a result that does not fit.
type overflowMode uint8

const (
	overflowWrap overflowMode = iota
	overflowSat
	overflowFail
)

func runBitfield(c *Ctx) { c.bitfield(false) }

func runBitfieldRO(c *Ctx) { c.bitfield(true) }

func (c *Ctx) bitfield(readOnly bool) {
	ops, ok := c.bitfieldOps()
	if !ok {
		return
	}
	size := int64(0) // bytes that the writes need; 0: there is none
	for i := range ops {
		if op := &ops[i]; op.verb != bitfieldGet {
			size = max(size, (op.offset+int64(op.bits)-1)>>3+1)
		}
	}
	switch {
	case size == 0:
		c.bitfieldGets(ops)
	case readOnly:
		c.W.Error(protocol.ErrBitfieldReadOnly)
	default:
		c.bitfieldWrites(ops, int(size))
	}
}

func (c *Ctx) bitfieldOps() (ops []bitfieldOp, ok bool) {
	overflow := overflowWrap
	for i := 2; i < len(c.Args); {
		w, rest := c.Args[i], len(c.Args)-i-1
		op, used := bitfieldOp{overflow: overflow}, 4
		switch {
		case isWord(w, "GET") && rest >= 2:
			used = 3
		case isWord(w, "SET") && rest >= 3:
			op.verb = bitfieldSet
		case isWord(w, "INCRBY") && rest >= 3:
			op.verb = bitfieldIncrBy
		case isWord(w, "OVERFLOW") && rest >= 1:
			if overflow, ok = c.overflowMode(c.Args[i+1]); !ok {
				return nil, false
			}
			i += 2
			continue
		default:
			c.W.Error(protocol.ErrSyntax)
			return nil, false
		}
		if !c.bitfieldPlace(&op, i) {
			return nil, false
		}
		ops = append(ops, op)
		i += used
	}
	return ops, true
}

func (c *Ctx) overflowMode(w []byte) (m overflowMode, ok bool) {
	switch {
	case isWord(w, "WRAP"):
		return overflowWrap, true
	case isWord(w, "SAT"):
		return overflowSat, true
	case isWord(w, "FAIL"):
		return overflowFail, true
	}
	c.W.Error(protocol.ErrBitfieldOverflow)
	return 0, false
}

// bitfieldPlace reads type, offset and operand behind argument i.
func (c *Ctx) bitfieldPlace(op *bitfieldOp, i int) (ok bool) {
	if op.signed, op.bits, ok = parseBitfieldType(c.Args[i+1]); !ok {
		c.W.Error(protocol.ErrBitfieldType)
		return false
	}
	if op.offset, ok = c.bitOffset(c.Args[i+2], int64(op.bits)); !ok {
		return false
	}
	if op.verb != bitfieldGet {
		op.operand, ok = c.intArg(i + 3)
	}
	return ok
}

// parseBitfieldType reads i1 to i64 and u1 to u63.
func parseBitfieldType(b []byte) (signed bool, bits uint, ok bool) {
	if len(b) == 0 || b[0] != 'i' && b[0] != 'u' {
		return false, 0, false
	}
	signed = b[0] == 'i'
	n, ok := parseInt(b[1:])
	if !ok || n < 1 || n > 64 || n == 64 && !signed {
		return false, 0, false
	}
	return signed, uint(n), true
}

func (c *Ctx) bitfieldGets(ops []bitfieldOp) {
	e, ok := c.readStr(c.Args[1])
	if !ok {
		return
	}
	var s []byte
	if e.Exists() {
		s = e.Str()
	}
	c.W.Array(len(ops))
	for i := range ops {
		c.W.Int(ops[i].get(s))
	}
}

func (c *Ctx) bitfieldWrites(ops []bitfieldOp, size int) {
	key := c.Args[1]
	e, ok := c.writeStr(key)
	if !ok {
		return
	}
	changed := !e.Exists() || len(e.Str()) < size
	var s []byte
	if changed {
		s = c.editStr(&e, size)
	} else {
		c.markRaw(&e)
		s = e.Str()
	}
	wrote := false
	c.W.Array(len(ops))
	for i := range ops {
		op := &ops[i]
		old := op.get(s)
		if op.verb == bitfieldGet {
			c.W.Int(old)
			continue
		}
		val, fits := op.result(old)
		if !fits && op.overflow == overflowFail {
			c.W.Null()
			continue
		}
		if op.verb == bitfieldSet {
			c.W.Int(old)
		} else {
			c.W.Int(val)
		}
		op.set(s, val)
		wrote = wrote || changed || val != old
	}
	if wrote {
		c.changedKey(&e)
		c.Notify(NotifyString, "setbit", key)
	}
}

// result is what SET or INCRBY stores; fits is false when it overflowed.
func (op *bitfieldOp) result(old int64) (val int64, fits bool) {
	base, by := old, op.operand
	if op.verb == bitfieldSet {
		base, by = op.operand, 0
	}
	if op.signed {
		return op.signedSum(base, by)
	}
	return op.unsignedSum(uint64(base), by)
}

func (op *bitfieldOp) signedSum(a, b int64) (sum int64, fits bool) {
	high := int64(math.MaxInt64) >> (64 - op.bits)
	low := -high - 1
	narrow := op.bits < 64
	// With SET of the lowest numbers there are, upward wraps around: Redis then
	// takes them for too high.
	upward, downward := high-a, low-a
	sum = a + b
	switch {
	case a > high, narrow && b > upward, a >= 0 && b > 0 && b > upward:
		if op.overflow == overflowSat {
			return high, false
		}
	case a < low, narrow && b < downward, a < 0 && b < 0 && b < downward:
		if op.overflow == overflowSat {
			return low, false
		}
	default:
		return sum, true
	}
	return sum << (64 - op.bits) >> (64 - op.bits), false
}

// unsignedSum adds to a value of at most 63 bits; only SET passes more.
func (op *bitfieldOp) unsignedSum(a uint64, b int64) (sum int64, fits bool) {
	high := uint64(1)<<op.bits - 1
	total := a + uint64(b)
	switch {
	case a > high, b > 0 && total > high:
		if op.overflow == overflowSat {
			return int64(high), false
		}
	case b < 0 && -uint64(b) > a:
		if op.overflow == overflowSat {
			return 0, false
		}
	default:
		return int64(total), true
	}
	return int64(total & high), false
}

// get reads the integer from s, which goes on with zeros.
func (op *bitfieldOp) get(s []byte) int64 {
	var v uint64
	for at, left := op.offset, op.bits; left > 0; {
		inByte := uint(at & 7)
		n := min(8-inByte, left)
		var b byte
		if at>>3 < int64(len(s)) {
			b = s[at>>3]
		}
		v = v<<n | uint64(b<<inByte>>(8-n))
		at += int64(n)
		left -= n
	}
	if op.signed {
		return int64(v) << (64 - op.bits) >> (64 - op.bits)
	}
	return int64(v)
}

// set writes the integer's lowest bits into s, which is long enough.
func (op *bitfieldOp) set(s []byte, val int64) {
	v := uint64(val) << (64 - op.bits)
	for at, left := op.offset, op.bits; left > 0; {
		inByte := uint(at & 7)
		n := min(8-inByte, left)
		mask := byte(0xff) << (8 - n) >> inByte
		s[at>>3] = s[at>>3]&^mask | byte(v>>56)>>inByte&mask
		v <<= n
		at += int64(n)
		left -= n
	}
}
