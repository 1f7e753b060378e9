package node

import (
	"fmt"
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

// Bits of sessionInfo.flags.
const (
	flagBlocked uint32 = 1 << iota
	flagReadOnly
	flagNoEvict
	flagNoTouch
)

func (s *Session) setFlag(bit uint32, on bool) {
	if on {
		s.shared.flags.Or(bit)
	} else {
		s.shared.flags.And(^bit)
	}
}

// flagLetters are the flags of CLIENT LIST.
func (s *Session) flagLetters() string {
	var b strings.Builder
	bits := s.shared.flags.Load()
	for _, f := range []struct {
		on     bool
		letter byte
	}{
		{s.subTotal() > 0, 'P'}, {s.shared.multi.Load() >= 0, 'x'}, {bits&flagBlocked != 0, 'b'},
		{bits&flagReadOnly != 0, 'r'}, {bits&flagNoEvict != 0, 'e'}, {bits&flagNoTouch != 0, 'T'},
	} {
		if f.on {
			b.WriteByte(f.letter)
		}
	}
	if b.Len() == 0 {
		return "N"
	}
	return b.String()
}

// line describes the session as CLIENT LIST does. now is in unix milliseconds.
func (s *Session) line(b []byte, now int64) []byte {
	i := &s.shared
	i.mu.Lock()
	name, libName, libVer := i.name, i.libName, i.libVer
	i.mu.Unlock()
	cmd := "NULL"
	if last := i.lastCmd.Load(); last != nil {
		cmd = last.Name
	}
	st := s.conn.Stats()
	b = fmt.Appendf(b, "id=%d addr=%s laddr=%s fd=%d name=%s age=%d idle=%d flags=%s db=%d sub=%d psub=%d ssub=%d multi=%d",
		s.id, s.conn.RemoteAddr(), s.conn.LocalAddr(), s.conn.FD(), name, (now-i.created)/1000, (now-i.lastUsed.Load())/1000,
		s.flagLetters(), i.db.Load(), s.subCount(byChannel), s.subCount(byPattern), s.subCount(byShard), i.multi.Load())
	b = fmt.Appendf(b, " qbuf=%d qbuf-free=%d argv-mem=%d multi-mem=%d rbs=%d rbp=%d obl=%d oll=0 omem=%d tot-mem=%d events=r cmd=%s user=%s redir=-1 resp=%d",
		st.Query, st.QueryFree, i.argvMem.Load(), i.multiMem.Load(), 1024, 0, 0, st.Output,
		st.Query+st.QueryFree+st.Output+i.argvMem.Load()+i.multiMem.Load()+sessionBytes, cmd, s.shared.user(), i.resp.Load())
	if s.node.cfg.Version >= engine.V(7, 2, 0) {
		b = fmt.Appendf(b, " lib-name=%s lib-ver=%s", libName, libVer)
	}
	return append(b, '\n')
}

// sessionBytes is about what a connection costs besides its buffers.
const sessionBytes = 2048

func (s *Session) clientInfo() {
	s.ctx.W.Verbatim("txt", string(s.line(nil, s.ctx.Now)))
}

func (s *Session) clientList() {
	keep, ok := s.clientListFilter(s.ctx.Args[2:])
	if !ok {
		return
	}
	var b []byte
	for _, other := range s.node.sessions.all() {
		if keep(other) {
			b = other.line(b, s.ctx.Now)
		}
	}
	s.ctx.W.Verbatim("txt", string(b))
}

func (s *Session) clientListFilter(args [][]byte) (keep func(*Session) bool, ok bool) {
	switch {
	case len(args) == 0:
		return func(*Session) bool { return true }, true
	case len(args) == 2 && engine.IsWord(args[0], "TYPE"):
		typ := strings.ToLower(string(args[1]))
		if !knownClientType(typ) {
			s.ctx.W.Error("ERR Unknown client type '" + string(args[1]) + "'")
			return nil, false
		}
		return func(o *Session) bool { return o.clientType() == typ }, true
	case len(args) >= 2 && engine.IsWord(args[0], "ID"):
		ids := map[uint64]bool{}
		for _, a := range args[1:] {
			id, ok := engine.ParseInt(a)
			if !ok || id < 1 {
				s.ctx.W.Error("ERR Invalid client ID")
				return nil, false
			}
			ids[uint64(id)] = true
		}
		return func(o *Session) bool { return ids[o.id] }, true
	}
	s.ctx.W.Error(protocol.ErrSyntax)
	return nil, false
}

func knownClientType(t string) bool {
	switch t {
	case "normal", "master", "replica", "slave", "pubsub":
		return true
	}
	return false
}

func (s *Session) clientType() string {
	if s.subTotal() > 0 {
		return "pubsub"
	}
	return "normal"
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

// killFilter says which connections CLIENT KILL closes.
type killFilter struct {
	id          uint64
	addr, laddr string
	typ, user   string
	maxAge      int64
	skipMe      bool
}

func (f *killFilter) matches(s *Session, now int64) bool {
	return (f.id == 0 || s.id == f.id) && (f.addr == "" || s.conn.RemoteAddr() == f.addr) &&
		(f.laddr == "" || s.conn.LocalAddr() == f.laddr) && (f.typ == "" || s.clientType() == f.typ) &&
		(f.user == "" || s.shared.user() == f.user) && (f.maxAge == 0 || (now-s.shared.created)/1000 >= f.maxAge)
}

func (s *Session) clientKill() {
	args := s.ctx.Args
	old := len(args) == 3
	f := killFilter{skipMe: !old}
	if old {
		f.addr = string(args[2])
	} else if !s.parseKill(args[2:], &f) {
		return
	}
	killed := 0
	for _, o := range s.node.sessions.all() {
		if !f.matches(o, s.ctx.Now) || o == s && f.skipMe {
			continue
		}
		killed++
		if o == s {
			s.conn.CloseAfterReply()
		} else {
			o.conn.Close()
		}
	}
	switch {
	case !old:
		s.ctx.W.Int(int64(killed))
	case killed == 0:
		s.ctx.W.Error("ERR No such client")
	default:
		s.ctx.W.OK()
	}
}

func (s *Session) parseKill(args [][]byte, f *killFilter) bool {
	w := s.ctx.W
	for ; len(args) >= 2; args = args[2:] {
		val := string(args[1])
		switch opt := strings.ToUpper(string(args[0])); {
		case opt == "ID":
			id, ok := engine.ParseInt(args[1])
			if !ok || id < 1 {
				w.Error("ERR client-id should be greater than 0")
				return false
			}
			f.id = uint64(id)
		case opt == "TYPE":
			if f.typ = strings.ToLower(val); !knownClientType(f.typ) {
				w.Error("ERR Unknown client type '" + val + "'")
				return false
			}
		case opt == "ADDR":
			f.addr = val
		case opt == "LADDR":
			f.laddr = val
		case opt == "USER":
			if val != "default" {
				w.Error("ERR No such user '" + val + "'")
				return false
			}
			f.user = val
		case opt == "MAXAGE" && s.node.cfg.Version >= engine.V(7, 2, 0):
			age, ok := engine.ParseInt(args[1])
			if !ok || age < 1 {
				w.Error("ERR maxage is not an integer or out of range")
				return false
			}
			f.maxAge = age
		case opt == "SKIPME" && strings.EqualFold(val, "yes"):
			f.skipMe = true
		case opt == "SKIPME" && strings.EqualFold(val, "no"):
			f.skipMe = false
		default:
			w.Error(protocol.ErrSyntax)
			return false
		}
	}
	if len(args) > 0 {
		w.Error(protocol.ErrSyntax)
		return false
	}
	return true
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
	if s.node.unblock(uint64(id), asError) {
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

// find gives the session with that id, or nil.
func (r *registry) find(id uint64) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

// unblock ends a session's wait as if it had timed out, or with an error.
func (n *Node) unblock(id uint64, asError bool) bool {
	s := n.sessions.find(id)
	if s == nil {
		return false
	}
	b := s.shared.waiting.Load()
	if b == nil {
		return false
	}
	if asError {
		return b.cancel(protocol.ErrUnblockedByClient)
	}
	return b.cancel("")
}
