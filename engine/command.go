package engine

import (
	"fmt"
	"sort"
	"strings"
)

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
	// SkipCommandList hides a command from COMMAND.
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

// KeyFlag says what a command does to the keys of a KeySpec.
type KeyFlag uint16

// The key flags, in the order in which Redis prints them.
const (
	RO KeyFlag = 1 << iota
	RW
	OW
	RM
	Access
	Update
	Insert
	Delete
	NotKey
	Incomplete
	VariableFlags
)

var keyFlagNames = [...]string{"RO", "RW", "OW", "RM", "access", "update", "insert", "delete", "not_key", "incomplete", "variable_flags"}

// Names are the key flags' names in COMMAND INFO.
func (f KeyFlag) Names() []string {
	var out []string
	for i, n := range keyFlagNames {
		if f&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// KeySpec finds keys among the arguments, in the terms of COMMAND INFO's key
// specifications: where the search begins, and how the keys lie from there.
type KeySpec struct {
	Flags KeyFlag
	// Begin is an index, or with Keyword the keyword's search start.
	Begin   int
	Keyword string
	// A range: the last key relative to Begin (negative: from the end), the
	// step, and the limit.
	Last, Step, Limit int
	// Or a number: NumKeys is set and the count stands at Begin+NumIdx, the
	// first key at Begin+FirstKey.
	NumKeys          bool
	NumIdx, FirstKey int
	// Unknown: the keys cannot be found by this specification.
	Unknown bool
}

// Key is one key at argument at.
func Key(at int, flags KeyFlag) KeySpec { return KeySpec{Flags: flags, Begin: at, Step: 1} }

// KeyRange is keys from argument first to argument last (negative: counted
// from the end), every step.
func KeyRange(first, last, step int, flags KeyFlag) KeySpec {
	if last > 0 {
		last -= first
	}
	return KeySpec{Flags: flags, Begin: first, Last: last, Step: step}
}

// NumKeys is a count at argument at, followed by that many keys.
func NumKeys(at int, flags KeyFlag) KeySpec {
	return KeySpec{Flags: flags, Begin: at, NumKeys: true, FirstKey: 1, Step: 1}
}

// appendKeys adds the positions that the specification names in args.
// ok is false when the arguments do not fit it.
func (k *KeySpec) appendKeys(dst []int, args [][]byte) (pos []int, ok bool) {
	begin := k.Begin
	switch {
	case k.Unknown:
		return dst, true
	case k.Keyword != "":
		begin = keywordAt(args, k.Keyword, k.Begin)
		if begin == 0 {
			return dst, true
		}
	}
	if begin >= len(args) {
		return dst, true
	}
	first, last, step := begin, begin+k.Last, k.Step
	switch {
	case k.NumKeys:
		n, ok := parseInt(args[begin+k.NumIdx])
		first = begin + k.FirstKey
		if !ok || n < 0 || n > int64(len(args)-first) {
			return dst, false
		}
		last = first + int(n)*step - step
	case k.Last < 0:
		last = len(args) + k.Last
		if k.Limit > 1 {
			last = first + ((last-first)/k.Limit + step - 1)
		}
	}
	if last >= len(args) {
		return dst, false
	}
	for i := first; i <= last; i += step {
		dst = append(dst, i)
	}
	return dst, true
}

func keywordAt(args [][]byte, word string, from int) int {
	if from < 0 {
		for i := len(args) + from; i > 0; i-- {
			if strings.EqualFold(string(args[i]), word) && i+1 < len(args) {
				return i + 1
			}
		}
		return 0
	}
	for i := from; i+1 < len(args); i++ {
		if strings.EqualFold(string(args[i]), word) {
			return i + 1
		}
	}
	return 0
}

// OneKey is the position of the command's only key, 0 when it has none or
// possibly several: the router's fast path.
func (cmd *Command) OneKey() int { return cmd.oneKey }

// AppendKeys adds the positions of the keys in args to dst. ok is false when
// the arguments name no valid set of keys (the command will then refuse them).
func (cmd *Command) AppendKeys(dst []int, args [][]byte) (pos []int, ok bool) {
	return cmd.appendKeys(dst, args, false)
}

// AppendRouted is AppendKeys with what is no key but decides about the slot as
// well: the names of shard channels.
func (cmd *Command) AppendRouted(dst []int, args [][]byte) (pos []int, ok bool) {
	return cmd.appendKeys(dst, args, true)
}

func (cmd *Command) appendKeys(dst []int, args [][]byte, channels bool) (pos []int, ok bool) {
	if cmd.KeyFunc != nil {
		p := cmd.KeyFunc(args)
		return append(dst, p...), p != nil
	}
	ok = true
	for i := range cmd.Keys {
		if cmd.Keys[i].Flags&NotKey != 0 && !channels {
			continue
		}
		var fits bool
		if dst, fits = cmd.Keys[i].appendKeys(dst, args); !fits {
			ok = false
		}
	}
	return dst, ok
}

// FirstLastStep is the old form of the key specification in COMMAND INFO.
func (cmd *Command) FirstLastStep() (first, last, step int) {
	for i := range cmd.Keys {
		k := &cmd.Keys[i]
		if k.Keyword != "" || k.NumKeys || k.Unknown {
			continue
		}
		l := k.Last
		if l >= 0 {
			l += k.Begin
		}
		switch {
		case first == 0:
			first, last, step = k.Begin, l, k.Step
		case k.Begin < first:
			first = k.Begin
		default:
			if last >= 0 && (l < 0 || l > last) {
				last = l
			}
		}
	}
	return first, last, step
}

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

const maxCommandName = 32

func lower(dst, src []byte) []byte {
	for _, b := range src {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}

// Table is a set of commands by name.
type Table struct {
	byName map[string]*Command
	all    []*Command // by ID
}

// NewTable makes a table of families. Declaring a name twice or a command
// without a Run is a programming error and panics.
func NewTable(families ...[]*Command) *Table {
	t := &Table{byName: map[string]*Command{}}
	for _, family := range families {
		for _, cmd := range family {
			if t.byName[cmd.Name] != nil {
				panic("engine: command declared twice: " + cmd.Name)
			}
			t.byName[cmd.Name] = cmd
			t.add(cmd)
		}
	}
	return t
}

// Simple reports whether the command is brief and concerns one key and nothing
// else, so that several of them may run under locks that are taken together.
func (cmd *Command) Simple() bool { return cmd.simple }

// Brief reports whether the command, with few and short arguments, takes
// microseconds whatever it finds.
func (cmd *Command) Brief() bool { return cmd.brief }

func (t *Table) add(cmd *Command) {
	if cmd.Run == nil && len(cmd.Subs) == 0 {
		panic("engine: command without Run: " + cmd.Name)
	}
	cmd.ID = len(t.all)
	cmd.brief = cmd.Flags&Fast != 0 || cmd.Name == "set" // which frees what it overwrites, and is no "fast" command in Redis
	t.all = append(t.all, cmd)
	if len(cmd.Keys) == 1 && cmd.KeyFunc == nil {
		if k := cmd.Keys[0]; !k.NumKeys && !k.Unknown && k.Keyword == "" && k.Last == 0 && k.Flags&NotKey == 0 {
			cmd.oneKey = k.Begin
		}
	}
	cmd.simple = cmd.brief && cmd.oneKey > 0 && cmd.Flags&(Session|WholeKeyspace|Blocking) == 0
	if len(cmd.Subs) > 0 {
		cmd.subs = make(map[string]*Command, len(cmd.Subs))
	}
	for _, sub := range cmd.Subs {
		short := sub.ShortName()
		if cmd.subs[short] != nil {
			panic(fmt.Sprintf("engine: subcommand declared twice: %s|%s", cmd.Name, short))
		}
		cmd.subs[short] = sub
		sub.Name = cmd.Name + "|" + short
		sub.Parent = cmd
		t.add(sub)
	}
}

// Lookup finds a command by name in any case, without allocating.
func (t *Table) Lookup(name []byte) *Command {
	var buf [maxCommandName]byte
	if len(name) > len(buf) {
		return nil
	}
	return t.byName[string(lower(buf[:0], name))]
}

// All are the commands by ID, subcommands included.
func (t *Table) All() []*Command { return t.all }

// Names are the top-level commands' names, sorted.
func (t *Table) Names() []string {
	names := make([]string, 0, len(t.byName))
	for n := range t.byName {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// DataCommands are the families that act on keys.
func DataCommands() [][]*Command {
	return [][]*Command{stringCommands(), bitCommands(), keyCommands(), listCommands(), setCommands(), hashCommands(), zsetCommands(), sortCommands()}
}
