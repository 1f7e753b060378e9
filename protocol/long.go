package protocol

// pieceBytes is how much of a long value is copied at a time.
const pieceBytes = 128 << 10

// appendLong is append for what may be very long. The garbage collector cannot stop a goroutine
// in the middle of a copy, and sends its thread a signal every few microseconds until it has
// stopped: a copy of many megabytes then takes several times as long. Between pieces it can.
func appendLong(dst, src []byte) []byte {
	if len(src) <= pieceBytes {
		return append(dst, src...)
	}
	if need := len(dst) + len(src); need > cap(dst) {
		dst = appendPieces(rawBytes(max(need+len("\r\n"), 2*cap(dst))), dst)
	}
	return appendPieces(dst, src)
}

// appendPieces appends what dst has room for.
func appendPieces(dst, src []byte) []byte {
	for len(src) > 0 {
		n := min(len(src), pieceBytes)
		dst = appendPiece(dst, src[:n])
		src = src[n:]
	}
	return dst
}

// appendPiece is a call of its own because that is where a goroutine stops.
//
//go:noinline
func appendPiece(dst, piece []byte) []byte { return append(dst, piece...) }
