package corpus

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Value is one reply.
type Value struct {
	// Type is the first byte on the wire: + - : $ * and of RESP3 % ~ _ # , = ( >.
	Type byte
	// Text is the contents of what has no elements.
	Text string
	// Null is set for $-1 and *-1.
	Null bool
	// Elems are the elements; a map's keys and values take turns.
	Elems []Value
}

// What a reply may hold at most, so that a broken server cannot hang a test.
const (
	maxElems   = 1 << 22
	maxBulk    = 512 << 20
	maxNesting = 64
)

var errNotRESP = errors.New("not RESP")

// ReadValue reads one reply.
func ReadValue(r *bufio.Reader) (Value, error) { return readValue(r, 0) }

func readValue(r *bufio.Reader, depth int) (Value, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return Value{}, err
	}
	if len(line) < 3 || line[len(line)-2] != '\r' || depth > maxNesting {
		return Value{}, fmt.Errorf("%w: %.80q", errNotRESP, line)
	}
	v := Value{Type: line[0], Text: line[1 : len(line)-2]}
	switch v.Type {
	case '+', '-', ':', '_', '#', ',', '(':
		return v, nil
	case '$', '=':
		return readBulk(r, v)
	case '*', '~', '>', '%':
		return readElems(r, v, depth)
	}
	return Value{}, fmt.Errorf("%w: %.80q", errNotRESP, line)
}

func readBulk(r *bufio.Reader, v Value) (Value, error) {
	n, err := strconv.Atoi(v.Text)
	switch {
	case err != nil || n < -1 || n > maxBulk:
		return Value{}, fmt.Errorf("%w: length %q", errNotRESP, v.Text)
	case n == -1:
		return Value{Type: v.Type, Null: true}, nil
	}
	var text strings.Builder
	if _, err := io.CopyN(&text, r, int64(n)); err != nil {
		return Value{}, err
	}
	var end [2]byte
	if _, err := io.ReadFull(r, end[:]); err != nil {
		return Value{}, err
	}
	if string(end[:]) != "\r\n" {
		return Value{}, fmt.Errorf("%w: bulk of %d bytes ends in %q", errNotRESP, n, end)
	}
	return Value{Type: v.Type, Text: text.String()}, nil
}

func readElems(r *bufio.Reader, v Value, depth int) (Value, error) {
	n, err := strconv.Atoi(v.Text)
	switch {
	case err != nil || n < -1 || n > maxElems:
		return Value{}, fmt.Errorf("%w: count %q", errNotRESP, v.Text)
	case n == -1:
		return Value{Type: v.Type, Null: true}, nil
	}
	if v.Type == '%' {
		n *= 2
	}
	v.Text = ""
	for range n {
		e, err := readValue(r, depth+1)
		if err != nil {
			return Value{}, err
		}
		v.Elems = append(v.Elems, e)
	}
	return v, nil
}

// Lines renders the value as it stands in a script.
func (v Value) Lines() []string { return v.appendLines(nil, "") }

// String is the lines in one.
func (v Value) String() string { return strings.Join(v.Lines(), "\n") }

func (v Value) appendLines(lines []string, indent string) []string {
	switch {
	case v.Null:
		return append(lines, indent+string(v.Type)+"-1")
	case v.Type == '$':
		return append(lines, indent+quote(v.Text))
	case v.Type == '=':
		return append(lines, indent+"="+quote(v.Text))
	case !v.aggregate():
		return append(lines, indent+string(v.Type)+escapeLine(v.Text))
	}
	n := len(v.Elems)
	if v.Type == '%' {
		n /= 2
	}
	lines = append(lines, indent+string(v.Type)+strconv.Itoa(n))
	for _, e := range v.Elems {
		lines = e.appendLines(lines, indent+"  ")
	}
	return lines
}

func (v Value) aggregate() bool { return strings.IndexByte("*%~>", v.Type) >= 0 }

// escapeLine keeps a line a line; such replies have no line breaks anyway.
func escapeLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(s)
}

// minRepeat is the length from which a bulk of equal bytes is written "x"*n.
const minRepeat = 64

func quote(s string) string {
	if len(s) >= minRepeat && strings.Count(s, s[:1]) == len(s) {
		return quote(s[:1]) + "*" + strconv.Itoa(len(s))
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if c := s[i]; c < 0x80 {
			q := strconv.Quote(string(rune(c)))
			b.WriteString(q[1 : len(q)-1])
		} else {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func unquote(s string) (string, error) {
	times := 1
	if end := strings.LastIndexByte(s, '"'); end >= 0 && strings.HasPrefix(s[end+1:], "*") {
		n, err := strconv.Atoi(s[end+2:])
		if err != nil || n < 0 || n > maxRepeated/max(1, end) {
			return "", fmt.Errorf("%.80s: bad repetition", s)
		}
		s, times = s[:end+1], n
	}
	text, err := strconv.Unquote(s)
	if err != nil {
		return "", fmt.Errorf("%.80s: bad quotes", s)
	}
	return strings.Repeat(text, times), nil
}

// parseValue reads a value from its lines.
func parseValue(lines []string) (Value, error) {
	v, rest, err := parseLines(lines, "")
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%q follows a complete reply", rest[0])
	}
	return v, err
}

func parseLines(lines []string, indent string) (v Value, rest []string, err error) {
	if len(lines) == 0 {
		return v, nil, errors.New("the reply ends too early")
	}
	line, ok := strings.CutPrefix(lines[0], indent)
	rest = lines[1:]
	if !ok || line == "" {
		return v, nil, fmt.Errorf("%q: want an element here, indented by %d", lines[0], len(indent))
	}
	v.Type, v.Text = line[0], line[1:]
	switch {
	case v.Type == '"':
		v.Type = '$'
		v.Text, err = unquote(line)
		return v, rest, err
	case v.Type == '=':
		v.Text, err = unquote(v.Text)
		return v, rest, err
	case line == "$-1" || line == "*-1":
		return Value{Type: v.Type, Null: true}, rest, nil
	case !v.aggregate():
		if strings.IndexByte("+-:_#,(", v.Type) < 0 {
			err = fmt.Errorf("%q is no reply", line)
		}
		return v, rest, err
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil || n < 0 || n > maxElems || len(indent) > 2*maxNesting {
		return v, nil, fmt.Errorf("%q: bad count", line)
	}
	if v.Type == '%' {
		n *= 2
	}
	v.Text = ""
	for range n {
		var e Value
		if e, rest, err = parseLines(rest, indent+"  "); err != nil {
			return v, nil, err
		}
		v.Elems = append(v.Elems, e)
	}
	return v, rest, nil
}
