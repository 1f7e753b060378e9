package node

import (
	"strings"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

// session makes a session's method the Run of a command.
func session(f func(*Session)) func(*engine.Ctx) {
	return func(c *engine.Ctx) { f(c.Session.(*Session)) }
}

func connectionCommands() []*engine.Command {
	const group = "connection"
	const any = engine.Session | engine.Loading | engine.Stale | engine.NoScript
	return []*engine.Command{
		{Name: "auth", Arity: -2, Flags: any | engine.Fast | engine.NoAuth | engine.AllowBusy, Group: group, Since: engine.V(1, 0, 0),
			Complexity: "O(N) where N is the number of passwords defined for the user", Summary: "Proves who the client is.", Run: session((*Session).auth)},
		{Name: "hello", Arity: -1, Flags: any | engine.Fast | engine.NoAuth | engine.AllowBusy, Group: group, Since: engine.V(6, 0, 0),
			Complexity: "O(1)", Summary: "Agrees on the protocol version, with AUTH and SETNAME on the way.", Run: session((*Session).hello)},
		{Name: "ping", Arity: -1, Flags: engine.Session | engine.Fast, Group: group, Since: engine.V(1, 0, 0),
			Complexity: "O(1)", Summary: "Answers, to show that the node is alive.",
			Tips: []string{"request_policy:all_shards", "response_policy:all_succeeded"}, Run: session((*Session).ping)},
		{Name: "echo", Arity: 2, Flags: engine.Session | engine.Loading | engine.Stale | engine.Fast, Group: group, Since: engine.V(1, 0, 0),
			Complexity: "O(1)", Summary: "Returns its argument.", Run: session((*Session).echo)},
		{Name: "select", Arity: 2, Flags: engine.Session | engine.Loading | engine.Stale | engine.Fast, Group: group, Since: engine.V(1, 0, 0),
			Complexity: "O(1)", Summary: "Changes the connection's database.", Run: session((*Session).selectDB)},
		{Name: "quit", Arity: -1, Flags: any | engine.Fast | engine.NoAuth | engine.AllowBusy, Group: group, Since: engine.V(1, 0, 0),
			Complexity: "O(1)", Summary: "Closes the connection.", Run: session((*Session).quit)},
		{Name: "reset", Arity: 1, Flags: any | engine.Fast | engine.NoAuth | engine.AllowBusy, Group: group, Since: engine.V(6, 2, 0),
			Complexity: "O(1)", Summary: "Makes the connection as new.", Run: session((*Session).reset)},
		{Name: "asking", Arity: 1, Flags: engine.Session | engine.Fast, Group: "cluster", ACL: []string{"connection"}, Since: engine.V(3, 0, 0),
			Complexity: "O(1)", Summary: "Lets the next command follow an ASK redirection.", Run: session((*Session).askingCmd)},
		{Name: "readonly", Arity: 1, Flags: engine.Session | engine.Loading | engine.Stale | engine.Fast, Group: "cluster", ACL: []string{"connection"}, Since: engine.V(3, 0, 0),
			Complexity: "O(1)", Summary: "Lets the connection read from a replica.", Run: session((*Session).readOnlyCmd)},
		{Name: "readwrite", Arity: 1, Flags: engine.Session | engine.Loading | engine.Stale | engine.Fast, Group: "cluster", ACL: []string{"connection"}, Since: engine.V(3, 0, 0),
			Complexity: "O(1)", Summary: "Ends READONLY.", Run: session((*Session).readWriteCmd)},
	}
}

func (s *Session) auth() {
	args := s.ctx.Args
	if len(args) > 3 {
		s.ctx.W.Error(protocol.ErrSyntax)
		return
	}
	user, pass := "default", string(args[len(args)-1])
	if len(args) == 3 {
		user = string(args[1])
	} else if !s.node.cfg.Auth.Required() {
		s.ctx.W.Error(protocol.ErrNoPassword)
		return
	}
	if s.authenticate(user, pass) {
		s.ctx.W.OK()
	}
}

// authenticate replies WRONGPASS and reports false when the pair is not valid.
func (s *Session) authenticate(user, pass string) bool {
	if !s.node.cfg.Auth.Check(user, pass) {
		s.ctx.W.Error(protocol.ErrWrongPass)
		return false
	}
	s.user, s.authed = user, true
	s.conn.SetAuthenticated(true)
	return true
}

func (s *Session) hello() {
	args, w := s.ctx.Args, s.ctx.W
	proto := w.Proto()
	next := 1
	if len(args) > 1 {
		v, ok := engine.ParseInt(args[1])
		switch {
		case !ok:
			w.Error(protocol.ErrProtoNotInteger)
			return
		case v < 2 || v > 3:
			w.Error(protocol.ErrNoProto)
			return
		}
		proto, next = int(v), 2
	}
	var name []byte
	var named bool
	for i := next; i < len(args); i++ {
		left := len(args) - 1 - i
		switch opt := strings.ToUpper(string(args[i])); {
		case opt == "AUTH" && left >= 2:
			if !s.authenticate(string(args[i+1]), string(args[i+2])) {
				return
			}
			i += 2
		case opt == "SETNAME" && left >= 1:
			if !validClientName(args[i+1]) {
				w.Error(protocol.ErrClientName)
				return
			}
			name, named = args[i+1], true
			i++
		default:
			w.Error("ERR Syntax error in HELLO option '" + string(args[i]) + "'")
			return
		}
	}
	if !s.authed {
		w.Error(protocol.ErrNoAuthHello)
		return
	}
	if named {
		s.setName(string(name))
	}
	w.SetProto(proto)
	s.shared.resp.Store(int32(proto))
	s.helloReply()
}

func (s *Session) helloReply() {
	w, n := s.ctx.W, s.node
	role := "master"
	if n.IsReplica() {
		role = "replica"
	}
	mode := "standalone"
	if n.cfg.ClusterMode {
		mode = "cluster"
	}
	w.Map(7)
	w.BulkString("server")
	w.BulkString(n.serverName())
	w.BulkString("version")
	w.BulkString(n.redisVersion())
	w.BulkString("proto")
	w.Int(int64(w.Proto()))
	w.BulkString("id")
	w.Int(int64(s.id))
	w.BulkString("mode")
	w.BulkString(mode)
	w.BulkString("role")
	w.BulkString(role)
	w.BulkString("modules")
	w.Array(0)
}

// setName names the connection; an empty name takes the name away.
func (s *Session) setName(name string) {
	s.shared.mu.Lock()
	s.shared.name = name
	s.shared.mu.Unlock()
}

// validClientName reports whether CLIENT LIST can show the name: no blanks, no
// control characters.
func validClientName(name []byte) bool {
	for _, b := range name {
		if b < '!' || b > '~' {
			return false
		}
	}
	return true
}

func (s *Session) ping() {
	args, w := s.ctx.Args, s.ctx.W
	if len(args) > 2 {
		w.Error(protocol.ErrArity("ping"))
		return
	}
	if s.subTotal() > 0 && w.Proto() == protocol.RESP2 {
		w.Array(2)
		w.BulkString("pong")
		if len(args) == 2 {
			w.Bulk(args[1])
		} else {
			w.BulkString("")
		}
		return
	}
	if len(args) == 2 {
		w.Bulk(args[1])
	} else {
		w.Simple("PONG")
	}
}

func (s *Session) echo() { s.ctx.W.Bulk(s.ctx.Args[1]) }

func (s *Session) selectDB() {
	n, ok := engine.ParseInt(s.ctx.Args[1])
	switch {
	case !ok:
		s.ctx.W.Error(protocol.ErrNotInteger)
	case n != int64(int32(n)):
		s.ctx.W.Error("ERR value is out of range, value must between -2147483648 and 2147483647")
	case s.node.cfg.ClusterMode && n != 0:
		s.ctx.W.Error(protocol.ErrSelectInCluster)
	case n < 0 || n >= int64(s.node.ks.Databases()):
		s.ctx.W.Error(protocol.ErrDBIndex)
	default:
		s.ctx.DB = int(n)
		s.shared.db.Store(int32(n))
		s.ctx.W.OK()
	}
}

func (s *Session) quit() {
	s.ctx.W.OK()
	s.conn.CloseAfterReply()
}

func (s *Session) reset() {
	s.discard()
	s.unsubscribeAll()
	s.readOnly, s.asking, s.quiet, s.ctx.NoTouch = false, false, replyOn, false
	s.shared.flags.Store(0)
	s.setName("")
	s.ctx.DB = 0
	s.shared.db.Store(0)
	s.ctx.W.SetProto(protocol.RESP2)
	s.shared.resp.Store(2)
	s.user, s.authed = "default", !s.node.cfg.Auth.Required()
	s.conn.SetAuthenticated(s.authed)
	s.ctx.W.Simple("RESET")
}

func (s *Session) askingCmd() {
	if !s.node.cfg.ClusterMode {
		s.ctx.W.Error(protocol.ErrNoCluster)
		return
	}
	s.asking = true
	s.ctx.W.OK()
}

func (s *Session) readOnlyCmd() { s.setReadOnly(true) }

func (s *Session) readWriteCmd() { s.setReadOnly(false) }

func (s *Session) setReadOnly(on bool) {
	if !s.node.cfg.ClusterMode {
		s.ctx.W.Error(protocol.ErrNoCluster)
		return
	}
	s.readOnly = on
	s.setFlag(flagReadOnly, on)
	s.ctx.W.OK()
}
