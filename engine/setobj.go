package engine

import (
	"encoding/binary"
	"strconv"
)

// set is the container of sets. Small, it is one run of bytes, which may live in
// the table's arena, and the first byte says what follows:
//
//	2, 4, 8  an intset of that width
//	0, 1     uint32 number of members, and a pack of them in the order of
//	         insertion; OBJECT ENCODING calls it listpack (0) or hashtable (1)
//
// Beyond the limits it is a dict, and stays one; an intset that gets a member
// that is no integer turns into a pack or a dict.
//
// Engines before 7.2 know no listpack sets. There a small pack stands in for
// the hashtable, which only its size in memory gives away: it goes by its own
// limits and is scanned in steps as a table is.
type set struct {
	small []byte // a view or its own; nil when big
	big   *dict[struct{}]
}

var (
	_ memberWalker = (*set)(nil)
	_ packedObject = (*set)(nil)
)

const (
	setListpack = 0
	setTable    = 1
	setHead     = 5 // bytes before the pack

	// The limits of a pack that stands in for a table: a size up to which
	// walking it is not noticed beside the rest of a command.
	maxTablePackEntries = 32
	maxTablePackValue   = 64 // bytes

	setStructBytes = 32
)

// newSet makes an empty set fit to take first and about n members in all. A
// small one begins in room, which is empty.
func newSet(room pack, first []byte, n int, ks *Keyspace) set {
	s := ks.Settings()
	_, isInt := parseInt(first)
	table := s.Version < V(7, 2, 0)
	switch {
	case isInt && (table || n <= s.SetMaxIntsetEntries):
		return set{small: append(room, newIntset()...)}
	case table && n <= maxTablePackEntries || !table && n <= s.SetMaxListpackEntries:
		return set{small: appendSetHead(room, table)}
	}
	return set{big: newDict[struct{}](ks.seed, n)}
}

func newIntegerSet() *set { return &set{small: newIntset()} }

// newPackedSet makes a set with a pack that has room for size bytes.
func newPackedSet(table bool, size int) *set {
	return &set{small: appendSetHead(pack(nil).withCap(setHead+size), table)}
}

// appendSetHead appends what stands in front of a set's pack.
func appendSetHead(dst pack, table bool) pack {
	kind := byte(setListpack)
	if table {
		kind = setTable
	}
	return append(dst, kind, 0, 0, 0, 0)
}

func (s *set) Kind() Kind { return KindSet }

func (s *set) Encoding() string {
	switch {
	case s.big != nil || s.small[0] == setTable:
		return "hashtable"
	case s.small[0] == setListpack:
		return "listpack"
	}
	return "intset"
}

func (s *set) Mem() int64 {
	if s.big != nil {
		return setStructBytes + s.big.mem(memberEntryBytes)
	}
	return setStructBytes + int64(cap(s.small))
}

func (s *set) Clone() Object {
	if s.big != nil {
		return &set{big: s.big.clone(nil)}
	}
	return &set{small: pack(s.small).withCap(len(s.small))}
}

func (s *set) packed() []byte { return s.small }

func (s *set) unpacked() Object { return &set{small: s.small, big: s.big} }

// ints is the set as an intset, nil when it is none.
func (s *set) ints() intset {
	if s.big == nil && s.small[0] > setTable {
		return intset(s.small)
	}
	return nil
}

// Len is the number of members.
func (s *set) Len() int {
	switch ints := s.ints(); {
	case s.big != nil:
		return s.big.len()
	case ints != nil:
		return ints.len()
	}
	return int(binary.LittleEndian.Uint32(s.small[1:]))
}

func (s *set) addLen(n int) {
	binary.LittleEndian.PutUint32(s.small[1:], uint32(s.Len()+n))
}

func (s *set) hasMember(m []byte) bool {
	if s.big != nil {
		return s.big.find(m) >= 0
	}
	if ints := s.ints(); ints != nil {
		v, ok := parseInt(m)
		return ok && ints.has(v)
	}
	at, _ := pack(s.small).findFrom(setHead, m, 1)
	return at >= 0
}

// add adds a copy of m and reports whether it is new.
func (s *set) add(m []byte, ks *Keyspace) bool {
	if s.big != nil {
		return s.big.set(m, struct{}{})
	}
	if ints := s.ints(); ints != nil {
		if v, ok := parseInt(m); ok {
			return s.addInt(ints, v, ks)
		}
		s.convertInts(m, ks)
		return s.add(m, ks)
	}
	return s.addPacked(m, ks)
}

// expect prepares a set for n members that are about to be added, of which
// some may be there: engines from 7.2 convert beforehand.
func (s *set) expect(n int, ks *Keyspace) {
	settings := ks.Settings()
	if s.big != nil || settings.Version < V(7, 2, 0) {
		return
	}
	limit := settings.SetMaxListpackEntries
	if s.ints() != nil {
		limit = settings.SetMaxIntsetEntries
	}
	if n > limit {
		s.convert(ks.seed)
	}
}

