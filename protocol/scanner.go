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

	args   [][]byte // handed out by next, reused
	inline []byte   // the decoded arguments of an inline command
}

// span is the place of an argument in the command.
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
		end := s.pos + s.bulk
		if len(b) < end+2 {
			return nil, 0, ""
		}
		s.spans = append(s.spans, span{s.pos, end})
		s.pos = end + 2
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
	s.args = s.args[:0]
	for _, at := range s.spans {
		s.args = append(s.args, b[at.start:at.end:at.end])
	}
	if cap(s.spans) > reusableArgs {
		args := s.args
		s.spans, s.args = nil, nil
		return args
	}
	s.spans = s.spans[:0]
	return s.args
}

// multibulkHeader reads *<count>CRLF. size is 0 while the line is incomplete.
func (s *scanner) multibulkHeader(b []byte) (count, size int, problem string) {
	line, size := headerLine(b)
	if size == 0 {
		if len(b) > maxInlineBytes {
			problem = ErrMultibulkHeader
		}
		return 0, 0, problem
	}
	n, ok := parseLength(line[1:])
	if !ok || n > maxArgs {
		return 0, 0, ErrMultibulkLength
	}
	if n > maxUnauthenticatedArgs && !s.authenticated {
		return 0, 0, ErrUnauthenticatedCount
	}
	return int(n), size, ""
}

// bulkHeader reads $<length>CRLF. size is 0 while the line is incomplete.
func (s *scanner) bulkHeader(b []byte) (length, size int, problem string) {
	line, size := headerLine(b)
	if size == 0 {
		if len(b) > maxInlineBytes {
			problem = ErrBulkHeader
		}
		return 0, 0, problem
	}
	if b[0] != '$' {
		return 0, 0, errExpectedBulk(b[0])
	}
	n, ok := parseLength(line[1:])
	if !ok || n < 0 || n > s.limits.MaxBulkBytes.Load() {
		return 0, 0, ErrBulkLength
	}
	if n > maxUnauthenticatedBulkBytes && !s.authenticated {
		return 0, 0, ErrUnauthenticatedBulk
	}
	return int(n), size, ""
}

// headerLine returns the bytes up to the first CR, and the size of the line with
// its two bytes of line end. A NUL before the CR hides it, as it does from strchr.
func headerLine(b []byte) (line []byte, size int) {
	const short = 16
	for i := 0; i < len(b) && i < short; i++ { // nearly always within a few bytes
		switch b[i] {
		case '\r':
			return wholeLine(b, i)
		case 0:
			return nil, 0
		}
	}
	i := bytes.IndexByte(b, '\r')
	if i < 0 || bytes.IndexByte(b[:i], 0) >= 0 {
		return nil, 0
	}
	return wholeLine(b, i)
}

func wholeLine(b []byte, cr int) (line []byte, size int) {
	if cr+2 > len(b) {
		return nil, 0
	}
	return b[:cr], cr + 2
}

// parseLength reads a decimal as strictly as Redis' string2ll: no blanks, no plus, no leading zeros.
func parseLength(b []byte) (n int64, ok bool) {
	if len(b) == 1 {
		return int64(b[0]) - '0', b[0] >= '0' && b[0] <= '9'
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
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}
