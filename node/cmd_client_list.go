package node

import (
	"fmt"
	"strings"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

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
