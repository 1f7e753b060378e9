package engine

var (
	multiShardSum = []string{"request_policy:multi_shard", "response_policy:agg_sum"}
	allShardsOK   = []string{"request_policy:all_shards", "response_policy:all_succeeded"}
	unsteady      = []string{"nondeterministic_output"}
)

const complexityNestedDelete = "O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1)."

func keyCommands() []*Command {
	cmds := []*Command{
		{Name: "del", Arity: -2, Flags: Write, Keys: []KeySpec{KeyRange(1, -1, 1, RM|Delete)}, Group: "generic", Since: V(1, 0, 0),
			Complexity: complexityNestedDelete, Summary: "Deletes keys.", Tips: multiShardSum, Run: runDel},
		{Name: "unlink", Arity: -2, Flags: Write | Fast, Keys: []KeySpec{KeyRange(1, -1, 1, RM|Delete)}, Group: "generic", Since: V(4, 0, 0),
			Complexity: "O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.",
			Summary:    "Deletes keys and frees their values in the background.", Tips: multiShardSum, Run: runDel},
		{Name: "exists", Arity: -2, Flags: ReadOnly | Fast, Keys: []KeySpec{KeyRange(1, -1, 1, RO)}, Group: "generic", Since: V(1, 0, 0),
			Complexity: "O(N) where N is the number of keys to check.", Summary: "Counts which of the keys exist.", Tips: multiShardSum, Run: runExists},
		{Name: "touch", Arity: -2, Flags: ReadOnly | Fast, Keys: []KeySpec{KeyRange(1, -1, 1, RO)}, Group: "generic", Since: V(3, 2, 1),
			Complexity: "O(N) where N is the number of keys that will be touched.", Summary: "Counts which of the keys exist, as an access to them.", Tips: multiShardSum, Run: runTouch},
		{Name: "type", Arity: 2, Flags: ReadOnly | Fast, Keys: []KeySpec{Key(1, RO)}, Group: "generic", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Tells the type of a key's value.", Run: runType},
		{Name: "rename", Arity: 3, Flags: Write, Keys: []KeySpec{Key(1, RW|Access|Delete), Key(2, OW|Update)}, Group: "generic", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Gives a key another name, whatever had it before.", Run: runRename},
		{Name: "renamenx", Arity: 3, Flags: Write | Fast, Keys: []KeySpec{Key(1, RW|Access|Delete), Key(2, OW|Insert)}, Group: "generic", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Gives a key a name that is free.", Run: runRenameNX},
		{Name: "copy", Arity: -3, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, RO|Access), Key(2, OW|Update)}, Group: "generic", Since: V(6, 2, 0),
			Complexity: "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.", Summary: "Copies a key's value to another key.", Run: runCopy},
		{Name: "move", Arity: 3, Flags: Write | Fast, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "generic", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Moves a key to another database.", Run: runMove},
		{Name: "randomkey", Arity: 1, Flags: ReadOnly, Group: "generic", Since: V(1, 0, 0), ACL: []string{"keyspace"},
			Complexity: "O(1)", Summary: "Gives the name of a random key.", Tips: []string{"request_policy:all_shards", "nondeterministic_output"}, Run: runRandomKey},
		{Name: "scan", Arity: -2, Flags: ReadOnly, Group: "generic", Since: V(2, 8, 0), ACL: []string{"keyspace"},
			Complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
			Summary:    "Lists the keys in portions.", Tips: []string{"nondeterministic_output", "request_policy:special"}, Run: runScan},
		{Name: "keys", Arity: 2, Flags: ReadOnly, Group: "generic", Since: V(1, 0, 0), ACL: []string{"keyspace", "dangerous"},
			Complexity: "O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.",
			Summary:    "Lists the keys that fit a pattern.", Tips: []string{"request_policy:all_shards", "nondeterministic_output_order"}, Run: runKeys},
		{Name: "object", Arity: -2, Group: "generic", Since: V(2, 2, 3), Complexity: "Depends on subcommand.", Summary: "Tells how a value is stored.",
			Subs: objectSubcommands()},
		{Name: "dbsize", Arity: 1, Flags: ReadOnly | Fast, Group: "server", Since: V(1, 0, 0), ACL: []string{"keyspace"},
			Complexity: "O(1)", Summary: "Counts the keys of the database.", Tips: []string{"request_policy:all_shards", "response_policy:agg_sum"}, Run: runDBSize},
		{Name: "flushall", Arity: -1, Flags: Write | WholeKeyspace, Group: "server", Since: V(1, 0, 0), ACL: []string{"keyspace", "dangerous"},
			Complexity: "O(N) where N is the total number of keys in all databases", Summary: "Deletes all keys of all databases.", Tips: allShardsOK, Run: runFlushAll},
		{Name: "flushdb", Arity: -1, Flags: Write | WholeKeyspace, Group: "server", Since: V(1, 0, 0), ACL: []string{"keyspace", "dangerous"},
			Complexity: "O(N) where N is the number of keys in the selected database", Summary: "Deletes all keys of the database.", Tips: allShardsOK, Run: runFlushDB},
		{Name: "swapdb", Arity: 3, Flags: Write | Fast | WholeKeyspace, Group: "server", Since: V(4, 0, 0), ACL: []string{"keyspace", "dangerous"},
			Complexity: "O(N) where N is the count of clients watching or blocking on keys from both databases.", Summary: "Exchanges the contents of two databases.", Run: runSwapDB},
		{Name: "memory", Arity: -2, Group: "server", Since: V(4, 0, 0), Complexity: "Depends on subcommand.", Summary: "Tells what the memory is used for.",
			Subs: memorySubcommands()},
	}
	return append(cmds, expireCommands()...)
}

// runDel is UNLINK too: values are freed in the background anyway.
func runDel(c *Ctx) {
	n := int64(0)
	for _, key := range c.Args[1:] {
		if e := c.Peek(key); e.Exists() {
			c.Del(&e)
			c.Notify(NotifyGeneric, "del", key)
			n++
		}
	}
	c.W.Int(n)
}

func runExists(c *Ctx) {
	n := int64(0)
	for _, key := range c.Args[1:] {
		if c.Look(key).Exists() {
			n++
		}
	}
	c.W.Int(n)
}

func runTouch(c *Ctx) {
	n := int64(0)
	for _, key := range c.Args[1:] {
		if c.Read(key).Exists() {
			n++
		}
	}
	c.W.Int(n)
}

func runType(c *Ctx) { c.W.Simple(c.Look(c.Args[1]).Kind().String()) }

func runDBSize(c *Ctx) { c.W.Int(c.KS.Keys(c.DB)) }
