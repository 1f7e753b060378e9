package generator

import "bytes"

// replies counts the complete RESP2 replies in a stream that arrives in pieces
// of any size. It keeps no bytes but the text of the first error.
type replies struct {
	open   int  // elements still missing until the current reply is complete; 0 between replies
	skip   int  // bytes of a bulk string and its CRLF still to come
	inLine bool // within the line of a header or a simple reply
	kind   byte // the line's first byte
	minus  bool // the line's number is negative
	number int  // the line's number so far

	errors  int    // error replies
	empty   int    // null replies: "$-1" and "*-1"
	text    []byte // of the first error reply, at most cap(text) bytes
	collect bool   // the current line goes to text
	broken  bool   // the stream is not RESP2
}

// maxErrorText is how much of the first error's text is kept, in bytes.
const maxErrorText = 200

// maxReplyNumber bounds the numbers in headers, so that a broken stream cannot
// overflow.
const maxReplyNumber = 1 << 40

// feed takes the next piece and returns how many replies it completed.
func (r *replies) feed(b []byte) (done int) {
	for len(b) > 0 && !r.broken {
		switch {
		case r.skip > 0:
			n := min(r.skip, len(b))
			r.skip -= n
			b = b[n:]
			if r.skip == 0 {
				done += r.element()
			}
		case !r.inLine:
			r.startLine(b[0])
			b = b[1:]
		default:
			var complete bool
			if b, complete = r.line(b); complete && !r.broken {
				done += r.endLine()
			}
		}
	}
	return done
}

func (r *replies) startLine(kind byte) {
	if r.open == 0 {
		r.open = 1
	}
	r.inLine, r.kind, r.minus, r.number = true, kind, false, 0
	switch kind {
	case '-':
		r.errors++
		if r.collect = len(r.text) == 0 && cap(r.text) > 0; r.collect {
			r.text = append(r.text, '-')
		}
	case '+', ':', '$', '*':
		r.collect = false
	default:
		r.broken = true
	}
}

// line takes the bytes of b that belong to the current line and returns the
// rest, and whether the line is complete.
func (r *replies) line(b []byte) (rest []byte, complete bool) {
	end := bytes.IndexByte(b, '\n')
	piece := b
	if end >= 0 {
		piece, rest = b[:end], b[end+1:]
	}
	switch r.kind {
	case '$', '*':
		for _, c := range piece {
			r.digit(c)
		}
	case '-':
		if r.collect {
			piece = bytes.TrimSuffix(piece, []byte("\r"))
			r.text = append(r.text, piece[:min(len(piece), cap(r.text)-len(r.text))]...)
		}
	}
	return rest, end >= 0
}

func (r *replies) digit(c byte) {
	switch {
	case c == '-':
		r.minus = true
	case '0' <= c && c <= '9' && r.number < maxReplyNumber:
		r.number = r.number*10 + int(c-'0')
	case c != '\r':
		r.broken = true
	}
}

// endLine acts on a complete line and returns the replies that it completed.
func (r *replies) endLine() int {
	r.inLine = false
	switch {
	case r.kind != '$' && r.kind != '*':
	case r.minus:
		r.empty++
	case r.kind == '$':
		r.skip = r.number + len("\r\n")
		return 0
	default:
		r.open += r.number
	}
	return r.element()
}

// element marks one element as read.
func (r *replies) element() int {
	r.open--
	if r.open == 0 {
		return 1
	}
	return 0
}
