package engine

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"

	"elasticache-local/protocol"
)

func sortCommands() []*Command {
	acl := []string{"-keyspace", "set", "sortedset", "list", "dangerous"}
	unknown := func(f KeyFlag) KeySpec { return KeySpec{Flags: f, Unknown: true} }
	return []*Command{
		{Name: "sort", Arity: -2, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, RO|Access), unknown(RO | Access), unknown(OW | Update)},
			KeyFunc: sortKeys, Group: "generic", ACL: acl, Since: V(1, 0, 0), Run: runSort,
			Complexity: sortCost, Summary: "Sorts the elements of a list, a set or a sorted set, and may store the result."},
		{Name: "sort_ro", Arity: -2, Flags: ReadOnly, Keys: []KeySpec{Key(1, RO|Access), unknown(RO | Access)},
			Group: "generic", ACL: acl, Since: V(7, 0, 0), Run: runSortRO,
			Complexity: sortCost, Summary: "Sorts the elements of a list, a set or a sorted set."},
	}
}

const sortCost = "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N)."

// sortKeys finds the keys of SORT: the first one, and the one behind the last
// STORE. What follows LIMIT, GET and BY is none, whatever it looks like.
func sortKeys(args [][]byte) []int {
	if len(args) < 2 {
		return nil
	}
	store := 0
	for i := 2; i < len(args); i++ {
		switch {
		case isWord(args[i], "LIMIT"):
			i += 2
		case isWord(args[i], "GET"), isWord(args[i], "BY"):
			i++
		case isWord(args[i], "STORE") && i+1 < len(args):
			store = i + 1
		}
	}
	if store == 0 {
		return []int{1}
	}
	return []int{1, store}
}

// sorting is a parsed SORT.
type sorting struct {
	desc, alpha   bool
	offset, limit int64
	by            *sortPattern // nil: the elements themselves
	unsorted      bool         // BY something without a '*'
	get           []sortPattern
	store         []byte // nil: reply
}

func runSort(c *Ctx)   { c.sort(false) }
func runSortRO(c *Ctx) { c.sort(true) }

func (c *Ctx) sort(readOnly bool) {
	s, ok := c.sortOptions(readOnly)
	if !ok {
		return
	}
	e := c.Read(c.Args[1])
	switch e.Kind() {
	case KindNone, KindList, KindSet, KindZSet:
	default:
		c.W.Error(protocol.ErrWrongType)
		return
	}
	if e.Kind() == KindSet && s.unsorted && s.store != nil {
		// What is stored must not depend on the order of a hash table.
		s.unsorted, s.alpha, s.by = false, true, nil
	}
	elems, ok := s.pick(c, e)
	if !ok {
		c.W.Error("ERR One or more scores can't be converted into double")
		return
	}
	if s.store == nil {
		c.replySorted(s, elems)
	} else {
		c.storeSorted(s, elems)
	}
}

// sortOptions reads the options. ok is false when an error was replied.
func (c *Ctx) sortOptions(readOnly bool) (s *sorting, ok bool) {
	s = &sorting{limit: -1}
	for i := 2; i < len(c.Args); i++ {
		word, left := c.Args[i], len(c.Args)-i-1
		switch {
		case isWord(word, "ASC"):
			s.desc = false
		case isWord(word, "DESC"):
			s.desc = true
		case isWord(word, "ALPHA"):
			s.alpha = true
		case isWord(word, "LIMIT") && left >= 2:
			if s.offset, ok = c.intArg(i + 1); !ok {
				return nil, false
			}
			if s.limit, ok = c.intArg(i + 2); !ok {
				return nil, false
			}
			i += 2
		case isWord(word, "STORE") && left >= 1 && !readOnly:
			i++
			s.store = c.Args[i]
		case isWord(word, "BY") && left >= 1:
			i++
			p := newSortPattern(c.Args[i])
			s.by = &p
			if p.star < 0 {
				s.unsorted = true
			} else if c.patternDenied("BY") {
				return nil, false
			}
		case isWord(word, "GET") && left >= 1:
			if c.patternDenied("GET") {
				return nil, false
			}
			i++
			s.get = append(s.get, newSortPattern(c.Args[i]))
		default:
			c.W.Error(protocol.ErrSyntax)
			return nil, false
		}
	}
	return s, true
}

// patternDenied replies why keys cannot be looked up by a pattern: their slots
// are not known in advance, nor whether the user may read them.
func (c *Ctx) patternDenied(option string) bool {
	switch {
	case c.KS.Settings().ClusterEnabled:
		c.W.Error("ERR " + option + " option of SORT denied in Cluster mode.")
	case c.LimitedKeys:
		c.W.Error("ERR " + option + " option of SORT denied due to insufficient ACL permissions.")
	default:
		return false
	}
	return true
}

// sortElem is an element and what it is sorted by.
type sortElem struct {
	elem   string
	score  float64 // not ALPHA
	weight string  // ALPHA with BY
	none   bool    // ALPHA with BY: there is no weight
	place  int32   // before sorting
}

// pick gives the elements that are wanted in the order that is wanted. ok is
// false when some weight is not a number.
func (s *sorting) pick(c *Ctx, e Entry) (elems []sortElem, ok bool) {
	if !e.Exists() {
		return nil, true
	}
	elems, limited := s.load(e.Object())
	if limited {
		return elems, true
	}
	if !s.unsorted {
		if !s.weigh(c, elems) {
			return nil, false
		}
		slices.SortFunc(elems, s.compare)
	}
	from, to := s.window(len(elems))
	return elems[from:to], true
}

