package engine

import (
	"math"

	"elasticache-local/protocol"
)

// Lists, without the commands that wait: those are in listblock.go.

func listCommands() []*Command {
	const perElement = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments."
	key := func(flags KeyFlag) []KeySpec { return []KeySpec{Key(1, flags)} }
	return append([]*Command{
		{Name: "lpush", Arity: -3, Flags: Write | DenyOOM | Fast, Keys: key(RW | Insert), Group: "list", Since: V(1, 0, 0),
			Complexity: perElement, Summary: "Adds elements at the front of a list and makes the list if there is none.",
			Run: func(c *Ctx) { c.push(true, false) }},
		{Name: "rpush", Arity: -3, Flags: Write | DenyOOM | Fast, Keys: key(RW | Insert), Group: "list", Since: V(1, 0, 0),
			Complexity: perElement, Summary: "Adds elements at the back of a list and makes the list if there is none.",
			Run: func(c *Ctx) { c.push(false, false) }},
		{Name: "lpushx", Arity: -3, Flags: Write | DenyOOM | Fast, Keys: key(RW | Insert), Group: "list", Since: V(2, 2, 0),
			Complexity: perElement, Summary: "Adds elements at the front of a list that exists.",
			Run: func(c *Ctx) { c.push(true, true) }},
		{Name: "rpushx", Arity: -3, Flags: Write | DenyOOM | Fast, Keys: key(RW | Insert), Group: "list", Since: V(2, 2, 0),
			Complexity: perElement, Summary: "Adds elements at the back of a list that exists.",
			Run: func(c *Ctx) { c.push(false, true) }},
		{Name: "lpop", Arity: -2, Flags: Write | Fast, Keys: key(RW | Access | Delete), Group: "list", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the number of elements returned", Summary: "Takes elements from the front of a list.",
			Run: func(c *Ctx) { c.pop(true) }},
		{Name: "rpop", Arity: -2, Flags: Write | Fast, Keys: key(RW | Access | Delete), Group: "list", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the number of elements returned", Summary: "Takes elements from the back of a list.",
			Run: func(c *Ctx) { c.pop(false) }},
		{Name: "llen", Arity: 2, Flags: ReadOnly | Fast, Keys: key(RO), Group: "list", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Counts the elements of a list.", Run: runLLen},
		{Name: "lrange", Arity: 4, Flags: ReadOnly, Keys: key(RO | Access), Group: "list", Since: V(1, 0, 0),
			Complexity: "O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.",
			Summary:    "Reads the elements between two indexes of a list.", Run: runLRange},
		{Name: "lindex", Arity: 3, Flags: ReadOnly, Keys: key(RO | Access), Group: "list", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).",
			Summary:    "Reads the element at an index of a list.", Run: runLIndex},
		{Name: "lset", Arity: 4, Flags: Write | DenyOOM, Keys: key(RW | Update), Group: "list", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).",
			Summary:    "Replaces the element at an index of a list.", Run: runLSet},
		{Name: "linsert", Arity: 5, Flags: Write | DenyOOM, Keys: key(RW | Insert), Group: "list", Since: V(2, 2, 0),
			Complexity: "O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).",
			Summary:    "Adds an element before or after the first one that equals a pivot.", Run: runLInsert},
		{Name: "lrem", Arity: 4, Flags: Write, Keys: key(RW | Delete), Group: "list", Since: V(1, 0, 0),
			Complexity: "O(N+M) where N is the length of the list and M is the number of elements removed.",
			Summary:    "Removes the elements that equal a value.", Run: runLRem},
		{Name: "ltrim", Arity: 4, Flags: Write, Keys: key(RW | Delete), Group: "list", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the number of elements to be removed by the operation.",
			Summary:    "Removes all elements but those between two indexes.", Run: runLTrim},
		{Name: "lpos", Arity: -3, Flags: ReadOnly, Keys: key(RO | Access), Group: "list", Since: V(6, 0, 6),
			Complexity: "O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.",
			Summary:    "Finds the indexes of elements that equal a value.", Run: runLPos},
		{Name: "lmove", Arity: 5, Flags: Write | DenyOOM, Keys: moveKeys, Group: "list", Since: V(6, 2, 0),
			Complexity: "O(1)", Summary: "Moves an element from one end of a list to an end of a list.", Run: runLMove},
		{Name: "rpoplpush", Arity: 3, Flags: Write | DenyOOM, Keys: moveKeys, Group: "list", Since: V(1, 2, 0),
			Complexity: "O(1)", Summary: "Moves an element from the back of a list to the front of a list.",
			Run: func(c *Ctx) { c.move(false, true) }},
		{Name: "lmpop", Arity: -4, Flags: Write | MovableKeys, Keys: []KeySpec{NumKeys(1, RW|Access|Delete)}, Group: "list", Since: V(7, 0, 0),
			Complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
			Summary:    "Takes elements from the first list of several that has any.", Run: runLMPop},
	}, blockingListCommands()...)
}

