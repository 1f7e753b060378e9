package protocol

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scanned is everything a scanner makes of an input: the commands, then how it ended.
type scanned struct {
	commands []string // %q of the arguments
	problem  string
	rest     int // bytes of an unfinished command
}

// scanAll feeds input in the pieces that cut decides, and moves what is left
// over to fresh memory each time, as connections do.
func scanAll(s *scanner, input []byte, cut func(left int) int) (got scanned) {
	var held []byte
	for len(input) > 0 && got.problem == "" {
		n := cut(len(input))
		held = got.take(s, append(bytes.Clone(held), input[:n]...))
		input = input[n:]
	}
	if got.problem == "" {
		got.rest = len(held)
	}
	return got
}

// scanAllOwn is scanAll that reads long arguments into memory of their own.
func scanAllOwn(s *scanner, input []byte, cut func(left int) int) (got scanned) {
	var held []byte
	for len(input) > 0 && got.problem == "" {
		n := cut(len(input))
		if s.ownLacks() > 0 {
			n = copy(s.ownRoom(), input[:n])
			s.ownReceived(n)
		} else {
			held = append(bytes.Clone(held), input[:n]...)
		}
		input = input[n:]
		if held = got.take(s, held); got.problem == "" {
			held = s.setAside(held)
		}
	}
	if got.problem == "" {
		size, _ := s.ownSize()
		got.rest = len(held) + size + 2*len(s.owned) // of which the line ends are not kept
	}
	return got
}

// take scans the whole commands in held and gives what is behind them.
func (got *scanned) take(s *scanner, held []byte) (rest []byte) {
	for {
		args, size, problem := s.next(held)
		if got.problem = problem; problem != "" || size == 0 {
			return held
		}
		if len(args) > 0 {
			got.commands = append(got.commands, fmt.Sprintf("%q", args))
		}
		s.release(args)
		held = held[size:]
	}
}

func whole(left int) int { return left }

// referenceScan does the same over the whole input at once, straight from the
// description of the protocol.
func referenceScan(input []byte, authenticated bool, maxBulk int64) (got scanned) {
	for len(input) > 0 {
		var args []string
		rest, problem, ok := input, "", false
		if input[0] == '*' {
			args, rest, problem, ok = referenceMultibulk(input, authenticated, maxBulk)
		} else {
			args, rest, problem, ok = referenceInline(input)
		}
		if problem != "" {
			got.problem = problem
			return got
		}
		if !ok {
			break
		}
		if len(args) > 0 {
			got.commands = append(got.commands, fmt.Sprintf("%q", args))
		}
		input = rest
	}
	got.rest = len(input)
	return got
}

func referenceLine(b []byte, tooBig string) (line string, rest []byte, problem string, ok bool) {
	cString, _, _ := strings.Cut(string(b[:min(len(b), 65536)]), "\x00")
	before, _, found := strings.Cut(cString, "\r")
	if !found && len(b) > 65536 {
		return "", nil, tooBig, false
	}
	if !found || len(before)+2 > len(b) {
		return "", nil, "", false
	}
	return before, b[len(before)+2:], "", true
}

