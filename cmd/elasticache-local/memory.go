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
	tick := time.NewTicker(heapTick)
	defer tick.Stop()
	samples := make([]metrics.Sample, len(heapSamples))
	for i, name := range heapSamples {
		samples[i].Name = name
	}
	var h heap
	for percent := 0; ; {
		h.read(samples)
		// Setting it stops the world for some microseconds.
		if want := gcPercent(h.live); want < percent*9/10 || want > percent*11/10 {
			percent = want
			debug.SetGCPercent(percent)
		}
		if h.wasteful() {
			debug.FreeOSMemory()
		}
		select {
		case <-quit:
			return
		case <-tick.C:
		}
	}
}

// When a load has ended, the garbage it has left would stay until the next load,
// and the freed pages for minutes: Go keeps both in case they are needed soon. A
// server that nobody uses shall be no larger than what it holds. One that is used,
// if only to read, keeps them: to give back ten megabytes stops all of it for some
// fifty milliseconds, because each page that goes interrupts every processor.
const (
	heapTick   = 250 * time.Millisecond
	quietBytes = 256 << 10     // allocated within a tick: less is no load
	quietTime  = heapTick / 20 // of the processors, used within a tick: less is no load
	quietTicks = 2
	wasteLeast = 2 << 20 // bytes that are worth a collection
	wasteShare = 5       // percent of the live heap, if that is more
)

// heap is what the Go runtime says about its heap, tick by tick, in bytes.
type heap struct {
	live   uint64        // found alive by the last collection
	held   uint64        // objects, dead or alive, and free pages
	allocs uint64        // allocated since the start
	used   time.Duration // of the processors, since the start
	quiet  int           // ticks without a load
}

var heapSamples = [...]string{
	"/gc/heap/live:bytes",
	"/memory/classes/heap/objects:bytes",
	"/memory/classes/heap/free:bytes",
	"/gc/heap/allocs:bytes",
}

func (h *heap) read(samples []metrics.Sample) {
	metrics.Read(samples)
	v := func(i int) uint64 { return samples[i].Value.Uint64() }
	h.note(v(0), v(1)+v(2), v(3), processorTime())
}

func (h *heap) note(live, held, allocs uint64, used time.Duration) {
	h.quiet++
	if allocs-h.allocs > quietBytes || used-h.used > quietTime {
		h.quiet = 0
	}
	h.live, h.held, h.allocs, h.used = live, held, allocs, used
}

// wasteful reports whether there is much to give back and nobody to use it soon.
func (h *heap) wasteful() bool {
	return h.quiet >= quietTicks && h.held > h.live+max(wasteLeast, h.live*wasteShare/100)
}
