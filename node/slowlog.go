package node

import (
	"strconv"
	"sync"
	"sync/atomic"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

// maxSlowlog bounds slowlog-max-len, in entries.
const maxSlowlog = 100_000

// What one entry keeps of a command.
const (
	slowlogArgs     = 32
	slowlogArgBytes = 128
)

// slowlog keeps the commands that took long, newest first.
type slowlog struct {
	threshold atomic.Int64 // nanoseconds, negative: off

	mu      sync.Mutex
	entries []slowEntry // newest last
	nextID  int64
	maxLen  int
}

type slowEntry struct {
	id, at, micros int64 // at in unix seconds
	args           []string
	addr, name     string
}

func (l *slowlog) configure(slowerThanMicros int64, maxLen int) {
	if slowerThanMicros >= 0 {
		slowerThanMicros = min(slowerThanMicros, 1<<50) * 1000
	}
	l.threshold.Store(slowerThanMicros)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.maxLen = maxLen
	l.trimLocked()
}

func (l *slowlog) trimLocked() {
	if over := len(l.entries) - l.maxLen; over > 0 {
		l.entries = append(l.entries[:0], l.entries[over:]...)
	}
}

// add keeps the session's current command.
func (l *slowlog) add(s *Session, nanos int64) {
	s.shared.mu.Lock()
	name := s.shared.name
	s.shared.mu.Unlock()
	e := slowEntry{at: s.ctx.Now / 1000, micros: nanos / 1000, args: slowArgs(s.ctx.Args, s.given), addr: s.conn.RemoteAddr(), name: name}
	l.mu.Lock()
	defer l.mu.Unlock()
	e.id = l.nextID
	l.nextID++
	l.entries = append(l.entries, e)
	l.trimLocked()
}

// slowArgs shortens a command as Redis does. It does not look at the arguments that were given away.
func slowArgs(args [][]byte, given []givenArg) []string {
	n := min(len(args), slowlogArgs)
	out := make([]string, n)
	for i := range out {
		switch {
		case i == n-1 && len(args) > n:
			out[i] = "... (" + strconv.Itoa(len(args)-n+1) + " more arguments)"
		case len(given) > 0 && given[0].index == i:
			out[i], given = given[0].shown, given[1:]
		default:
			out[i] = slowArg(args[i])
		}
	}
	return out
}

func slowArg(a []byte) string {
	if len(a) > slowlogArgBytes {
		return string(a[:slowlogArgBytes]) + "... (" + strconv.Itoa(len(a)-slowlogArgBytes) + " more bytes)"
	}
	return string(a)
}

func slowlogCommands() []*engine.Command {
	const flags = engine.Session | engine.Admin | engine.Loading | engine.Stale
	sub := func(name string, arity int, flags engine.Flag, complexity, summary string, run func(*Session)) *engine.Command {
		return &engine.Command{Name: name, Arity: arity, Flags: flags, Group: "server", Since: engine.V(2, 2, 12),
			Complexity: complexity, Summary: summary, Run: session(run)}
	}
	help := sub("help", 2, engine.Session|engine.Loading|engine.Stale, "O(1)", "Lists the subcommands.", (*Session).slowlogHelp)
	help.Since = engine.V(6, 2, 0)
	get := sub("get", -2, flags, "O(N) where N is the number of entries returned", "Returns entries of the slow log.", (*Session).slowlogGet)
	length := sub("len", 2, flags, "O(1)", "Counts the entries of the slow log.", (*Session).slowlogLen)
	reset := sub("reset", 2, flags, "O(N) where N is the number of entries in the slowlog", "Empties the slow log.", (*Session).slowlogReset)
	get.Tips = []string{"request_policy:all_nodes", "nondeterministic_output"}
	length.Tips = []string{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"}
	reset.Tips = []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
	return []*engine.Command{
		{Name: "slowlog", Arity: -2, Flags: engine.Session, Group: "server", Since: engine.V(2, 2, 12),
			Complexity: "Depends on subcommand.", Summary: "Shows the commands that took long.",
			Subs: []*engine.Command{get, length, reset, help}},
	}
}

func (s *Session) slowlogGet() {
	args, w, l := s.ctx.Args, s.ctx.W, &s.node.slowlog
	n := int64(10)
	if len(args) == 3 {
		var ok bool
		if n, ok = engine.ParseInt(args[2]); !ok || n < -1 {
			w.Error("ERR count should be greater than or equal to -1")
			return
		}
	} else if len(args) > 3 {
		w.Error(errSubcommand("SLOWLOG", args[1]))
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 0 || n > int64(len(l.entries)) {
		n = int64(len(l.entries))
	}
	w.Array(int(n))
	for i := range int(n) {
		writeSlowEntry(w, &l.entries[len(l.entries)-1-i])
	}
}

func writeSlowEntry(w *protocol.Writer, e *slowEntry) {
	w.Array(6)
	w.Int(e.id)
	w.Int(e.at)
	w.Int(e.micros)
	w.Array(len(e.args))
	for _, a := range e.args {
		w.BulkString(a)
	}
	w.BulkString(e.addr)
	w.BulkString(e.name)
}

func (s *Session) slowlogLen() {
	l := &s.node.slowlog
	l.mu.Lock()
	defer l.mu.Unlock()
	s.ctx.W.Int(int64(len(l.entries)))
}

func (s *Session) slowlogReset() {
	l := &s.node.slowlog
	l.mu.Lock()
	l.entries = nil
	l.mu.Unlock()
	s.ctx.W.OK()
}

func (s *Session) slowlogHelp() {
	s.help("SLOWLOG",
		"GET [<count>]", "    The newest <count> entries (default: 10, -1: all): id, unix time,", "    microseconds, arguments, client address, client name.",
		"LEN", "    How many entries there are.",
		"RESET", "    Forget all entries.")
}
