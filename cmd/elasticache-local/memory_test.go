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
