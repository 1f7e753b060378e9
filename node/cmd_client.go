package node

import (
	"strings"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

func clientCommands() []*engine.Command {
	return []*engine.Command{
		{Name: "client", Arity: -2, Flags: engine.Session, Group: "connection", Since: engine.V(2, 4, 0),
			Complexity: "Depends on subcommand.", Summary: "Looks at connections and steers them.", Subs: clientSubs()},
	}
}

func clientSubs() []*engine.Command {
	const own = engine.Session | engine.NoScript | engine.Loading | engine.Stale
	const admin = own | engine.Admin
	sub := func(name string, arity int, flags engine.Flag, since engine.Version, complexity, summary string, run func(*Session)) *engine.Command {
		return &engine.Command{Name: name, Arity: arity, Flags: flags, Group: "connection", ACL: []string{"connection"}, Since: since,
			Complexity: complexity, Summary: summary, Run: session(run)}
	}
	info := sub("info", 2, own, engine.V(6, 2, 0), "O(1)", "Describes the connection.", (*Session).clientInfo)
	list := sub("list", -2, admin, engine.V(2, 4, 0), "O(N) where N is the number of client connections", "Describes the connections.", (*Session).clientList)
	info.Tips, list.Tips = []string{"nondeterministic_output"}, []string{"nondeterministic_output"}
	return []*engine.Command{
		info, list,
		sub("id", 2, own, engine.V(5, 0, 0), "O(1)", "Returns the connection's id.", func(s *Session) { s.ctx.W.Int(int64(s.id)) }),
		sub("setname", 3, own, engine.V(2, 6, 9), "O(1)", "Names the connection.", (*Session).clientSetName),
		sub("getname", 2, own, engine.V(2, 6, 9), "O(1)", "Returns the connection's name.", (*Session).clientGetName),
		sub("setinfo", 4, own, engine.V(7, 2, 0), "O(1)", "Tells which library the client uses.", (*Session).clientSetInfo),
		sub("kill", -3, admin, engine.V(2, 4, 0), "O(N) where N is the number of client connections", "Closes connections.", (*Session).clientKill),
		sub("pause", -3, admin, engine.V(2, 9, 50), "O(1)", "Holds commands back for a while.", (*Session).clientPause),
		sub("unpause", 2, admin, engine.V(6, 2, 0), "O(N) Where N is the number of paused clients", "Ends CLIENT PAUSE.", (*Session).clientUnpause),
		sub("reply", 3, own, engine.V(3, 2, 0), "O(1)", "Turns replies off and on.", (*Session).clientReply),
		sub("no-evict", 3, admin, engine.V(7, 0, 0), "O(1)", "Keeps the connection from client eviction.", (*Session).clientNoEvict),
		sub("no-touch", 3, own, engine.V(7, 2, 0), "O(1)", "Lets the connection's commands leave the keys' access times alone.", (*Session).clientNoTouch),
		sub("unblock", -3, admin, engine.V(5, 0, 0), "O(log N) where N is the number of client connections", "Ends another connection's wait.", (*Session).clientUnblock),
		sub("getredir", 2, own, engine.V(6, 0, 0), "O(1)", "Returns who gets the connection's invalidation messages.", func(s *Session) { s.ctx.W.Int(-1) }),
		sub("help", 2, engine.Session|engine.Loading|engine.Stale, engine.V(5, 0, 0), "O(1)", "Lists the subcommands.", (*Session).clientHelp),
	}
}

func (s *Session) clientSetName() {
	name := s.ctx.Args[2]
	if !validClientName(name) {
		s.ctx.W.Error(protocol.ErrClientName)
		return
	}
	s.setName(string(name))
	s.ctx.W.OK()
}

func (s *Session) clientGetName() {
	s.shared.mu.Lock()
	name := s.shared.name
	s.shared.mu.Unlock()
	if name == "" {
		s.ctx.W.Null()
		return
	}
	s.ctx.W.BulkString(name)
}

func (s *Session) clientSetInfo() {
	attr, value := s.ctx.Args[2], s.ctx.Args[3]
	isName, isVer := engine.IsWord(attr, "LIB-NAME"), engine.IsWord(attr, "LIB-VER")
	switch {
	case !isName && !isVer:
		s.ctx.W.Error("ERR Unrecognized option '" + string(attr) + "'")
		return
	case !validClientName(value):
		s.ctx.W.Error("ERR " + strings.ToLower(string(attr)) + " cannot contain spaces, newlines or special characters.")
		return
	}
	s.shared.mu.Lock()
	if isName {
		s.shared.libName = string(value)
	} else {
		s.shared.libVer = string(value)
	}
	s.shared.mu.Unlock()
	s.ctx.W.OK()
}

func (s *Session) clientPause() {
	args := s.ctx.Args
	writes := false
	if len(args) == 4 {
		switch {
		case engine.IsWord(args[3], "WRITE"):
			writes = true
		case !engine.IsWord(args[3], "ALL"):
			s.ctx.W.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
			return
		}
	} else if len(args) > 4 {
		s.ctx.W.Error(protocol.ErrSyntax)
		return
	}
	ms, ok := engine.ParseInt(args[2])
	switch {
	case !ok:
		s.ctx.W.Error(protocol.ErrTimeoutNotInteger)
	case ms < 0:
		s.ctx.W.Error(protocol.ErrTimeoutNegative)
	default:
		s.node.Pause(s.ctx.Now+ms, writes)
		s.ctx.W.OK()
	}
}

func (s *Session) clientUnpause() {
	s.node.Unpause()
	s.ctx.W.OK()
}

func (s *Session) clientReply() {
	switch mode := s.ctx.Args[2]; {
	case engine.IsWord(mode, "ON"):
		s.quiet = replyOn
		s.ctx.W.OK()
	case engine.IsWord(mode, "OFF"):
		s.quiet = replyOff
	case engine.IsWord(mode, "SKIP"):
		if s.quiet != replyOff {
			s.quiet = replySkipNext
		}
	default:
		s.ctx.W.Error(protocol.ErrSyntax)
	}
}

// onOff reads an ON or OFF argument, or replies a syntax error.
func (s *Session) onOff(arg []byte) (on, ok bool) {
	on = engine.IsWord(arg, "ON")
	if !on && !engine.IsWord(arg, "OFF") {
		s.ctx.W.Error(protocol.ErrSyntax)
		return false, false
	}
	return on, true
}

func (s *Session) clientNoEvict() {
	if on, ok := s.onOff(s.ctx.Args[2]); ok {
		s.setFlag(flagNoEvict, on)
		s.ctx.W.OK()
	}
}

func (s *Session) clientNoTouch() {
	if on, ok := s.onOff(s.ctx.Args[2]); ok {
		s.setFlag(flagNoTouch, on)
		s.ctx.NoTouch = on
		s.ctx.W.OK()
	}
}

func (s *Session) clientUnblock() {
	args := s.ctx.Args
	asError := false
	if len(args) == 4 {
		switch {
		case engine.IsWord(args[3], "ERROR"):
			asError = true
		case !engine.IsWord(args[3], "TIMEOUT"):
			s.ctx.W.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
			return
		}
	} else if len(args) > 4 {
		s.ctx.W.Error(protocol.ErrSyntax)
		return
	}
	id, ok := engine.ParseInt(args[2])
	if !ok {
		s.ctx.W.Error(protocol.ErrNotInteger)
		return
	}
	if s.node.unblock(uint64(id), asError, s.ctx.InTx) {
		s.ctx.W.Int(1)
	} else {
		s.ctx.W.Int(0)
	}
}

func (s *Session) clientHelp() {
	s.help("CLIENT",
		"GETNAME", "    The name of this connection.",
		"GETREDIR", "    The client that gets this connection's invalidation messages.",
		"ID", "    The id of this connection.",
		"INFO", "    A line of text about this connection.",
		"KILL <ip:port>", "    Close the connection from <ip:port>.",
		"KILL <option> <value> [<option> <value> [...]]", "    Close the connections that match ADDR, LADDR, TYPE, USER, ID, SKIPME.",
		"LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB) | ID <id> [<id> ...]]", "    A line of text about each connection.",
		"NO-EVICT (ON|OFF)", "    Keep this connection from being evicted.",
		"PAUSE <timeout> [WRITE|ALL]", "    Hold commands, or only writes, back for <timeout> milliseconds.",
		"REPLY (ON|OFF|SKIP)", "    Choose whether this connection gets replies.",
		"SETNAME <name>", "    Name this connection.",
		"UNBLOCK <clientid> [TIMEOUT|ERROR]", "    End the wait of a blocked client.",
		"UNPAUSE", "    End CLIENT PAUSE.")
}
