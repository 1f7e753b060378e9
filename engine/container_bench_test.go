package engine

import (
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

// giantContainers are the containers whose index is a dict, by the commands
// that add, find and remove a member M.
var giantContainers = []struct {
	name              string
	add, find, remove []string
}{
	{"hash", []string{"HSET", "k", "M", "value"}, []string{"HGET", "k", "M"}, []string{"HDEL", "k", "M"}},
	{"set", []string{"SADD", "k", "M"}, []string{"SISMEMBER", "k", "M"}, []string{"SREM", "k", "M"}},
	{"zset", []string{"ZADD", "k", "1", "M"}, []string{"ZSCORE", "k", "M"}, []string{"ZREM", "k", "M"}},
}

const (
	// commandsPerReading is how many commands share one reading of the
	// processor's clock, which costs more than they do.
	commandsPerReading = 16

	// giantRounds is how often the same is done. What a command takes in the
	// fastest round is its own work; the rest is the collector's and the machine's.
	giantRounds = 3
)

// BenchmarkGiantContainer fills a container with a million members, looks at
// each and takes each out again. It reports what a command costs, and the
// longest of commandsPerReading in a row: in a round, and in the fastest round
// of each. It is time of the processor, but on a machine that does other work too
// the longest in a round is often that other work's.
func BenchmarkGiantContainer(b *testing.B) {
	const n = 1_000_000
	for _, g := range giantContainers {
		b.Run(g.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var phases [3]giantPhase
			for b.Loop() {
				for range giantRounds {
					h := newHot()
					empty := heapBytes()
					for i, words := range [][]string{g.add, g.find, g.remove} {
						phases[i].round(h, words, n)
						if i == 0 {
							b.ReportMetric(float64(heapBytes()-empty)/n, "heap-B/member")
						}
					}
				}
			}
			for i, words := range [][]string{g.add, g.find, g.remove} {
				phases[i].report(b, words[0])
			}
		})
	}
}

// giantPhase is what one command took, for each of many members.
type giantPhase struct {
	fastest []time.Duration // of each commandsPerReading in a row, over all rounds
	longest time.Duration   // of them, over all rounds
	mean    time.Duration   // of a command, in the fastest round
}

// round runs the command that words are for each of n members.
func (p *giantPhase) round(h *hot, words []string, n int) {
	a := args(words...)
	cmd, m := h.r.table.Lookup(a[0]), slices.Index(words, "M")
	first := p.fastest == nil
	if first {
		p.fastest = make([]time.Duration, n/commandsPerReading)
	}
	begin := threadCPU()
	last := begin
	for i := range n {
		a[m] = strconv.AppendInt(append(a[m][:0], "member:"...), int64(i*7919%n), 10)
		h.run(cmd, a)
		if at := i / commandsPerReading; i%commandsPerReading == commandsPerReading-1 {
			now := threadCPU()
			if took := now - last; first || took < p.fastest[at] {
				p.fastest[at] = took
			}
			last, p.longest = now, max(p.longest, now-last)
		}
	}
	if mean := (threadCPU() - begin) / time.Duration(n); first || mean < p.mean {
		p.mean = mean
	}
}

func (p *giantPhase) report(b *testing.B, name string) {
	b.ReportMetric(ms(slices.Max(p.fastest)), name+"-longest-cpu-ms")
	b.ReportMetric(ms(p.longest), name+"-longest-in-a-round-ms")
	b.ReportMetric(float64(p.mean.Nanoseconds()), name+"-cpu-ns")
}
