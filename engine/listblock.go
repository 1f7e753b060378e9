package engine

import "elasticache-local/protocol"

// The list commands that wait for an element. Run on behalf of a waiter they
// look at the key that became ready and at no other. For followers they are
// what they did in the end: LPOP, LMOVE and so on.

func blockingListCommands() []*Command {
	const perKey = "O(N) where N is the number of provided keys."
	keys := []KeySpec{KeyRange(1, -2, 1, RW|Access|Delete)}
	return []*Command{
		{Name: "blpop", Arity: -3, Flags: Write | NoScript | Blocking, Keys: keys, Group: "list", Since: V(2, 0, 0),
			Complexity: perKey, Summary: "Takes an element from the front of the first list that has any, or waits for one.",
			Run: func(c *Ctx) { c.blockingPop(true) }},
		{Name: "brpop", Arity: -3, Flags: Write | NoScript | Blocking, Keys: keys, Group: "list", Since: V(2, 0, 0),
			Complexity: perKey, Summary: "Takes an element from the back of the first list that has any, or waits for one.",
			Run: func(c *Ctx) { c.blockingPop(false) }},
		{Name: "blmove", Arity: 6, Flags: Write | DenyOOM | NoScript | Blocking, Keys: moveKeys, Group: "list", Since: V(6, 2, 0),
			Complexity: "O(1)", Summary: "Moves an element from one end of a list to an end of a list, or waits for one.",
			Run: runBLMove},
		{Name: "brpoplpush", Arity: 4, Flags: Write | DenyOOM | NoScript | Blocking, Keys: moveKeys, Group: "list", Since: V(2, 2, 0),
			Complexity: "O(1)", Summary: "Moves an element from the back of a list to the front of a list, or waits for one.",
			Run: runBRPopLPush},
		{Name: "blmpop", Arity: -5, Flags: Write | Blocking | MovableKeys, Keys: []KeySpec{NumKeys(2, RW|Access|Delete)}, Group: "list", Since: V(7, 0, 0),
			Complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
			Summary:    "Takes elements from the first list of several that has any, or waits for some.", Run: runBLMPop},
	}
}

func (c *Ctx) blockingPop(front bool) {
	timeout, ok := c.timeoutArg(len(c.Args) - 1)
	if !ok {
		return
	}
	keys := c.Args[1 : len(c.Args)-1]
	var one [1][]byte
	for _, key := range c.awaited(keys, &one) {
		e, l, ok := c.writeList(key)
		if !ok {
			return
		}
		if l == nil {
			continue
		}
		c.W.Array(2)
		c.W.Bulk(key)
		c.W.Bulk(l.end(front))
		c.dropFrom(&e, l, 1, front)
		c.Effect(popName(front), key)
		return
	}
	c.waitForList(keys, timeout, (*protocol.Writer).NullArray, (*protocol.Writer).NullArray)
}

// awaited are the keys to look at: all, or the one that became ready.
func (c *Ctx) awaited(keys [][]byte, one *[1][]byte) [][]byte {
	if ready := c.Ready(); ready != nil {
		one[0] = ready
		return one[:]
	}
	return keys
}

// waitForList blocks, or replies as a command that must not. In vain is the
// reply when the time is up.
func (c *Ctx) waitForList(keys [][]byte, timeout int64, denied, inVain func(*protocol.Writer)) {
	if !c.MayBlock() {
		denied(c.W)
		return
	}
	c.Block(keys, KindList, timeout, inVain)
}

func runBLMPop(c *Ctx) {
	q, ok := c.multiPopArgs(2)
	if !ok {
		return
	}
	timeout, ok := c.timeoutArg(1)
	if !ok {
		return
	}
	keys := q.keys
	var one [1][]byte
	q.keys = c.awaited(keys, &one)
	if !c.popFirst(&q) {
		c.waitForList(keys, timeout, (*protocol.Writer).NullArray, (*protocol.Writer).NullArray)
	}
}

func runBLMove(c *Ctx) {
	from, to, ok := c.sideArgs()
	if !ok {
		return
	}
	if !c.blockingMove(5, from, to) {
		return
	}
	side := func(arg int, front bool) []byte {
		switch {
		case c.Ready() == nil:
			return c.Args[arg]
		case front:
			return leftName
		}
		return rightName
	}
	c.Effect(lmoveName, c.Args[1], c.Args[2], side(3, from), side(4, to))
}

func runBRPopLPush(c *Ctx) {
	if c.blockingMove(3, false, true) {
		c.Effect(rpoplpushName, c.Args[1], c.Args[2])
	}
}

// What Redis writes to its replicas: the command's name in capitals, the sides
// of a served BLMOVE in small letters, of one that need not wait as they came.
var (
	lmoveName     = []byte("LMOVE")
	rpoplpushName = []byte("RPOPLPUSH")
	leftName      = []byte("left")
	rightName     = []byte("right")
)

// blockingMove moves an element, or waits for one, and reports whether it moved.
func (c *Ctx) blockingMove(timeoutAt int, fromFront, toFront bool) bool {
	timeout, ok := c.timeoutArg(timeoutAt)
	if !ok {
		return false
	}
	_, l, ok := c.writeList(c.Args[1])
	switch {
	case !ok:
		return false
	case l == nil:
		c.waitForList(c.Args[1:2], timeout, (*protocol.Writer).Null, (*protocol.Writer).NullArray)
		return false
	}
	return c.move(fromFront, toFront)
}
