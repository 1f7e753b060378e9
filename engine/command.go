package engine

import "strings"

// Command is everything known about one command, declared in one literal in
// its family's list. Arity errors, routing, CROSSSLOT, READONLY, queueing,
// COMMAND and its subcommands, ACL categories and statistics derive from it.
type Command struct {
	Name  string // lower case; "config|get" style names are made for subcommands
	Arity int    // with the name; negative: at least that many
	// ArityFrom72 is the arity in engines from 7.2 on, 0 when it is Arity.
	ArityFrom72 int
	Flags       Flag
	Keys        []KeySpec
	// KeyFunc gives the positions of the keys in args for commands whose keys
	// no KeySpec can find; nil otherwise.
	KeyFunc func(args [][]byte) []int
	Group   string   // "string", "generic", …, as COMMAND DOCS says
	ACL     []string // categories beyond those that follow from flags and group
	Since   Version
	// Complexity and Summary are for COMMAND DOCS and the command page.
	Complexity, Summary string
	// Tips are the hints of COMMAND INFO.
	Tips []string
	Subs []*Command
	Run  func(c *Ctx)

	// ID is the command's place in its table, subcommands included: dense from 0.
	ID     int
	Parent *Command
	oneKey int // position of the only key, 0 when there is none or several
	brief  bool
	simple bool
	subs   map[string]*Command
}

// Flag is a command's properties, as COMMAND INFO lists them.
type Flag uint32

// The flags, in the order in which Redis prints them.
const (
	Write Flag = 1 << iota
	ReadOnly
	DenyOOM
	Module
	Admin
	PubSub
	NoScript
	Blocking
	Loading
	Stale
	SkipMonitor
	SkipSlowlog
	Asking
	Fast
	NoAuth
	MayReplicate
	NoMandatoryKeys
	NoAsyncLoading
	NoMulti
	MovableKeys
	AllowBusy

	// Session marks a command that acts on the connection or the node and not
	// on keys: it runs without a slot's lock.
	Session
	// WholeKeyspace marks a command that needs every slot's lock (FLUSHALL).
	WholeKeyspace
	// Restricted marks what ElastiCache does not let a client call.
	Restricted
	// Hidden hides a command from COMMAND.
	Hidden
)

var flagNames = [...]string{"write", "readonly", "denyoom", "module", "admin", "pubsub", "noscript", "blocking",
	"loading", "stale", "skip_monitor", "skip_slowlog", "asking", "fast", "no_auth", "", // may_replicate is not shown
	"no_mandatory_keys", "no_async_loading", "no_multi", "movablekeys", "allow_busy"}

// Names are the flags' names in COMMAND INFO.
func (f Flag) Names() []string {
	var out []string
	for i, n := range flagNames {
		if f&(1<<i) != 0 && n != "" {
			out = append(out, n)
		}
	}
	return out
}

// Has reports whether all of g are set.
func (f Flag) Has(g Flag) bool { return f&g == g }

// ArityAt is the arity in an engine of version v.
func (cmd *Command) ArityAt(v Version) int {
	if cmd.ArityFrom72 != 0 && v >= V(7, 2, 0) {
		return cmd.ArityFrom72
	}
	return cmd.Arity
}

// ArityOK reports whether n arguments, the name included, are allowed in an
// engine of version v.
func (cmd *Command) ArityOK(n int, v Version) bool {
	arity := cmd.ArityAt(v)
	return arity > 0 && n == arity || arity < 0 && n >= -arity
}

// Sub finds a subcommand by name, in any case.
func (cmd *Command) Sub(name []byte) *Command {
	var buf [maxCommandName]byte
	if len(name) > len(buf) {
		return nil
	}
	return cmd.subs[string(lower(buf[:0], name))]
}

// ShortName is a subcommand's own name without its parent's.
func (cmd *Command) ShortName() string {
	return cmd.Name[strings.IndexByte(cmd.Name, '|')+1:]
}

// Simple reports whether the command is brief and concerns one key and nothing
// else, so that several of them may run under locks that are taken together.
func (cmd *Command) Simple() bool { return cmd.simple }

// Brief reports whether the command, with few and short arguments, takes
// microseconds whatever it finds.
func (cmd *Command) Brief() bool { return cmd.brief }
