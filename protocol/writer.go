package protocol

import (
	"strconv"
	"strings"

	"elasticache-local/memory"

	"github.com/tidwall/redcon"
)

// Protocol versions a client can choose with HELLO.
const (
	RESP2 = 2
	RESP3 = 3
)

// Writer appends replies to a buffer, in the client's protocol version. The zero
// value speaks RESP2. It is not safe for concurrent use.
type Writer struct {
	buf   []byte
	resp3 bool
}

// Reset empties the buffer and keeps its memory and the protocol version.
func (w *Writer) Reset() { w.buf = w.buf[:0] }

// Bytes returns what has been written since the last Reset. It is valid until the next write.
func (w *Writer) Bytes() []byte { return w.buf }

// Len returns the number of bytes written.
func (w *Writer) Len() int { return len(w.buf) }

// Truncate drops everything after the first n bytes: a mark taken with Len before a reply undoes that reply.
func (w *Writer) Truncate(n int) { w.buf = w.buf[:n] }

// Proto returns the protocol version, RESP2 or RESP3.
func (w *Writer) Proto() int {
	if w.resp3 {
		return RESP3
	}
	return RESP2
}

// SetProto changes the protocol version for the replies to come.
func (w *Writer) SetProto(version int) { w.resp3 = version == RESP3 }

// Simple appends a simple string, such as +PONG.
func (w *Writer) Simple(s string) { w.buf = redcon.AppendString(w.buf, s) }

// OK appends +OK.
func (w *Writer) OK() { w.buf = redcon.AppendOK(w.buf) }

// Error appends an error. msg begins with its code: "ERR syntax error".
// Newlines in it become blanks, those at its end are dropped, as Redis does.
func (w *Writer) Error(msg string) {
	w.buf = redcon.AppendError(w.buf, strings.TrimRight(msg, "\r\n"))
}

// Int appends an integer.
func (w *Writer) Int(n int64) { w.buf = redcon.AppendInt(w.buf, n) }

// Bool appends a RESP3 boolean, or the integer 1 or 0 in RESP2.
func (w *Writer) Bool(b bool) {
	switch {
	case w.resp3 && b:
		w.buf = append(w.buf, "#t\r\n"...)
	case w.resp3:
		w.buf = append(w.buf, "#f\r\n"...)
	case b:
		w.buf = append(w.buf, ":1\r\n"...)
	default:
		w.buf = append(w.buf, ":0\r\n"...)
	}
}

// Bulk appends a bulk string. b is copied; nil is the empty string, not the null.
func (w *Writer) Bulk(b []byte) {
	if len(b) > memory.Piece {
		w.longBulk(b)
		return
	}
	w.buf = redcon.AppendBulk(w.buf, b)
}

func (w *Writer) longBulk(b []byte) {
	w.header('$', len(b))
	w.buf = memory.Append(memory.Grow(w.buf, len(b)+len("\r\n")), b)
	w.crlf()
}

// BulkString appends a bulk string.
func (w *Writer) BulkString(s string) { w.buf = redcon.AppendBulkString(w.buf, s) }

// BulkInt appends n in decimal as a bulk string.
func (w *Writer) BulkInt(n int64) {
	var digits [20]byte
	w.Bulk(strconv.AppendInt(digits[:0], n, 10))
}

// Null appends the null: a bulk string of length -1, or RESP3's own null.
func (w *Writer) Null() {
	if w.resp3 {
		w.null3()
		return
	}
	w.buf = redcon.AppendNull(w.buf)
}

// NullArray appends the null where an array was expected: *-1, or RESP3's own null.
func (w *Writer) NullArray() {
	if w.resp3 {
		w.null3()
		return
	}
	w.buf = append(w.buf, "*-1\r\n"...)
}

func (w *Writer) null3() { w.buf = append(w.buf, "_\r\n"...) }

// Array appends the header of an array of n elements.
func (w *Writer) Array(n int) { w.buf = redcon.AppendArray(w.buf, n) }

// Map appends the header of a map of n pairs; in RESP2 of an array of 2n elements.
func (w *Writer) Map(n int) {
	if w.resp3 {
		w.header('%', n)
		return
	}
	w.Array(2 * n)
}

// Set appends the header of a set of n elements; in RESP2 of an array.
func (w *Writer) Set(n int) {
	if w.resp3 {
		w.header('~', n)
		return
	}
	w.Array(n)
}

// Push appends the header of an out-of-band message of n elements; in RESP2 of an array.
func (w *Writer) Push(n int) {
	if w.resp3 {
		w.header('>', n)
		return
	}
	w.Array(n)
}

// Double appends a double as ZSCORE answers it: RESP3's own type, or a bulk string in RESP2.
func (w *Writer) Double(f float64) { w.double(AppendDouble(make([]byte, 0, 32), f)) }

// HumanDouble appends a double as GEOPOS answers it, with 17 decimals and no trailing zeros.
func (w *Writer) HumanDouble(f float64) { w.double(AppendHumanDouble(make([]byte, 0, 64), f)) }

func (w *Writer) double(digits []byte) {
	if !w.resp3 {
		w.Bulk(digits)
		return
	}
	w.buf = append(w.buf, ',')
	w.buf = append(w.buf, digits...)
	w.crlf()
}

// BigNumber appends an integer of any size, given in decimal; in RESP2 a bulk string.
func (w *Writer) BigNumber(s string) {
	if !w.resp3 {
		w.BulkString(s)
		return
	}
	w.buf = append(w.buf, '(')
	w.buf = append(w.buf, s...)
	w.crlf()
}

// Verbatim appends text with its three-letter format ("txt", "mkd"); in RESP2 a bulk string.
func (w *Writer) Verbatim(format, s string) {
	if !w.resp3 {
		w.BulkString(s)
		return
	}
	w.header('=', len(format)+1+len(s))
	w.buf = append(w.buf, format...)
	w.buf = append(w.buf, ':')
	w.buf = append(w.buf, s...)
	w.crlf()
}

// Raw appends bytes that are already encoded.
func (w *Writer) Raw(b []byte) { w.buf = append(w.buf, b...) }

// Deferred marks the place of a header whose count is known only after its
// elements are written. Exactly one of EndArray, EndSet and EndMap closes it;
// nested marks are closed from the inside out.
func (w *Writer) Deferred() (mark int) { return len(w.buf) }

// EndArray puts the header of an array of n elements at the mark.
func (w *Writer) EndArray(mark, n int) { w.insert(mark, func() { w.Array(n) }) }

// EndSet puts the header of a set of n elements at the mark.
func (w *Writer) EndSet(mark, n int) { w.insert(mark, func() { w.Set(n) }) }

// EndMap puts the header of a map of n pairs at the mark.
func (w *Writer) EndMap(mark, n int) { w.insert(mark, func() { w.Map(n) }) }

// insert moves what header appends in front of everything after mark.
func (w *Writer) insert(mark int, header func()) {
	end := len(w.buf)
	header()
	var h [24]byte // type byte, 20 digits, CR LF
	n := copy(h[:], w.buf[end:])
	copy(w.buf[mark+n:], w.buf[mark:end])
	copy(w.buf[mark:], h[:n])
}

func (w *Writer) header(kind byte, n int) {
	w.buf = append(w.buf, kind)
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
	w.crlf()
}

func (w *Writer) crlf() { w.buf = append(w.buf, '\r', '\n') }
