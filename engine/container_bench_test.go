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

// commandsPerReading is how many commands share one reading of the processor's
// clock, which costs more than they do.
const commandsPerReading = 16

// BenchmarkGiantContainer fills a container with a million members, looks at
// each and takes each out again. It reports what a command costs and the longest
// of commandsPerReading in a row, in time of the processor, which other work on
// the machine does not add to.
func BenchmarkGiantContainer(b *testing.B) {
	const n = 1_000_000
	for _, g := range giantContainers {
		b.Run(g.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for b.Loop() {
				h := newHot()
				empty := heapBytes()
				for _, words := range [][]string{g.add, g.find, g.remove} {
					longest, mean := h.eachMember(words, n)
					b.ReportMetric(ms(longest), words[0]+"-longest-cpu-ms")
					b.ReportMetric(mean, words[0]+"-cpu-ns")
					if words[0] == g.add[0] {
						b.ReportMetric(float64(heapBytes()-empty)/n, "heap-B/member")
					}
				}
			}
		})
	}
}

// eachMember runs a command for each of n members and gives the longest and
// the mean processor time, the latter in nanoseconds.
func (h *hot) eachMember(words []string, n int) (longest time.Duration, mean float64) {
	a := args(words...)
	cmd, m := h.r.table.Lookup(a[0]), slices.Index(words, "M")
	begin := threadCPU()
	last := begin
	for i := range n {
		a[m] = strconv.AppendInt(append(a[m][:0], "member:"...), int64(i*7919%n), 10)
		h.run(cmd, a)
		if i%commandsPerReading == 0 {
			now := threadCPU()
			last, longest = now, max(longest, now-last)
		}
	}
	return longest, float64((threadCPU() - begin).Nanoseconds()) / float64(n)
}
