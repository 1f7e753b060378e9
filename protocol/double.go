package protocol

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
)

// humanDecimals is how many digits Redis prints after the point of a "human friendly" double (%.17Lf).
const humanDecimals = 17

// AppendDouble appends f as Redis prints a score: C's %.17g, with inf, -inf and nan.
func AppendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case f == math.Trunc(f) && math.Abs(f) < 1<<52 && (f != 0 || !math.Signbit(f)):
		return strconv.AppendInt(dst, int64(f), 10) // the same digits, several times faster
	}
	return strconv.AppendFloat(dst, f, 'g', 17, 64)
}

// AppendHumanDouble appends f with up to 17 decimals, without an exponent and trailing zeros, as GEOPOS does.
func AppendHumanDouble(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return AppendDouble(dst, f)
	}
	start := len(dst)
	return trimDecimals(strconv.AppendFloat(dst, f, 'f', humanDecimals, 64), start)
}

// AppendHumanLongDouble is AppendHumanDouble for the 64-bit mantissa (x.Prec() == 64)
// in which Redis computes INCRBYFLOAT and HINCRBYFLOAT on x86.
func AppendHumanLongDouble(dst []byte, x *big.Float) []byte {
	if x.IsInf() {
		return AppendDouble(dst, math.Inf(x.Sign()))
	}
	start := len(dst)
	return trimDecimals(x.Append(dst, 'f', humanDecimals), start)
}

// trimDecimals drops the zeros at the end of the fraction in b[start:], and the sign of a zero.
func trimDecimals(b []byte, start int) []byte {
	b = b[:start+len(bytes.TrimRight(b[start:], "0"))]
	b = b[:start+len(bytes.TrimRight(b[start:], "."))]
	if string(b[start:]) == "-0" {
		b = append(b[:start], '0')
	}
	return b
}
