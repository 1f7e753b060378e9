package node

import (
	"fmt"
	"math"
	"time"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
)

func debugCommands() []*engine.Command {
	return []*engine.Command{
		{Name: "debug", Arity: -2, Group: "server", Since: engine.V(1, 0, 0),
			Flags:      engine.Session | engine.Admin | engine.NoScript | engine.Loading | engine.Stale | engine.Restricted,
			Complexity: "Depends on subcommand.", Summary: "What tests need to see and to force.", Run: session((*Session).debug)},
	}
}

// debugSub is one subcommand of DEBUG; args is how many arguments follow its
// name, negative: at least that many less one.
type debugSub struct {
	name string
	args int
	run  func(*Session, [][]byte)
	help []string
}

var debugSubs = []debugSub{
	{"CHANGE-REPL-ID", 0, (*Session).debugChangeReplID, []string{"CHANGE-REPL-ID", "    Give the replication history a new id."}},
	{"DIGEST", 0, func(s *Session, _ [][]byte) { s.ctx.W.Simple(s.ctx.Digest()) }, []string{"DIGEST", "    A hash of all keys and values."}},
	{"DIGEST-VALUE", -1, (*Session).debugDigestValue, []string{"DIGEST-VALUE <key> [<key> ...]", "    A hash of each key's value."}},
	{"ERROR", 1, func(s *Session, a [][]byte) { s.ctx.W.Error(string(a[0])) }, []string{"ERROR <string>", "    Reply <string> as an error."}},
	{"LOG", 1, (*Session).debugLog, []string{"LOG <message>", "    Write <message> to the log."}},
	{"OBJECT", 1, (*Session).debugObject, []string{"OBJECT <key>", "    Low level facts about <key> and its value."}},
	{"PROTOCOL", 1, (*Session).debugProtocol, []string{"PROTOCOL <type>", "    Reply an example of <type>: string, integer, double, bignum, null, array, set, map, push, verbatim, true, false."}},
	{"QUICKLIST-PACKED-THRESHOLD", 1, debugOK, []string{"QUICKLIST-PACKED-THRESHOLD <size>", "    Accepted; lists here have no plain nodes."}},
	{"RELOAD", -1, (*Session).debugReload, []string{"RELOAD [option ...]", "    Build the keyspace anew from a copy of itself."}},
	{"SET-ACTIVE-EXPIRE", 1, (*Session).debugActiveExpire, []string{"SET-ACTIVE-EXPIRE <0|1>", "    Whether keys expire without being looked at."}},
	{"SET-DISABLE-DENY-SCRIPTS", 1, debugOK, []string{"SET-DISABLE-DENY-SCRIPTS <0|1>", "    Accepted."}},
	{"SLEEP", 1, (*Session).debugSleep, []string{"SLEEP <seconds>", "    Serve nobody for <seconds>. Decimals allowed."}},
	{"STRINGMATCH-LEN", 2, (*Session).debugStringMatch, []string{"STRINGMATCH-LEN <length> <pattern>", "    Match a string of <length> letters a against <pattern>."}},
}

func debugOK(s *Session, _ [][]byte) { s.ctx.W.OK() }

func (s *Session) debug() {
	name, args := s.ctx.Args[1], s.ctx.Args[2:]
	if engine.IsWord(name, "HELP") && len(args) == 0 {
		var lines []string
		for i := range debugSubs {
			lines = append(lines, debugSubs[i].help...)
		}
		s.help("DEBUG", lines...)
		return
	}
	for i := range debugSubs {
		sub := &debugSubs[i]
		if engine.IsWord(name, sub.name) && (sub.args == len(args) || sub.args < 0 && len(args) >= -sub.args-1) {
			sub.run(s, args)
			return
		}
	}
	s.ctx.W.Error(errSubcommand("DEBUG", name))
}

func (s *Session) debugChangeReplID(_ [][]byte) {
	s.node.log.Shift(s.node.newID(s.ctx.Rand.Uint64))
	s.ctx.W.OK()
}

// newID makes 40 hexadecimal digits.
func (n *Node) newID(random func() uint64) string {
	return fmt.Sprintf("%016x%016x%08x", random(), random(), uint32(random()))
}

// underSlot runs f with the key's slot locked, unless the caller holds all.
func (s *Session) underSlot(key []byte, f func()) {
	slot := slots.Of(key)
	if s.ctx.InTx {
		f()
		return
	}
	s.node.ks.Lock(slot)
	defer s.node.ks.Unlock(slot)
	s.ctx.Within(slot, f)
}

