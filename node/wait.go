package node

import (
	"sync"
	"time"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// blocked is what a session waits for. Exactly one of being served, the
// timeout, a cancellation and the end of the connection ends it.
type blocked struct {
	s      *Session
	key    *engine.Waiter // BLPOP and its like
	acks   func() bool    // WAIT: takes the registration back; false: already answered
	paused bool           // CLIENT PAUSE: the command has not run yet
	timer  Timer
}

// waitForKey parks the session until its waiter is served. The slot is locked.
func (s *Session) waitForKey(w *engine.Waiter) {
	b := &blocked{s: s, key: w}
	s.wait = b
	s.conn.Block()
	s.conn.SetIdleExempt(true)
	s.node.stats.blocked.Add(1)
	if w.TimeoutMillis > 0 {
		b.timer = s.node.cfg.Clock.AfterFunc(time.Duration(w.TimeoutMillis)*time.Millisecond, b.timeout)
	}
	w.Session = s
	w.Deliver = func(reply []byte) { b.end(reply) }
}

// end resumes the session. Called once, by whoever took the waiter out.
func (b *blocked) end(reply []byte) {
	if b.timer != nil {
		b.timer.Stop()
	}
	b.s.node.stats.blocked.Add(-1)
	b.s.conn.SetIdleExempt(false)
	b.s.conn.Resume(reply)
}

func (b *blocked) timeout() {
	b.cancel(func(w *protocol.Writer) { b.key.OnTimeout(w) }, b.s.shared.resp.Load())
}

// cancel ends a key wait with the reply that write makes, unless it is over.
func (b *blocked) cancel(write func(*protocol.Writer), resp int32) bool {
	n := b.s.node
	n.ks.Lock(b.key.Slot())
	ok := n.ks.CancelWaiterLocked(b.key)
	n.ks.Unlock(b.key.Slot())
	if ok {
		var w protocol.Writer
		w.SetProto(int(resp))
		write(&w)
		b.end(w.Bytes())
	}
	return ok
}

// cancelWait ends the wait of a session that goes away.
func (s *Session) cancelWait() {
	b := s.wait
	s.wait = nil
	switch {
	case b == nil:
	case b.key != nil:
		b.cancel(func(*protocol.Writer) {}, 2)
	case b.acks != nil:
		if b.acks() {
			b.end(nil)
		}
	}
}

// Unblock ends every wait for keys in set with an error that error gives for
// the slot: the slot went to another shard, or the node became a replica.
func (n *Node) Unblock(set slots.Set, msg func(s *Session, slot slots.Slot) string) {
	for slot := range set.All() {
		n.ks.Lock(slot)
		waiters := n.ks.WaitersLocked(slot)
		n.ks.Unlock(slot)
		for _, w := range waiters {
			s, ok := w.Session.(*Session)
			if !ok {
				continue
			}
			b := &blocked{s: s, key: w}
			b.cancel(func(out *protocol.Writer) { out.Error(msg(s, slot)) }, 2)
		}
	}
}

// pauseState is CLIENT PAUSE.
type pauseState struct {
	mu      sync.Mutex
	until   int64 // unix milliseconds, 0: not paused
	writes  bool  // only writes wait
	timer   Timer
	waiting []*blocked
}

// mustWait parks a command while the node is paused. It runs when the pause
// ends (see Session.Resumed).
func (s *Session) mustWait(cmd *engine.Command, args [][]byte) bool {
	p := &s.node.pause
	if !s.node.stats.paused.Load() || !s.pausable(cmd) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until <= s.ctx.Now || p.writes && !s.mayWrite(cmd) {
		return false
	}
	b := &blocked{s: s, paused: true}
	s.wait = b
	s.tx.postponed = copyArgs(args)
	s.conn.Block()
	p.waiting = append(p.waiting, b)
	return true
}

// pausable leaves the connection's own commands alone, as Redis does for those
// that could not lift a pause otherwise.
func (s *Session) pausable(cmd *engine.Command) bool {
	return cmd.Name != "client|unpause" && cmd.Name != "client|pause" && cmd.Name != "replconf"
}

// mayWrite reports whether a pause of writes stops cmd.
func (s *Session) mayWrite(cmd *engine.Command) bool {
	if cmd.Name == "exec" {
		return s.tx.writes
	}
	return !s.tx.open && cmd.Flags&(engine.Write|engine.MayReplicate) != 0
}

// Pause stops commands (only writes, or all) until a time in unix milliseconds.
// A longer or stricter pause in force stays, as in Redis.
func (n *Node) Pause(until int64, onlyWrites bool) {
	p := &n.pause
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until > until {
		until = p.until
	}
	p.writes = onlyWrites && (p.until == 0 || p.writes)
	p.until = until
	n.stats.paused.Store(true)
	if p.timer != nil {
		p.timer.Stop()
	}
	d := time.Duration(until-n.cfg.Clock.Now().UnixMilli()) * time.Millisecond
	p.timer = n.cfg.Clock.AfterFunc(d, n.Unpause)
}

// Unpause ends the pause and lets the commands that waited run.
func (n *Node) Unpause() {
	p := &n.pause
	p.mu.Lock()
	waiting := p.waiting
	p.waiting, p.until, p.writes = nil, 0, false
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	n.stats.paused.Store(false)
	p.mu.Unlock()
	for _, b := range waiting {
		b.s.conn.Resume(nil)
	}
}

// Resumed runs on the connection's own thread when a wait is over, before the
// rest of the pipeline: a command that a pause had stopped runs now.
func (n *Node) Resumed(c *protocol.Conn) {
	s := c.Session.(*Session)
	s.wait = nil
	args := s.tx.postponed
	if args == nil {
		return
	}
	s.tx.postponed = nil
	s.setNow(n.cfg.Clock.Now().UnixMicro())
	s.dispatch(args)
}

func copyArgs(args [][]byte) [][]byte {
	size := 0
	for _, a := range args {
		size += len(a)
	}
	buf := make([]byte, 0, size)
	out := make([][]byte, len(args))
	for i, a := range args {
		buf = append(buf, a...)
		out[i] = buf[len(buf)-len(a) : len(buf) : len(buf)]
	}
	return out
}
