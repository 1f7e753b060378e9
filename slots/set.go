package slots

import (
	"fmt"
	"iter"
	"math/bits"
)

// A Set is a set of slots, kept as a bitmap of 2 KiB. The zero value is the
// empty set. It is a plain value: assignment copies it, == compares it.
type Set struct {
	words [Count / 64]uint64
}

// A Range is the slots First to Last, both included.
type Range struct {
	First, Last Slot
}

// SetOf returns the set of the given ranges.
func SetOf(ranges ...Range) Set {
	var s Set
	for _, r := range ranges {
		s.AddRange(r.First, r.Last)
	}
	return s
}

// Full returns the set of all slots.
func Full() Set { return SetOf(Range{0, Count - 1}) }

// Add puts slot into the set. It panics if slot ≥ Count.
func (s *Set) Add(slot Slot) { s.AddRange(slot, slot) }

// AddRange puts the slots first to last, both included, into the set. It
// panics unless first ≤ last < Count.
func (s *Set) AddRange(first, last Slot) {
	checkRange(first, last)
	for w := first / 64; w <= last/64; w++ {
		s.words[w] |= wordMask(w, first, last)
	}
}

// Remove takes slot out of the set; a slot that is not in it is no error.
func (s *Set) Remove(slot Slot) {
	if slot < Count {
		s.words[slot/64] &^= 1 << (slot % 64)
	}
}

// Has tells whether slot is in the set.
func (s *Set) Has(slot Slot) bool {
	return slot < Count && s.words[slot/64]>>(slot%64)&1 != 0
}

// Len returns the number of slots in the set.
func (s Set) Len() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// Empty tells whether the set has no slot.
func (s Set) Empty() bool { return s == Set{} }

// Equal tells whether both sets have the same slots.
func (s Set) Equal(o Set) bool { return s == o }

// Union returns the slots that are in s or in o.
func (s Set) Union(o Set) Set {
	for i, w := range o.words {
		s.words[i] |= w
	}
	return s
}

// Minus returns the slots of s that are not in o.
func (s Set) Minus(o Set) Set {
	for i, w := range o.words {
		s.words[i] &^= w
	}
	return s
}

// Intersect returns the slots that are both in s and in o.
func (s Set) Intersect(o Set) Set {
	for i, w := range o.words {
		s.words[i] &= w
	}
	return s
}

// All yields the slots in ascending order. The set as it was when All was
// called is what is walked: it may be changed meanwhile.
func (s Set) All() iter.Seq[Slot] {
	return func(yield func(Slot) bool) {
		for i, w := range s.words {
			for ; w != 0; w &= w - 1 {
				if !yield(Slot(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// Ranges returns the set as the fewest ranges, in ascending order.
func (s Set) Ranges() []Range {
	var out []Range
	for at := s.next(0, 0); at < Count; {
		end := s.next(at, ^uint64(0))
		out = append(out, Range{Slot(at), Slot(end - 1)})
		at = s.next(end, 0)
	}
	return out
}

// next returns the first slot from at on whose bit differs from the bits of
// word (all zeros or all ones), or Count.
func (s *Set) next(at int, word uint64) int {
	for ; at < Count; at = (at/64 + 1) * 64 {
		if w := (s.words[at/64] ^ word) >> (at % 64); w != 0 {
			return at + bits.TrailingZeros64(w)
		}
	}
	return Count
}

// wordMask returns the bits of word w that stand for the slots first to last.
func wordMask(w, first, last Slot) uint64 {
	mask := ^uint64(0)
	if w == first/64 {
		mask &= ^uint64(0) << (first % 64)
	}
	if w == last/64 {
		mask &= ^uint64(0) >> (63 - last%64)
	}
	return mask
}

func checkRange(first, last Slot) {
	if first > last || last >= Count {
		panic(fmt.Sprintf("slots: %d-%d is not a range within 0-%d", first, last, Count-1))
	}
}
