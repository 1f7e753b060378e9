package engine

import (
	"encoding/binary"
	"math"
)

// intset is a set of integers in ascending order in one allocation: the width
// of a member in bytes (2, 4 or 8, what the longest needs), then the members,
// little-endian. Widths only grow.
type intset []byte

// maxIntset bounds the members of an intset, whatever the limits say.
const maxIntset = 1 << 30

func newIntset() intset { return intset{2} }

func (s intset) width() int { return int(s[0]) }

func (s intset) len() int { return (len(s) - 1) / s.width() }

func (s intset) at(i int) int64 {
	switch b := s[1:]; s.width() {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b[2*i:])))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b[4*i:])))
	default:
		return int64(binary.LittleEndian.Uint64(b[8*i:]))
	}
}

func (s intset) put(i int, v int64) {
	switch b := s[1:]; s.width() {
	case 2:
		binary.LittleEndian.PutUint16(b[2*i:], uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b[4*i:], uint32(v))
	default:
		binary.LittleEndian.PutUint64(b[8*i:], uint64(v))
	}
}

func widthOf(v int64) int {
	switch {
	case v >= math.MinInt16 && v <= math.MaxInt16:
		return 2
	case v >= math.MinInt32 && v <= math.MaxInt32:
		return 4
	}
	return 8
}

// find gives the place of v, or where it would stand.
func (s intset) find(v int64) (i int, ok bool) {
	lo, hi := 0, s.len()
	if hi > 0 && s.at(hi-1) < v { // members often come in order
		return hi, false
	}
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if s.at(mid) < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < s.len() && s.at(lo) == v
}

func (s intset) has(v int64) bool {
	_, ok := s.find(v)
	return ok
}

// add gives the set with v and whether v is new.
func (s intset) add(v int64) (intset, bool) {
	if widthOf(v) > s.width() {
		s = s.widen(widthOf(v))
	}
	i, has := s.find(v)
	if has {
		return s, false
	}
	w := s.width()
	s = intset(pack(s).grow(w))
	s = s[:len(s)+w]
	copy(s[1+(i+1)*w:], s[1+i*w:])
	s.put(i, v)
	return s, true
}

// widen rewrites the set with room for one member more.
func (s intset) widen(w int) intset {
	n := s.len()
	wide := intset(pack(nil).withCap(1 + (n+1)*w)[:1+n*w])
	wide[0] = byte(w)
	for i := range n {
		wide.put(i, s.at(i))
	}
	return wide
}

// removeAt gives the set without its i-th member.
func (s intset) removeAt(i int) intset {
	w := s.width()
	copy(s[1+i*w:], s[1+(i+1)*w:])
	return intset(pack(s[:len(s)-w]).trim())
}

// without gives the set without the members at places, which ascend.
func (s intset) without(places []int) intset {
	w, n := s.width(), s.len()
	kept := s[:1]
	for i := range n {
		if len(places) > 0 && places[0] == i {
			places = places[1:]
			continue
		}
		kept = append(kept, s[1+i*w:1+(i+1)*w]...)
	}
	return intset(pack(kept).trim())
}
