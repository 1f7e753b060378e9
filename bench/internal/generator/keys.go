package generator

import (
	"strings"

	"elasticache-local/slots"
)

// maxKeys bounds the key space: the index of a cluster takes 4 bytes a key.
const maxKeys = 1 << 26

// A keyIndex lists the numbers of the keys that each shard owns. A nil one
// stands for a single shard that owns all.
type keyIndex [][]uint32

// newKeyIndex distributes the keys that pattern makes of the numbers below n.
func newKeyIndex(pattern string, n int, route *Route) keyIndex {
	if len(route.Addrs) == 1 {
		return nil
	}
	index := make(keyIndex, len(route.Addrs))
	key := []byte(strings.Replace(pattern, keyMark, zeros, 1))
	at := strings.Index(pattern, keyMark)
	for i := range n {
		number := key[at : at+digits]
		copy(number, zeros)
		putDigits(number, uint64(i))
		shard := route.owner[slots.Of(key)]
		index[shard] = append(index[shard], uint32(i))
	}
	return index
}

// size returns how many of n keys shard owns.
func (x keyIndex) size(shard, n int) int {
	if x == nil {
		return n
	}
	return len(x[shard])
}

// at returns the number of the shard's i-th key.
func (x keyIndex) at(shard, i int) uint32 {
	if x == nil {
		return uint32(i)
	}
	return x[shard][i]
}