// window is the part of n elements that LIMIT leaves.
func (s *sorting) window(n int) (from, to int) {
	size := int64(n)
	start := min(max(s.offset, 0), size)
	count := min(max(s.limit, -1), size)
	if count < 0 {
		count = size
	}
	return int(start), int(min(start+count, size))
}

// load copies the elements. When they stay in the order in which a list or a
// sorted set has them, only those within the limit: limited is true then.
func (s *sorting) load(o Object) (elems []sortElem, limited bool) {
	var n int
	var walk func(visit func(elem []byte) bool)
	switch o := o.(type) {
	case elementWalker:
		n, walk, limited = o.Len(), o.eachElement, s.unsorted
	case sortedSet:
		n, walk, limited = o.Len(), o.eachMember, s.unsorted
	case memberWalker:
		n, walk = o.Len(), o.eachMember
	}
	from, to := 0, n
	if limited {
		if from, to = s.window(n); s.desc {
			from, to = n-to, n-from
		}
	}
	elems = make([]sortElem, 0, to-from)
	var all []byte // the elements' bytes, in few allocations
	at := 0
	walk(func(elem []byte) bool {
		if at >= from && at < to {
			if len(elem) > cap(all)-len(all) {
				all = make([]byte, 0, max(len(elem), min(sortChunk, len(elem)*(to-at))))
			}
			all = append(all, elem...)
			elems = append(elems, sortElem{elem: unsafeString(all[len(all)-len(elem):]), place: int32(at)})
		}
		at++
		return at < to
	})
	if limited && s.desc {
		slices.Reverse(elems)
	}
	return elems, limited
}

// sortChunk is how many bytes of elements are copied into one allocation.
const sortChunk = 64 << 10

// weigh finds what each element is sorted by and reports whether all of it can be.
func (s *sorting) weigh(c *Ctx, elems []sortElem) (ok bool) {
	if s.alpha && s.by == nil {
		return true
	}
	ok = true
	for i := range elems {
		e := &elems[i]
		weight := stringBytes(e.elem)
		if s.by != nil {
			var found bool
			if weight, found = c.lookupPattern(s.by, weight); !found {
				e.none = true
				continue
			}
		}
		if s.alpha {
			e.weight = string(weight)
			continue
		}
		score, isNumber := parseWeight(weight)
		e.score, ok = score, ok && isNumber
	}
	return ok
}

// parseWeight reads a number as strtod does up to the first NUL, which includes
// an empty string. Results out of range, also those near 0, are refused.
func parseWeight(b []byte) (float64, bool) {
	if n, ok := parseInt(b); ok {
		return float64(n), true
	}
	b = untilNUL(b)
	f, end, outOfRange := strtod(b)
	tiny := f != 0 && math.Abs(f) < minNormal
	return f, end == len(b) && !outOfRange && !tiny && !math.IsNaN(f)
}

// minNormal is the least float64 with all its precision.
const minNormal = 0x1p-1022

func untilNUL(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}

// compare orders elements that are the same to Redis by where they stood.
func (s *sorting) compare(a, b sortElem) int {
	c := 0
	switch {
	case s.alpha:
		c = s.compareAlpha(&a, &b)
	case a.score < b.score:
		c = -1
	case a.score > b.score:
		c = 1
	default:
		c = strings.Compare(a.elem, b.elem)
	}
	switch {
	case c == 0:
		return cmp.Compare(a.place, b.place)
	case s.desc:
		return -c
	}
	return c
}

// compareAlpha compares as strcoll does in the C locale, which ends at a NUL;
// what is stored is compared as bytes. A missing weight comes first.
func (s *sorting) compareAlpha(a, b *sortElem) int {
	x, y := a.elem, b.elem
	if s.by != nil {
		switch {
		case a.none && b.none:
			return 0
		case a.none:
			return -1
		case b.none:
			return 1
		}
		x, y = a.weight, b.weight
	}
	if s.store == nil {
		x, _, _ = strings.Cut(x, "\x00")
		y, _, _ = strings.Cut(y, "\x00")
	}
	return strings.Compare(x, y)
}

func (c *Ctx) replySorted(s *sorting, elems []sortElem) {
	if len(s.get) == 0 {
		c.W.Array(len(elems))
		for i := range elems {
			c.W.BulkString(elems[i].elem)
		}
		return
	}
	c.W.Array(len(elems) * len(s.get))
	for i := range elems {
		for j := range s.get {
			if val, ok := c.lookupPattern(&s.get[j], stringBytes(elems[i].elem)); ok {
				c.W.Bulk(val)
			} else {
				c.W.Null()
			}
		}
	}
}

// storeSorted stores the result as a list; what GET does not find is empty.
func (c *Ctx) storeSorted(s *sorting, elems []sortElem) {
	l := newList(c.KS.Settings())
	for i := range elems {
		if len(s.get) == 0 {
			l.push(stringBytes(elems[i].elem), false)
		}
		for j := range s.get {
			val, _ := c.lookupPattern(&s.get[j], stringBytes(elems[i].elem))
			l.push(val, false)
		}
	}
	e := c.Write(s.store)
	switch {
	case l.Len() > 0:
		c.SetObj(&e, l, 0)
		c.Notify(NotifyList, "sortstore", s.store)
	case e.Exists():
		c.Del(&e)
		c.Notify(NotifyGeneric, "del", s.store)
	}
	c.W.Int(int64(l.Len()))
}
