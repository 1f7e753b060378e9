package protocol

import "bytes"

// scanner finds commands in the bytes of a client. It remembers how far it has
// read an unfinished command, so that a value that arrives in a thousand reads
// is looked at once. It accepts and refuses exactly what Redis does, which
// checks less than one would think: the bytes after a bulk string or after the
// CR of a header are skipped, whatever they are.
type scanner struct {
	limits        *Limits
	authenticated bool

	// The command in progress. Positions count from its first byte.
	pos   int // where reading goes on
	count int // arguments still to come; 0: the command's own header has not been read
	bulk  int // length of the argument at pos; -1: its header has not been read
	spans []span
	own   []byte   // the argument at pos, as far as it is there, if it has memory of its own: see bigarg.go
	owned [][]byte // the arguments before it that have
	keep  bool     // args of earlier commands are still in use

	args   [][]byte // handed out by next, reused
	inline []byte   // the decoded arguments of an inline command
}

// span is the place of an argument in the command; start is ^i if it is owned[i].
type span struct{ start, end int }

// reusableArgs is how many arguments the scanner keeps room for between commands.
const reusableArgs = 1024

// next finds the command that begins at b[0]. b must hold all of what the last
// calls without a result were given, and may stand elsewhere in memory.
//
//	n > 0             a command of n bytes; args is empty if there is nothing to do; valid until the next call
//	n == 0            more bytes are needed, see missing
//	problem != ""     an error for the client, after which the connection is closed
func (s *scanner) next(b []byte) (args [][]byte, n int, problem string) {
	if s.count == 0 {
		if len(b) == 0 {
			return nil, 0, ""
		}
		if b[0] != '*' {
			return s.nextInline(b)
		}
		count, size, problem := s.multibulkHeader(b)
		if size == 0 || problem != "" {
			return nil, 0, problem
		}
		if count <= 0 {
			return nil, size, ""
		}
		s.count, s.pos, s.bulk = count, size, -1
	}
	for s.count > 0 {
		if s.bulk < 0 {
			length, size, problem := s.bulkHeader(b[s.pos:])
			if size == 0 || problem != "" {
				return nil, 0, problem
			}
			s.pos += size
			s.bulk = length
		}
		if s.own == nil {
			end := s.pos + s.bulk
			if len(b) < end+2 {
				return nil, 0, ""
			}
			s.spans = append(s.spans, span{s.pos, end})
			s.pos = end + 2
		} else if !s.finishOwn() {
			return nil, 0, ""
		}
		s.bulk = -1
		s.count--
	}
	return s.finish(b), s.pos, ""
}

// missing returns how many bytes the argument being read still lacks when the
// first have bytes of its command are there; 0 if its length is not known yet.
func (s *scanner) missing(have int) int {
	if s.count == 0 || s.bulk < 0 {
		return 0
	}
	return max(0, s.pos+s.bulk+2-have)
}

func (s *scanner) finish(b []byte) [][]byte {
	if !s.keep {
		s.args = s.args[:0]
	}
	first := len(s.args)
	for _, at := range s.spans {
		if at.start < 0 {
			s.args = append(s.args, s.owned[^at.start])
			continue
		}
		s.args = append(s.args, b[at.start:at.end:at.end])
	}
	args := s.args[first:len(s.args):len(s.args)]
	if cap(s.spans) > reusableArgs {
		s.spans, s.args = nil, nil
		return args
	}
	s.spans = s.spans[:0]
	return args
}

// ahead adds to p the complete commands that follow in b, as long as they are
// short and there is room. What is said about them is said later: at the first
// that is not to everybody's liking it stops.
func (s *scanner) ahead(p *pipeline, b []byte) {
	s.keep = true
	for p.count < len(p.commands) && len(s.args) < maxAheadArgs && len(b) > 0 && b[0] == '*' {
		args, n, problem := s.next(b)
		if n == 0 || problem != "" || len(args) == 0 {
			s.restart()
			break
		}
		p.add(args, n)
		b = b[n:]
	}
	s.keep = false
}

// restart forgets the command in progress: it will be read again from its first byte.
func (s *scanner) restart() {
	s.count, s.spans = 0, s.spans[:0]
}

// multibulkHeader reads *<count>CRLF. size is 0 while the line is incomplete.
func (s *scanner) multibulkHeader(b []byte) (count, size int, problem string) {
	count, size, ok := plainHeader(b, '*')
	if !ok {
		var line []byte
		if line, size = headerLine(b); size == 0 {
			return 0, 0, problemIf(len(b) > maxInlineBytes, ErrMultibulkHeader)
		}
		if count, ok = parseLength(line[1:]); !ok {
			return 0, 0, ErrMultibulkLength
		}
	}
	if count > maxArgs {
		return 0, 0, ErrMultibulkLength
	}
	if count > maxUnauthenticatedArgs && !s.authenticated {
		return 0, 0, ErrUnauthenticatedCount
	}
	return count, size, ""
}

// bulkHeader reads $<length>CRLF. size is 0 while the line is incomplete.
func (s *scanner) bulkHeader(b []byte) (length, size int, problem string) {
	length, size, ok := plainHeader(b, '$')
	if !ok {
		var line []byte
		if line, size = headerLine(b); size == 0 {
			return 0, 0, problemIf(len(b) > maxInlineBytes, ErrBulkHeader)
		}
		if b[0] != '$' {
			return 0, 0, errExpectedBulk(b[0])
		}
		if length, ok = parseLength(line[1:]); !ok || length < 0 {
			return 0, 0, ErrBulkLength
		}
	}
	if int64(length) > s.limits.MaxBulkBytes.Load() {
		return 0, 0, ErrBulkLength
	}
	if length > maxUnauthenticatedBulkBytes && !s.authenticated {
		return 0, 0, ErrUnauthenticatedBulk
	}
	return length, size, ""
}

func problemIf(yes bool, problem string) string {
	if yes {
		return problem
	}
	return ""
}

// plainHeader reads the headers that clients really send, quickly. ok is false for
// everything that needs a closer look.
func plainHeader(b []byte, kind byte) (n, size int, ok bool) {
	const longest = 12
	if len(b) < 4 || b[0] != kind || b[1] < '1' || b[1] > '9' {
		return 0, 0, false
	}
	n = int(b[1] - '0')
	for i := 2; i < len(b)-1 && i < longest; i++ {
		if b[i] == '\r' {
			return n, i + 2, true
		}
		digit := b[i] - '0'
		if digit > 9 {
			break
		}
		n = n*10 + int(digit)
	}
	return 0, 0, false
}

// headerLine returns the bytes up to the first CR, and the size of the line with its two
// bytes of line end; 0 if there is none yet within maxInlineBytes. A NUL before the CR
// hides it, as it does from strchr.
func headerLine(b []byte) (line []byte, size int) {
	cr := bytes.IndexByte(b[:min(len(b), maxInlineBytes)], '\r')
	if cr < 0 || cr+2 > len(b) || bytes.IndexByte(b[:cr], 0) >= 0 {
		return nil, 0
	}
	return b[:cr], cr + 2
}

// parseLength reads a decimal as strictly as Redis' string2ll: no blanks, no plus, no leading zeros.
func parseLength(b []byte) (n int, ok bool) {
	if len(b) == 1 {
		return int(b[0]) - '0', b[0] >= '0' && b[0] <= '9'
	}
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	const digits = 18 // fewer than would overflow; longer numbers are beyond every limit
	if len(b) == 0 || len(b) > digits || b[0] < '1' || b[0] > '9' {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}