var moveKeys = []KeySpec{Key(1, RW|Access|Delete), Key(2, RW|Insert)}

// listOf is the list in e, nil when there is none.
func listOf(e Entry) *list {
	if !e.Exists() {
		return nil
	}
	return e.Object().(*list)
}

// readList looks a list up for reading; ok is false when a WRONGTYPE was replied.
func (c *Ctx) readList(key []byte) (l *list, ok bool) {
	e := c.Read(key)
	if c.wrongKind(e, KindList) {
		return nil, false
	}
	return listOf(e), true
}

// writeList looks a list up for writing; ok is false when a WRONGTYPE was replied.
func (c *Ctx) writeList(key []byte) (e Entry, l *list, ok bool) {
	e = c.Write(key)
	if c.wrongKind(e, KindList) {
		return e, nil, false
	}
	return e, listOf(e), true
}

func (c *Ctx) push(front, onlyExisting bool) {
	e, l, ok := c.writeList(c.Args[1])
	switch {
	case !ok:
		return
	case l == nil && onlyExisting:
		c.W.Int(0)
		return
	}
	c.W.Int(int64(c.pushTo(&e, l, c.Args[2:], front)))
}

// pushTo adds elements to the list l of key e, nil when there is none yet, and
// gives its new length. The elements must not be views into l.
func (c *Ctx) pushTo(e *Entry, l *list, elems [][]byte, front bool) int {
	fresh := l == nil
	if fresh {
		l = newList(c.KS.Settings())
		l.reserve(elems, front)
	}
	for _, elem := range elems {
		l.push(elem, front)
	}
	if fresh {
		c.SetObj(e, l, 0)
	} else {
		c.Changed(e)
	}
	c.Notify(NotifyList, pushEvent(front), e.Key())
	return l.Len()
}

func pushEvent(front bool) string {
	if front {
		return "lpush"
	}
	return "rpush"
}

func popEvent(front bool) string {
	if front {
		return "lpop"
	}
	return "rpop"
}

func (c *Ctx) pop(front bool) {
	if len(c.Args) > 3 {
		c.W.Error(protocol.ErrArity(c.Cmd().Name))
		return
	}
	counted := len(c.Args) == 3
	count := int64(1)
	if counted {
		var ok bool
		if count, ok = c.rangeArg(2, 0, math.MaxInt64, protocol.ErrNotPositive); !ok {
			return
		}
	}
	e, l, ok := c.writeList(c.Args[1])
	switch {
	case !ok:
	case l == nil && counted:
		c.W.NullArray()
	case l == nil:
		c.W.Null()
	case counted && count == 0:
		c.W.Array(0)
	case counted:
		c.popRange(&e, l, count, front)
	default:
		c.W.Bulk(l.end(front))
		c.dropFrom(&e, l, 1, front)
	}
}

// popRange replies with at most count elements from an end of the list and
// takes them out.
func (c *Ctx) popRange(e *Entry, l *list, count int64, front bool) {
	n := int(min(count, int64(l.Len())))
	c.W.Array(n)
	p := l.cursor(0)
	if !front {
		p = l.cursor(l.Len())
	}
	for range n {
		elem, _ := p.step(!front)
		c.W.Bulk(elem)
	}
	c.dropFrom(e, l, n, front)
}

// dropFrom takes n elements from an end of the list; a list without elements
// is deleted.
func (c *Ctx) dropFrom(e *Entry, l *list, n int, front bool) {
	l.drop(n, front)
	c.Notify(NotifyList, popEvent(front), e.Key())
	c.shrunk(e, l)
}

// shrunk notes that elements were removed from the list.
func (c *Ctx) shrunk(e *Entry, l *list) {
	if l.Len() > 0 {
		c.Changed(e)
		return
	}
	c.Del(e)
	c.Notify(NotifyGeneric, "del", e.Key())
}

