package engine

import (
	"bytes"
	"math"
)

// list is a list value: one chunk while it is small, a row of chunks when it
// is not. Chunks are bounded by list-max-listpack-size, so that what happens
// inside one is cheap; an index is found by the chunks' counts.
type list struct {
	small chunk   // all elements as long as row is nil
	row   *chunks // nil for a small list
	limit chunkLimit
	// listpack: the engine's version tells small lists from big ones in
	// OBJECT ENCODING.
	listpack bool
}

// chunkLimit bounds a chunk, as list-max-listpack-size says: a positive value
// is a number of elements, -1 to -5 are 4, 8, 16, 32 and 64 KiB. It is kept
// from the list's creation on, as in Redis.
type chunkLimit int16

// safeChunkBytes bounds a chunk whose number of elements is bounded.
const safeChunkBytes = 8 << 10

func newChunkLimit(setting int) chunkLimit { return chunkLimit(max(-5, min(setting, 1<<15-1))) }

// bounds are the limits in bytes and in elements.
func (l chunkLimit) bounds() (bytes, n int) {
	if l < 0 {
		return 2 << 10 << -l, math.MaxInt32
	}
	return safeChunkBytes, max(1, int(l))
}

func newList(s *Settings) *list {
	return &list{limit: newChunkLimit(s.ListMaxListpackSize), listpack: s.Version >= V(7, 2, 0)}
}

// Sizes of the structures, in bytes.
const (
	listHeader  = 48
	chunkHeader = 32
	rowHeader   = 80
)

// Kind is KindList.
func (l *list) Kind() Kind { return KindList }

// Encoding is listpack for small lists of engines from 7.2 on, or quicklist.
func (l *list) Encoding() string {
	if l.listpack && l.row == nil {
		return "listpack"
	}
	return "quicklist"
}

// Mem is the approximate size in bytes.
func (l *list) Mem() int64 {
	if l.row == nil {
		return listHeader + int64(cap(l.small.buf))
	}
	return listHeader + rowHeader + chunkHeader*int64(cap(l.row.all)) + l.row.bytes
}

// Clone is a deep copy.
func (l *list) Clone() Object {
	c := *l
	if l.row == nil {
		c.small = l.small.clone()
		return &c
	}
	c.row = &chunks{n: l.row.n, all: make([]chunk, l.chunks())}
	for i := range c.row.all {
		c.row.all[i] = l.chunk(i).clone()
		c.row.bytes += int64(cap(c.row.all[i].buf))
	}
	return &c
}

// Len is the number of elements.
func (l *list) Len() int {
	if l.row == nil {
		return int(l.small.n)
	}
	return l.row.n
}

// chunks is how many chunks there are.
func (l *list) chunks() int {
	if l.row == nil {
		return 1
	}
	return len(l.row.all) - l.row.first
}

// chunk is chunk i, valid until a chunk is added or removed.
func (l *list) chunk(i int) *chunk {
	if l.row == nil {
		return &l.small
	}
	return &l.row.all[l.row.first+i]
}

// fits reports whether c may take an element of n bytes. A chunk without
// elements takes any.
func (l *list) fits(c *chunk, n int) bool {
	bytes, count := l.limit.bounds()
	return c.n == 0 || int(c.n) < count && c.size()+elementSize(n) <= bytes
}

// push adds an element at the front or at the back.
func (l *list) push(elem []byte, front bool) {
	i := 0
	if !front {
		i = l.chunks() - 1
	}
	c := l.chunk(i)
	if !l.fits(c, len(elem)) {
		if !front {
			i++
		}
		c = l.addChunk(i, l.newChunk(len(elem), front))
	}
	l.insertIn(c, l.endOf(c, front), elem)
}

// reserve makes room in a new list for elements to be pushed.
func (l *list) reserve(elems [][]byte, front bool) {
	size := 0
	for _, e := range elems {
		size += elementSize(len(e))
	}
	if bytes, _ := l.limit.bounds(); size <= bytes {
		l.small.makeRoom(size, front)
	}
}

func (l *list) endOf(c *chunk, front bool) int {
	if front {
		return int(c.head)
	}
	return len(c.buf)
}

// insertIn puts an element in front of offset at of a chunk that it fits in.
func (l *list) insertIn(c *chunk, at int, elem []byte) {
	before := cap(c.buf)
	c.insert(at, elem)
	l.counted(1, cap(c.buf)-before)
}

// counted keeps the sums of a big list.
func (l *list) counted(n, bytes int) {
	if l.row != nil {
		l.row.n += n
		l.row.bytes += int64(bytes)
	}
}

// fit gives unused memory of chunk i back.
func (l *list) fit(i int) {
	c := l.chunk(i)
	before := cap(c.buf)
	c.fit()
	l.counted(0, cap(c.buf)-before)
}

