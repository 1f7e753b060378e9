package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGarbageIsAShareOfTheHeapAndSomeInAnyCase(t *testing.T) {
	t.Parallel()
	for live, percent := range map[uint64]int{0: 400, 1 << 20: 400, 4 << 20: 200, 16 << 20: 50, 40 << 20: 20, 1 << 30: 20} {
		require.Equal(t, percent, gcPercent(live), "%d bytes", live)
	}
}

func TestMemoryIsGivenBackWhenALoadHasEnded(t *testing.T) {
	t.Parallel()
	const live, held = 30 << 20, 40 << 20
	var h heap
	allocs := uint64(0)
	ticks := func(n int, each uint64) {
		for range n {
			allocs += each
			h.note(live, held, allocs)
		}
	}
	ticks(10, 1<<20)
	require.False(t, h.wasteful(), "under load")
	ticks(quietTicks-1, 0)
	require.False(t, h.wasteful(), "not yet known to have ended")
	ticks(1, quietBytes)
	require.True(t, h.wasteful())
	h.note(live, live+wasteLeast, allocs)
	require.False(t, h.wasteful(), "nothing much to give back")
	h.note(1<<30, 1<<30+held, allocs)
	require.False(t, h.wasteful(), "little beside what is alive")
	h.note(live, held, allocs)
	require.True(t, h.wasteful())
	ticks(1, 1<<20)
	require.False(t, h.wasteful(), "a new load")
}
