package engine

import (
	"math/big"
)

// INCRBYFLOAT and HINCRBYFLOAT compute in C's long double, which on amd64 has
// a mantissa of 64 bits and an exponent of 15. A big.Float of that precision
// gives the same digits; its exponent is wider, so range is checked here.
const (
	longDoublePrec = 64
	// longDoubleMaxExp and longDoubleMinExp bound x = m × 2^exp with 0.5 ≤ m < 1:
	// at the first x is infinite; at the second it is zero unless m > 0.5.
	longDoubleMaxExp = 16385
	longDoubleMinExp = -16445
	// maxLongDouble is the size of the buffer in which Redis parses one, in bytes.
	maxLongDouble = 5 << 10
	// maxWrittenExp is beyond every exponent that leaves a mantissa of
	// maxLongDouble digits in range.
	maxWrittenExp = 100_000
)

// parseLongDouble reads what strtold takes as a whole: decimal or hexadecimal
// digits or infinity. Blanks, NaN and what is out of range are no numbers.
func parseLongDouble(b []byte) (*big.Float, bool) {
	x := new(big.Float).SetPrec(longDoublePrec)
	if n, ok := parseInt(b); ok {
		return x.SetInt64(n), true
	}
	if len(b) == 0 || len(b) >= maxLongDouble {
		return nil, false
	}
	lit, ok := scanFloat(b)
	switch {
	case !ok:
		return nil, false
	case lit.inf:
		return x.SetInf(b[0] == '-'), true
	case lit.zero:
		if b[0] == '-' {
			x.Neg(x)
		}
		return x, true
	case lit.exp > maxWrittenExp || lit.exp < -maxWrittenExp:
		return nil, false
	}
	base := 10
	if lit.hex {
		base = 0
	}
	if _, _, err := x.Parse(string(b), base); err != nil {
		return nil, false
	}
	return x, longDoubleInRange(x)
}

func longDoubleInRange(x *big.Float) bool {
	var m big.Float
	exp := x.MantExp(&m)
	return exp < longDoubleMaxExp && (exp > longDoubleMinExp || exp == longDoubleMinExp && m.MinPrec() > 1)
}

// addLongDouble gives x + y, or false when that is infinite or not a number.
func addLongDouble(x, y *big.Float) (*big.Float, bool) {
	if x.IsInf() || y.IsInf() {
		return nil, false
	}
	sum := new(big.Float).SetPrec(longDoublePrec).Add(x, y)
	return sum, sum.MantExp(nil) < longDoubleMaxExp
}

// floatLiteral is what scanFloat saw.
type floatLiteral struct {
	inf, hex bool
	zero     bool // all digits are 0
	exp      int  // as written, no further than just beyond ±maxWrittenExp
}

// scanFloat checks that all of b is a number in the grammar of strtold, in the
// C locale and without NaN.
func scanFloat(b []byte) (lit floatLiteral, ok bool) {
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		b = b[1:]
	}
	if isWord(b, "INF") || isWord(b, "INFINITY") {
		return floatLiteral{inf: true}, true
	}
	marker := byte('e')
	if len(b) > 2 && b[0] == '0' && b[1]|0x20 == 'x' {
		lit.hex, marker, b = true, 'p', b[2:]
	}
	lit.zero = true
	digits, points := 0, 0
	for ; len(b) > 0; b = b[1:] {
		switch ch := b[0]; {
		case ch == '.' && points == 0:
			points++
			continue
		case ch >= '0' && ch <= '9', lit.hex && ch|0x20 >= 'a' && ch|0x20 <= 'f':
			digits++
			lit.zero = lit.zero && ch == '0'
			continue
		}
		break
	}
	if digits == 0 || len(b) == 0 {
		return lit, digits > 0
	}
	if b[0]|0x20 != marker {
		return lit, false
	}
	lit.exp, ok = scanExponent(b[1:])
	return lit, ok
}

func scanExponent(b []byte) (exp int, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	for _, ch := range b {
		if ch < '0' || ch > '9' {
			return 0, false
		}
		exp = min(exp*10+int(ch-'0'), maxWrittenExp+1)
	}
	if neg {
		exp = -exp
	}
	return exp, len(b) > 0
}
