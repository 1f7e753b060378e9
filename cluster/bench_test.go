package cluster_test

import (
	"fmt"
	"runtime"
	"testing"

	"elasticache-local/cluster"
)

// BenchmarkStart is the time from nothing to every slot served and every replica
// in sync, and the memory that an empty node takes.
func BenchmarkStart(b *testing.B) {
	for _, size := range []struct{ shards, replicas int }{{3, 1}, {15, 5}, {250, 1}} {
		b.Run(fmt.Sprintf("nodes=%d", size.shards*(1+size.replicas)), func(b *testing.B) {
			var before, after runtime.MemStats
			for b.Loop() {
				b.StopTimer()
				runtime.GC()
				runtime.ReadMemStats(&before)
				b.StartTimer()
				c, err := cluster.Start(cluster.Config{Shards: size.shards, Replicas: size.replicas})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := c.Health(); err != nil {
					b.Fatal(err)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				c.Close()
				b.StartTimer()
			}
			nodes := float64(size.shards * (1 + size.replicas))
			b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/nodes, "heapB/node")
		})
	}
}
