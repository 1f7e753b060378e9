package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/protocol"
)

// TestLongDoubleLiterals holds what redis-server 7.0.15 answers to
// SET k <literal> and INCRBYFLOAT k 0.
func TestLongDoubleLiterals(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "+5": "5", "5.": "5", ".5": "0.5", "-.25e1": "-2.5", "1E2": "100", "007": "7", "0.1": "0.1",
		"3.0e3": "3000", "0x10": "16", "0X1.8p3": "12", "0x.8": "0.5", "0xAp0": "10", "0e999999999999999999": "0",
		"9223372036854775807": "9223372036854775807", "18446744073709551617": "18446744073709551616",
		"1e-18": "0", "1e-4950": "0", "1e20": "100000000000000000000",
	} {
		x, ok := parseLongDouble([]byte(in))
		require.True(t, ok, in)
		require.Equal(t, want, string(protocol.AppendHumanLongDouble(nil, x)), in)
	}
	for _, in := range []string{"", " 1", "1 ", "+", "-", ".", "e5", "1e", "1e+", "0x", "0xg", "1p3", "0x1p", "1_0", "0b1", "nan", "nan(1)",
		"in", "1e5000", "-1e4933", "1e-4952", "1e99999999999999999999", "1e-99999999999999999999", "1\x00", "1..2", "++1", "1e5.5",
		strings.Repeat("1", maxLongDouble)} {
		_, ok := parseLongDouble([]byte(in))
		require.False(t, ok, in)
	}
	for _, in := range []string{"inf", "-Infinity", "+INF"} {
		x, ok := parseLongDouble([]byte(in))
		require.True(t, ok && x.IsInf(), in)
	}
}

func TestLongDoubleSums(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"0.1", "0.2", "0.3"}, {"10.50", "0.1", "10.6"}, {"5.0e3", "2.0e2", "5200"}, {"1e18", "0.1", "1000000000000000000.125"},
		{"1", "-1.000", "0"}, {"3.14159265358979", "2.71828182845904", "5.85987448204883"}, {"1e4932", "1e4932", ""}, {"inf", "1", ""}, {"1", "-inf", ""},
	} {
		x, _ := parseLongDouble([]byte(c[0]))
		y, _ := parseLongDouble([]byte(c[1]))
		sum, ok := addLongDouble(x, y)
		require.Equal(t, c[2] != "", ok, c)
		if ok {
			require.Equal(t, c[2], string(protocol.AppendHumanLongDouble(nil, sum)), c)
		}
	}
}

func FuzzParseLongDouble(f *testing.F) {
	for _, s := range []string{"1.5", "0x1p-3", "-inf", "1e4932", "1e-4951", "0.", "1e99999"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, ok := parseLongDouble(b); ok && !x.IsInf() {
			text := protocol.AppendHumanLongDouble(nil, x)
			if _, again := parseLongDouble(text); !again {
				t.Fatalf("%q was printed as %q, which is no number", b, text)
			}
		}
	})
}
