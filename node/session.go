package node

import (
	"sync"
	"sync/atomic"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

// Session is one client of a node. Its fields are used on the connection's own
// thread, except those said to be for everybody.
type Session struct {
	node *Node
	conn *protocol.Conn
	ctx  *engine.Ctx

	id       uint64
	user     string // "default"
	authed   bool
	readOnly bool // READONLY
	asking   bool // ASKING, for the next command
	quiet    replyMode
	tx       transaction
	subs     subscriptions
	woff     int64 // log offset of its last write, for WAIT
	keyPos   []int // scratch for key positions

	cmd     *engine.Command // the last one found, with the name it was found by
	cmdName []byte

	stat   batchStats
	locked locked
	given  []givenArg // by the command in execution

	wall, wallMono int64 // the time, in unix microseconds, at a monotonic reading

	// For everybody, through the registry: CLIENT LIST and its like.
	shared sessionInfo
}

// sessionInfo is what other sessions may read.
type sessionInfo struct {
	mu              sync.Mutex
	name            string
	libName, libVer string
	lastCmd         atomic.Pointer[engine.Command]
	waiting         atomic.Pointer[blocked]
	multiMem        atomic.Int64
	db              atomic.Int32
	flags           atomic.Uint32
	resp            atomic.Int32
	multi           atomic.Int32 // queued commands, -1 outside MULTI
	subs            [3]atomic.Int32
	created         int64 // unix milliseconds
	lastUsed        atomic.Int64
	argvMem         atomic.Int64
}

// user is the name of the session's user.
func (i *sessionInfo) user() string { return "default" }

type replyMode uint8

const (
	replyOn replyMode = iota
	replyOff
	replySkipNext // CLIENT REPLY SKIP was just given
	replySkip     // this command's reply is dropped
)

// batchStats are counters that go to the node's once per batch.
type batchStats struct {
	commands int64
	cmd      *engine.Command // calls and nanos are of this one
	calls    int64
	nanos    int64
	errors   int64
	run      int   // commands since the clock was read
	lastMono int64 // when it was
}

// Open accepts a connection: protocol.Handler.
func (n *Node) Open(c *protocol.Conn) (refuse string) {
	if n.dead.Load() {
		return protocol.ErrClusterDown
	}
	s := &Session{node: n, conn: c, ctx: n.newCtx(), user: "default"}
	s.ctx.Sink = n
	s.ctx.W, s.ctx.Session, s.ctx.Giver = &c.W, s, s
	now := n.cfg.Clock.Now()
	s.shared.created = now.UnixMilli()
	s.shared.lastUsed.Store(s.shared.created)
	s.shared.resp.Store(2)
	s.shared.multi.Store(-1)
	if !n.sessions.add(s, n.Parameters().MaxClients) {
		n.stats.rejected.Add(1)
		return protocol.ErrMaxClients
	}
	s.authed = !n.cfg.Auth.Required()
	c.SetAuthenticated(s.authed)
	c.Session = s
	n.stats.connections.Add(1)
	return ""
}

// givenArg is an argument that belongs to the keyspace now.
type givenArg struct {
	index int
	shown string // of it in the slow log
}

// Give lets the keyspace keep an argument instead of a copy: engine.Giver. When the
// slow log looks at the arguments the key is unlocked and others may change it, so
// what the log shows is taken here.
func (s *Session) Give(i int) bool {
	arg := s.ctx.Args[i]
	if !s.conn.Give(arg) {
		return false
	}
	s.given = append(s.given, givenArg{i, slowArg(arg)})
	return true
}

// Batch is called before the first of the commands that one read brought:
// the time is read once for all of them.
func (n *Node) Batch(c *protocol.Conn) {
	s := c.Session.(*Session)
	mono := n.cfg.Clock.Mono()
	s.stat.lastMono = mono
	if s.wallMono == 0 || mono-s.wallMono >= wallNanos {
		s.wall, s.wallMono = n.cfg.Clock.Now().UnixMicro(), mono
	}
	s.setNow(s.wall + (mono-s.wallMono)/1000)
}

// wallNanos is how long the wall clock is taken to go on as the monotonic one,
// which is read anyway and costs half.
const wallNanos = 10e6

func (s *Session) setNow(micros int64) {
	ms := micros / 1000
	s.ctx.NowMicros = micros
	if s.ctx.Now == ms {
		return
	}
	s.ctx.Now = ms
	s.shared.lastUsed.Store(ms)
	if now := &s.node.stats.now; now.Load() != ms {
		now.Store(ms)
	}
}

// BatchDone is called when the batch's last command has run.
func (n *Node) BatchDone(c *protocol.Conn) { c.Session.(*Session).flushStats() }

func (s *Session) flushStats() {
	s.endRun()
	s.stat.flush(&s.node.stats)
	s.ctx.FlushStats()
}

func (b *batchStats) flush(st *stats) {
	if b.commands == 0 {
		return
	}
	st.commands.Add(b.commands)
	b.flushCmd(st)
	b.commands = 0
}

func (b *batchStats) flushCmd(st *stats) {
	if b.cmd == nil {
		return
	}
	p := &st.perCmd[b.cmd.ID]
	p.calls.Add(b.calls)
	p.nanos.Add(b.nanos)
	if b.errors != 0 {
		p.failed.Add(b.errors)
	}
	b.cmd, b.calls, b.nanos, b.errors = nil, 0, 0, 0
}

// Close forgets a connection: protocol.Handler.
func (n *Node) Close(c *protocol.Conn) {
	s, ok := c.Session.(*Session)
	if !ok {
		return
	}
	s.cancelWait()
	s.discard()
	s.unsubscribeAll()
	s.flushStats()
	n.sessions.remove(s)
}

// registry is the node's sessions by id.
type registry struct {
	mu   sync.Mutex
	byID map[uint64]*Session
	next atomic.Uint64
}

func (r *registry) init() { r.byID = map[uint64]*Session{} }

func (r *registry) add(s *Session, limit int) bool {
	s.id = r.next.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.byID) >= limit {
		return false
	}
	r.byID[s.id] = s
	return true
}

func (r *registry) remove(s *Session) {
	r.mu.Lock()
	delete(r.byID, s.id)
	r.mu.Unlock()
}

func (r *registry) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID)
}

// find gives the session with that id, or nil.
func (r *registry) find(id uint64) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

// all are the sessions in the order of their ids.
func (r *registry) all() []*Session {
	r.mu.Lock()
	out := make([]*Session, 0, len(r.byID))
	for _, s := range r.byID {
		out = append(out, s)
	}
	r.mu.Unlock()
	sortSessions(out)
	return out
}

// DropClients closes every client connection of the node.
func (n *Node) DropClients() {
	for _, s := range n.sessions.all() {
		s.conn.Close()
	}
}
