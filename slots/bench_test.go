package slots

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"strings"
	"sync/atomic"
	"testing"
)

// Compare with benchstat; the whole comparison is
//
//	go test -run '^$' -bench 'Slot|Reference|Maphash|Route' -count 10 ./slots
//
// Keys are of every length that is common in practice and some that are not,
// plain and with a hash tag. A tagged key is "{tag}rest" with a tag of a
// quarter of the length.

var benchLengths = []int{8, 16, 24, 36, 64, 256, 4096}

// benchKey returns a key of n bytes.
func benchKey(n int, tagged bool) []byte {
	key := []byte(strings.Repeat("user:1000:session:", n/18+1)[:n])
	if tagged {
		key[0], key[n/4+1] = '{', '}'
	}
	return key
}

// benchKeys runs a sub-benchmark for each key.
func benchKeys(b *testing.B, run func(b *testing.B, key []byte)) {
	for _, kind := range []string{"plain", "tagged"} {
		for _, n := range benchLengths {
			key := benchKey(n, kind == "tagged")
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				b.ReportAllocs()
				run(b, key)
			})
		}
	}
}

// BenchmarkSlot: hash tag and checksum.
func BenchmarkSlot(b *testing.B) {
	benchKeys(b, func(b *testing.B, key []byte) {
		for b.Loop() {
			Of(key)
		}
	})
}

// BenchmarkReference: the way Redis and the common client libraries do it, one
// table look-up for every byte of the tag.
func BenchmarkReference(b *testing.B) {
	benchKeys(b, func(b *testing.B, key []byte) {
		for b.Loop() {
			bytewiseSlot(key)
		}
	})
}

func bytewiseSlot(key []byte) Slot {
	if open := bytes.IndexByte(key, '{'); open >= 0 {
		if size := bytes.IndexByte(key[open+1:], '}'); size > 0 {
			key = key[open+1 : open+1+size]
		}
	}
	return referenceCRC16(key) % Count
}

// BenchmarkMaphash: Go's own hash of the whole key, as a limit.
func BenchmarkMaphash(b *testing.B) {
	seed := maphash.MakeSeed()
	benchKeys(b, func(b *testing.B, key []byte) {
		for b.Loop() {
			maphash.Bytes(seed, key)
		}
	})
}

// A router is what a node has at hand when a key arrives.
type router struct {
	table atomic.Pointer[Table]
	shard uint16
	flags Flags
}

func newRouter(shards int) *router {
	r := &router{}
	r.table.Store(NewTable(Even(shards)))
	return r
}

func (r *router) whose(owner uint16) Owner {
	switch owner {
	case r.shard:
		return Mine
	case None:
		return Nobody
	}
	return Other
}

// bench goes the whole way from a key to the verdict.
func (r *router) bench(b *testing.B, key []byte) {
	for b.Loop() {
		owner := r.table.Load().Owner(Of(key))
		Decide(Query{Owner: r.whose(owner), Flags: r.flags})
	}
}

// BenchmarkRoute: from a key to its owner and the verdict, through the table.
func BenchmarkRoute(b *testing.B) {
	benchKeys(b, newRouter(3).bench)
}

// BenchmarkRouteShards: the cost does not depend on the number of shards.
func BenchmarkRouteShards(b *testing.B) {
	for _, shards := range []int{1, 3, 90, 500} {
		b.Run(fmt.Sprint(shards), func(b *testing.B) {
			b.ReportAllocs()
			newRouter(shards).bench(b, benchKey(24, false))
		})
	}
}

// BenchmarkRouteParallel: the same on all cores at once, each with keys of its
// own in many slots.
func BenchmarkRouteParallel(b *testing.B) {
	r := newRouter(90)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		keys := make([][]byte, 256)
		for i := range keys {
			keys[i] = benchKey(24, false)
			copy(keys[i], fmt.Sprint(i))
		}
		verdicts := [TryAgain + 1]int{}
		for i := 0; pb.Next(); i++ {
			owner := r.table.Load().Owner(Of(keys[i%len(keys)]))
			verdicts[Decide(Query{Owner: r.whose(owner), Flags: r.flags})]++
		}
	})
}
