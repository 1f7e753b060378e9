package engine

import (
	"math"
	"strconv"
)

// strtod reads the longest prefix of b that is a number as C's strtod does in
// the C locale: blanks in front, a sign, decimal or hexadecimal digits with an
// exponent, "inf", "infinity" or "nan" in any case. end is the offset behind
// it, 0 when there is no number. outOfRange is C's ERANGE for a result that
// became infinite or zero; results that merely lost precision do not count.
func strtod(b []byte) (f float64, end int, outOfRange bool) {
	at := 0
	for at < len(b) && isSpace(b[at]) {
		at++
	}
	start := at
	if at < len(b) && (b[at] == '+' || b[at] == '-') {
		at++
	}
	neg := at > start && b[start] == '-'
	if n, v := wordNumber(b[at:]); n > 0 {
		if neg {
			v = -v
		}
		return v, at + n, false
	}
	if n, zero := hexNumber(b[at:]); n > 0 {
		f, outOfRange = convertHex(b[start : at+n])
		return f, at + n, outOfRange || f == 0 && !zero
	}
	n, zero := decimalNumber(b[at:])
	if n == 0 {
		return 0, 0, false
	}
	f, err := strconv.ParseFloat(unsafeString(b[start:at+n]), 64)
	return f, at + n, err != nil || f == 0 && !zero
}

func isSpace(ch byte) bool { return ch == ' ' || ch >= '\t' && ch <= '\r' }

// wordNumber reads infinity and nan; n is 0 when b does not begin with them.
func wordNumber(b []byte) (n int, f float64) {
	switch {
	case len(b) >= 8 && isWord(b[:8], "INFINITY"):
		return 8, math.Inf(1)
	case len(b) >= 3 && isWord(b[:3], "INF"):
		return 3, math.Inf(1)
	case len(b) < 3 || !isWord(b[:3], "NAN"):
		return 0, 0
	}
	n = 3
	if len(b) > 3 && b[3] == '(' { // nan(payload)
		i := 4
		for i < len(b) && (isDigit(b[i]) || b[i] == '_' || b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z') {
			i++
		}
		if i < len(b) && b[i] == ')' {
			n = i + 1
		}
	}
	return n, math.NaN()
}

func isDigit(ch byte) bool { return ch >= '0' && ch <= '9' }

func isHexDigit(ch byte) bool { return isDigit(ch) || ch|0x20 >= 'a' && ch|0x20 <= 'f' }

// decimalNumber gives the length of an unsigned decimal number and whether all
// its digits are zeros.
func decimalNumber(b []byte) (n int, zero bool) {
	n, zero = mantissa(b, isDigit)
	if n == 0 {
		return 0, true
	}
	return n + exponent(b[n:], 'e'), zero
}

// hexNumber is decimalNumber for 0x…; n is 0 when b is something else.
func hexNumber(b []byte) (n int, zero bool) {
	if len(b) < 3 || b[0] != '0' || b[1]|0x20 != 'x' {
		return 0, true
	}
	n, zero = mantissa(b[2:], isHexDigit)
	if n == 0 {
		return 0, true
	}
	n += 2
	return n + exponent(b[n:], 'p'), zero
}

// mantissa gives the length of digits with at most one point among them, 0
// when there is no digit.
func mantissa(b []byte, digit func(byte) bool) (n int, zero bool) {
	digits, point := 0, false
	for zero = true; n < len(b); n++ {
		switch {
		case digit(b[n]):
			digits++
			zero = zero && b[n] == '0'
			continue
		case b[n] == '.' && !point:
			point = true
			continue
		}
		break
	}
	if digits == 0 {
		return 0, true
	}
	return n, zero
}

// exponent gives the length of an exponent, 0 when b begins with none.
func exponent(b []byte, letter byte) int {
	if len(b) == 0 || b[0]|0x20 != letter {
		return 0
	}
	n := 1
	if n < len(b) && (b[n] == '+' || b[n] == '-') {
		n++
	}
	first := n
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	if n == first {
		return 0
	}
	return n
}

// convertHex converts a hexadecimal number, whose exponent C lets one omit.
func convertHex(b []byte) (f float64, outOfRange bool) {
	s := string(b)
	hasExponent := false
	for i := range b {
		hasExponent = hasExponent || b[i]|0x20 == 'p'
	}
	if !hasExponent {
		s += "p0"
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err != nil
}
