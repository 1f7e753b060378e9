package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage may gather before it is collected: a share of what is alive,
// but so much in any case that a small cluster seldom collects. Go's own rule, as
// much garbage as there is live data, would make the process half as large again
// as a real server with the same keys. Collecting more often is cheap here because
// keys and small values lie in memory without pointers, which is never looked at.
const (
	garbageShare = 20      // percent of the live heap
	garbageLeast = 8 << 20 // bytes
	maxGCPercent = 400
)

// gcPercent is the garbage allowed beside a live heap, in percent of it.
func gcPercent(live uint64) int {
	if live == 0 {
		return maxGCPercent
	}
	return int(min(max(garbageShare, garbageLeast*100/live), maxGCPercent))
}

// tuneGC keeps to that until the returned function is called. Whoever has set
// GOGC knows better.
func tuneGC() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		followHeap(quit)
	}()
	return func() {
		close(quit)
		<-done
	}
}

func followHeap(quit <-chan struct{}) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for percent := 0; ; {
		metrics.Read(live)
		// Setting it stops the world for some microseconds.
		if want := gcPercent(live[0].Value.Uint64()); want < percent*9/10 || want > percent*11/10 {
			percent = want
			debug.SetGCPercent(percent)
		}
		select {
		case <-quit:
			return
		case <-tick.C:
		}
	}
}
