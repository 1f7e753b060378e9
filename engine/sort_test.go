package engine

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSortRefusesPatternsInClusterMode(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.do("RPUSH", "l", "2", "1")
	for _, tc := range [][2]string{
		{"SORT l BY w*", "-ERR BY option of SORT denied in Cluster mode."},
		{"SORT l GET x", "-ERR GET option of SORT denied in Cluster mode."},
		{"SORT l GET #", "-ERR GET option of SORT denied in Cluster mode."},
		{"SORT_RO l GET w*", "-ERR GET option of SORT denied in Cluster mode."},
		{"SORT l BY w* y", "-ERR BY option of SORT denied in Cluster mode."},
		{"SORT l y BY w*", "-ERR syntax error"},
		{"SORT l GET", "-ERR syntax error"},
		{"SORT l BY nosort", "*2\r\n$1\r\n2\r\n$1\r\n1"},
		{"SORT l STORE {l}d", ":2"},
	} {
		require.Equal(t, tc[1], r.do(strings.Fields(tc[0])...), tc[0])
	}
}

func TestSortRefusesPatternsToWhoMayNotReadAllKeys(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	r.do("RPUSH", "l", "2", "1")
	r.c.LimitedKeys = true
	require.Equal(t, "-ERR BY option of SORT denied due to insufficient ACL permissions.", r.do("SORT", "l", "BY", "w*"))
	require.Equal(t, "-ERR GET option of SORT denied due to insufficient ACL permissions.", r.do("SORT_RO", "l", "GET", "#"))
	require.Equal(t, "*2\r\n$1\r\n2\r\n$1\r\n1", r.do("SORT", "l", "BY", "nosort"))
}

func TestSortFindsItsKeys(t *testing.T) {
	t.Parallel()
	table := NewTable(DataCommands()...)
	for line, want := range map[string]string{
		"SORT k":                               "k",
		"SORT k STORE d":                       "k d",
		"SORT k store x STORE d":               "k d",
		"SORT k STORE":                         "k",
		"SORT k BY store store x store":        "k x",
		"SORT k GET store x":                   "k",
		"SORT k LIMIT 1 store GET store y":     "k",
		"SORT k limit 1 2 alpha store d":       "k d",
		"SORT_RO k STORE d":                    "k",
		"SORT k LIMIT 1 store BY a STORE d by": "k d",
	} {
		var args [][]byte
		for _, w := range strings.Fields(line) {
			args = append(args, []byte(w))
		}
		pos, ok := table.Lookup(args[0]).AppendKeys(nil, args)
		require.True(t, ok, line)
		var keys []string
		for _, p := range pos {
			keys = append(keys, string(args[p]))
		}
		require.Equal(t, want, strings.Join(keys, " "), line)
	}
	require.Zero(t, table.Lookup([]byte("sort")).OneKey())
}

// TestSortLooksUpExpiredWeights: a lookup by pattern may delete a key while
// the elements wait to be weighed.
func TestSortLooksUpExpiredWeights(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	args := []string{"SADD", "s"}
	for i := range 300 {
		n := strconv.Itoa(i)
		args = append(args, n)
		r.do("SET", "w"+n, strings.Repeat(n, 50))
		if i%2 == 0 {
			r.do("PEXPIRE", "w"+n, "10")
		}
	}
	r.do(args...)
	r.c.Now += 100
	reply := r.do("SORT", "s", "BY", "w*", "ALPHA", "GET", "w*", "GET", "#")
	require.Equal(t, 600, strings.Count(reply, "$"))
	require.Equal(t, 150, strings.Count(reply, "$-1"))
}

func BenchmarkSort(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			r := newRig(false)
			for i := range n {
				r.do("RPUSH", "l", strconv.Itoa((i*7919)%n))
			}
			b.ReportAllocs()
			for b.Loop() {
				r.do("SORT", "l", "LIMIT", "0", "10")
			}
		})
	}
}