func runLLen(c *Ctx) {
	l, ok := c.readList(c.Args[1])
	switch {
	case !ok:
	case l == nil:
		c.W.Int(0)
	default:
		c.W.Int(int64(l.Len()))
	}
}

// indexRange reads arguments 2 and 3 as the first and the last index of a
// range; negative ones count from the end.
func (c *Ctx) indexRange() (first, last int64, ok bool) {
	if first, ok = c.intArg(2); !ok {
		return 0, 0, false
	}
	last, ok = c.intArg(3)
	return first, last, ok
}

// span turns indexes into the range [from, to) of n elements; from == to
// when it is empty.
func span(first, last int64, n int) (from, to int) {
	size := int64(n)
	if first < 0 {
		first = max(0, first+size)
	}
	if last < 0 {
		last += size
	}
	if first > last || first >= size {
		return 0, 0
	}
	return int(first), int(min(last, size-1)) + 1
}

func runLRange(c *Ctx) {
	first, last, ok := c.indexRange()
	if !ok {
		return
	}
	l, ok := c.readList(c.Args[1])
	switch {
	case !ok:
		return
	case l == nil:
		c.W.Array(0)
		return
	}
	from, to := span(first, last, l.Len())
	c.W.Array(to - from)
	for p := l.cursor(from); from < to; from++ {
		elem, _ := p.next()
		c.W.Bulk(elem)
	}
}

// elementIndex turns an index, which may count from the end, into one from 0
// on; ok is false outside of the list.
func elementIndex(i int64, n int) (index int, ok bool) {
	if i < 0 {
		i += int64(n)
	}
	return int(i), i >= 0 && i < int64(n)
}

func runLIndex(c *Ctx) {
	l, ok := c.readList(c.Args[1])
	switch {
	case !ok:
		return
	case l == nil:
		c.W.Null()
		return
	}
	n, ok := c.intArg(2)
	if !ok {
		return
	}
	i, ok := elementIndex(n, l.Len())
	if !ok {
		c.W.Null()
		return
	}
	c.W.Bulk(l.at(i))
}

func runLSet(c *Ctx) {
	e, l, ok := c.writeList(c.Args[1])
	switch {
	case !ok:
		return
	case l == nil:
		c.W.Error(protocol.ErrNoSuchKey)
		return
	}
	n, ok := c.intArg(2)
	if !ok {
		return
	}
	i, ok := elementIndex(n, l.Len())
	if !ok {
		c.W.Error(protocol.ErrIndexOutOfRange)
		return
	}
	l.set(i, c.Args[3])
	c.Changed(&e)
	c.Notify(NotifyList, "lset", e.Key())
	c.W.OK()
}

func runLInsert(c *Ctx) {
	after := isWord(c.Args[2], "AFTER")
	if !after && !isWord(c.Args[2], "BEFORE") {
		c.W.Error(protocol.ErrSyntax)
		return
	}
	e, l, ok := c.writeList(c.Args[1])
	switch {
	case !ok:
		return
	case l == nil:
		c.W.Int(0)
		return
	case !l.insertAt(c.Args[3], c.Args[4], after):
		c.W.Int(-1)
		return
	}
	c.Changed(&e)
	c.Notify(NotifyList, "linsert", e.Key())
	c.W.Int(int64(l.Len()))
}

func runLRem(c *Ctx) {
	n, ok := c.intArg(2)
	if !ok {
		return
	}
	e, l, ok := c.writeList(c.Args[1])
	switch {
	case !ok:
		return
	case l == nil:
		c.W.Int(0)
		return
	}
	limit := int(max(n, -n))
	if limit <= 0 { // zero, or the integer that has no negative
		limit = l.Len()
	}
	removed := l.remove(c.Args[3], limit, n < 0)
	if removed > 0 {
		c.Notify(NotifyList, "lrem", e.Key())
		c.shrunk(&e, l)
	}
	c.W.Int(int64(removed))
}

func runLTrim(c *Ctx) {
	first, last, ok := c.indexRange()
	if !ok {
		return
	}
	e, l, ok := c.writeList(c.Args[1])
	switch {
	case !ok:
		return
	case l == nil:
		c.W.OK()
		return
	}
	n := l.Len()
	from, to := span(first, last, n)
	if from == 0 && to == n {
		c.NoEffect() // nothing goes, but it counts as a change for watchers
	}
	l.drop(n-to, false)
	l.drop(from, true)
	c.Notify(NotifyList, "ltrim", e.Key())
	c.shrunk(&e, l)
	c.W.OK()
}
