package corpus

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// splitArgs splits a command line as redis-cli does: "double quotes" with
// \n \r \t \b \a \xHH \\ \", 'single quotes' with \'. Beyond it, "x"*3 stands
// for "xxx".
func splitArgs(line string) ([][]byte, error) {
	var args [][]byte
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			return args, nil
		}
		var arg []byte
		var err error
		switch line[0] {
		case '"':
			arg, line, err = doubleQuoted(line[1:])
		case '\'':
			arg, line, err = singleQuoted(line[1:])
		default:
			n := strings.IndexAny(line, " \t")
			if n < 0 {
				n = len(line)
			}
			arg, line = []byte(line[:n]), line[n:]
		}
		if err == nil {
			arg, line, err = repeated(arg, line)
		}
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
}

// maxRepeated bounds what a repetition stands for, in bytes.
const maxRepeated = 16 << 20

// repeated applies "*n" behind a quoted argument.
func repeated(arg []byte, line string) ([]byte, string, error) {
	if line == "" || line[0] == ' ' || line[0] == '\t' {
		return arg, line, nil
	}
	count, rest, _ := strings.Cut(line[1:], " ")
	n, err := strconv.Atoi(count)
	if line[0] != '*' || err != nil || n < 0 || n > maxRepeated/max(1, len(arg)) {
		return nil, "", fmt.Errorf("quotes are followed by %.20q", line)
	}
	return []byte(strings.Repeat(string(arg), n)), rest, nil
}

func doubleQuoted(s string) (arg []byte, rest string, err error) {
	arg = []byte{}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return arg, s[i+1:], nil
		case c != '\\' || i+1 >= len(s):
			arg = append(arg, c)
		case s[i+1] == 'x' && i+3 < len(s) && isHex(s[i+2:i+4]):
			v, _ := strconv.ParseUint(s[i+2:i+4], 16, 8)
			arg = append(arg, byte(v))
			i += 3
		default:
			i++
			arg = append(arg, unescape(s[i]))
		}
	}
	return nil, "", errors.New("unbalanced quotes")
}

func isHex(s string) bool {
	_, err := strconv.ParseUint(s, 16, 8)
	return err == nil && s[0] != '+' && s[0] != '-'
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return c
}

func singleQuoted(s string) (arg []byte, rest string, err error) {
	arg = []byte{}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == '\'':
			i++
			arg = append(arg, '\'')
		case s[i] == '\'':
			return arg, s[i+1:], nil
		default:
			arg = append(arg, s[i])
		}
	}
	return nil, "", errors.New("unbalanced quotes")
}
