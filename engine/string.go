package engine

import "elasticache-local/protocol"

func stringCommands() []*Command {
	return []*Command{
		{Name: "get", Arity: 2, Flags: ReadOnly | Fast, Keys: []KeySpec{Key(1, RO|Access)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Reads the string stored at a key.", Run: runGet},
		{Name: "set", Arity: -3, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, RW|Access|Update|VariableFlags)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Stores a string at a key, whatever was there before.", Run: runSet},
		{Name: "setnx", Arity: 3, Flags: Write | DenyOOM | Fast, Keys: []KeySpec{Key(1, OW|Insert)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Stores a string at a key that does not exist yet.", Run: runSetNX},
		{Name: "setex", Arity: 4, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, OW|Update)}, Group: "string", Since: V(2, 0, 0),
			Complexity: "O(1)", Summary: "Stores a string that lives for some seconds.", Run: runSetEX},
		{Name: "psetex", Arity: 4, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, OW|Update)}, Group: "string", Since: V(2, 6, 0),
			Complexity: "O(1)", Summary: "Stores a string that lives for some milliseconds.", Run: runPSetEX},
		{Name: "getset", Arity: 3, Flags: Write | DenyOOM | Fast, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Stores a string and gives the one before.", Run: runGetSet},
		{Name: "getex", Arity: -2, Flags: Write | Fast, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "string", Since: V(6, 2, 0),
			Complexity: "O(1)", Summary: "Reads a string and sets or removes its expiry.", Run: runGetEx},
		{Name: "getdel", Arity: 2, Flags: Write | Fast, Keys: []KeySpec{Key(1, RW|Access|Delete)}, Group: "string", Since: V(6, 2, 0),
			Complexity: "O(1)", Summary: "Reads a string and deletes its key.", Run: runGetDel},
		{Name: "append", Arity: 3, Flags: Write | DenyOOM | Fast, Keys: []KeySpec{Key(1, RW|Insert)}, Group: "string", Since: V(2, 0, 0),
			Complexity: "O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.",
			Summary:    "Adds bytes at a string's end.", Run: runAppend},
		{Name: "strlen", Arity: 2, Flags: ReadOnly | Fast, Keys: []KeySpec{Key(1, RO)}, Group: "string", Since: V(2, 2, 0),
			Complexity: "O(1)", Summary: "Gives a string's length in bytes.", Run: runStrlen},
		{Name: "getrange", Arity: 4, Flags: ReadOnly, Keys: []KeySpec{Key(1, RO|Access)}, Group: "string", Since: V(2, 4, 0),
			Complexity: complexityGetRange, Summary: "Reads a part of a string.", Run: runGetRange},
		{Name: "substr", Arity: 4, Flags: ReadOnly, Keys: []KeySpec{Key(1, RO|Access)}, Group: "string", Since: V(1, 0, 0),
			Complexity: complexityGetRange, Summary: "Reads a part of a string; the former name of GETRANGE.", Run: runGetRange},
		{Name: "setrange", Arity: 4, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, RW|Update)}, Group: "string", Since: V(2, 2, 0),
			Complexity: "O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.",
			Summary:    "Overwrites a part of a string.", Run: runSetRange},
		{Name: "incr", Arity: 2, Flags: Write | DenyOOM | Fast, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Adds one to an integer.", Run: runIncr},
		{Name: "decr", Arity: 2, Flags: Write | DenyOOM | Fast, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Subtracts one from an integer.", Run: runDecr},
		{Name: "incrby", Arity: 3, Flags: Write | DenyOOM | Fast, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Adds to an integer.", Run: runIncrBy},
		{Name: "decrby", Arity: 3, Flags: Write | DenyOOM | Fast, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Subtracts from an integer.", Run: runDecrBy},
		{Name: "incrbyfloat", Arity: 3, Flags: Write | DenyOOM | Fast, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "string", Since: V(2, 6, 0),
			Complexity: "O(1)", Summary: "Adds to a floating point number.", Run: runIncrByFloat},
		{Name: "mget", Arity: -2, Flags: ReadOnly | Fast, Keys: []KeySpec{KeyRange(1, -1, 1, RO|Access)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the number of keys to retrieve.", Summary: "Reads the strings stored at several keys.",
			Tips: []string{"request_policy:multi_shard"}, Run: runMGet},
		{Name: "mset", Arity: -3, Flags: Write | DenyOOM, Keys: []KeySpec{KeyRange(1, -1, 2, OW|Update)}, Group: "string", Since: V(1, 0, 1),
			Complexity: "O(N) where N is the number of keys to set.", Summary: "Stores strings at several keys in one step.",
			Tips: []string{"request_policy:multi_shard", "response_policy:all_succeeded"}, Run: runMSet},
		{Name: "msetnx", Arity: -3, Flags: Write | DenyOOM, Keys: []KeySpec{KeyRange(1, -1, 2, OW|Insert)}, Group: "string", Since: V(1, 0, 1),
			Complexity: "O(N) where N is the number of keys to set.", Summary: "Stores strings at several keys if none of them exists.",
			Tips: []string{"request_policy:multi_shard", "response_policy:agg_min"}, Run: runMSetNX},
		{Name: "lcs", Arity: -3, Flags: ReadOnly, Keys: []KeySpec{KeyRange(1, 2, 1, RO|Access)}, Group: "string", Since: V(7, 0, 0),
			Complexity: "O(N*M) where N and M are the lengths of s1 and s2, respectively", Summary: "Finds the longest common subsequence of two strings.", Run: runLCS},
	}
}

const complexityGetRange = "O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings."

// readStr looks a string up for reading. ok is false when a WRONGTYPE was replied.
func (c *Ctx) readStr(key []byte) (e Entry, ok bool) {
	e = c.Read(key)
	return e, !c.wrongKind(e, KindString)
}

// writeStr looks a string up for a change. ok is false when a WRONGTYPE was replied.
func (c *Ctx) writeStr(key []byte) (e Entry, ok bool) {
	e = c.Write(key)
	return e, !c.wrongKind(e, KindString)
}

func runGet(c *Ctx) { c.get(c.Args[1]) }

// get replies the string at key, the null or WRONGTYPE. ok is false after WRONGTYPE.
func (c *Ctx) get(key []byte) (e Entry, ok bool) {
	e = c.Read(key)
	switch {
	case e.r == 0:
		c.W.Null()
	case e.Kind() != KindString:
		c.replyWrongType()
		return e, false
	default:
		c.W.Bulk(e.Str())
	}
	return e, true
}

func runGetSet(c *Ctx) {
	key := c.Args[1]
	e, ok := c.get(key)
	if !ok {
		return
	}
	c.SetArg(&e, 2, 0)
	c.Notify(NotifyString, "set", key)
	c.Effect(setName, key, c.Args[2])
}

func runGetDel(c *Ctx) {
	e, ok := c.get(c.Args[1])
	if !ok || !e.Exists() {
		return
	}
	c.Del(&e)
	c.Notify(NotifyGeneric, "del", c.Args[1])
	c.Effect(delName, c.Args[1])
}

func runMGet(c *Ctx) {
	c.W.Array(len(c.Args) - 1)
	for _, key := range c.Args[1:] {
		if e := c.Read(key); e.Kind() == KindString {
			c.W.Bulk(e.Str())
		} else {
			c.W.Null()
		}
	}
}

func runMSet(c *Ctx) {
	if c.pairsMissing() {
		return
	}
	c.setPairs()
	c.W.OK()
}

func runMSetNX(c *Ctx) {
	if c.pairsMissing() {
		return
	}
	for i := 1; i < len(c.Args); i += 2 {
		if e := c.Write(c.Args[i]); e.Exists() {
			c.W.Int(0)
			return
		}
	}
	c.setPairs()
	c.W.Int(1)
}

func (c *Ctx) pairsMissing() bool {
	if len(c.Args)%2 == 0 {
		c.W.Error(protocol.ErrArity(c.cmd.Name))
		return true
	}
	return false
}

func (c *Ctx) setPairs() {
	for i := 1; i < len(c.Args); i += 2 {
		e := c.Write(c.Args[i])
		c.SetArg(&e, i+1, 0)
		c.Notify(NotifyString, "set", c.Args[i])
	}
}

func runStrlen(c *Ctx) {
	if e, ok := c.readStr(c.Args[1]); ok {
		n := 0
		if e.Exists() {
			n = len(e.Str())
		}
		c.W.Int(int64(n))
	}
}
