// Package memory makes buffers for values of many megabytes, and copies them.
//
// Two things make that dear if nobody cares. Memory that is touched for the first time costs a
// fault for each page, which takes longer than to copy the page's bytes: from some megabytes on
// buffers ask for huge pages. And the garbage collector cannot stop a goroutine in the middle of
// a copy, but sends its thread a signal every few microseconds until it has stopped, so that the
// copy takes several times as long: long ones are made in pieces.
package memory

import (
	"slices"
	"strings"
	"unsafe"
)

// Piece is how many bytes are copied at a time. What is not longer is not worth this package.
const Piece = 128 << 10

// Raw returns an empty buffer for n bytes. Other than with make, the memory has any content and
// is not touched, so that what is never used costs nothing.
func Raw(n int) []byte {
	var b strings.Builder
	b.Grow(n)
	b.WriteByte(0) // gives it an address
	raw := unsafe.Slice(unsafe.StringData(b.String()), b.Cap())
	adviseHuge(raw)
	return raw[:0:n]
}

// Grow returns dst with room for n more bytes. It grows by factors.
func Grow(dst []byte, n int) []byte {
	if n <= cap(dst)-len(dst) {
		return dst
	}
	return grow(dst, n)
}

func grow(dst []byte, n int) []byte {
	need := len(dst) + n
	if need <= Piece {
		return slices.Grow(dst, n)
	}
	return Append(Raw(max(need, 2*cap(dst))), dst)
}

// Append is append.
func Append(dst, src []byte) []byte {
	if len(src) <= Piece {
		return append(dst, src...)
	}
	return appendLong(dst, src)
}

func appendLong(dst, src []byte) []byte {
	dst = Grow(dst, len(src))
	for len(src) > 0 {
		n := min(len(src), Piece)
		dst = appendPiece(dst, src[:n])
		src = src[n:]
	}
	return dst
}

// Clone is bytes.Clone.
func Clone(b []byte) []byte {
	if len(b) <= Piece {
		return append([]byte(nil), b...)
	}
	return Append(Raw(len(b)), b)
}

// appendPiece is a call of its own because that is where a goroutine stops.
//
//go:noinline
func appendPiece(dst, piece []byte) []byte { return append(dst, piece...) }