// collapse makes a list small again that has shrunk to a single chunk of half
// the limit; called after elements were removed.
func (l *list) collapse() {
	if l.chunks() > 1 {
		return
	}
	c := l.chunk(0)
	if bytes, n := l.limit.bounds(); l.row != nil && c.size() <= bytes/2 && int(c.n) <= n/2 {
		l.small, l.row = *c, nil
	}
	l.fit(0)
}

// end is the first or the last element of a list that is not empty.
func (l *list) end(front bool) []byte {
	if front {
		c := l.chunk(0)
		elem, _ := c.next(int(c.head))
		return elem
	}
	c := l.chunk(l.chunks() - 1)
	elem, _ := c.prev(len(c.buf))
	return elem
}

// drop removes the n first or last elements; there are that many.
func (l *list) drop(n int, front bool) {
	for n > 0 {
		i := 0
		if !front {
			i = l.chunks() - 1
		}
		c := l.chunk(i)
		if int(c.n) <= n {
			n -= int(c.n)
			l.dropChunk(i)
			continue
		}
		if front {
			c.remove(int(c.head), c.offset(n), n)
		} else {
			c.remove(c.offset(int(c.n)-n), len(c.buf), n)
		}
		l.counted(-n, 0) // a chunk at the end is soon gone or full: it keeps its memory
		n = 0
	}
	l.collapse()
}

// seek finds element i: its chunk and its offset there. i == Len() is the end.
func (l *list) seek(i int) (chunk, at int) {
	if l.row == nil {
		return 0, l.small.offset(i)
	}
	all := l.row.all[l.row.first:]
	if i < l.row.n/2 {
		for i >= int(all[chunk].n) {
			i -= int(all[chunk].n)
			chunk++
		}
		return chunk, all[chunk].offset(i)
	}
	chunk, left := len(all)-1, l.row.n-i // left: from i to the end
	for left > int(all[chunk].n) {
		left -= int(all[chunk].n)
		chunk--
	}
	return chunk, all[chunk].offset(int(all[chunk].n) - left)
}

// at is element i, 0 <= i < Len().
func (l *list) at(i int) []byte {
	chunk, at := l.seek(i)
	elem, _ := l.chunk(chunk).next(at)
	return elem
}

// set replaces element i.
func (l *list) set(i int, elem []byte) {
	k, at := l.seek(i)
	c := l.chunk(k)
	_, after := c.next(at)
	bytes, _ := l.limit.bounds()
	if grow := elementSize(len(elem)) - (after - at); c.n == 1 || grow <= 0 || c.size()+grow <= bytes {
		before := cap(c.buf)
		c.replace(at, after, elem)
		l.counted(0, cap(c.buf)-before)
		l.fit(k)
		return
	}
	at = c.remove(at, after, 1)
	l.counted(-1, 0)
	l.insert(k, at, elem)
}

// insert puts an element in front of offset at of chunk k.
func (l *list) insert(k, at int, elem []byte) {
	c := l.chunk(k)
	if l.fits(c, len(elem)) {
		l.insertIn(c, at, elem)
		return
	}
	if at > int(c.head) && at < len(c.buf) {
		back := c.split(at)
		l.counted(-int(back.n), 0)
		l.addChunk(k+1, back)
		l.fit(k)
		at = len(l.chunk(k).buf)
	}
	l.insertBetween(k, at, elem)
}

// insertAt puts elem before or after the first element equal to pivot and
// reports whether there is one.
func (l *list) insertAt(pivot, elem []byte, after bool) bool {
	for p := l.cursor(0); ; {
		e, ok := p.next()
		switch {
		case !ok:
			return false
		case !bytes.Equal(e, pivot):
			continue
		case !after:
			p.prev()
		}
		l.insert(p.chunk, p.at, elem)
		return true
	}
}

// insertBetween puts an element before or behind chunk k, as at is the
// chunk's beginning or end: into it, into its neighbour or between them.
func (l *list) insertBetween(k, at int, elem []byte) {
	if at == int(l.chunk(k).head) {
		k--
	}
	if k >= 0 && l.fits(l.chunk(k), len(elem)) {
		c := l.chunk(k)
		l.insertIn(c, len(c.buf), elem)
		return
	}
	if k+1 < l.chunks() && l.fits(l.chunk(k+1), len(elem)) {
		c := l.chunk(k + 1)
		l.insertIn(c, int(c.head), elem)
		return
	}
	c := l.addChunk(k+1, l.newChunk(len(elem), false))
	l.insertIn(c, int(c.head), elem)
}

// remove takes out at most limit elements equal to elem, from the front or
// from the back, and gives how many there were.
func (l *list) remove(elem []byte, limit int, fromBack bool) int {
	removed := 0
	for i := range l.chunks() {
		if fromBack {
			i = l.chunks() - 1 - i
		}
		c := l.chunk(i)
		n := c.removeEqual(elem, limit-removed, fromBack)
		if n == 0 {
			continue
		}
		l.counted(-n, 0)
		l.fit(i)
		if removed += n; removed == limit {
			break
		}
	}
	if removed > 0 {
		l.dropEmpty()
		l.collapse()
	}
	return removed
}
