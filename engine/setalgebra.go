package engine

import (
	"cmp"
	"slices"

	"elasticache-local/protocol"
)

// sourceSets looks up the sets to combine; an absent one is nil. All are
// looked at, so that a wrong kind anywhere is an error. ok is false when that
// was replied. The sets are for reading: a look-up may move those before.
func (c *Ctx) sourceSets(dst []*set, keys [][]byte) (sets []*set, ok bool) {
	c.views.sets = c.views.sets[:0]
	for _, key := range keys {
		e := c.Read(key)
		if c.wrongKind(e, KindSet) {
			return nil, false
		}
		c.views.sets = append(c.views.sets, set{}) // earlier views stay where they are
		dst = append(dst, c.setIn(e, &c.views.sets[len(c.views.sets)-1]))
	}
	return dst, true
}

// usualSources is how many sets are combined without an allocation.
const usualSources = 8

func runSInter(c *Ctx) {
	var room [usualSources]*set
	sets, ok := c.sourceSets(room[:0], c.Args[1:])
	if !ok {
		return
	}
	mark, n := c.W.Deferred(), 0
	intersect(sets, func(m []byte) bool {
		c.W.Bulk(m)
		n++
		return true
	})
	c.W.EndSet(mark, n)
}

func runSInterStore(c *Ctx) {
	var room [usualSources]*set
	sets, ok := c.sourceSets(room[:0], c.Args[2:])
	if !ok {
		return
	}
	c.storeSet(intersection(sets, c.KS), "sinterstore")
}

// SINTERCARD numkeys key [key …] [LIMIT limit]
func runSInterCard(c *Ctx) {
	numKeys, ok := c.intArgOr(1, protocol.ErrNumKeysZero)
	if !ok {
		return
	}
	switch {
	case numKeys < 1:
		c.W.Error(protocol.ErrNumKeysZero)
		return
	case numKeys > int64(len(c.Args)-2):
		c.W.Error(protocol.ErrNumKeysTooMany)
		return
	}
	limit, ok := c.limitArg(2 + int(numKeys))
	if !ok {
		return
	}
	var room [usualSources]*set
	sets, ok := c.sourceSets(room[:0], c.Args[2:2+numKeys])
	if !ok {
		return
	}
	n := int64(0)
	intersect(sets, func([]byte) bool {
		n++
		return n != limit
	})
	c.W.Int(n)
}

const errLimitNegative = "ERR LIMIT can't be negative"

// limitArg reads the options of SINTERCARD: 0 is no limit.
func (c *Ctx) limitArg(i int) (limit int64, ok bool) {
	for ; i < len(c.Args); i += 2 {
		if !isWord(c.Args[i], "LIMIT") || i+1 == len(c.Args) {
			c.W.Error(protocol.ErrSyntax)
			return 0, false
		}
		if limit, ok = c.intArgOr(i+1, errLimitNegative); !ok {
			return 0, false
		}
		if limit < 0 {
			c.W.Error(errLimitNegative)
			return 0, false
		}
	}
	return limit, true
}

// intersect visits what is in all of sets, in the order of the smallest, which
// it is the cheapest to walk through. It reorders sets.
func intersect(sets []*set, visit func(m []byte) bool) {
	if slices.Contains(sets, nil) {
		return
	}
	slices.SortStableFunc(sets, func(a, b *set) int { return cmp.Compare(a.Len(), b.Len()) })
	sets[0].eachMember(func(m []byte) bool {
		for _, s := range sets[1:] {
			if s != sets[0] && !s.hasMember(m) {
				return true
			}
		}
		return visit(m)
	})
}

// intersection is the set of what is in all of sets. Engines from 7.2 keep the
// order of the smallest set when not all of it are integers.
func intersection(sets []*set, ks *Keyspace) *set {
	out := newIntegerSet()
	ordered := ks.Settings().Version >= V(7, 2, 0)
	if ordered {
		out = newPackedSet(false, 0)
	}
	intersect(sets, func(m []byte) bool {
		out.add(m, ks)
		return true
	})
	if ordered {
		out.useIntset(ks.Settings())
	}
	return out
}

func runSUnion(c *Ctx) { c.replyCombined(union) }

func runSDiff(c *Ctx) { c.replyCombined(difference) }

func runSUnionStore(c *Ctx) { c.storeCombined(union, "sunionstore") }

func runSDiffStore(c *Ctx) { c.storeCombined(difference, "sdiffstore") }

type setCombiner func(sets []*set, ks *Keyspace) *set

func (c *Ctx) replyCombined(op setCombiner) {
	sets, ok := c.sourceSets(nil, c.Args[1:])
	if !ok {
		return
	}
	out := op(sets, c.KS)
	c.W.Set(out.Len())
	c.replyMembers(out)
}

func (c *Ctx) storeCombined(op setCombiner, event string) {
	if sets, ok := c.sourceSets(nil, c.Args[2:]); ok {
		c.storeSet(op(sets, c.KS), event)
	}
}

// storeSet puts a result in place of what the destination holds; an empty one
// deletes it.
func (c *Ctx) storeSet(s *set, event string) {
	key := c.Args[1]
	e := c.Write(key)
	switch {
	case s.Len() > 0:
		c.SetObj(&e, s, 0)
		c.Notify(NotifySet, event, key)
	case e.Exists():
		c.Del(&e)
		c.Notify(NotifyGeneric, "del", key)
	}
	c.W.Int(int64(s.Len()))
}

func union(sets []*set, ks *Keyspace) *set {
	out := newIntegerSet()
	for _, s := range sets {
		if s != nil {
			out.addAll(s, ks)
		}
	}
	return out
}

func (s *set) addAll(from *set, ks *Keyspace) {
	from.eachMember(func(m []byte) bool {
		s.add(m, ks)
		return true
	})
}

// difference is the set of what is in the first set and in none of the others.
// Looking up each of its members in the others and removing all of theirs from
// a copy cost differently; as in Redis, the encoding of the result depends on
// which was chosen.
func difference(sets []*set, ks *Keyspace) *set {
	out, first, others := newIntegerSet(), sets[0], sets[1:]
	if first == nil || slices.Contains(others, first) {
		return out
	}
	others = slices.DeleteFunc(others, func(s *set) bool { return s == nil })
	if lookingUpIsCheaper(first, others) {
		// The largest first: it is the likeliest to have the member.
		slices.SortStableFunc(others, func(a, b *set) int { return cmp.Compare(b.Len(), a.Len()) })
		first.eachMember(func(m []byte) bool {
			if !slices.ContainsFunc(others, func(s *set) bool { return s.hasMember(m) }) {
				out.add(m, ks)
			}
			return true
		})
		return out
	}
	out.addAll(first, ks)
	for _, s := range others {
		s.eachMember(func(m []byte) bool {
			out.remove(m)
			return out.Len() > 0
		})
	}
	return out
}

// lookingUpIsCheaper compares the member look-ups with the additions and
// removals, the former with an advantage: they often end early.
func lookingUpIsCheaper(first *set, others []*set) bool {
	lookUps, changes := first.Len(), first.Len()
	for _, s := range others {
		lookUps += first.Len()
		changes += s.Len()
	}
	return lookUps/2 <= changes
}
