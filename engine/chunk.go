package engine

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// chunk is a run of list elements in one allocation without pointers. Each
// element is its length as a uvarint, its bytes, and the size of these two
// once more, written so that it reads from the right: a chunk can be walked
// from either end.
//
// The elements are buf[head:]. There may be room in front of them and behind,
// so that both ends grow and shrink without moving the rest. Views of elements
// are valid until the next write to the chunk; elements given to its methods
// must not be such views.
type chunk struct {
	buf  []byte
	head uint32
	n    uint32 // elements
}

// elementSize is what an element of n bytes takes in a chunk.
func elementSize(n int) int {
	n += uvarintLen(n)
	return n + uvarintLen(n)
}

// putElement writes an element to dst, which has just the room for it.
func putElement(dst, elem []byte) {
	size := binary.PutUvarint(dst, uint64(len(elem)))
	size += copy(dst[size:], elem)
	i := len(dst) - 1
	for ; size >= 0x80; i-- { // seven bits a byte, the lowest rightmost
		dst[i] = byte(size) | 0x80
		size >>= 7
	}
	dst[i] = byte(size)
}

// size is how many bytes the elements take.
func (c *chunk) size() int { return len(c.buf) - int(c.head) }

// next reads the element at offset at and gives the offset behind it;
// len(buf) is the end.
func (c *chunk) next(at int) (elem []byte, after int) {
	p := c.buf
	n, start := int(p[at]), at+1
	if n >= 0x80 {
		v, size := binary.Uvarint(p[at:])
		n, start = int(v), at+size
	}
	end := start + n
	return p[start:end:end], end + uvarintLen(end-at)
}

// prev reads the element that ends at offset end and gives where it begins;
// head is the beginning.
func (c *chunk) prev(end int) (elem []byte, at int) {
	i := end - 1
	size := int(c.buf[i] & 0x7f)
	for shift := 7; c.buf[i] >= 0x80; shift += 7 {
		i--
		size |= int(c.buf[i]&0x7f) << shift
	}
	at = i - size
	elem, _ = c.next(at)
	return elem, at
}

// offset is where element i begins; i == n is the end.
func (c *chunk) offset(i int) int {
	if i <= int(c.n)/2 {
		at := int(c.head)
		for ; i > 0; i-- {
			_, at = c.next(at)
		}
		return at
	}
	at := len(c.buf)
	for k := int(c.n) - i; k > 0; k-- {
		_, at = c.prev(at)
	}
	return at
}

// insert puts an element in front of offset at.
func (c *chunk) insert(at int, elem []byte) {
	size := elementSize(len(elem))
	at = c.open(at, size)
	putElement(c.buf[at:at+size], elem)
	c.n++
}

// replace puts elem in the place of the element at from..to.
func (c *chunk) replace(from, to int, elem []byte) {
	size := elementSize(len(elem))
	if size != to-from {
		from = c.open(c.cut(from, to), size)
	}
	putElement(c.buf[from:from+size], elem)
}

// remove takes out n elements, which are from..to, and gives the offset of
// what followed them.
func (c *chunk) remove(from, to, n int) int {
	c.n -= uint32(n)
	return c.cut(from, to)
}

// removeEqual takes out at most limit elements equal to elem, from the front
// or from the back, in one pass. It gives how many there were.
func (c *chunk) removeEqual(elem []byte, limit int, fromBack bool) int {
	removed := 0
	if fromBack {
		to := len(c.buf) // kept elements gather before it
		for end := to; end > int(c.head); {
			e, at := c.prev(end)
			if removed < limit && bytes.Equal(e, elem) {
				removed++
			} else {
				if to -= end - at; to != at {
					copy(c.buf[to:], c.buf[at:end])
				}
			}
			end = at
		}
		c.head = uint32(to)
	} else {
		to := int(c.head) // kept elements gather behind it
		for at := to; at < len(c.buf); {
			e, after := c.next(at)
			if removed < limit && bytes.Equal(e, elem) {
				removed++
			} else {
				if to != at {
					copy(c.buf[to:], c.buf[at:after])
				}
				to += after - at
			}
			at = after
		}
		c.buf = c.buf[:to]
	}
	c.n -= uint32(removed)
	return removed
}

// split moves the elements from offset at on to a chunk of their own.
func (c *chunk) split(at int) chunk {
	back := chunk{buf: append([]byte(nil), c.buf[at:]...)}
	for p := 0; p < len(back.buf); back.n++ {
		_, p = back.next(p)
	}
	c.buf = c.buf[:at]
	c.n -= back.n
	return back
}

// open makes a gap of size bytes at offset at by moving the shorter side, and
// gives where the gap begins.
func (c *chunk) open(at, size int) int {
	before, after := at-int(c.head), len(c.buf)-at
	atFront := before < after
	if atFront && int(c.head) < size || !atFront && cap(c.buf)-len(c.buf) < size {
		c.makeRoom(size, atFront)
		at = int(c.head) + before
	}
	if atFront {
		copy(c.buf[int(c.head)-size:], c.buf[c.head:at])
		c.head -= uint32(size)
		return at - size
	}
	end := len(c.buf)
	c.buf = c.buf[:end+size]
	copy(c.buf[at+size:], c.buf[at:end])
	return at
}

// makeRoom gathers the room there is, if that lasts for a while, or else gets
// more, so that at least size bytes are free on the given side.
func (c *chunk) makeRoom(size int, atFront bool) {
	live := c.buf[c.head:]
	need := len(live) + size + chunkSpare(len(live))
	room := c.buf
	if cap(room) < need {
		room = slices.Grow([]byte(nil), need)
	}
	room = room[:cap(room)]
	start := 0
	if atFront {
		start = len(room) - len(live)
	}
	copy(room[start:], live)
	c.buf, c.head = room[:start+len(live)], uint32(start)
}

// chunkSpare is the room to grow of a chunk with so many bytes. Small lists
// are many and cheap to move: for them the allocator's rounding up has to do.
func chunkSpare(live int) int {
	if live < 256 {
		return 0
	}
	return live / 4
}

// cut takes the bytes from..to out by moving the shorter side, and gives the
// offset where the sides meet.
func (c *chunk) cut(from, to int) int {
	if from-int(c.head) < len(c.buf)-to {
		copy(c.buf[int(c.head)+to-from:], c.buf[c.head:from])
		c.head += uint32(to - from)
		return to
	}
	c.buf = append(c.buf[:from], c.buf[to:]...)
	return from
}

// fit gives memory back when three quarters are not used.
func (c *chunk) fit() {
	if live := c.size(); cap(c.buf) > 128 && cap(c.buf) > 4*live {
		fresh := slices.Grow([]byte(nil), live+live/4)
		c.buf, c.head = append(fresh, c.buf[c.head:]...), 0
	}
}

// clone is a copy in an allocation of its own.
func (c *chunk) clone() chunk {
	return chunk{buf: append([]byte(nil), c.buf[c.head:]...), n: c.n}
}
