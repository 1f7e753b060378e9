package node

import (
	"strings"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

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
