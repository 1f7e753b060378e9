package engine

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCompactingChangesNothing compacts a keyspace with garbage, small tables
// and a large one, and goes on writing.
func TestCompactingChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench()
	want := make(map[string]string)
	set := func(key, val string) {
		b.run(command("SET", key, val))
		want[key] = val
	}
	check := func() {
		for key, val := range want {
			e := b.c.find(0, []byte(key))
			require.True(t, e.Exists(), key)
			require.Equal(t, val, string(e.Str()))
		}
	}
	for i := range 300 {
		set("k"+strconv.Itoa(i%200), strings.Repeat("v", i))
		set("{small}"+strconv.Itoa(i%7), strconv.Itoa(i))
		set("{large}"+strconv.Itoa(i), strings.Repeat("w", 100))
	}
	before := b.c.KS.Mem()
	b.c.KS.compact()
	check()
	require.Equal(t, before, b.c.KS.Mem())
	small := b.c.find(0, []byte("{small}1")).t
	require.Zero(t, small.garbage)
	require.Equal(t, len(small.arena), cap(small.arena), "in a slab")
	for i := range 300 {
		set("k"+strconv.Itoa(i), strings.Repeat("x", 300-i))
	}
	check()
}

func TestAKeyspaceIsCompactedWhenALoadHasEnded(t *testing.T) {
	t.Parallel()
	var d tidier
	used := int64(0)
	ticks := func(n int, each int64) (due int) {
		for range n {
			if used += each; d.due(used) {
				due++
			}
		}
		return due
	}
	require.Zero(t, ticks(20, 0), "empty")
	require.Zero(t, ticks(20, 1<<20), "under load")
	require.Equal(t, 1, ticks(20, 0))
	require.Zero(t, ticks(10, tidyLeast/20), "a little more")
	require.Zero(t, ticks(20, 0))
	require.Zero(t, ticks(10, -1<<20))
	require.Equal(t, 1, ticks(20, 0), "half is gone")
}