func referenceNumber(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

func referenceMultibulk(b []byte, authenticated bool, maxBulk int64) (args []string, rest []byte, problem string, ok bool) {
	line, rest, problem, ok := referenceLine(b, ErrMultibulkHeader)
	if !ok {
		return nil, nil, problem, false
	}
	count, ok := referenceNumber(line[1:])
	if !ok || count > 1<<20 {
		return nil, nil, ErrMultibulkLength, false
	}
	if count > 10 && !authenticated {
		return nil, nil, ErrUnauthenticatedCount, false
	}
	for range count {
		before := rest
		line, rest, problem, ok = referenceLine(before, ErrBulkHeader)
		if !ok {
			return nil, nil, problem, false
		}
		if before[0] != '$' {
			return nil, nil, errExpectedBulk(before[0]), false
		}
		size, ok := referenceNumber(line[1:])
		if !ok || size < 0 || size > maxBulk {
			return nil, nil, ErrBulkLength, false
		}
		if size > 16384 && !authenticated {
			return nil, nil, ErrUnauthenticatedBulk, false
		}
		if int64(len(rest)) < size+2 {
			return nil, nil, "", false
		}
		args = append(args, string(rest[:size]))
		rest = rest[size+2:]
	}
	return args, rest, "", true
}

func referenceInline(b []byte) (args []string, rest []byte, problem string, ok bool) {
	cString, _, _ := strings.Cut(string(b[:min(len(b), 65536)]), "\x00")
	line, _, found := strings.Cut(cString, "\n")
	if !found {
		if len(b) > 65536 {
			return nil, nil, ErrInlineTooBig, false
		}
		return nil, nil, "", false
	}
	split, ok := SplitArgs([]byte(strings.TrimSuffix(line, "\r")))
	if !ok {
		return nil, nil, ErrUnbalancedQuotes, false
	}
	for _, a := range split {
		args = append(args, string(a))
	}
	return args, b[len(line)+1:], "", true
}

// wireSamples are inputs worth trying, well and badly formed.
var wireSamples = []string{
	"PING\r\n", "PING\n", "\r\n", "\n", "   \r\n", "FOO a \"b\\x41\\n\" 'c\\'d'\r\n", "BAR \"a\r\n", "BAR \"a\"b\r\n", "BAR 'a'b\r\n", "a\x00b\r\n",
	"\x00\r\n", "x\vy\r\n", "\vx y\r\n", "BAR a\"b c\"\r\n", "'a\\nb'\r\n", "\"\\xZZ\\q\\\\\"\r\n",
	"*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nBAR\r\n$1\r\na\r\n", "*0\r\n", "*-1\r\n", "*-10\r\n", "*\r\n", "*1a\r\n", "*01\r\n", "*-0\r\n", "*+1\r\n",
	"* 1\r\n", "*1048577\r\n", "*2147483648\r\n", "*9223372036854775807\r\n", "*9223372036854775808\r\n", "*99999999999999999999999999\r\n", "*1\n$4\r\nPING\r\n",
	"*1\r\n$0\r\n\r\n", "*1\r\n$-1\r\n", "*1\r\n$-100\r\n", "*1\r\n$\r\n", "*1\r\n$04\r\nPING\r\n", "*1\r\n$4 \r\nPING\r\n", "*1\r\n$9223372036854775807\r\nabc\r\n",
	"*1\r\n$536870913\r\n", "*1\r\n4\r\nPING\r\n", "*1\r\n:4\r\n", "*1\r\nPING\r\n", "*1\r\n\r\n", "*1\r\n$4\r\nPINGxx", "*1\rx$4\rxPING\r\n", "*1\x00\r\n$4\r\nPING\r\n",
	"*1\r\n$4\x00\r\nPING\r\n", "*1\r\n\x00\r\n", "*3\r\n$3\r\nFOO\r\n$1\r\na\r\n$5\r\na\r\n\x00b\r\n", "*11\r\n", "*10\r\n", "*1\r\n$16385\r\n", "*1\r\n$16384\r\n",
}

func TestScannerAgreesWithTheReference(t *testing.T) {
	t.Parallel()
	for _, input := range wireSamples {
		checkScan(t, []byte(input+"PING\r\n"), 1)
	}
	for size := maxInlineBytes - 6; size <= maxInlineBytes+4; size++ {
		long := strings.Repeat("a", size)
		for _, input := range []string{long, long + "\r\n", "*" + long, "*" + long + "\r\n", "*1\r\n$" + long, "*1\r\n$" + long + "\r\n"} {
			checkScan(t, []byte(input), 1)
		}
	}
}

func TestScannerReadsLongArgumentsAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		var input []byte
		for range 1 + random.IntN(4) {
			count := 1 + random.IntN(4)
			input = fmt.Appendf(input, "*%d\r\n", count)
			for range count {
				size := []int{0, 3, ownBytes - 1, ownBytes, ownBytes + random.IntN(3*ownBytes)}[random.IntN(5)]
				input = fmt.Appendf(input, "$%d\r\n%s\r\n", size, strings.Repeat(string(rune('a'+random.IntN(26))), size))
			}
		}
		checkScan(t, input, seed)
		checkScan(t, input[:random.IntN(len(input))], seed)
	}
}

func FuzzScannerAgreesWithTheReference(f *testing.F) {
	for i, input := range wireSamples {
		f.Add([]byte(input+"*1\r\n$4\r\nPING\r\n"), uint64(i))
	}
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) { checkScan(t, input, seed) })
}

func checkScan(t *testing.T, input []byte, seed uint64) {
	t.Helper()
	limits := NewLimits()
	for _, authenticated := range []bool{true, false} {
		want := referenceScan(input, authenticated, limits.MaxBulkBytes.Load())
		newScanner := func() *scanner { return &scanner{limits: limits, authenticated: authenticated} }
		assert.Equal(t, want, scanAll(newScanner(), input, whole), "%.60q in one piece", input)
		random := rand.New(rand.NewPCG(seed, 0))
		longest := 1 + random.IntN(len(input)+1)
		pieces := scanAll(newScanner(), input, func(left int) int { return min(left, 1+random.IntN(longest)) })
		assert.Equal(t, want, pieces, "%.60q in pieces, seed %d", input, seed)
		pieces = scanAllOwn(newScanner(), input, func(left int) int { return min(left, 1+random.IntN(longest)) })
		assert.Equal(t, want, pieces, "%.60q in pieces with memory of their own, seed %d", input, seed)
	}
}

func TestScannerLetsGoOfTheMemoryOfHugeCommands(t *testing.T) {
	t.Parallel()
	s := &scanner{limits: NewLimits(), authenticated: true}
	huge := "*100000\r\n" + strings.Repeat("$1\r\na\r\n", 100000)
	args, n, problem := s.next([]byte(huge))
	require.Empty(t, problem)
	assert.Len(t, args, 100000)
	assert.Len(t, huge, n)
	assert.Zero(t, cap(s.args)+cap(s.spans))
}

func TestScannerAllocatesNothingPerCommand(t *testing.T) {
	s := &scanner{limits: NewLimits(), authenticated: true}
	for _, input := range []string{"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nbc\r\n", "SET a 'bc'\r\n"} {
		b := []byte(input)
		assert.Zero(t, testing.AllocsPerRun(100, func() { s.next(b) }))
	}
}

func BenchmarkScanner(b *testing.B) {
	s := &scanner{limits: NewLimits(), authenticated: true}
	input := []byte("*3\r\n$3\r\nSET\r\n$16\r\nkey:000000012345\r\n$64\r\n" + strings.Repeat("x", 64) + "\r\n")
	b.ReportAllocs()
	for b.Loop() {
		s.next(input)
	}
}