func (s *set) addInt(ints intset, v int64, ks *Keyspace) bool {
	ints, added := ints.add(v)
	s.small = ints
	if added && ints.len() > min(ks.Settings().SetMaxIntsetEntries, maxIntset) {
		s.convert(ks.seed)
	}
	return added
}

func (s *set) addPacked(m []byte, ks *Keyspace) bool {
	p := pack(s.small)
	if at, _ := p.findFrom(setHead, m, 1); at >= 0 {
		return false
	}
	if !packTakes(p[0] == setTable, s.Len(), len(m), ks.Settings()) || len(p)+len(m) > maxPackBytes {
		s.convert(ks.seed)
		return s.big.set(m, struct{}{})
	}
	s.small = p.grow(len(m) + uvarintLen(len(m))).add(m)
	s.addLen(1)
	return true
}

// packTakes reports whether a pack of n members may take one more of size bytes.
func packTakes(table bool, n, size int, s *Settings) bool {
	if table {
		return n < maxTablePackEntries && size <= maxTablePackValue
	}
	return n < s.SetMaxListpackEntries && size <= s.SetMaxListpackValue
}

// convertInts turns an intset into what can take m, which is no integer.
func (s *set) convertInts(m []byte, ks *Keyspace) {
	ints := s.ints()
	n, settings := ints.len(), ks.Settings()
	longest := 0
	if n > 0 {
		longest = max(decimalLen(ints.at(0)), decimalLen(ints.at(n-1)))
	}
	table := settings.Version < V(7, 2, 0)
	if !packTakes(table, n, max(longest, len(m)), settings) {
		s.convert(ks.seed)
		return
	}
	packed := newPackedSet(table, n*(longest+1)+len(m)+1)
	p := pack(packed.small)
	s.eachMember(func(m []byte) bool {
		p = p.add(m)
		return true
	})
	s.small = p
	binary.LittleEndian.PutUint32(p[1:], uint32(n))
}

func decimalLen(v int64) int {
	var digits [20]byte
	return len(strconv.AppendInt(digits[:0], v, 10))
}

// convert makes the set big.
func (s *set) convert(seed uint64) {
	d := newDict[struct{}](seed, s.Len()+1)
	s.eachMember(func(m []byte) bool {
		d.set(m, struct{}{})
		return true
	})
	s.small, s.big = nil, d
}

// useIntset turns the set into an intset if it can be one.
func (s *set) useIntset(settings *Settings) {
	if s.Len() > min(settings.SetMaxIntsetEntries, maxIntset) {
		return
	}
	ints, all := newIntset(), true
	s.eachMember(func(m []byte) bool {
		var v int64
		if v, all = parseInt(m); all {
			ints, _ = ints.add(v)
		}
		return all
	})
	if all {
		s.small, s.big = ints, nil
	}
}

// remove removes m and reports whether it was there.
func (s *set) remove(m []byte) bool {
	if s.big != nil {
		return s.big.delete(m)
	}
	if ints := s.ints(); ints != nil {
		v, ok := parseInt(m)
		if !ok {
			return false
		}
		i, ok := ints.find(v)
		if ok {
			s.small = ints.removeAt(i)
		}
		return ok
	}
	at, end := pack(s.small).findFrom(setHead, m, 1)
	if at < 0 {
		return false
	}
	s.small = pack(s.small).splice(at, end).trim()
	s.addLen(-1)
	return true
}

// appendMember appends the i-th member to dst.
func (s *set) appendMember(dst []byte, i int) []byte {
	if s.big != nil {
		return append(dst, s.big.at(i).key...)
	}
	if ints := s.ints(); ints != nil {
		return strconv.AppendInt(dst, ints.at(i), 10)
	}
	at := setHead
	for range i {
		at = pack(s.small).skip(at)
	}
	m, _ := pack(s.small).next(at)
	return append(dst, m...)
}

// eachMember visits the members in the order in which replies list them; the
// view is valid until visit returns. visit must not change the set and stops
// by returning false.
func (s *set) eachMember(visit func(m []byte) bool) {
	if s.big != nil {
		for i := range s.big.len() {
			if !visit(s.big.at(i).key) {
				return
			}
		}
		return
	}
	if ints := s.ints(); ints != nil {
		var digits [20]byte
		for i := range ints.len() {
			if !visit(strconv.AppendInt(digits[:0], ints.at(i), 10)) {
				return
			}
		}
		return
	}
	for at := setHead; at < len(s.small); {
		var m []byte
		m, at = pack(s.small).next(at)
		if !visit(m) {
			return
		}
	}
}
