package engine

import "elasticache-local/protocol"

func objectSubcommands() []*Command {
	key := []KeySpec{Key(2, RO)}
	keyspace := []string{"keyspace"}
	return []*Command{
		{Name: "object|encoding", Arity: 3, Flags: ReadOnly, Keys: key, Group: "generic", Since: V(2, 2, 3), ACL: keyspace, Tips: unsteady,
			Complexity: "O(1)", Summary: "Tells how a value is encoded.", Run: runObjectEncoding},
		{Name: "object|freq", Arity: 3, Flags: ReadOnly, Keys: key, Group: "generic", Since: V(4, 0, 0), ACL: keyspace, Tips: unsteady,
			Complexity: "O(1)", Summary: "Tells how often a key is accessed, on a logarithmic scale.", Run: runObjectFreq},
		{Name: "object|idletime", Arity: 3, Flags: ReadOnly, Keys: key, Group: "generic", Since: V(2, 2, 3), ACL: keyspace, Tips: unsteady,
			Complexity: "O(1)", Summary: "Tells how many seconds ago a key was accessed.", Run: runObjectIdleTime},
		{Name: "object|refcount", Arity: 3, Flags: ReadOnly, Keys: key, Group: "generic", Since: V(2, 2, 3), ACL: keyspace, Tips: unsteady,
			Complexity: "O(1)", Summary: "Tells how many references to a value there are.", Run: runObjectRefCount},
		{Name: "object|help", Arity: 2, Flags: Loading | Stale, Group: "generic", Since: V(6, 2, 0), ACL: keyspace,
			Complexity: "O(1)", Summary: "Lists the subcommands.", Run: runObjectHelp},
	}
}

// Encoding is the answer of OBJECT ENCODING.
func (e Entry) Encoding() string {
	if e.Kind() != KindString {
		return e.Object().Encoding()
	}
	s, made := e.Str(), e.t.meta(e.r)&madeMask
	switch {
	case made == flagRaw:
		return "raw"
	case made != flagText && len(s) <= 20 && isInt(s):
		return "int"
	case len(s) <= maxEmbedded:
		return "embstr"
	}
	return "raw"
}

// maxEmbedded is the length up to which Redis keeps a string in one piece with
// its object.
const maxEmbedded = 44

// How a string was made is two bits of its record: flagRaw, flagText, neither,
// or both for a small integer that COPY made. Redis keeps such a one for the key
// alone until it is written again.
const (
	madeMask   = flagRaw | flagText
	madeByCopy = flagRaw | flagText
)

func isInt(b []byte) bool {
	_, ok := parseInt(b)
	return ok
}

// objectArg looks up the key of an OBJECT subcommand: no access to it and no
// event. It replies the null when there is none.
func (c *Ctx) objectArg() (e Entry, ok bool) {
	e = c.Peek(c.Args[2])
	if !e.Exists() {
		c.misses++
		c.W.Null()
		return e, false
	}
	c.hits++
	return e, true
}

func runObjectEncoding(c *Ctx) {
	if e, ok := c.objectArg(); ok {
		c.W.BulkString(e.Encoding())
	}
}

func runObjectFreq(c *Ctx) {
	e, ok := c.objectArg()
	switch {
	case !ok:
	case !c.KS.Settings().MaxMemoryPolicy.LFU():
		c.W.Error(protocol.ErrObjectFreq)
	default:
		c.W.Int(int64(c.lfuDecayed(e.Access())))
	}
}

func runObjectIdleTime(c *Ctx) {
	e, ok := c.objectArg()
	switch {
	case !ok:
	case c.KS.Settings().MaxMemoryPolicy.LFU():
		c.W.Error(protocol.ErrObjectIdleTime)
	default:
		c.W.Int(c.idleSeconds(e.Access()))
	}
}

// idleSeconds is the time since an access.
func (c *Ctx) idleSeconds(access uint32) int64 { return max(0, c.Now/1000-int64(access)) }

const (
	// sharedIntegers is how many small integers Redis keeps once for all keys,
	// where the eviction policy needs no access time per key.
	sharedIntegers = 10000
	sharedRefCount = 1<<31 - 1
)

func runObjectRefCount(c *Ctx) {
	e, ok := c.objectArg()
	if !ok {
		return
	}
	n := int64(1)
	if e.smallInteger() && c.sharesIntegers() && e.t.meta(e.r)&madeMask != madeByCopy {
		n = sharedRefCount
	}
	c.W.Int(n)
}

// smallInteger reports whether the value is one that Redis shares between keys.
func (e Entry) smallInteger() bool {
	if e.Kind() != KindString || e.Encoding() != "int" {
		return false
	}
	v, _ := parseInt(e.Str())
	return v >= 0 && v < sharedIntegers
}

func (c *Ctx) sharesIntegers() bool {
	s := c.KS.Settings()
	return s.MaxMemory == 0 || !s.MaxMemoryPolicy.LFU() && !s.MaxMemoryPolicy.LRU()
}

// replyHelp lists a container's subcommands as Redis does.
func (c *Ctx) replyHelp(container string, lines ...string) {
	c.W.Array(len(lines) + 3)
	c.W.Simple(container + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, l := range lines {
		c.W.Simple(l)
	}
	c.W.Simple("HELP")
	c.W.Simple("    Prints this help.")
}

func runObjectHelp(c *Ctx) {
	c.replyHelp("OBJECT",
		"ENCODING <key>",
		"    Tell how the value of <key> is encoded.",
		"FREQ <key>",
		"    Tell how often <key> was accessed lately, on a logarithmic scale.",
		"IDLETIME <key>",
		"    Tell how many seconds ago <key> was accessed last.",
		"REFCOUNT <key>",
		"    Tell how many references to the value of <key> there are.")
}
