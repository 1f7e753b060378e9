package engine

import (
	"runtime"
	"strconv"
	"testing"
)

// BenchmarkMemoryPerKey fills a keyspace with 100,000 containers of ten members
// and reports the heap's bytes per key and their ratio to what redis-server
// 7.0.15 uses for the same (INFO memory, used_memory).
func BenchmarkMemoryPerKey(b *testing.B) {
	const keys = 100_000
	for _, shape := range []struct {
		name  string
		redis float64
		start []string
		add   func(key, member int) []string
	}{
		{"hash", 266, []string{"HSET", "hash:"}, func(_, m int) []string { return []string{"field" + strconv.Itoa(m), "value" + strconv.Itoa(m)} }},
		{"hash-of-integers", 181, []string{"HSET", "hash:"}, func(k, m int) []string { return []string{"f" + strconv.Itoa(m), strconv.Itoa(m*1000 + k)} }},
		{"set", 810, []string{"SADD", "set:"}, func(_, m int) []string { return []string{"member" + strconv.Itoa(m)} }},
		{"intset", 106, []string{"SADD", "set:"}, func(k, m int) []string { return []string{strconv.Itoa(m*100 + k%100)} }},
	} {
		b.Run(shape.name, func(b *testing.B) {
			var bytes float64
			for b.Loop() {
				e := newBench()
				empty := heapBytes()
				for k := range keys {
					name := shape.start[1] + strconv.Itoa(keys+k)
					for m := range 10 {
						e.run(command(append([]string{shape.start[0], name}, shape.add(k, m)...)...))
					}
				}
				bytes = float64(heapBytes()-empty) / keys
				runtime.KeepAlive(e)
			}
			b.ReportMetric(bytes, "heap-B/key")
			b.ReportMetric(bytes/shape.redis, "of-redis")
		})
	}
}
