package engine

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestStrtodReadsWhatCReads(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	for _, tc := range []struct {
		in         string
		want       float64
		end        int
		outOfRange bool
	}{
		{"", 0, 0, false}, {" ", 0, 0, false}, {"+", 0, 0, false}, {".", 0, 0, false}, {"x", 0, 0, false}, {"--1", 0, 0, false},
		{"1", 1, 1, false}, {" \t\n\v\f\r+1", 1, 8, false}, {"-1.5e3x", -1500, 6, false}, {"1e", 1, 1, false}, {"1e+", 1, 1, false},
		{"1.", 1, 2, false}, {".5", .5, 2, false}, {"1..2", 1, 2, false}, {"007", 7, 3, false}, {"1_0", 1, 1, false},
		{"0x", 0, 1, false}, {"0x10", 16, 4, false}, {"0x1.8", 1.5, 5, false}, {"-0X1P-2", -.25, 7, false}, {"0x.8p1z", 1, 6, false}, {"0x1p", 1, 3, false},
		{"inf", inf, 3, false}, {"-InFiNiTy!", -inf, 9, false}, {"infin", inf, 3, false}, {"in", 0, 0, false},
		{"1e400", inf, 5, true}, {"-1e400", -inf, 6, true}, {"1e-400", 0, 6, true}, {"0e-400", 0, 6, false}, {"5e-324", 5e-324, 6, false},
		{"0x1p5000", inf, 8, true}, {"0x1p-5000", 0, 9, true}, {"0.1", .1, 3, false},
	} {
		f, end, outOfRange := strtod([]byte(tc.in))
		assert.Equal(t, tc.want, f, tc.in)
		assert.Equal(t, tc.end, end, tc.in)
		assert.Equal(t, tc.outOfRange, outOfRange, tc.in)
	}
	for in, want := range map[string]int{"nan": 3, "-NaNx": 4, "nan(a_1)": 8, "nan(a b)": 3, "nan(": 3} {
		f, end, _ := strtod([]byte(in))
		assert.True(t, math.IsNaN(f), in)
		assert.Equal(t, want, end, in)
	}
	f, _ := parseFloat([]byte("-0"))
	assert.True(t, math.Signbit(f))
}

// FuzzStrtod: what Go reads as a whole, strtod reads the same; nothing panics.
func FuzzStrtod(f *testing.F) {
	for _, s := range []string{"", "1", "-0x1.8p3", "inf", "nan(1)", "1e400", " 1", "1e-", "0x", "9007199254740993"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, end, _ := strtod(b)
		assert.LessOrEqual(t, end, len(b))
		want, err := strconv.ParseFloat(string(b), 64)
		for _, ch := range b {
			if ch == '_' {
				return
			}
		}
		if err == nil {
			assert.Equal(t, len(b), end)
			assert.Equal(t, math.Float64bits(want), math.Float64bits(got))
		}
	})
}
