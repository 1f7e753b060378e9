package engine

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"elasticache-local/slots"
)

// BenchmarkGroup runs stretches of pipelines on 100,000 keys of 16 + 64 bytes, which
// are in no cache near the processor. The metric is processor time.
func BenchmarkGroup(b *testing.B) {
	const keys = 100_000
	for _, cluster := range []bool{true, false} {
		r := newRig(cluster)
		r.set(func(s *Settings) { s.NotifyEvents = 0 })
		r.c.Sink = &countingSink{}
		value := make([]byte, 64)
		names := make([][]byte, keys) // one behind the other in memory, in an order that is none
		for i, n := range rand.New(rand.NewPCG(1, 2)).Perm(keys) {
			names[i] = fmt.Appendf(nil, "key:%012d", n)
			r.c.Args = [][]byte{[]byte("SET"), names[i], value}
			r.c.Call(r.table.Lookup(r.c.Args[0]), slots.Of(names[i]))
		}
		r.c.KS.compact()
		for _, line := range [][][]byte{{[]byte("GET"), nil}, {[]byte("SET"), nil, value}} {
			cmd := r.table.Lookup(line[0])
			b.Run(fmt.Sprintf("cluster=%v/%s", cluster, line[0]), func(b *testing.B) {
				var g Group
				next := 0
				b.ReportAllocs()
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				start := threadCPU()
				for b.Loop() {
					r.runGroup(&g, cmd, line, names[next:next+GroupSize])
					next = (next + GroupSize) % (keys - GroupSize)
				}
				b.ReportMetric(float64(threadCPU()-start)/float64(b.N*GroupSize), "cpu-ns/command")
			})
		}
	}
}

// runGroup runs a command on some keys under locks that are taken together.
func (r *rig) runGroup(g *Group, cmd *Command, line, keys [][]byte) {
	g.Reset()
	for _, key := range keys {
		g.Add(r.c.KS, slots.Of(key), key)
	}
	r.c.KS.LockGroup(g, 0)
	r.c.Hold()
	r.c.Args = line
	for i, key := range keys {
		r.c.W.Reset()
		line[1] = key
		r.c.Know(g, i, key)
		r.c.Call(cmd, g.Slot(i))
	}
	r.c.Forget()
	r.c.Flush()
	r.c.KS.UnlockGroup(g)
}