func (s *Session) debugDigestValue(keys [][]byte) {
	s.ctx.W.Array(len(keys))
	for _, key := range keys {
		s.underSlot(key, func() { s.ctx.W.Simple(s.ctx.DigestValue(key)) })
	}
}

func (s *Session) debugLog(args [][]byte) {
	s.node.cfg.Logger.Warn("DEBUG LOG: " + string(args[0]))
	s.ctx.W.OK()
}

func (s *Session) debugObject(args [][]byte) {
	s.underSlot(args[0], func() {
		e := s.ctx.Peek(args[0])
		if !e.Exists() {
			s.ctx.W.Error(protocol.ErrNoSuchKey)
			return
		}
		clock := int64(e.Access())
		s.ctx.W.Simple(fmt.Sprintf("Value at:0x0 refcount:1 encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
			e.Encoding(), valueBytes(e), clock&0xffffff, max(0, s.ctx.Now/1000-clock)))
	})
}

// valueBytes is about what a value takes.
func valueBytes(e engine.Entry) int64 {
	if o := e.Object(); o != nil {
		return o.Mem()
	}
	return int64(len(e.Str()))
}

func (s *Session) debugProtocol(args [][]byte) {
	w := s.ctx.W
	switch kind := args[0]; {
	case engine.IsWord(kind, "STRING"):
		w.BulkString("Hello World")
	case engine.IsWord(kind, "INTEGER"):
		w.Int(12345)
	case engine.IsWord(kind, "DOUBLE"):
		w.Double(3.141)
	case engine.IsWord(kind, "NULL"):
		w.Null()
	case engine.IsWord(kind, "BIGNUM"):
		w.BigNumber("1234567999999999999999999999999999999")
	case engine.IsWord(kind, "ARRAY"):
		w.Array(3)
		for i := range int64(3) {
			w.Int(i)
		}
	case engine.IsWord(kind, "SET"):
		w.Set(3)
		for i := range int64(3) {
			w.Int(i)
		}
	case engine.IsWord(kind, "MAP"):
		w.Map(3)
		for i := range int64(3) {
			w.Int(i)
			w.Bool(i == 1)
		}
	case engine.IsWord(kind, "PUSH"):
		w.Push(2)
		w.BulkString("server-cpu-usage")
		w.Int(42)
	case engine.IsWord(kind, "TRUE"):
		w.Bool(true)
	case engine.IsWord(kind, "FALSE"):
		w.Bool(false)
	case engine.IsWord(kind, "VERBATIM"):
		w.Verbatim("txt", "This is a verbatim\nstring")
	default:
		w.Error("ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	}
}

// debugReload gives every slot a fresh copy of its keys.
func (s *Session) debugReload(_ [][]byte) {
	ks := s.node.ks
	if !s.ctx.InTx {
		ks.LockAll()
		defer ks.UnlockAll()
	}
	for slot := range slots.Slot(slots.Count) {
		ks.InstallSlotLocked(slot, ks.CopySlotLocked(slot))
	}
	s.ctx.W.OK()
}

func (s *Session) debugActiveExpire(args [][]byte) {
	p := *s.node.Parameters()
	p.Engine.ActiveExpire = string(args[0]) != "0"
	s.node.SetParameters(&p)
	s.ctx.W.OK()
}

// debugSleep keeps the whole node from serving, as the real one's single thread
// would, without holding any thread here.
func (s *Session) debugSleep(args [][]byte) {
	seconds, ok := engine.ParseFloat(args[0])
	if !ok || seconds <= 0 || s.ctx.InTx {
		s.ctx.W.OK()
		return
	}
	d := time.Duration(min(seconds, math.MaxInt32) * float64(time.Second))
	s.node.Pause(s.ctx.Now+d.Milliseconds(), false)
	b := &blocked{sleep: true}
	s.park(b)
	b.mu.Lock()
	b.timer = s.node.cfg.Clock.AfterFunc(d, func() { b.endWith(func(w *protocol.Writer) { w.OK() }) })
	b.mu.Unlock()
}

func (s *Session) debugStringMatch(args [][]byte) {
	n, ok := engine.ParseInt(args[0])
	if !ok || n < 0 || n > s.node.Parameters().Engine.ProtoMaxBulk {
		s.ctx.W.Error(protocol.ErrNotInteger)
		return
	}
	text := make([]byte, n)
	for i := range text {
		text[i] = 'a'
	}
	if engine.MatchGlob(args[1], text) {
		s.ctx.W.Int(1)
	} else {
		s.ctx.W.Int(0)
	}
}
