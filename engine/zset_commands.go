package engine

// Complexities that several commands share, as COMMAND DOCS gives them.
const (
	zCostLog     = "O(log(N)) with N being the number of elements in the sorted set."
	zCostRange   = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned."
	zCostLimited = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N))."
	zCostRemove  = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation."
	zCostPop     = "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped."
	zCostPopKeys = "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped."
	zCostInter   = "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set."
	zCostDiff    = "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set."
)

func zsetCommands() []*Command {
	const group = "sorted-set"
	one := func(f KeyFlag) []KeySpec { return []KeySpec{Key(1, f)} }
	several := func(at int, f KeyFlag) []KeySpec { return []KeySpec{NumKeys(at, f)} }
	store := []KeySpec{Key(1, OW|Update), NumKeys(2, RO|Access)}
	commands := []*Command{
		{Name: "zadd", Arity: -4, Flags: Write | DenyOOM | Fast, Keys: one(RW | Update), Since: V(1, 2, 0), Run: runZAdd,
			Complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
			Summary:    "Adds members with their scores, or changes the scores of those that are there."},
		{Name: "zincrby", Arity: 4, Flags: Write | DenyOOM | Fast, Keys: one(RW | Access | Update), Since: V(1, 2, 0), Run: runZIncrBy,
			Complexity: "O(log(N)) where N is the number of elements in the sorted set.", Summary: "Adds to the score of a member."},
		{Name: "zrem", Arity: -3, Flags: Write | Fast, Keys: one(RW | Delete), Since: V(1, 2, 0), Run: runZRem,
			Complexity: "O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.",
			Summary:    "Removes members. The key goes with the last of them."},
		{Name: "zcard", Arity: 2, Flags: ReadOnly | Fast, Keys: one(RO), Since: V(1, 2, 0), Run: runZCard,
			Complexity: "O(1)", Summary: "Counts the members."},
		{Name: "zscore", Arity: 3, Flags: ReadOnly | Fast, Keys: one(RO | Access), Since: V(1, 2, 0), Run: runZScore,
			Complexity: "O(1)", Summary: "Gives the score of a member."},
		{Name: "zmscore", Arity: -3, Flags: ReadOnly | Fast, Keys: one(RO | Access), Since: V(6, 2, 0), Run: runZMScore,
			Complexity: "O(N) where N is the number of members being requested.", Summary: "Gives the scores of several members."},
		{Name: "zcount", Arity: 4, Flags: ReadOnly | Fast, Keys: one(RO | Access), Since: V(2, 0, 0), Run: runZCount,
			Complexity: zCostLog, Summary: "Counts the members within a range of scores."},
		{Name: "zlexcount", Arity: 4, Flags: ReadOnly | Fast, Keys: one(RO | Access), Since: V(2, 8, 9), Run: runZLexCount,
			Complexity: zCostLog, Summary: "Counts the members within a lexicographical range."},
		{Name: "zrank", Arity: 3, ArityFrom72: -3, Flags: ReadOnly | Fast, Keys: one(RO | Access), Since: V(2, 0, 0), Run: runZRank,
			Complexity: "O(log(N))", Summary: "Gives the place of a member, counted from the lowest score."},
		{Name: "zrevrank", Arity: 3, ArityFrom72: -3, Flags: ReadOnly | Fast, Keys: one(RO | Access), Since: V(2, 0, 0), Run: runZRevRank,
			Complexity: "O(log(N))", Summary: "Gives the place of a member, counted from the highest score."},

		{Name: "zrange", Arity: -4, Flags: ReadOnly, Keys: one(RO | Access), Since: V(1, 2, 0), Run: runZRange,
			Complexity: zCostRange, Summary: "Gives a range of members by rank, score or lexicographical order."},
		{Name: "zrevrange", Arity: -4, Flags: ReadOnly, Keys: one(RO | Access), Since: V(1, 2, 0), Run: runZRevRange,
			Complexity: zCostRange, Summary: "Gives a range of members by rank, highest score first."},
		{Name: "zrangebyscore", Arity: -4, Flags: ReadOnly, Keys: one(RO | Access), Since: V(1, 0, 5), Run: runZRangeByScore,
			Complexity: zCostLimited, Summary: "Gives the members within a range of scores."},
		{Name: "zrevrangebyscore", Arity: -4, Flags: ReadOnly, Keys: one(RO | Access), Since: V(2, 2, 0), Run: runZRevRangeByScore,
			Complexity: zCostLimited, Summary: "Gives the members within a range of scores, highest score first."},
		{Name: "zrangebylex", Arity: -4, Flags: ReadOnly, Keys: one(RO | Access), Since: V(2, 8, 9), Run: runZRangeByLex,
			Complexity: zCostLimited, Summary: "Gives the members within a lexicographical range."},
		{Name: "zrevrangebylex", Arity: -4, Flags: ReadOnly, Keys: one(RO | Access), Since: V(2, 8, 9), Run: runZRevRangeByLex,
			Complexity: zCostLimited, Summary: "Gives the members within a lexicographical range, last member first."},
		{Name: "zrangestore", Arity: -5, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, OW|Update), Key(2, RO|Access)}, Since: V(6, 2, 0), Run: runZRangeStore,
			Complexity: "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.",
			Summary:    "Stores a range of members in another key."},
		{Name: "zremrangebyrank", Arity: 4, Flags: Write, Keys: one(RW | Delete), Since: V(2, 0, 0), Run: runZRemRangeByRank,
			Complexity: zCostRemove, Summary: "Removes the members within a range of ranks."},
		{Name: "zremrangebyscore", Arity: 4, Flags: Write, Keys: one(RW | Delete), Since: V(1, 2, 0), Run: runZRemRangeByScore,
			Complexity: zCostRemove, Summary: "Removes the members within a range of scores."},
		{Name: "zremrangebylex", Arity: 4, Flags: Write, Keys: one(RW | Delete), Since: V(2, 8, 9), Run: runZRemRangeByLex,
			Complexity: zCostRemove, Summary: "Removes the members within a lexicographical range."},

		{Name: "zpopmin", Arity: -2, Flags: Write | Fast, Keys: one(RW | Access | Delete), Since: V(5, 0, 0), Run: runZPopMin,
			Complexity: zCostPop, Summary: "Removes and gives the members with the lowest scores."},
		{Name: "zpopmax", Arity: -2, Flags: Write | Fast, Keys: one(RW | Access | Delete), Since: V(5, 0, 0), Run: runZPopMax,
			Complexity: zCostPop, Summary: "Removes and gives the members with the highest scores."},
		{Name: "bzpopmin", Arity: -3, Flags: Write | NoScript | Blocking | Fast, Keys: []KeySpec{KeyRange(1, -2, 1, RW|Access|Delete)}, Since: V(5, 0, 0), Run: runBZPopMin,
			Complexity: zCostLog, Summary: "Removes and gives the member with the lowest score of the first set that has one, or waits for it."},
		{Name: "bzpopmax", Arity: -3, Flags: Write | NoScript | Blocking | Fast, Keys: []KeySpec{KeyRange(1, -2, 1, RW|Access|Delete)}, Since: V(5, 0, 0), Run: runBZPopMax,
			Complexity: zCostLog, Summary: "Removes and gives the member with the highest score of the first set that has one, or waits for it."},
		{Name: "zmpop", Arity: -4, Flags: Write, Keys: several(1, RW|Access|Delete), Since: V(7, 0, 0), Run: runZMPop,
			Complexity: zCostPopKeys,
			Summary:    "Removes and gives members from the first set that has some."},
		{Name: "bzmpop", Arity: -5, Flags: Write | Blocking, Keys: several(2, RW|Access|Delete), Since: V(7, 0, 0), Run: runBZMPop,
			Complexity: zCostPopKeys,
			Summary:    "Removes and gives members from the first set that has some, or waits for one."},

		{Name: "zunion", Arity: -3, Flags: ReadOnly, Keys: several(1, RO|Access), Since: V(6, 2, 0), Run: runZUnion,
			Complexity: "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.", Summary: "Gives the members of any of several sets."},
		{Name: "zinter", Arity: -3, Flags: ReadOnly, Keys: several(1, RO|Access), Since: V(6, 2, 0), Run: runZInter,
			Complexity: zCostInter, Summary: "Gives the members that several sets have in common."},
		{Name: "zdiff", Arity: -3, Flags: ReadOnly, Keys: several(1, RO|Access), Since: V(6, 2, 0), Run: runZDiff,
			Complexity: zCostDiff, Summary: "Gives the members of the first set that no other one has."},
		{Name: "zunionstore", Arity: -4, Flags: Write | DenyOOM, Keys: store, Since: V(2, 0, 0), Run: runZUnionStore,
			Complexity: "O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.", Summary: "Stores the members of any of several sets."},
		{Name: "zinterstore", Arity: -4, Flags: Write | DenyOOM, Keys: store, Since: V(2, 0, 0), Run: runZInterStore,
			Complexity: zCostInter, Summary: "Stores the members that several sets have in common."},
		{Name: "zdiffstore", Arity: -4, Flags: Write | DenyOOM, Keys: store, Since: V(6, 2, 0), Run: runZDiffStore,
			Complexity: zCostDiff, Summary: "Stores the members of the first set that no other one has."},
		{Name: "zintercard", Arity: -3, Flags: ReadOnly, Keys: several(1, RO|Access), Since: V(7, 0, 0), Run: runZInterCard,
			Complexity: "O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
			Summary:    "Counts the members that several sets have in common."},

		{Name: "zrandmember", Arity: -2, Flags: ReadOnly, Keys: one(RO | Access), Since: V(6, 2, 0), Run: runZRandMember, Tips: []string{"nondeterministic_output"},
			Complexity: "O(N) where N is the number of elements returned", Summary: "Gives random members."},
		{Name: "zscan", Arity: -3, Flags: ReadOnly, Keys: one(RO | Access), Since: V(2, 8, 0), Run: runZScan, Tips: []string{"nondeterministic_output"},
			Complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..",
			Summary:    "Iterates over members and scores, some at a time."},
	}
	for _, cmd := range commands {
		cmd.Group = group
	}
	return commands
}
