package main

import (
	"runtime"
	"testing"
	"time"

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
	used := time.Duration(0)
	ticks := func(n int, each uint64) {
		for range n {
			allocs += each
			h.note(live, held, allocs, used)
		}
	}
	ticks(10, 1<<20)
	require.False(t, h.wasteful(), "under load")
	ticks(quietTicks-1, 0)
	require.False(t, h.wasteful(), "not yet known to have ended")
	ticks(1, quietBytes)
	require.True(t, h.wasteful())
	h.note(live, live+wasteLeast, allocs, used)
	require.False(t, h.wasteful(), "nothing much to give back")
	h.note(1<<30, 1<<30+held, allocs, used)
	require.False(t, h.wasteful(), "little beside what is alive")
	h.note(live, held, allocs, used)
	require.True(t, h.wasteful())
	ticks(1, 1<<20)
	require.False(t, h.wasteful(), "a new load")
	ticks(quietTicks, 0)
	require.True(t, h.wasteful())
	used += 2 * quietTime
	ticks(1, 0)
	require.False(t, h.wasteful(), "clients that read would have to wait")
}

func TestTheProcessorsTimeIsKnown(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not on this platform")
	}
	t.Parallel()
	before := processorTime()
	require.NotZero(t, before)
	for processorTime() == before { // is busy, so it goes on
	}
}
