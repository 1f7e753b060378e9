package node

import (
	"sync"
	"time"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/replication"
	"elasticache-local/slots"
)

// blocked is what a session waits for. Exactly one of being served, the
// timeout, a cancellation and the end of the connection ends it.
type blocked struct {
	s     *Session
	proto int
	key   *engine.Waiter      // BLPOP and its like; guarded by its slot's lock
	mu    sync.Mutex          // held until the wait has begun; guards what follows
	acks  *replication.Waiter // WAIT
	sleep bool                // DEBUG SLEEP: only time ends it
	timer Timer
}

// park makes the session wait. It is called on the session's own thread.
func (s *Session) park(b *blocked) {
	b.s, b.proto = s, s.ctx.W.Proto()
	s.shared.waiting.Store(b)
	s.conn.Block()
	s.conn.SetIdleExempt(true)
	s.setFlag(flagBlocked, true)
	s.node.stats.blocked.Add(1)
}

// end resumes the session. Called once, by whoever took the waiter out.
func (b *blocked) end(reply []byte) {
	b.mu.Lock()
	timer := b.timer
	b.mu.Unlock()
	if timer != nil {
		timer.Stop()
	}
	s := b.s
	s.shared.waiting.Store(nil)
	s.setFlag(flagBlocked, false)
	s.node.stats.blocked.Add(-1)
	s.conn.SetIdleExempt(s.subTotal() > 0)
	s.conn.Resume(reply)
}

// endWith is end with a reply that write makes in the session's protocol.
func (b *blocked) endWith(write func(*protocol.Writer)) {
	var w protocol.Writer
	w.SetProto(b.proto)
	write(&w)
	b.end(w.Bytes())
}

// cancel ends the wait unless it is over: with the error msg, or, if that is
// empty, as if the time were up.
func (b *blocked) cancel(msg string) bool { return b.cancelWith(msg, false) }

// cancelWith is cancel by one who may hold the lock of the key's slot.
func (b *blocked) cancelWith(msg string, slotHeld bool) bool {
	n := b.s.node
	b.mu.Lock()
	acks := b.acks
	b.mu.Unlock()
	if b.sleep {
		return false
	}
	if acks != nil {
		acked, ok := acks.Cancel()
		if ok {
			b.endWith(func(w *protocol.Writer) {
				if msg != "" {
					w.Error(msg)
				} else {
					w.Int(int64(acked))
				}
			})
		}
		return ok
	}
	if !slotHeld {
		n.ks.Lock(b.key.Slot())
	}
	ok := n.ks.CancelWaiterLocked(b.key)
	if !slotHeld {
		n.ks.Unlock(b.key.Slot())
	}
	if ok {
		b.endWith(func(w *protocol.Writer) {
			if msg != "" {
				w.Error(msg)
			} else {
				b.key.OnTimeout(w)
			}
		})
	}
	return ok
}

// afterLocked lets the wait time out.
func (b *blocked) afterLocked(millis int64) {
	if millis > 0 {
		b.timer = b.s.node.cfg.Clock.AfterFunc(time.Duration(millis)*time.Millisecond, func() { b.cancel("") })
	}
}

// waitForKey parks the session until its waiter is served. The slot is locked,
// so nobody serves it before this returns.
func (s *Session) waitForKey(w *engine.Waiter) {
	b := &blocked{key: w}
	s.park(b)
	w.Session = b
	w.Deliver = b.end
	b.mu.Lock()
	b.afterLocked(w.TimeoutMillis)
	b.mu.Unlock()
}

// cancelWait ends the wait of a session that goes away.
func (s *Session) cancelWait() {
	if b := s.shared.waiting.Load(); b != nil {
		b.cancel("")
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
			if b, ok := w.Session.(*blocked); ok {
				b.cancel(msg(b.s, slot))
			}
		}
	}
}

// Lost ends what clients of this node had going in slots that went to another
// shard: waits for keys end with a redirection, shard channels are left. The
// node has a topology without those slots already.
func (n *Node) Lost(set slots.Set) {
	v := n.view.Load()
	n.Unblock(set, func(s *Session, slot slots.Slot) string { return s.verdictErrorIn(v, slots.Moved, slot) })
	n.DropShardSubscribers(set)
}

// pauseState is CLIENT PAUSE.
type pauseState struct {
	mu      sync.Mutex
	until   int64 // unix milliseconds, 0: not paused
	writes  bool  // only writes wait
	timer   Timer
	waiting []*Session
}

// mustWait parks a command while the node is paused. It runs when the pause
// ends (see Session.Resumed).
func (s *Session) mustWait(cmd *engine.Command, args [][]byte) bool {
	p := &s.node.pause
	if !s.node.stats.paused.Load() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until <= s.ctx.Now || p.writes && !s.mayWrite(cmd) {
		return false
	}
	s.tx.postponed = copyArgs(args)
	s.conn.Block()
	s.setFlag(flagBlocked, true)
	p.waiting = append(p.waiting, s)
	return true
}

// mayWrite reports whether a pause of writes stops cmd.
func (s *Session) mayWrite(cmd *engine.Command) bool {
	if cmd.Name == "exec" {
		return s.tx.flags&(engine.Write|engine.MayReplicate) != 0
	}
	return cmd.Flags&(engine.Write|engine.MayReplicate) != 0
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
	for _, s := range waiting {
		s.conn.Resume(nil)
	}
}

// Resumed runs on the connection's own thread when a wait is over, before the
// rest of the pipeline: a command that a pause had stopped runs now.
func (n *Node) Resumed(c *protocol.Conn) {
	s := c.Session.(*Session)
	args := s.tx.postponed
	if args == nil {
		return
	}
	s.tx.postponed = nil
	s.setFlag(flagBlocked, false)
	s.setNow(n.cfg.Clock.Now().UnixMicro())
	s.dispatch(args)
}

// unblock ends a session's wait as if it had timed out, or with an error.
// allHeld says that the caller holds every slot's lock.
func (n *Node) unblock(id uint64, asError, allHeld bool) bool {
	s := n.sessions.find(id)
	if s == nil {
		return false
	}
	b := s.shared.waiting.Load()
	if b == nil {
		return false
	}
	msg := ""
	if asError {
		msg = protocol.ErrUnblockedByClient
	}
	return b.cancelWith(msg, allHeld)
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
