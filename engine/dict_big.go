package engine

import (
	"bytes"
	"math/bits"
)

// bigDict is where a dict keeps its members when it has more than a few
// thousand, so that no write does work in proportion to them:
//
//   - The entries are in chunks of one size. Growth copies nothing.
//   - Buckets come and go one by one (linear hashing): the next bucket takes its
//     share out of the one with the same low bits of the hash, and the last one
//     gives it back. There is always one place to look, and never a second array.
type bigDict[V any] struct {
	chunks []*[dictChunk]dictEntry[V]
	count  int

	heads   []*[dictHeads]uint32 // of the chains, as dict.buckets
	buckets uint32               // how many there are
	mask    uint32               // the bits of a hash that name a bucket: (mask+1)/2 < buckets <= mask+1
}

const (
	dictChunk = 1024 // entries of a chunk: beyond the sizes for which Go adds a header
	dictHeads = 2048 // buckets of a piece of their list

	// A write adds or takes away so many buckets at most. One in 4/3 of an insert
	// and four in a removal keep the pace; the rest is for those that were behind.
	maxDictSplits = 2
	maxDictMerges = 6
)

// newBigDict makes one without members.
func newBigDict[V any](buckets int) *bigDict[V] {
	b := &bigDict[V]{buckets: uint32(buckets), mask: 1<<bits.Len(uint(buckets-1)) - 1}
	for len(b.heads)*dictHeads < buckets {
		b.heads = append(b.heads, new([dictHeads]uint32))
	}
	return b
}

// bigDictOf takes over what a dict holds, whose number of buckets is a power of
// two: so the chains are as they have to be.
func bigDictOf[V any](buckets []uint32, entries []dictEntry[V]) *bigDict[V] {
	b := newBigDict[V](len(buckets))
	for i, at := 0, 0; at < len(buckets); i++ {
		at += copy(b.heads[i][:], buckets[at:])
	}
	for b.count < len(entries) {
		c := new([dictChunk]dictEntry[V])
		b.count += copy(c[:], entries[b.count:])
		b.chunks = append(b.chunks, c)
	}
	return b
}

func (b *bigDict[V]) at(i int) *dictEntry[V] {
	return &b.chunks[uint(i)/dictChunk][uint(i)%dictChunk]
}

func (b *bigDict[V]) head(bucket uint32) *uint32 {
	return &b.heads[bucket/dictHeads][bucket%dictHeads]
}

// headOf is the head of the chain in which a key with this hash stands.
func (b *bigDict[V]) headOf(hash uint32) *uint32 {
	bucket := hash & b.mask
	if bucket >= b.buckets {
		bucket &= b.mask >> 1
	}
	return b.head(bucket)
}

func (b *bigDict[V]) find(key []byte, h uint32) int {
	for i := *b.headOf(h); i != 0; {
		e := b.at(int(i - 1))
		if e.hash == h && bytes.Equal(e.key, key) {
			return int(i - 1)
		}
		i = e.next
	}
	return -1
}

func (b *bigDict[V]) add(e dictEntry[V]) {
	for range maxDictSplits {
		if 4*b.count < 3*int(b.buckets) {
			break
		}
		b.split()
	}
	if b.count == len(b.chunks)*dictChunk {
		b.chunks = append(b.chunks, new([dictChunk]dictEntry[V]))
	}
	b.count++
	*b.at(b.count - 1) = e
	b.link(b.count - 1)
}

// link puts entry i into its chain.
func (b *bigDict[V]) link(i int) {
	e := b.at(i)
	head := b.headOf(e.hash)
	e.next, *head = *head, uint32(i+1)
}

// place is what points to entry i.
func (b *bigDict[V]) place(i int) *uint32 {
	p := b.headOf(b.at(i).hash)
	for *p != uint32(i+1) {
		p = &b.at(int(*p - 1)).next
	}
	return p
}

// deleteAt removes entry i; the last one moves to i.
func (b *bigDict[V]) deleteAt(i int) {
	e, last := b.at(i), b.count-1
	*b.place(i) = e.next
	if i != last {
		*b.place(last) = uint32(i + 1)
		*e = *b.at(last)
	}
	*b.at(last) = dictEntry[V]{}
	b.count = last
	b.chunks = withoutSpare(b.chunks, b.count/dictChunk+1)
	for range maxDictMerges {
		if 4*b.count >= int(b.buckets) {
			break
		}
		b.merge()
	}
}

// split adds a bucket: the other half of one that there is.
func (b *bigDict[V]) split() {
	n := b.buckets
	if n > b.mask {
		b.mask = 2*b.mask + 1
	}
	if int(n) == len(b.heads)*dictHeads {
		b.heads = append(b.heads, new([dictHeads]uint32))
	}
	half := b.head(n & (b.mask >> 1))
	next := *half
	*half = 0
	b.buckets++
	for next != 0 {
		i := int(next - 1)
		next = b.at(i).next
		b.link(i)
	}
}

// merge takes the last bucket away: what is in it goes to its other half.
func (b *bigDict[V]) merge() {
	b.buckets--
	last := b.head(b.buckets)
	end := b.head(b.buckets & (b.mask >> 1))
	if *last != 0 {
		for *end != 0 {
			end = &b.at(int(*end - 1)).next
		}
		*end, *last = *last, 0
	}
	if b.buckets <= b.mask>>1+1 {
		b.mask >>= 1
	}
	b.heads = withoutSpare(b.heads, int(b.buckets)/dictHeads+1)
}

// withoutSpare drops what a list of pieces has beyond n and one more, so that
// what comes and goes at a boundary does not cost a piece each time.
func withoutSpare[T any](pieces []*T, n int) []*T {
	if last := len(pieces) - 1; last > n {
		pieces[last] = nil
		return pieces[:last]
	}
	return pieces
}

// scan is dict.scan. A bucket that has not been split stands for both halves.
func (b *bigDict[V]) scan(cursor uint32, visit func(e *dictEntry[V])) uint32 {
	mask, half := b.mask, b.mask>>1
	if cursor&half|(half+1) >= b.buckets {
		mask = half
	}
	for i := *b.head(cursor & mask); i != 0; {
		e := b.at(int(i - 1))
		visit(e)
		i = e.next
	}
	return nextCursor(cursor, mask)
}

func (b *bigDict[V]) clone() *bigDict[V] {
	c := *b
	c.chunks, c.heads = clonePieces(b.chunks), clonePieces(b.heads)
	return &c
}

func clonePieces[T any](pieces []*T) []*T {
	c := make([]*T, len(pieces))
	for i, p := range pieces {
		own := *p
		c[i] = &own
	}
	return c
}

// mem is dict.mem without the keys.
func (b *bigDict[V]) mem(entry int64) int64 {
	return 80 + int64(len(b.heads))*(8+4*dictHeads) + int64(len(b.chunks))*(8+entry*dictChunk)
}
