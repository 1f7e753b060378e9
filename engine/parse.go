package engine

import (
	"math"
	"math/big"
	"unsafe"

	"elasticache-local/protocol"
)

// parseInt reads a decimal 64-bit integer as strictly as Redis' string2ll: no
// blanks, no plus sign, no leading zeros, no "-0".
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	neg := b[0] == '-'
	digits := b
	if neg {
		digits = b[1:]
	}
	if len(digits) == 0 || digits[0] == '0' && (len(digits) > 1 || neg) {
		return 0, false
	}
	var n uint64
	for _, d := range digits {
		if d -= '0'; d > 9 || n > (math.MaxUint64-uint64(d))/10 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	switch {
	case neg && n <= 1<<63:
		return -int64(n), true
	case !neg && n <= math.MaxInt64:
		return int64(n), true
	}
	return 0, false
}

// parseFloat reads a floating point number as getDoubleFromObject does: what
// strtod takes as a whole, no blanks in front, no NaN, nothing out of range.
func parseFloat(b []byte) (float64, bool) {
	if len(b) == 0 || isSpace(b[0]) {
		return 0, false
	}
	if n, ok := parseInt(b); ok && n > -maxExactInt && n < maxExactInt {
		return float64(n), true
	}
	f, end, outOfRange := strtod(b)
	if end != len(b) || outOfRange || math.IsNaN(f) {
		return 0, false
	}
	return f, true
}

// maxExactInt bounds the integers that all have a float64 of their own.
const maxExactInt = 1 << 53

// unsafeString views b as a string for calls that do not keep it.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// isWord compares an option with its upper-case name, in any case.
func isWord(b []byte, upper string) bool {
	if len(b) != len(upper) {
		return false
	}
	for i := range b {
		c := b[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// intArg reads argument i as an integer, or replies why not.
func (c *Ctx) intArg(i int) (int64, bool) { return c.intArgOr(i, protocol.ErrNotInteger) }

func (c *Ctx) intArgOr(i int, msg string) (int64, bool) {
	n, ok := parseInt(c.Args[i])
	if !ok {
		c.W.Error(msg)
	}
	return n, ok
}

// rangeArg reads argument i as an integer from lo to hi, or replies msg.
func (c *Ctx) rangeArg(i int, lo, hi int64, msg string) (int64, bool) {
	n, ok := parseInt(c.Args[i])
	if !ok || n < lo || n > hi {
		c.W.Error(msg)
		return 0, false
	}
	return n, true
}

// timeoutArg reads a blocking command's timeout in seconds as milliseconds,
// 0 for none. As in Redis, milliseconds that are no 64-bit integer count as
// negative, and a time too late for one never comes.
func (c *Ctx) timeoutArg(i int) (ms int64, ok bool) {
	ms, ok = parseSeconds(c.Args[i])
	switch {
	case !ok:
		c.W.Error(protocol.ErrTimeoutNotFloat)
		return 0, false
	case ms < 0:
		c.W.Error(protocol.ErrTimeoutNegative)
		return 0, false
	case ms > math.MaxInt64-c.Now:
		return 0, true
	}
	return ms, true
}

// parseSeconds reads seconds as milliseconds, rounded up.
func parseSeconds(b []byte) (ms int64, ok bool) {
	if n, ok := parseInt(b); ok && n >= 0 && n < math.MaxInt64/1000 {
		return n * 1000, true
	}
	x, ok := parseLongDouble(b)
	if !ok {
		return 0, false
	}
	if x.IsInf() {
		return math.MinInt64, true
	}
	x.Mul(x, big.NewFloat(1000))
	ms, acc := x.Int64()
	switch {
	case ms == math.MaxInt64:
		return math.MinInt64, true
	case acc == big.Below:
		ms++
	}
	return ms, true
}

// wrongKind replies WRONGTYPE when a present key is of another kind.
func (c *Ctx) wrongKind(e Entry, k Kind) bool {
	if e.r == 0 || e.t.kind(e.r) == k {
		return false
	}
	c.replyWrongType()
	return true
}

func (c *Ctx) replyWrongType() { c.W.Error(protocol.ErrWrongType) }

// matchGlob is Redis' stringmatchlen: * ? [a-z] [^a] and backslash. It gives
// up on patterns that nest too deep, and only an empty pattern fits the empty
// string, as in Redis.
func matchGlob(pattern, s []byte) bool {
	if len(s) == 0 {
		return len(pattern) == 0
	}
	skip := false
	return globMatch(pattern, s, &skip, 0)
}

const maxGlobNesting = 1000

func globMatch(p, s []byte, skipLonger *bool, nesting int) bool {
	if nesting > maxGlobNesting {
		return false
	}
	for len(p) > 0 && len(s) > 0 {
		switch p[0] {
		case '*':
			for len(p) > 1 && p[1] == '*' {
				p = p[1:]
			}
			if len(p) == 1 {
				return true
			}
			for ; len(s) > 0; s = s[1:] {
				if globMatch(p[1:], s, skipLonger, nesting+1) {
					return true
				}
				if *skipLonger {
					return false
				}
			}
			*skipLonger = true
			return false
		case '?':
			s = s[1:]
		case '[':
			rest, ok := globClass(p[1:], s[0])
			if !ok {
				return false
			}
			p, s = rest, s[1:]
			continue
		case '\\':
			if len(p) >= 2 {
				p = p[1:]
			}
			fallthrough
		default:
			if p[0] != s[0] {
				return false
			}
			s = s[1:]
		}
		p = p[1:]
	}
	if len(s) == 0 {
		for len(p) > 0 && p[0] == '*' {
			p = p[1:]
		}
	}
	return len(p) == 0 && len(s) == 0
}

// globClass matches one byte against a class whose '[' has been read and gives
// what follows the class.
func globClass(p []byte, ch byte) (rest []byte, ok bool) {
	not := len(p) > 0 && p[0] == '^'
	if not {
		p = p[1:]
	}
	match := false
	for {
		switch {
		case len(p) == 0:
			return p, match != not
		case p[0] == '\\' && len(p) >= 2:
			match = match || p[1] == ch
			p = p[2:]
			continue
		case p[0] == ']':
			return p[1:], match != not
		case len(p) >= 3 && p[1] == '-':
			lo, hi := p[0], p[2]
			if lo > hi {
				lo, hi = hi, lo
			}
			match = match || ch >= lo && ch <= hi
			p = p[3:]
			continue
		}
		match = match || p[0] == ch
		p = p[1:]
	}
}
