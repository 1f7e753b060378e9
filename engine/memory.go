package engine

import (
	"math/bits"

	"elasticache-local/protocol"
)

func memorySubcommands() []*Command {
	report := append(append([]string(nil), unsteady...), "request_policy:all_shards", "response_policy:special")
	return []*Command{
		{Name: "memory|doctor", Arity: 2, Group: "server", Since: V(4, 0, 0), Tips: report,
			Complexity: "O(1)", Summary: "Reports what is wrong with the memory.", Run: runMemoryDoctor},
		{Name: "memory|help", Arity: 2, Flags: Loading | Stale, Group: "server", Since: V(4, 0, 0),
			Complexity: "O(1)", Summary: "Lists the subcommands.", Run: runMemoryHelp},
		{Name: "memory|malloc-stats", Arity: 2, Group: "server", Since: V(4, 0, 0), Tips: report,
			Complexity: "Depends on how much memory is allocated, could be slow", Summary: "Shows the allocator's statistics.", Run: runMemoryMallocStats},
		{Name: "memory|purge", Arity: 2, Group: "server", Since: V(4, 0, 0), Tips: allShardsOK,
			Complexity: "Depends on how much memory is allocated, could be slow", Summary: "Asks the allocator to give memory back.", Run: func(c *Ctx) { c.W.OK() }},
		{Name: "memory|stats", Arity: 2, Group: "server", Since: V(4, 0, 0), Tips: report,
			Complexity: "O(1)", Summary: "Shows what the memory is used for.", Run: runMemoryStats},
		{Name: "memory|usage", Arity: -3, Flags: ReadOnly, Keys: []KeySpec{Key(2, RO)}, Group: "server", Since: V(4, 0, 0),
			Complexity: "O(N) where N is the number of samples.", Summary: "Tells how many bytes a key takes.", Run: runMemoryUsage},
	}
}

// What a key costs in Redis besides its bytes.
const (
	redisObjectBytes    = 16
	redisDictEntryBytes = 24
	redisSlotLinkBytes  = 16 // in cluster mode
)

func runMemoryUsage(c *Ctx) {
	for i := 3; i < len(c.Args); i += 2 {
		if !isWord(c.Args[i], "SAMPLES") || i+1 == len(c.Args) {
			c.W.Error(protocol.ErrSyntax)
			return
		}
		n, ok := c.intArg(i + 1) // sizes are kept up to date: nothing is sampled
		if !ok {
			return
		}
		if n < 0 {
			c.W.Error(protocol.ErrSyntax)
			return
		}
	}
	e := c.find(c.DB, c.Args[2])
	if !e.Exists() {
		c.W.Null()
		return
	}
	n := redisObjectBytes + redisDictEntryBytes + redisStringBytes(len(e.key), false)
	if c.KS.Settings().ClusterEnabled {
		n += redisSlotLinkBytes
	}
	if e.Kind() != KindString {
		c.W.Int(n + e.Object().Mem())
		return
	}
	size := len(e.Str())
	switch e.Encoding() {
	case "embstr":
		n += mallocSize(redisObjectBytes+int64(size)+4) - redisObjectBytes
	case "raw":
		n += redisStringBytes(size, true)
	}
	c.W.Int(n)
}

// redisStringBytes is what a string's bytes take in Redis: a header by length,
// the bytes, a zero. Values never have the shortest header.
func redisStringBytes(n int, isValue bool) int64 {
	header := int64(1)
	switch {
	case n >= 1<<16:
		header = 9
	case n >= 1<<8:
		header = 5
	case n >= 1<<5 || isValue:
		header = 3
	}
	return mallocSize(header + int64(n) + 1)
}

// mallocSize rounds up to the size that jemalloc gives: four sizes for each
// power of two, in steps of 16 bytes at least.
func mallocSize(n int64) int64 {
	if n <= 8 {
		return 8
	}
	step := int64(16)
	if n > 128 {
		step = 1 << (bits.Len64(uint64(n-1)) - 3)
	}
	return (n + step - 1) &^ (step - 1)
}

// verySmall is up to which size MEMORY DOCTOR finds an instance too empty to
// say anything, in bytes.
const verySmall = 5 << 20

func runMemoryDoctor(c *Ctx) {
	if c.KS.Mem() < verySmall {
		c.W.Verbatim("txt", "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n")
		return
	}
	c.W.Verbatim("txt", "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n")
}

// runMemoryMallocStats answers as a Redis built without jemalloc.
func runMemoryMallocStats(c *Ctx) {
	c.W.Verbatim("txt", "Stats not supported for the current allocator")
}

// runMemoryStats shows the sizes that the keyspace knows. What it has no
// measure of (clients, scripts, the allocator's own needs) counts as nothing.
func runMemoryStats(c *Ctx) {
	total, keys := c.KS.Mem(), int64(0)
	mark, n := c.W.Deferred(), 0
	number := func(name string, v int64) {
		c.W.BulkString(name)
		c.W.Int(v)
		n++
	}
	ratio := func(name string, v float64) {
		c.W.BulkString(name)
		c.W.Double(v)
		n++
	}
	number("peak.allocated", total)
	number("total.allocated", total)
	for _, name := range [...]string{"startup.allocated", "replication.backlog", "clients.slaves", "clients.normal",
		"cluster.links", "aof.buffer", "lua.caches", "functions.caches"} {
		number(name, 0)
	}
	overhead := int64(0)
	for db := range c.KS.dbs {
		if count := c.KS.Keys(db); count > 0 {
			keys += count
			overhead += c.replyDBOverhead(db)
			n++
		}
	}
	dataset := max(0, total-overhead)
	number("overhead.total", overhead)
	number("keys.count", keys)
	number("keys.bytes-per-key", total/max(1, keys))
	number("dataset.bytes", dataset)
	ratio("dataset.percentage", float64(dataset)*100/float64(max(1, total)))
	ratio("peak.percentage", 100)
	number("allocator.allocated", total)
	number("allocator.active", total)
	number("allocator.resident", total)
	ratio("allocator-fragmentation.ratio", 1)
	number("allocator-fragmentation.bytes", 0)
	ratio("allocator-rss.ratio", 1)
	number("allocator-rss.bytes", 0)
	ratio("rss-overhead.ratio", 1)
	number("rss-overhead.bytes", 0)
	ratio("fragmentation", 1)
	number("fragmentation.bytes", 0)
	c.W.EndMap(mark, n)
}

// replyDBOverhead writes what the tables of one database take besides keys and
// values, and gives the sum.
func (c *Ctx) replyDBOverhead(db int) int64 {
	main := c.KS.Keys(db) * (recHeader + 4) // a record's header and its bucket
	expires := c.KS.Volatile(db) * 8
	c.W.BulkString("db." + string(appendInt(nil, int64(db))))
	c.W.Map(3)
	c.W.BulkString("overhead.hashtable.main")
	c.W.Int(main)
	c.W.BulkString("overhead.hashtable.expires")
	c.W.Int(expires)
	c.W.BulkString("overhead.hashtable.slot-to-keys")
	c.W.Int(0)
	return main + expires
}

func runMemoryHelp(c *Ctx) {
	c.replyHelp("MEMORY",
		"DOCTOR",
		"    Report what is wrong with the memory.",
		"MALLOC-STATS",
		"    Show the statistics of the memory allocator.",
		"PURGE",
		"    Ask the memory allocator to give unused memory back.",
		"STATS",
		"    Show what the memory is used for.",
		"USAGE <key> [SAMPLES <count>]",
		"    Tell how many bytes <key> and its value take. Of a container up to",
		"    <count> elements are looked at (default: 5, 0 for all of them).")
}
