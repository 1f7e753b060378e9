package engine

import "bytes"

func setCommands() []*Command {
	key := func(flags KeyFlag) []KeySpec { return []KeySpec{Key(1, flags)} }
	keys := []KeySpec{KeyRange(1, -1, 1, RO|Access)}
	store := func(flags KeyFlag) []KeySpec { return []KeySpec{Key(1, flags), KeyRange(2, -1, 1, RO|Access)} }
	return []*Command{
		{Name: "sadd", Arity: -3, Flags: Write | DenyOOM | Fast, Keys: key(RW | Insert), Group: "set", Since: V(1, 0, 0),
			Complexity: "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
			Summary:    "Adds members to a set.", Run: runSAdd},
		{Name: "srem", Arity: -3, Flags: Write | Fast, Keys: key(RW | Delete), Group: "set", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the number of members to be removed.", Summary: "Removes members from a set.", Run: runSRem},
		{Name: "smembers", Arity: 2, Flags: ReadOnly, Keys: key(RO | Access), Group: "set", Since: V(1, 0, 0), Tips: unorderedTips,
			Complexity: "O(N) where N is the set cardinality.", Summary: "Lists the members of a set.", Run: runSMembers},
		{Name: "sismember", Arity: 3, Flags: ReadOnly | Fast, Keys: key(RO), Group: "set", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Tells whether a set has a member.", Run: runSIsMember},
		{Name: "smismember", Arity: -3, Flags: ReadOnly | Fast, Keys: key(RO | Access), Group: "set", Since: V(6, 2, 0),
			Complexity: "O(N) where N is the number of elements being checked for membership",
			Summary:    "Tells which of several members a set has.", Run: runSMIsMember},
		{Name: "scard", Arity: 2, Flags: ReadOnly | Fast, Keys: key(RO), Group: "set", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Counts the members of a set.", Run: runSCard},
		{Name: "spop", Arity: -2, Flags: Write | Fast, Keys: key(RW | Access | Delete), Group: "set", Since: V(1, 0, 0), Tips: randomTips,
			Complexity: "Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
			Summary:    "Removes random members from a set and gives them.", Run: runSPop},
		{Name: "srandmember", Arity: -2, Flags: ReadOnly, Keys: key(RO | Access), Group: "set", Since: V(1, 0, 0), Tips: randomTips,
			Complexity: "Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
			Summary:    "Picks random members of a set.", Run: runSRandMember},
		{Name: "smove", Arity: 4, Flags: Write | Fast, Keys: []KeySpec{Key(1, RW|Access|Delete), Key(2, RW|Insert)}, Group: "set", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Moves a member from one set to another.", Run: runSMove},
		{Name: "sinter", Arity: -2, Flags: ReadOnly, Keys: keys, Group: "set", Since: V(1, 0, 0), Tips: unorderedTips,
			Complexity: "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
			Summary:    "Gives what is in all of several sets.", Run: runSInter},
		{Name: "sinterstore", Arity: -3, Flags: Write | DenyOOM, Keys: store(RW | Update), Group: "set", Since: V(1, 0, 0),
			Complexity: "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
			Summary:    "Stores what is in all of several sets.", Run: runSInterStore},
		{Name: "sintercard", Arity: -3, Flags: ReadOnly | MovableKeys, Keys: []KeySpec{NumKeys(1, RO|Access)}, Group: "set", Since: V(7, 0, 0),
			Complexity: "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
			Summary:    "Counts what is in all of several sets, up to a limit.", Run: runSInterCard},
		{Name: "sunion", Arity: -2, Flags: ReadOnly, Keys: keys, Group: "set", Since: V(1, 0, 0), Tips: unorderedTips,
			Complexity: "O(N) where N is the total number of elements in all given sets.",
			Summary:    "Gives what is in any of several sets.", Run: runSUnion},
		{Name: "sunionstore", Arity: -3, Flags: Write | DenyOOM, Keys: store(OW | Update), Group: "set", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the total number of elements in all given sets.",
			Summary:    "Stores what is in any of several sets.", Run: runSUnionStore},
		{Name: "sdiff", Arity: -2, Flags: ReadOnly, Keys: keys, Group: "set", Since: V(1, 0, 0), Tips: unorderedTips,
			Complexity: "O(N) where N is the total number of elements in all given sets.",
			Summary:    "Gives what is in the first set and in none of the others.", Run: runSDiff},
		{Name: "sdiffstore", Arity: -3, Flags: Write | DenyOOM, Keys: store(OW | Update), Group: "set", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the total number of elements in all given sets.",
			Summary:    "Stores what is in the first set and in none of the others.", Run: runSDiffStore},
		{Name: "sscan", Arity: -3, Flags: ReadOnly, Keys: key(RO | Access), Group: "set", Since: V(2, 8, 0), Tips: randomTips,
			Complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..",
			Summary:    "Walks the members of a set in steps.", Run: runSScan},
	}
}

// readSet looks a set up for reading: s is nil when there is none. ok is false
// when a WRONGTYPE was replied.
func (c *Ctx) readSet(key []byte) (s *set, ok bool) {
	e := c.Read(key)
	return c.setIn(e, &c.views.set), !c.wrongKind(e, KindSet)
}

// writeSet looks a set up to change it.
func (c *Ctx) writeSet(key []byte) (e Entry, s *set, ok bool) {
	e = c.Write(key)
	return e, c.setIn(e, &c.views.set), !c.wrongKind(e, KindSet)
}

// setIn opens the set in e, a small one in view.
func (c *Ctx) setIn(e Entry, view *set) *set {
	if e.Kind() != KindSet {
		return nil
	}
	if b := e.packed(); b != nil {
		*view = set{small: b}
		return view
	}
	return e.Object().(*set)
}

// newSet is an empty set for members.
func (c *Ctx) newSet(members [][]byte) *set {
	room := c.views.draft(0, min(setHead+packedSize(members), maxInlineValue))
	c.views.set = newSet(room, members[0], len(members), c.KS)
	return &c.views.set
}

func runSAdd(c *Ctx) {
	key, members := c.Args[1], c.Args[2:]
	e, s, ok := c.writeSet(key)
	if !ok {
		return
	}
	if s == nil {
		s = c.newSet(members)
	} else {
		s.expect(len(members), c.KS)
	}
	added := 0
	for _, m := range members {
		if s.add(m, c.KS) {
			added++
		}
	}
	if added > 0 {
		c.keep(&e, s)
		c.Notify(NotifySet, "sadd", key)
	}
	c.W.Int(int64(added))
}

func runSRem(c *Ctx) {
	key := c.Args[1]
	e, s, ok := c.writeSet(key)
	if !ok {
		return
	}
	removed := 0
	if s != nil {
		for _, m := range c.Args[2:] {
			if s.remove(m) {
				removed++
			}
		}
	}
	c.W.Int(int64(removed))
	if removed > 0 {
		c.shrunkSet(&e, s, "srem")
	}
}

// shrunkSet notes that members were removed and deletes a set that has none left.
func (c *Ctx) shrunkSet(e *Entry, s *set, event string) {
	if s.Len() > 0 {
		c.keep(e, s)
		c.Notify(NotifySet, event, e.Key())
		return
	}
	c.Del(e)
	c.Notify(NotifySet, event, e.Key())
	c.Notify(NotifyGeneric, "del", e.Key())
}

func runSMembers(c *Ctx) {
	s, ok := c.readSet(c.Args[1])
	switch {
	case !ok:
	case s == nil:
		c.W.Set(0)
	default:
		c.W.Set(s.Len())
		c.replyMembers(s)
	}
}

// replyMembers writes all members without a header.
func (c *Ctx) replyMembers(s *set) {
	if ints := s.ints(); ints != nil { // needs no digits on the heap
		for i := range ints.len() {
			c.W.BulkInt(ints.at(i))
		}
		return
	}
	s.eachMember(func(m []byte) bool {
		c.W.Bulk(m)
		return true
	})
}

func runSIsMember(c *Ctx) {
	if s, ok := c.readSet(c.Args[1]); ok {
		c.replyIsMember(s, c.Args[2])
	}
}

func runSMIsMember(c *Ctx) {
	s, ok := c.readSet(c.Args[1])
	if !ok {
		return
	}
	c.W.Array(len(c.Args) - 2)
	for _, m := range c.Args[2:] {
		c.replyIsMember(s, m)
	}
}

func (c *Ctx) replyIsMember(s *set, m []byte) {
	if s != nil && s.hasMember(m) {
		c.W.Int(1)
		return
	}
	c.W.Int(0)
}

func runSCard(c *Ctx) {
	s, ok := c.readSet(c.Args[1])
	switch {
	case !ok:
	case s == nil:
		c.W.Int(0)
	default:
		c.W.Int(int64(s.Len()))
	}
}

// SMOVE source destination member
func runSMove(c *Ctx) {
	from, to, m := c.Args[1], c.Args[2], c.Args[3]
	c.Write(from) // in this order, for the events of what has expired
	dst := c.Write(to)
	src := c.Peek(from)
	switch {
	case !src.Exists():
		c.W.Int(0)
		return
	case c.wrongKind(src, KindSet) || c.wrongKind(dst, KindSet):
		return
	}
	s := c.setIn(src, &c.views.set)
	switch {
	case bytes.Equal(from, to):
		c.replyIsMember(s, m)
		return
	case !s.remove(m):
		c.W.Int(0)
		return
	}
	c.shrunkSet(&src, s, "srem")
	c.moveIn(to, m)
	c.W.Int(1)
}

// moveIn adds a member that was taken from another set.
func (c *Ctx) moveIn(key, m []byte) {
	e := c.Peek(key)
	s := c.setIn(e, &c.views.set)
	if s == nil {
		s = c.newSet([][]byte{m})
	}
	added := s.add(m, c.KS)
	c.keep(&e, s) // watchers see it touched in any case
	if added {
		c.Notify(NotifySet, "sadd", key)
	}
}
