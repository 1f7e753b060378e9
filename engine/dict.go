package engine

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
)

// dict is a hash table from byte strings to V whose order never depends on
// Go's maps: the members stand in a dense list, so that a random one costs
// nothing to find, and chained buckets of indexes lead to them. Up to
// maxRehashAtOnce members it is grown and rehashed at once; what a larger one
// needs instead, so that no write takes long, is in big.
//
// Indexes of entries change when something is deleted (the last entry takes
// the free place). Keys are copied in and owned by the dict; key views stay
// valid, they are immutable.
type dict[V any] struct {
	buckets []uint32 // 1 + index of the first entry of the chain, 0: none
	entries []dictEntry[V]
	seed    uint64
	bytes   int64       // of the keys, what stands behind them in their capacity included
	big     *bigDict[V] // holds all, buckets and entries being nil; nil unless this one is
}

type dictEntry[V any] struct {
	key  []byte
	val  V
	hash uint32
	next uint32 // 1 + index
}

// newDict makes a dict with room for n entries.
func newDict[V any](seed uint64, n int) *dict[V] {
	d := &dict[V]{seed: seed}
	if n > maxRehashAtOnce {
		d.big = newBigDict[V](n + n/3)
		return d
	}
	size := 4
	for size < n {
		size *= 2
	}
	d.buckets = make([]uint32, size)
	d.entries = make([]dictEntry[V], 0, n)
	return d
}

func (d *dict[V]) len() int {
	if d.big != nil {
		return d.big.count
	}
	return len(d.entries)
}

// at is the entry with index i. The pointer is valid until the next change.
func (d *dict[V]) at(i int) *dictEntry[V] {
	if d.big != nil {
		return d.big.at(i)
	}
	return &d.entries[i]
}

// find gives the entry's index, or -1.
func (d *dict[V]) find(key []byte) int {
	return d.findHash(key, uint32(hashBytes(d.seed, key)))
}

func (d *dict[V]) findHash(key []byte, h uint32) int {
	if d.big != nil {
		return d.big.find(key, h)
	}
	for i := d.buckets[h&uint32(len(d.buckets)-1)]; i != 0; i = d.entries[i-1].next {
		if e := &d.entries[i-1]; e.hash == h && bytes.Equal(e.key, key) {
			return int(i - 1)
		}
	}
	return -1
}

// get gives the value of key.
func (d *dict[V]) get(key []byte) (v V, ok bool) {
	if i := d.find(key); i >= 0 {
		return d.at(i).val, true
	}
	return v, false
}

// set stores a value and reports whether the key is new.
func (d *dict[V]) set(key []byte, v V) bool {
	h := uint32(hashBytes(d.seed, key))
	if i := d.findHash(key, h); i >= 0 {
		d.at(i).val = v
		return false
	}
	d.add(append(make([]byte, 0, len(key)), key...), h, v)
	return true
}

func (d *dict[V]) add(key []byte, h uint32, v V) {
	d.bytes += int64(cap(key))
	if d.big == nil && len(d.entries) >= len(d.buckets) {
		d.grow()
	}
	if d.big != nil {
		d.big.add(dictEntry[V]{key: key, val: v, hash: h})
		return
	}
	b := &d.buckets[h&uint32(len(d.buckets)-1)]
	d.entries = append(d.entries, dictEntry[V]{key: key, val: v, hash: h, next: *b})
	*b = uint32(len(d.entries))
}

// delete removes a key and reports whether it was there.
func (d *dict[V]) delete(key []byte) bool {
	i := d.find(key)
	if i < 0 {
		return false
	}
	d.deleteAt(i)
	return true
}

// deleteAt removes the entry at index i; the last entry moves to i.
func (d *dict[V]) deleteAt(i int) {
	d.bytes -= int64(cap(d.at(i).key))
	if d.big != nil {
		d.big.deleteAt(i)
		d.maybeSmall()
		return
	}
	*d.link(i) = d.entries[i].next
	last := len(d.entries) - 1
	if i != last {
		*d.link(last) = uint32(i + 1)
		d.entries[i] = d.entries[last]
	}
	d.entries[last] = dictEntry[V]{}
	d.entries = d.entries[:last]
	if len(d.buckets) > 16 && last < len(d.buckets)/8 {
		d.rehash(len(d.buckets) / 4)
	}
}

// link is the place that points to entry i.
func (d *dict[V]) link(i int) *uint32 {
	p := &d.buckets[d.entries[i].hash&uint32(len(d.buckets)-1)]
	for *p != uint32(i+1) {
		p = &d.entries[*p-1].next
	}
	return p
}

// grow makes room in the buckets of a dict that is not big for one entry more.
func (d *dict[V]) grow() {
	if len(d.buckets) < maxRehashAtOnce {
		d.rehash(2 * len(d.buckets))
		return
	}
	d.big = bigDictOf(d.buckets, d.entries)
	d.buckets, d.entries = nil, nil
}

// maybeSmall makes d a usual dict again where that is little work.
func (d *dict[V]) maybeSmall() {
	b := d.big
	if b.count >= maxRehashAtOnce/4 || int(b.buckets) > maxRehashAtOnce {
		return
	}
	d.big, d.entries = nil, make([]dictEntry[V], 0, b.count)
	for i := range b.count {
		d.entries = append(d.entries, *b.at(i))
	}
	d.rehash(1 << bits.Len(uint(b.count)))
}

func (d *dict[V]) rehash(n int) {
	d.buckets = make([]uint32, n)
	for i := range d.entries {
		e := &d.entries[i]
		b := &d.buckets[e.hash&uint32(n-1)]
		e.next = *b
		*b = uint32(i + 1)
	}
	if cap(d.entries) > 4*n {
		d.entries = append(make([]dictEntry[V], 0, n), d.entries...)
	}
}

// random gives the index of a random entry of a dict that is not empty.
func (d *dict[V]) random(r *rand.Rand) int { return r.IntN(d.len()) }

// scan visits the entries of the bucket that cursor names and gives the next
// cursor, 0 at the end; see table.scan for what it guarantees.
func (d *dict[V]) scan(cursor uint32, visit func(e *dictEntry[V])) uint32 {
	if d.big != nil {
		return d.big.scan(cursor, visit)
	}
	mask := uint32(len(d.buckets) - 1)
	for i := d.buckets[cursor&mask]; i != 0; i = d.entries[i-1].next {
		visit(&d.entries[i-1])
	}
	return nextCursor(cursor, mask)
}

// clone copies the dict; keys are immutable and shared, values are copied by
// copyVal.
func (d *dict[V]) clone(copyVal func(V) V) *dict[V] {
	c := &dict[V]{seed: d.seed, bytes: d.bytes}
	if d.big != nil {
		c.big = d.big.clone()
	} else {
		c.buckets = append([]uint32(nil), d.buckets...)
		c.entries = append(make([]dictEntry[V], 0, len(d.entries)), d.entries...)
	}
	if copyVal != nil {
		for i := range c.len() {
			e := c.at(i)
			e.val = copyVal(e.val)
		}
	}
	return c
}

// mem is the approximate size in bytes without what values point to; entry is
// the size of one dictEntry.
func (d *dict[V]) mem(entry int64) int64 {
	if d.big != nil {
		return 80 + d.big.mem(entry) + d.bytes
	}
	return 80 + 4*int64(cap(d.buckets)) + entry*int64(cap(d.entries)) + d.bytes
}
