package protocol

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWriterEncodesEachTypeInBothVersions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		write        func(w *Writer)
		resp2, resp3 string
	}{
		{"simple", func(w *Writer) { w.Simple("PONG") }, "+PONG\r\n", "+PONG\r\n"},
		{"ok", func(w *Writer) { w.OK() }, "+OK\r\n", "+OK\r\n"},
		{"error", func(w *Writer) { w.Error("ERR a\r\nb\n") }, "-ERR a  b\r\n", "-ERR a  b\r\n"},
		{"int", func(w *Writer) { w.Int(-12) }, ":-12\r\n", ":-12\r\n"},
		{"bulk", func(w *Writer) { w.Bulk([]byte("a\r\nb")) }, "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n"},
		{"nil bulk is empty", func(w *Writer) { w.Bulk(nil) }, "$0\r\n\r\n", "$0\r\n\r\n"},
		{"bulk string", func(w *Writer) { w.BulkString("abc") }, "$3\r\nabc\r\n", "$3\r\nabc\r\n"},
		{"bulk int", func(w *Writer) { w.BulkInt(math.MinInt64) }, "$20\r\n-9223372036854775808\r\n", "$20\r\n-9223372036854775808\r\n"},
		{"null", func(w *Writer) { w.Null() }, "$-1\r\n", "_\r\n"},
		{"null array", func(w *Writer) { w.NullArray() }, "*-1\r\n", "_\r\n"},
		{"array", func(w *Writer) { w.Array(3) }, "*3\r\n", "*3\r\n"},
		{"map", func(w *Writer) { w.Map(3) }, "*6\r\n", "%3\r\n"},
		{"set", func(w *Writer) { w.Set(3) }, "*3\r\n", "~3\r\n"},
		{"push", func(w *Writer) { w.Push(12) }, "*12\r\n", ">12\r\n"},
		{"double", func(w *Writer) { w.Double(0.1) }, "$19\r\n0.10000000000000001\r\n", ",0.10000000000000001\r\n"},
		{"human double", func(w *Writer) { w.HumanDouble(-2.50) }, "$4\r\n-2.5\r\n", ",-2.5\r\n"},
		{"true", func(w *Writer) { w.Bool(true) }, ":1\r\n", "#t\r\n"},
		{"false", func(w *Writer) { w.Bool(false) }, ":0\r\n", "#f\r\n"},
		{"big number", func(w *Writer) { w.BigNumber("123456789012345678901") }, "$21\r\n123456789012345678901\r\n", "(123456789012345678901\r\n"},
		{"verbatim", func(w *Writer) { w.Verbatim("txt", "hi") }, "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n"},
		{"raw", func(w *Writer) { w.Raw([]byte("x")) }, "x", "x"},
		{"deferred", func(w *Writer) {
			outer := w.Deferred()
			w.Int(1)
			inner := w.Deferred()
			w.BulkString("field")
			w.Int(2)
			w.EndMap(inner, 1)
			empty := w.Deferred()
			w.EndSet(empty, 0)
			w.EndArray(outer, 3)
		}, "*3\r\n:1\r\n*2\r\n$5\r\nfield\r\n:2\r\n*0\r\n", "*3\r\n:1\r\n%1\r\n$5\r\nfield\r\n:2\r\n~0\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var w Writer
			assert.Equal(t, RESP2, w.Proto())
			tc.write(&w)
			assert.Equal(t, tc.resp2, string(w.Bytes()))

			w.Reset()
			w.SetProto(RESP3)
			w.Simple("before")
			mark := w.Len()
			tc.write(&w)
			assert.Equal(t, tc.resp3, string(w.Bytes()[mark:]))
			w.Truncate(mark)
			assert.Equal(t, "+before\r\n", string(w.Bytes()))
		})
	}
}

func TestDoublesAreSpelledAsInC(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "-0", 3: "3", -17: "-17", 0.1: "0.10000000000000001", 1e17: "1e+17",
		1e16: "10000000000000000", 123456789012345680: "1.2345678901234568e+17", 1e-7: "9.9999999999999995e-08",
		math.Inf(1): "inf", math.Inf(-1): "-inf", 1 << 53: "9007199254740992", 0.0001: "0.0001", 5e-324: "4.9406564584124654e-324",
	} {
		assert.Equal(t, want, string(AppendDouble(nil, f)))
	}
	assert.Equal(t, "nan", string(AppendDouble(nil, math.NaN())))
}

func TestHumanDoublesHaveNoExponentAndNoTrailingZeros(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 100: "100", 3.0e3: "3000", 1e-20: "0", -1e-20: "0", 0.1: "0.10000000000000001",
		13.361389338970184: "13.36138933897018433", 1e22: "10000000000000000000000", math.Inf(-1): "-inf",
	} {
		assert.Equal(t, want, string(AppendHumanDouble(nil, f)))
	}
	sum := new(big.Float).SetPrec(64)
	sum.Add(longDouble(t, "10.50"), longDouble(t, "0.1"))
	assert.Equal(t, "x10.6", string(AppendHumanLongDouble([]byte("x"), sum)))
}

func longDouble(t *testing.T, s string) *big.Float {
	f, _, err := big.ParseFloat(s, 10, 64, big.ToNearestEven)
	assert.NoError(t, err)
	return f
}

func TestUnknownCommandEchoesAtMost128Bytes(t *testing.T) {
	t.Parallel()
	args := func(s ...string) (out [][]byte) {
		for _, a := range s {
			out = append(out, []byte(a))
		}
		return out
	}
	assert.Equal(t, "ERR unknown command 'foo', with args beginning with: ", ErrUnknownCommand(args("foo")))
	assert.Equal(t, "ERR unknown command 'Foo', with args beginning with: 'a' 'b c' ", ErrUnknownCommand(args("Foo", "a", "b c\x00d")))
	assert.Equal(t, "ERR unknown subcommand 'xx'. Try CONFIG HELP.", ErrUnknownSubcommand("config", []byte("xx")))
	assert.Equal(t, "MOVED 3999 127.0.0.1:6381", ErrMoved(3999, "127.0.0.1:6381"))
}

func BenchmarkWriterDouble(b *testing.B) {
	b.ReportAllocs()
	var w Writer
	for b.Loop() {
		w.Reset()
		w.Double(0.1)
	}
}
