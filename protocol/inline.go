package protocol

import "bytes"

// nextInline finds a command written as a plain line, as typed into telnet.
func (s *scanner) nextInline(b []byte) (args [][]byte, n int, problem string) {
	end := bytes.IndexByte(b[:min(len(b), maxInlineBytes)], '\n')
	if end < 0 || bytes.IndexByte(b[:end], 0) >= 0 { // a NUL hides the line end, as it does from strchr
		if len(b) > maxInlineBytes {
			problem = ErrInlineTooBig
		}
		return nil, 0, problem
	}
	line := b[:end]
	if end > 0 && line[end-1] == '\r' {
		line = line[:end-1]
	}
	if cap(s.inline) < len(line) {
		s.inline = make([]byte, 0, len(line))
	}
	args, ok := splitArgs(s.args[:0], s.inline[:0], line)
	if !ok {
		return nil, 0, ErrUnbalancedQuotes
	}
	if cap(s.inline) > reusableArgs {
		s.inline = nil
	}
	s.args = args
	return args, end + 1, ""
}

// SplitArgs splits a line into arguments by Redis' rules for inline commands and
// configuration lines: blanks separate; "…" knows \n \r \t \b \a \xHH and \anything;
// '…' knows \'. A closing quote must be followed by a blank or the end. ok is false
// if the quotes are unbalanced.
func SplitArgs(line []byte) (args [][]byte, ok bool) {
	return splitArgs([][]byte{}, make([]byte, 0, len(line)), line)
}

// splitArgs appends the arguments to args. Their bytes are appended to text, whose
// capacity must be at least len(line), so that it never moves.
func splitArgs(args [][]byte, text, line []byte) ([][]byte, bool) {
	if i := bytes.IndexByte(line, 0); i >= 0 {
		line = line[:i] // to Redis this is the end of the line
	}
	for {
		for len(line) > 0 && isSpace(line[0]) {
			line = line[1:]
		}
		if len(line) == 0 {
			return args, true
		}
		start := len(text)
		var ok bool
		if text, line, ok = takeArg(text, line); !ok {
			return nil, false
		}
		args = append(args, text[start:len(text):len(text)])
	}
}

// takeArg decodes the argument at the start of line and returns what follows it.
func takeArg(text, line []byte) (decoded, rest []byte, ok bool) {
	for len(line) > 0 {
		switch c := line[0]; c {
		case ' ', '\n', '\r', '\t': // but not \v and \f, which only separate
			return text, line[1:], true
		case '"', '\'':
			return takeQuoted(text, line[1:], c)
		default:
			text, line = append(text, c), line[1:]
		}
	}
	return text, line, true
}

// takeQuoted decodes up to the closing quote, which ends the argument.
func takeQuoted(text, line []byte, quote byte) (decoded, rest []byte, ok bool) {
	for len(line) > 0 {
		c := line[0]
		switch {
		case c == quote:
			line = line[1:]
			return text, line, len(line) == 0 || isSpace(line[0])
		case c == '\\' && quote == '"' && len(line) > 1:
			var size int
			c, size = unescape(line)
			line = line[size:]
		case c == '\\' && len(line) > 1 && line[1] == '\'':
			c, line = '\'', line[2:]
		default:
			line = line[1:]
		}
		text = append(text, c)
	}
	return nil, nil, false
}

// unescape decodes the escape at the start of line, which has at least two bytes.
func unescape(line []byte) (c byte, size int) {
	if line[1] == 'x' && len(line) >= 4 {
		high, ok1 := hexDigit(line[2])
		low, ok2 := hexDigit(line[3])
		if ok1 && ok2 {
			return high<<4 | low, 4
		}
	}
	switch c = line[1]; c {
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'b':
		c = '\b'
	case 'a':
		c = '\a'
	}
	return c, 2
}

func hexDigit(c byte) (value byte, ok bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// isSpace is C's isspace.
func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
