package engine

import (
	"elasticache-local/protocol"
)

func hashCommands() []*Command {
	key := func(flags KeyFlag) []KeySpec { return []KeySpec{Key(1, flags)} }
	return []*Command{
		{Name: "hset", Arity: -4, Flags: Write | DenyOOM | Fast, Keys: key(RW | Update), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.",
			Summary:    "Sets fields of a hash.", Run: runHSet},
		{Name: "hmset", Arity: -4, Flags: Write | DenyOOM | Fast, Keys: key(RW | Update), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(N) where N is the number of fields being set.",
			Summary:    "Sets fields of a hash and answers OK; HSET says how many are new.", Run: runHMSet},
		{Name: "hsetnx", Arity: 4, Flags: Write | DenyOOM | Fast, Keys: key(RW | Insert), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(1)", Summary: "Sets a field of a hash unless it exists.", Run: runHSetNX},
		{Name: "hget", Arity: 3, Flags: ReadOnly | Fast, Keys: key(RO | Access), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(1)", Summary: "Reads a field of a hash.", Run: runHGet},
		{Name: "hmget", Arity: -3, Flags: ReadOnly | Fast, Keys: key(RO | Access), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(N) where N is the number of fields being requested.", Summary: "Reads several fields of a hash.", Run: runHMGet},
		{Name: "hgetall", Arity: 2, Flags: ReadOnly, Keys: key(RO | Access), Group: "hash", Since: V(2, 0, 0), Tips: unorderedTips,
			Complexity: "O(N) where N is the size of the hash.", Summary: "Lists the fields of a hash with their values.", Run: runHGetAll},
		{Name: "hkeys", Arity: 2, Flags: ReadOnly, Keys: key(RO | Access), Group: "hash", Since: V(2, 0, 0), Tips: unorderedTips,
			Complexity: "O(N) where N is the size of the hash.", Summary: "Lists the fields of a hash.", Run: runHKeys},
		{Name: "hvals", Arity: 2, Flags: ReadOnly, Keys: key(RO | Access), Group: "hash", Since: V(2, 0, 0), Tips: unorderedTips,
			Complexity: "O(N) where N is the size of the hash.", Summary: "Lists the values of a hash.", Run: runHVals},
		{Name: "hdel", Arity: -3, Flags: Write | Fast, Keys: key(RW | Delete), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(N) where N is the number of fields to be removed.", Summary: "Deletes fields of a hash.", Run: runHDel},
		{Name: "hlen", Arity: 2, Flags: ReadOnly | Fast, Keys: key(RO), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(1)", Summary: "Counts the fields of a hash.", Run: runHLen},
		{Name: "hexists", Arity: 3, Flags: ReadOnly | Fast, Keys: key(RO), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(1)", Summary: "Tells whether a hash has a field.", Run: runHExists},
		{Name: "hstrlen", Arity: 3, Flags: ReadOnly | Fast, Keys: key(RO), Group: "hash", Since: V(3, 2, 0),
			Complexity: "O(1)", Summary: "Gives the length of a field's value.", Run: runHStrLen},
		{Name: "hincrby", Arity: 4, Flags: Write | DenyOOM | Fast, Keys: key(RW | Access | Update), Group: "hash", Since: V(2, 0, 0),
			Complexity: "O(1)", Summary: "Adds an integer to a field.", Run: runHIncrBy},
		{Name: "hincrbyfloat", Arity: 4, Flags: Write | DenyOOM | Fast, Keys: key(RW | Access | Update), Group: "hash", Since: V(2, 6, 0),
			Complexity: "O(1)", Summary: "Adds a floating point number to a field.", Run: runHIncrByFloat},
		{Name: "hrandfield", Arity: -2, Flags: ReadOnly, Keys: key(RO | Access), Group: "hash", Since: V(6, 2, 0), Tips: randomTips,
			Complexity: "O(N) where N is the number of fields returned", Summary: "Picks random fields of a hash.", Run: runHRandField},
		{Name: "hscan", Arity: -3, Flags: ReadOnly, Keys: key(RO | Access), Group: "hash", Since: V(2, 8, 0), Tips: randomTips,
			Complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..",
			Summary:    "Walks the fields of a hash in steps.", Run: runHScan},
	}
}

var (
	unorderedTips = []string{"nondeterministic_output_order"}
	randomTips    = []string{"nondeterministic_output"}
)

// readHash looks a hash up for reading: h is nil when there is none. ok is
// false when a WRONGTYPE was replied.
func (c *Ctx) readHash(key []byte) (h *hash, ok bool) {
	e := c.Read(key)
	return c.hashIn(e), !c.wrongKind(e, KindHash)
}

// writeHash looks a hash up to change it.
func (c *Ctx) writeHash(key []byte) (e Entry, h *hash, ok bool) {
	e = c.Write(key)
	return e, c.hashIn(e), !c.wrongKind(e, KindHash)
}

// hashIn opens the hash in e: one at a time.
func (c *Ctx) hashIn(e Entry) *hash {
	if e.Kind() != KindHash {
		return nil
	}
	if b := e.packed(); b != nil {
		c.views.hash = hash{small: b}
		return &c.views.hash
	}
	return e.Object().(*hash)
}

func runHSet(c *Ctx) {
	if added, ok := c.setFields(); ok {
		c.W.Int(int64(added))
	}
}

func runHMSet(c *Ctx) {
	if _, ok := c.setFields(); ok {
		c.W.OK()
	}
}

// setFields carries HSET and HMSET out and gives the number of new fields.
func (c *Ctx) setFields() (added int, ok bool) {
	if len(c.Args)%2 != 0 {
		c.W.Error(protocol.ErrArity(c.cmd.Name))
		return 0, false
	}
	key, pairs := c.Args[1], c.Args[2:]
	e, h, ok := c.writeHash(key)
	if !ok {
		return 0, false
	}
	if h == nil {
		h = c.newHash(pairs)
	}
	for i := 0; i < len(pairs); i += 2 {
		if h.set(pairs[i], pairs[i+1], c.KS) {
			added++
		}
	}
	c.keep(&e, h)
	c.Notify(NotifyHash, "hset", key)
	return added, true
}

// newHash is an empty hash with room for pairs.
func (c *Ctx) newHash(pairs [][]byte) *hash {
	c.views.hash = hash{small: c.views.draft(hashHead, hashHead+packedSize(pairs))}
	return &c.views.hash
}

// packedSize is the size of a pack of elems, not more than a small container
// may have by default: what is longer will most likely not stay a pack.
func packedSize(elems [][]byte) int {
	size := 0
	for _, e := range elems {
		size += len(e) + uvarintLen(len(e))
		if size > maxPacked {
			return 0
		}
	}
	return size
}

// maxPacked is the most for which packedSize asks, in bytes.
const maxPacked = 64 << 10

func runHSetNX(c *Ctx) {
	key, field, val := c.Args[1], c.Args[2], c.Args[3]
	e, h, ok := c.writeHash(key)
	if !ok {
		return
	}
	if h == nil {
		h = c.newHash(c.Args[2:])
	}
	if _, exists := h.getField(field); exists {
		c.W.Int(0)
		return
	}
	h.set(field, val, c.KS)
	c.keep(&e, h)
	c.Notify(NotifyHash, "hset", key)
	c.W.Int(1)
}

func runHGet(c *Ctx) {
	if h, ok := c.readHash(c.Args[1]); ok {
		c.replyField(h, c.Args[2])
	}
}

func (c *Ctx) replyField(h *hash, field []byte) {
	if h != nil {
		if val, ok := h.getField(field); ok {
			c.W.Bulk(val)
			return
		}
	}
	c.W.Null()
}

func runHMGet(c *Ctx) {
	h, ok := c.readHash(c.Args[1])
	if !ok {
		return
	}
	c.W.Array(len(c.Args) - 2)
	for _, field := range c.Args[2:] {
		c.replyField(h, field)
	}
}

func runHGetAll(c *Ctx) {
	h, ok := c.readHash(c.Args[1])
	if !ok {
		return
	}
	if h == nil {
		c.W.Map(0)
		return
	}
	c.W.Map(h.Len())
	h.eachField(func(field, val []byte) bool {
		c.W.Bulk(field)
		c.W.Bulk(val)
		return true
	})
}

func runHKeys(c *Ctx) { c.replyHalf(func(field, _ []byte) { c.W.Bulk(field) }) }

func runHVals(c *Ctx) { c.replyHalf(func(_, val []byte) { c.W.Bulk(val) }) }

func (c *Ctx) replyHalf(write func(field, val []byte)) {
	h, ok := c.readHash(c.Args[1])
	if !ok {
		return
	}
	if h == nil {
		c.W.Array(0)
		return
	}
	c.W.Array(h.Len())
	h.eachField(func(field, val []byte) bool {
		write(field, val)
		return true
	})
}

func runHDel(c *Ctx) {
	key := c.Args[1]
	e, h, ok := c.writeHash(key)
	if !ok {
		return
	}
	deleted := 0
	if h != nil {
		deleted = deleteFields(h, c.Args[2:])
	}
	c.W.Int(int64(deleted))
	if deleted == 0 {
		return
	}
	if h.Len() > 0 {
		c.keep(&e, h)
		c.Notify(NotifyHash, "hdel", key)
		return
	}
	c.Del(&e)
	c.Notify(NotifyHash, "hdel", key)
	c.Notify(NotifyGeneric, "del", key)
}

func deleteFields(h *hash, fields [][]byte) (deleted int) {
	for _, field := range fields {
		if h.delete(field) {
			deleted++
		}
	}
	return deleted
}

func runHLen(c *Ctx) {
	h, ok := c.readHash(c.Args[1])
	switch {
	case !ok:
	case h == nil:
		c.W.Int(0)
	default:
		c.W.Int(int64(h.Len()))
	}
}

func runHExists(c *Ctx) {
	h, ok := c.readHash(c.Args[1])
	if !ok {
		return
	}
	exists := int64(0)
	if h != nil {
		if _, has := h.getField(c.Args[2]); has {
			exists = 1
		}
	}
	c.W.Int(exists)
}

func runHStrLen(c *Ctx) {
	h, ok := c.readHash(c.Args[1])
	if !ok {
		return
	}
	var val []byte
	if h != nil {
		val, _ = h.getField(c.Args[2])
	}
	c.W.Int(int64(len(val)))
}
