package node

import (
	"strings"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

func commandCommands() []*engine.Command {
	const flags = engine.Session | engine.Loading | engine.Stale
	sub := func(name string, arity int, since engine.Version, complexity, summary string, run func(*Session)) *engine.Command {
		return &engine.Command{Name: name, Arity: arity, Flags: flags, Group: "server", ACL: []string{"connection"}, Since: since,
			Complexity: complexity, Summary: summary, Run: session(run)}
	}
	docs := sub("docs", -2, engine.V(7, 0, 0), "O(N) where N is the number of commands to look up", "Describes commands in words.", (*Session).commandDocs)
	info := sub("info", -2, engine.V(2, 8, 13), "O(N) where N is the number of commands to look up", "Describes commands.", (*Session).commandInfo)
	list := sub("list", -2, engine.V(7, 0, 0), "O(N) where N is the total number of Redis commands", "Lists the commands' names.", (*Session).commandList)
	order := []string{"nondeterministic_output_order"}
	docs.Tips, info.Tips, list.Tips = order, order, order
	return []*engine.Command{
		{Name: "command", Arity: -1, Flags: flags, Group: "server", ACL: []string{"connection"}, Since: engine.V(2, 8, 13), Tips: order,
			Complexity: "O(N) where N is the total number of Redis commands", Summary: "Describes all commands.", Run: session((*Session).commandAll),
			Subs: []*engine.Command{
				sub("count", 2, engine.V(2, 8, 13), "O(1)", "Counts the commands.", func(s *Session) { s.ctx.W.Int(int64(len(s.visible()))) }),
				docs, info, list,
				sub("getkeys", -4, engine.V(2, 8, 13), "O(N) where N is the number of arguments to the command", "Finds the keys among a command's arguments.", func(s *Session) { s.commandGetKeys(false) }),
				sub("getkeysandflags", -4, engine.V(7, 0, 0), "O(N) where N is the number of arguments to the command", "Finds the keys and what the command does to them.", func(s *Session) { s.commandGetKeys(true) }),
				sub("help", 2, engine.V(5, 0, 0), "O(1)", "Lists the subcommands.", (*Session).commandHelp),
			}},
	}
}

// visible are the top-level commands that exist on this node, by name.
func (s *Session) visible() []*engine.Command {
	var out []*engine.Command
	for _, name := range commands.Names() {
		cmd := commands.Lookup([]byte(name))
		if s.node.allowed[cmd.ID] && cmd.Flags&engine.Hidden == 0 {
			out = append(out, cmd)
		}
	}
	return out
}

// named finds a command by a name like "config|get", or nil.
func (s *Session) named(name []byte) *engine.Command {
	top, rest, isSub := strings.Cut(string(name), "|")
	cmd := commands.Lookup([]byte(top))
	if cmd != nil && isSub {
		cmd = cmd.Sub([]byte(rest))
	}
	if cmd == nil || !s.node.allowed[cmd.ID] {
		return nil
	}
	return cmd
}

func (s *Session) commandAll() {
	list := s.visible()
	s.ctx.W.Array(len(list))
	for _, cmd := range list {
		s.writeCommand(cmd)
	}
}

func (s *Session) commandInfo() {
	if len(s.ctx.Args) == 2 {
		s.commandAll()
		return
	}
	s.ctx.W.Array(len(s.ctx.Args) - 2)
	for _, name := range s.ctx.Args[2:] {
		if cmd := s.named(name); cmd != nil {
			s.writeCommand(cmd)
		} else {
			s.ctx.W.Null()
		}
	}
}

func (s *Session) writeCommand(cmd *engine.Command) {
	w := s.ctx.W
	first, last, step := cmd.FirstLastStep()
	w.Array(10)
	w.BulkString(cmd.Name)
	w.Int(int64(cmd.ArityAt(s.node.cfg.Version)))
	writeStatusSet(w, cmd.FlagNames())
	w.Int(int64(first))
	w.Int(int64(last))
	w.Int(int64(step))
	writeStatusSet(w, cmd.Categories())
	w.Set(len(cmd.Tips))
	for _, tip := range cmd.Tips {
		w.BulkString(tip)
	}
	w.Set(len(cmd.Keys))
	for i := range cmd.Keys {
		writeKeySpec(w, &cmd.Keys[i])
	}
	subs := s.allowedSubs(cmd)
	w.Set(len(subs))
	for _, sub := range subs {
		s.writeCommand(sub)
	}
}

func (s *Session) allowedSubs(cmd *engine.Command) []*engine.Command {
	var out []*engine.Command
	for _, sub := range cmd.Subs {
		if s.node.allowed[sub.ID] {
			out = append(out, sub)
		}
	}
	return out
}

func writeStatusSet(w *protocol.Writer, words []string) {
	w.Set(len(words))
	for _, word := range words {
		w.Simple(word)
	}
}

func writeKeySpec(w *protocol.Writer, k *engine.KeySpec) {
	w.Map(3)
	w.BulkString("flags")
	writeStatusSet(w, k.Flags.Names())
	w.BulkString("begin_search")
	w.Map(2)
	w.BulkString("type")
	pair := func(name string, v int) {
		w.BulkString(name)
		w.Int(int64(v))
	}
	switch {
	case k.Unknown:
		w.BulkString("unknown")
		w.BulkString("spec")
		w.Map(0)
	case k.Keyword != "":
		w.BulkString("keyword")
		w.BulkString("spec")
		w.Map(2)
		w.BulkString("keyword")
		w.BulkString(k.Keyword)
		pair("startfrom", k.Begin)
	default:
		w.BulkString("index")
		w.BulkString("spec")
		w.Map(1)
		pair("index", k.Begin)
	}
	w.BulkString("find_keys")
	w.Map(2)
	w.BulkString("type")
	switch {
	case k.Unknown:
		w.BulkString("unknown")
		w.BulkString("spec")
		w.Map(0)
	case k.NumKeys:
		w.BulkString("keynum")
		w.BulkString("spec")
		w.Map(3)
		pair("keynumidx", k.NumIdx)
		pair("firstkey", k.FirstKey)
		pair("keystep", k.Step)
	default:
		w.BulkString("range")
		w.BulkString("spec")
		w.Map(3)
		pair("lastkey", k.Last)
		pair("keystep", k.Step)
		pair("limit", k.Limit)
	}
}

func (s *Session) commandDocs() {
	var list []*engine.Command
	if len(s.ctx.Args) == 2 {
		list = s.visible()
	}
	for _, name := range s.ctx.Args[2:] {
		if cmd := s.named(name); cmd != nil {
			list = append(list, cmd)
		}
	}
	s.ctx.W.Map(len(list))
	for _, cmd := range list {
		s.writeDocs(cmd)
	}
}

func (s *Session) writeDocs(cmd *engine.Command) {
	w := s.ctx.W
	w.BulkString(cmd.Name)
	mark, fields := w.Deferred(), 0
	field := func(name, value string) {
		if value != "" {
			w.BulkString(name)
			w.BulkString(value)
			fields++
		}
	}
	field("summary", cmd.Summary)
	field("since", cmd.Since.String())
	field("group", cmd.Group)
	field("complexity", cmd.Complexity)
	if subs := s.allowedSubs(cmd); len(subs) > 0 {
		w.BulkString("subcommands")
		w.Map(len(subs))
		for _, sub := range subs {
			s.writeDocs(sub)
		}
		fields++
	}
	w.EndMap(mark, fields)
}

func (s *Session) commandList() {
	args, w := s.ctx.Args[2:], s.ctx.W
	keep := func(*engine.Command) bool { return true }
	switch {
	case len(args) == 0:
	case len(args) == 3 && engine.IsWord(args[0], "FILTERBY") && engine.IsWord(args[1], "MODULE"):
		keep = func(*engine.Command) bool { return false }
	case len(args) == 3 && engine.IsWord(args[0], "FILTERBY") && engine.IsWord(args[1], "ACLCAT"):
		cat := strings.ToLower(string(args[2]))
		keep = func(cmd *engine.Command) bool {
			for _, c := range cmd.Categories() {
				if c == "@"+cat {
					return true
				}
			}
			return false
		}
	case len(args) == 3 && engine.IsWord(args[0], "FILTERBY") && engine.IsWord(args[1], "PATTERN"):
		keep = func(cmd *engine.Command) bool {
			return engine.MatchGlob([]byte(strings.ToLower(string(args[2]))), []byte(cmd.Name))
		}
	default:
		w.Error(protocol.ErrSyntax)
		return
	}
	mark, n := w.Deferred(), 0
	write := func(cmd *engine.Command) {
		if keep(cmd) {
			w.BulkString(cmd.Name)
			n++
		}
	}
	for _, cmd := range s.visible() {
		write(cmd)
		if len(args) > 0 {
			for _, sub := range s.allowedSubs(cmd) {
				write(sub)
			}
		}
	}
	w.EndArray(mark, n)
}

func (s *Session) commandGetKeys(withFlags bool) {
	w, args := s.ctx.W, s.ctx.Args[2:]
	cmd := commands.Lookup(args[0])
	if cmd != nil && len(cmd.Subs) > 0 && len(args) > 1 {
		if sub := cmd.Sub(args[1]); sub != nil {
			cmd = sub
		}
	}
	switch {
	case cmd == nil || !s.node.allowed[cmd.ID]:
		w.Error("ERR Invalid command specified")
		return
	case len(cmd.Keys) == 0 && cmd.KeyFunc == nil:
		w.Error("ERR The command has no key arguments")
		return
	case !cmd.ArityOK(len(args), s.node.cfg.Version):
		w.Error("ERR Invalid number of arguments specified for command")
		return
	}
	pos, ok := cmd.AppendKeys(nil, args)
	switch {
	case !ok:
		w.Error("ERR Invalid arguments specified for command")
		return
	case len(pos) == 0:
		w.Error("ERR The command has no key arguments")
		return
	}
	w.Array(len(pos))
	for _, p := range pos {
		if !withFlags {
			w.Bulk(args[p])
			continue
		}
		w.Array(2)
		w.Bulk(args[p])
		writeStatusSet(w, cmd.KeyFlagsAt(args, p).Names())
	}
}

func (s *Session) commandHelp() {
	s.help("COMMAND",
		"(no subcommand)", "    Everything about all commands.",
		"COUNT", "    How many commands there are.",
		"LIST [FILTERBY (MODULE <module>|ACLCAT <category>|PATTERN <pattern>)]", "    The commands' names.",
		"INFO [<command-name> ...]", "    Everything about some commands.",
		"DOCS [<command-name> ...]", "    What commands do, in words.",
		"GETKEYS <full-command>", "    The keys of a command.",
		"GETKEYSANDFLAGS <full-command>", "    The keys of a command and what it does to them.")
}
