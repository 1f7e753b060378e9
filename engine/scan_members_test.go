package engine

import (
	"bufio"
	"bytes"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bulks are the bulk strings of a reply, at any depth.
func bulks(reply []byte) (out []string) {
	r := bufio.NewReader(bytes.NewReader(reply))
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return out
		}
		if line[0] != '$' || line[1] == '-' {
			continue
		}
		n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
		b := make([]byte, n)
		for i := range b {
			b[i], _ = r.ReadByte()
		}
		out = append(out, string(b))
	}
}

// TestScanVisitsWhatIsThereAllTheTime scans hashes, sets and sorted sets that
// grow, shrink and convert on the way, up to many times their first size.
// Members that stay must be listed.
func TestScanVisitsWhatIsThereAllTheTime(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, seed))
		b := newBench()
		stay := 1 + r.IntN(60)
		others := 60 << (seed % 4)
		b.run(command("ZADD", "z", "0", strings.Repeat("m", 70))) // too long for a listpack
		for i := range stay {
			b.run(command("SADD", "s", fieldName(i)))
			b.run(command("HSET", "h", fieldName(i), strings.Repeat("v", 70)))
			b.run(command("ZADD", "z", strconv.Itoa(i), fieldName(i)))
		}
		for _, scan := range []string{"SSCAN s", "HSCAN h", "ZSCAN z"} {
			seen := map[string]bool{}
			for cursor, first := "0", true; first || cursor != "0"; first = false {
				b.run(command(append(strings.Fields(scan), cursor, "COUNT", strconv.Itoa(1+r.IntN(4)))...))
				got := bulks(b.c.W.Bytes())
				cursor = got[0]
				for _, m := range got[1:] {
					seen[m] = true
				}
				for range r.IntN(others / 6) {
					other := fieldName(1000 + r.IntN(others))
					if r.IntN(2) == 0 || seed%3 == 0 {
						b.run(command("SADD", "s", other))
						b.run(command("HSET", "h", other, ""))
						b.run(command("ZADD", "z", "1", other))
					} else {
						b.run(command("SREM", "s", other))
						b.run(command("HDEL", "h", other))
						b.run(command("ZREM", "z", other))
					}
				}
			}
			for i := range stay {
				require.True(t, seen[fieldName(i)], "seed %d: %s: no %s", seed, scan, fieldName(i))
			}
		}
	}
}

// TestAnyCursorWillDo scans every encoding from everywhere.
func TestAnyCursorWillDo(t *testing.T) {
	t.Parallel()
	b := filled(100)
	b.run(command("SADD", "few", "a", "b", "c"))
	b.run(command("HSET", "small", "f", "v"))
	b.run(command("HSET", "h", "long", strings.Repeat("x", 100)))
	r := rand.New(rand.NewPCG(3, 3))
	for range 5000 {
		cursor := strconv.FormatUint(r.Uint64()>>r.IntN(64), 10)
		for _, scan := range []string{"SSCAN s", "SSCAN i", "SSCAN few", "HSCAN h", "HSCAN small"} {
			b.run(command(append(strings.Fields(scan), cursor)...))
			require.Equal(t, byte('*'), b.c.W.Bytes()[0])
		}
	}
	b.run(command("HSCAN", "h", "0", "COUNT", strconv.Itoa(math.MaxInt64)))
	require.Len(t, bulks(b.c.W.Bytes()), 1+2*101)
}

func FuzzParseCursor(f *testing.F) {
	for _, s := range []string{"0", "-1", "+7", "", "18446744073709551615", "18446744073709551616", "1\x002", "x", " 1", "--1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, ok := parseCursor(b)
		if want, err := strconv.ParseUint(string(b), 10, 64); err == nil && (!ok || n != want) {
			t.Fatalf("%q: %d %v", b, n, ok)
		}
	})
}
