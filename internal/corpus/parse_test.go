package corpus

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const sample = `# head
@standalone
@config list-max-listpack-size 3

> SET {t}a "\x00\xff\"" 'it\'s'  "ab"*3
+OK
@unordered
> HGETALL {t}h
*2
  "f"
  *1
    $-1
3| %1
3|   "f"
3|   ~1
3|     _
2> BLPOP {t}l 0
@wait 20ms
2<
*-1
3| _
@close 2
@silent
> CLIENT REPLY OFF
# tail
`

func TestParseScript(t *testing.T) {
	t.Parallel()
	s, err := Parse("x/y", sample)
	require.NoError(t, err)
	require.True(t, s.Standalone)
	require.Equal(t, []string{"list-max-listpack-size", "3"}, s.Config)
	require.Len(t, s.Steps, 7)
	require.Equal(t, [][]byte{[]byte("SET"), []byte("{t}a"), []byte("\x00\xff\""), []byte("it's"), []byte("ababab")}, s.Steps[0].Args)
	require.Equal(t, Unordered, s.Steps[1].Mode)
	require.Equal(t, byte('%'), s.Steps[1].Want(3).Type)
	require.Nil(t, s.Steps[2].Want(2))
	require.Equal(t, 2, s.Steps[2].Client)
	require.True(t, s.Steps[6].Silent)
	require.Equal(t, sample, s.Text())
}

func TestScriptErrorsNameTheLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"> SET a \"b\n":            "f/s.txt:1: unbalanced quotes",
		"\n@sometimes\n":           "f/s.txt:2: unknown directive @sometimes",
		"> PING\n*2\n  \"a\"\n":    "f/s.txt:3: the reply ends too early",
		"hello\n":                  `f/s.txt:1: "hello" is no comment, command, reply or directive`,
		"> PING\n+PONG\n+PONG\n# ": `f/s.txt:4: "+PONG" follows a complete reply`,
	} {
		_, err := Parse("f/s", text)
		require.EqualError(t, err, want)
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	value := func(lines string) Value {
		v, err := parseValue(strings.Split(lines, "\n"))
		require.NoError(t, err)
		return v
	}
	a, b := value("*2\n  \"a\"\n  \"b\""), value("*2\n  \"b\"\n  \"a\"")
	require.True(t, Exact.Same(a, a))
	require.False(t, Exact.Same(a, b))
	require.True(t, Unordered.Same(a, b))
	require.False(t, Unordered.Same(a, value("~2\n  \"b\"\n  \"a\"")))
	require.False(t, Unordered.Same(value("%1\n  \"a\"\n  \"b\""), value("%1\n  \"b\"\n  \"a\"")))
	require.True(t, TypeOnly.Same(a, value("*0")))
	require.False(t, TypeOnly.Same(a, value("*-1")))
	require.True(t, ErrorPrefix.Same(value("-ERR a"), value("-ERR b")))
	require.False(t, ErrorPrefix.Same(value("-ERR a"), value("-MOVED b")))
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("f", text)
		if err != nil {
			return
		}
		again, err := Parse("f", s.Text())
		require.NoError(t, err)
		require.Equal(t, s.Text(), again.Text())
	})
}

func FuzzReadValue(f *testing.F) {
	f.Add([]byte("%1\r\n$1\r\na\r\n*2\r\n:1\r\n_\r\n"))
	f.Add([]byte("*-1\r\n"))
	f.Add([]byte("=7\r\ntxt:abc\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := ReadValue(bufio.NewReader(strings.NewReader(string(raw))))
		if err != nil || strings.ContainsAny(v.String(), "\r\\") {
			return
		}
		back, err := parseValue(v.Lines())
		require.NoError(t, err)
		require.Equal(t, v.String(), back.String())
	})
}

func TestDifferentialAgreesOnStrings(t *testing.T) {
	t.Parallel()
	Differential(t, func(r *rand.Rand) []string {
		key := fmt.Sprintf("k%d", r.IntN(5))
		if r.IntN(2) == 0 {
			return []string{"GET", key}
		}
		return []string{"SET", key, fmt.Sprint(r.IntN(100))}
	}, 1000)
}
