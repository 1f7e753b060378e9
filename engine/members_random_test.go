package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRandomMembersAreUniform draws from every encoding with every command.
func TestRandomMembersAreUniform(t *testing.T) {
	t.Parallel()
	const n, rounds = 8, 1000
	b := newBench()
	for i := range n {
		b.run(command("HSET", "h", fieldName(i), "v"))
		b.run(command("HSET", "bigh", fieldName(i), strings.Repeat("v", 100)))
		b.run(command("SADD", "s", fieldName(i)))
		b.run(command("SADD", "bigs", fieldName(i), strings.Repeat("m", 100)))
		b.run(command("SADD", "i", fieldName(i)[len("field:"):]))
	}
	b.run(command("SREM", "bigs", strings.Repeat("m", 100)))
	for _, c := range []struct {
		cmd string
		per int // members a call gives
	}{
		{"HRANDFIELD h", 1}, {"HRANDFIELD h 1", 1}, {"HRANDFIELD h 5", 5}, {"HRANDFIELD h -3", 3},
		{"HRANDFIELD bigh", 1}, {"HRANDFIELD bigh 1", 1}, {"HRANDFIELD bigh 5", 5}, {"HRANDFIELD bigh -3", 3},
		{"SRANDMEMBER s", 1}, {"SRANDMEMBER s 1", 1}, {"SRANDMEMBER s 5", 5}, {"SRANDMEMBER s -3", 3},
		{"SRANDMEMBER bigs", 1}, {"SRANDMEMBER bigs 1", 1}, {"SRANDMEMBER bigs 5", 5}, {"SRANDMEMBER bigs -3", 3},
		{"SRANDMEMBER i", 1}, {"SRANDMEMBER i 1", 1}, {"SRANDMEMBER i 5", 5}, {"SRANDMEMBER i -3", 3},
		{"SPOP s", 1}, {"SPOP s 1", 1}, {"SPOP s 5", 5},
		{"SPOP bigs", 1}, {"SPOP bigs 1", 1}, {"SPOP bigs 5", 5},
		{"SPOP i", 1}, {"SPOP i 1", 1}, {"SPOP i 5", 5},
	} {
		counts := make([]int, n)
		args := command(strings.Fields(c.cmd)...)
		for range rounds {
			b.run(args)
			got := bulks(b.c.W.Bytes())
			require.Len(t, got, c.per, c.cmd)
			for _, m := range got {
				counts[m[len(m)-1]-'0']++
			}
			if string(args[0]) == "SPOP" {
				b.run(command(append([]string{"SADD", string(args[1])}, got...)...))
			}
		}
		requireUniform(t, counts, rounds*c.per/n)
	}
}

func TestTooManyRandomPicksAreRefused(t *testing.T) {
	t.Parallel()
	b := filled(3)
	for _, cmd := range []string{"SRANDMEMBER s -9223372036854775807", "HRANDFIELD h -4000000000", "SRANDMEMBER i -100000000"} {
		b.run(command(strings.Fields(cmd)...))
		require.Equal(t, "-ERR value is out of range\r\n", string(b.c.W.Bytes()))
	}
}

// TestPoppedMembersAreDifferentAndGone pops sets of every encoding empty.
func TestPoppedMembersAreDifferentAndGone(t *testing.T) {
	t.Parallel()
	b := filled(200)
	b.run(command("SADD", "few", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"))
	for _, key := range []string{"s", "i", "few"} {
		seen := map[string]bool{}
		for {
			b.run(command("SPOP", key, "7"))
			got := bulks(b.c.W.Bytes())
			if len(got) == 0 {
				break
			}
			for _, m := range got {
				require.False(t, seen[m], "%s twice", m)
				seen[m] = true
				b.run(command("SISMEMBER", key, m))
				require.Equal(t, ":0\r\n", string(b.c.W.Bytes()))
			}
		}
		require.Len(t, seen, map[string]int{"s": 200, "i": 200, "few": 10}[key])
		require.False(t, b.c.Peek([]byte(key)).Exists())
	}
}
