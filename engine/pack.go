package engine

import "encoding/binary"

// pack is a small sequence of byte strings in one allocation without pointers:
// what small hashes, sets, sorted sets and lists are made of. Each element is
// its length as a uvarint followed by its bytes. Walking is linear, which is
// why Redis' *-max-listpack-* limits bound its length.
type pack []byte

// next reads the element at offset at and gives the offset behind it.
// at == len(p) is the end.
func (p pack) next(at int) (elem []byte, after int) {
	n, start := int(p[at]), at+1
	if n >= 0x80 {
		n, start = p.longSize(at)
	}
	after = start + n
	return p[start:after:after], after
}

// longSize reads a size of more than one byte and gives where its element begins.
func (p pack) longSize(at int) (size, start int) {
	v, n := binary.Uvarint(p[at:])
	return int(v), at + n
}

// skip gives the offset behind the element at offset at.
func (p pack) skip(at int) int {
	size, start := int(p[at]), at+1
	if size >= 0x80 {
		size, start = p.longSize(at)
	}
	return start + size
}

// add appends an element.
func (p pack) add(elem []byte) pack {
	p = p.grow(len(elem) + uvarintLen(len(elem)))
	p = binary.AppendUvarint(p, uint64(len(elem)))
	return append(p, elem...)
}

// grow makes room for n bytes more, with little to spare: packs are small and many.
func (p pack) grow(n int) pack {
	if len(p)+n <= cap(p) {
		return p
	}
	return p.withCap(len(p) + n + len(p)/8)
}

// withCap is a copy with room for n bytes, rounded up to what the allocator
// hands out anyway: only append does that.
func (p pack) withCap(n int) pack {
	q := append(pack(nil), make([]byte, n)...)[:len(p)]
	copy(q, p)
	return q
}

// trim gives back memory when more than half of it is unused.
func (p pack) trim() pack {
	if cap(p) <= minTrimmed || len(p) > cap(p)/2 {
		return p
	}
	return p.withCap(len(p))
}

// minTrimmed is the capacity that is not worth trimming, in bytes.
const minTrimmed = 64

// splice replaces the bytes from..to (element boundaries) by elems, which must
// not be views into p.
func (p pack) splice(from, to int, elems ...[]byte) pack {
	size := 0
	for _, e := range elems {
		size += len(e) + uvarintLen(len(e))
	}
	tail := len(p) - to
	p = p.grow(max(0, size-(to-from)))
	n := from + size + tail
	old := p
	if n > len(p) {
		p = p[:n]
	}
	copy(p[from+size:n], old[to:to+tail])
	p = p[:n]
	at := from
	for _, e := range elems {
		at += binary.PutUvarint(p[at:], uint64(len(e)))
		at += copy(p[at:], e)
	}
	return p
}

// findFrom looks among every step-th element from the one at offset at on and
// gives the offset of the match and the offset behind it, or -1. Lengths and
// last bytes tell most elements apart: what stands in one container often
// begins alike.
func (p pack) findFrom(at int, elem []byte, step int) (int, int) {
	n, last := len(elem), byte(0)
	if n > 0 {
		last = elem[n-1]
	}
	for at < len(p) {
		size, start := int(p[at]), at+1
		if size >= 0x80 {
			size, start = p.longSize(at)
		}
		end := start + size
		if size == n && (n == 0 || p[end-1] == last && string(p[start:end]) == string(elem)) {
			return at, end
		}
		for range step - 1 {
			end = p.skip(end)
		}
		at = end
	}
	return -1, -1
}

// offsets are the places of every step-th element from offset at on, of n in all.
func (p pack) offsets(at, step, n int) []uint32 {
	out := make([]uint32, 0, n)
	for at < len(p) {
		out = append(out, uint32(at))
		for range step {
			at = p.skip(at)
		}
	}
	return out
}

func uvarintLen(n int) int {
	size := 1
	for n >= 0x80 {
		n >>= 7
		size++
	}
	return size
}
