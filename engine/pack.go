package engine

import (
	"bytes"
	"encoding/binary"
)

// pack is a small sequence of byte strings in one allocation without pointers:
// what small hashes, sets, sorted sets and lists are made of. Each element is
// its length as a uvarint followed by its bytes. Walking is linear, which is
// why Redis' *-max-listpack-* limits bound its length.
type pack []byte

// next reads the element at offset at and gives the offset behind it.
// at == len(p) is the end.
func (p pack) next(at int) (elem []byte, after int) {
	n := int(p[at])
	at++
	if n >= 0x80 {
		v, size := binary.Uvarint(p[at-1:])
		n, at = int(v), at-1+size
	}
	return p[at : at+n : at+n], at + n
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
	q := make(pack, len(p), len(p)+n+len(p)/8)
	copy(q, p)
	return q
}

// splice replaces the bytes from..to (element boundaries) by elems.
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

// find looks among every step-th element from the first on and gives the
// offset of the match and the offset behind it, or -1. Elements of elems given
// to splice must not be views into p.
func (p pack) find(elem []byte, step int) (at, after int) {
	for at < len(p) {
		e, end := p.next(at)
		if bytes.Equal(e, elem) {
			return at, end
		}
		for range step - 1 {
			_, end = p.next(end)
		}
		at = end
	}
	return -1, -1
}

func uvarintLen(n int) int {
	size := 1
	for n >= 0x80 {
		n >>= 7
		size++
	}
	return size
}
