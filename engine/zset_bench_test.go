package engine

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
)

// filledZSet is an engine with a sorted set z of n members whose scores are
// spread without order.
func filledZSet(n int) *bench {
	b := newBench()
	for i := range n {
		b.run(command("ZADD", "z", strconv.Itoa(i*7919%n), fieldName(i)))
	}
	return b
}

func benchZSet(b *testing.B, make func(member string, n int) [][]byte) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filledZSet(n)
			cmds := commands(n, 1024, func(m string) [][]byte { return make(m, n) })
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				e.run(cmds[i%1024])
			}
		})
	}
}

// BenchmarkZAdd moves a member from one end of the set to the other.
func BenchmarkZAdd(b *testing.B) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filledZSet(n)
			cmd := command("ZADD", "z", "", "")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				cmd[2] = strconv.AppendInt(cmd[2][:0], int64(i*7907%n), 10)
				cmd[3] = strconv.AppendInt(append(cmd[3][:0], "field:"...), int64(i*7919%n), 10)
				e.run(cmd)
			}
		})
	}
}

func BenchmarkZScore(b *testing.B) {
	benchZSet(b, func(m string, _ int) [][]byte { return command("ZSCORE", "z", m) })
}

func BenchmarkZRank(b *testing.B) {
	benchZSet(b, func(m string, _ int) [][]byte { return command("ZRANK", "z", m) })
}

// BenchmarkZRangeMiddle gives five members by rank from the middle.
func BenchmarkZRangeMiddle(b *testing.B) {
	benchZSet(b, func(_ string, n int) [][]byte {
		return command("ZRANGE", "z", strconv.Itoa(n/2), strconv.Itoa(n/2+4))
	})
}

// BenchmarkZRevRangeTop gives the five best with their scores.
func BenchmarkZRevRangeTop(b *testing.B) {
	benchZSet(b, func(string, int) [][]byte { return command("ZRANGE", "z", "0", "4", "REV", "WITHSCORES") })
}

// BenchmarkZRangeByScore gives five members far behind the beginning of a range.
func BenchmarkZRangeByScore(b *testing.B) {
	benchZSet(b, func(_ string, n int) [][]byte {
		return command("ZRANGEBYSCORE", "z", "-inf", "+inf", "LIMIT", strconv.Itoa(n/2), "5")
	})
}

// BenchmarkZPopMin takes the lowest member out and adds it again as the highest.
func BenchmarkZPopMin(b *testing.B) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filledZSet(n)
			pop := command("ZPOPMIN", "z")
			add := command("ZADD", "z", "", "")
			b.ReportAllocs()
			for i := n; b.Loop(); i++ {
				e.run(pop)
				add[2] = strconv.AppendInt(add[2][:0], int64(i), 10)
				add[3] = strconv.AppendInt(append(add[3][:0], "field:"...), int64(i), 10)
				e.run(add)
			}
		})
	}
}

// BenchmarkZRemRange removes a tenth from the middle and adds it again.
func BenchmarkZRemRange(b *testing.B) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filledZSet(n)
			e.run(command("ZRANGESTORE", "part", "z", strconv.Itoa(n/2), strconv.Itoa(n/2+n/10-1)))
			remove := command("ZREMRANGEBYRANK", "z", strconv.Itoa(n/2), strconv.Itoa(n/2+n/10-1))
			again := command("ZUNIONSTORE", "z", "2", "z", "part")
			b.ReportAllocs()
			for b.Loop() {
				e.run(remove)
				b.StopTimer()
				e.run(again)
				b.StartTimer()
			}
		})
	}
}

func BenchmarkZUnionStore(b *testing.B) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filledZSet(n)
			e.run(command("ZRANGESTORE", "half", "z", "0", strconv.Itoa(n/2)))
			union := command("ZUNIONSTORE", "d", "2", "z", "half")
			b.ReportAllocs()
			for b.Loop() {
				e.run(union)
			}
		})
	}
}

// BenchmarkZSetMemory reports the bytes of heap per key for many sets of ten
// members, and per member for one big set.
func BenchmarkZSetMemory(b *testing.B) {
	for _, size := range []struct{ keys, members int }{{20_000, 10}, {1, 100_000}} {
		b.Run(fmt.Sprintf("%dx%d", size.keys, size.members), func(b *testing.B) {
			for b.Loop() {
				e := newBench()
				before := heapBytes()
				for k := range size.keys {
					args := command("ZADD", "zset:"+strconv.Itoa(k))
					for i := range size.members {
						args = append(args, []byte(strconv.Itoa(i*100)), []byte("member:"+strconv.Itoa(i)))
					}
					e.run(args)
				}
				e.c.Args = nil
				b.ReportMetric(float64(heapBytes()-before)/float64(size.keys*size.members), "B/member")
				runtime.KeepAlive(e)
			}
		})
	}
}

func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
