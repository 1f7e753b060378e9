package engine

import (
	"cmp"
	"slices"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// Waiter is a client that waits for one of some keys to become ready: BLPOP
// and its like. It stands in its keys' slots, guarded by their lock, until it
// is served, times out or is cancelled; exactly one of these wins.
type Waiter struct {
	// TimeoutMillis is how long to wait, 0 for ever.
	TimeoutMillis int64
	// OnTimeout writes the reply of a wait in vain.
	OnTimeout func(w *protocol.Writer)
	// Deliver sends the reply of a served wait. It is called with the slot's
	// lock held and must not block. The caller of TakeWaiter sets it.
	Deliver func(reply []byte)
	// Session is the waiting session, for whoever serves it.
	Session any

	cmd   *Command
	args  [][]byte
	db    int
	slot  slots.Slot // the lock domain
	kind  Kind
	keys  []string
	proto int
	done  bool
	seq   uint64 // order of arrival, so that nothing depends on a map's order
}

// Keys are the keys it waits for.
func (w *Waiter) Keys() []string { return w.keys }

// Slot is the slot whose lock guards it.
func (w *Waiter) Slot() slots.Slot { return w.slot }

// Command is the command that waits.
func (w *Waiter) Command() *Command { return w.cmd }

type readyKey struct {
	db   int
	slot slots.Slot
	key  string
	kind Kind
}

// MayBlock reports whether the command may wait; otherwise it replies at once
// as if the wait had timed out.
func (c *Ctx) MayBlock() bool { return !c.DenyBlocking && !c.Applying }

// Ready is the key on whose behalf a waiting command runs again, nil when the
// command runs for the first time. A command that waits for several keys looks
// only at this one.
func (c *Ctx) Ready() []byte { return c.readyKey }

// Block makes the command wait for one of keys to hold a value of the given
// kind. The command writes no reply and returns; it runs again when a key
// became ready.
func (c *Ctx) Block(keys [][]byte, kind Kind, timeoutMillis int64, onTimeout func(*protocol.Writer)) {
	if c.readyKey != nil { // still nothing for this waiter: it stays where it is
		c.block = &Waiter{}
		return
	}
	w := &Waiter{TimeoutMillis: timeoutMillis, OnTimeout: onTimeout, cmd: c.cmd, db: c.DB, slot: c.slot, kind: kind, proto: c.W.Proto()}
	w.args = make([][]byte, len(c.Args))
	for i, a := range c.Args {
		w.args[i] = append([]byte(nil), a...)
	}
	for _, k := range keys {
		w.keys = append(w.keys, string(k))
	}
	c.block = w
	w.seq = c.KS.waiterSeq.Add(1)
	for _, k := range keys {
		ext := c.ext(c.slotOf(k))
		if ext.waiters == nil {
			ext.waiters = map[string][]*Waiter{}
		}
		name := waitName(c.DB, k)
		if q := ext.waiters[name]; len(q) == 0 || q[len(q)-1] != w {
			ext.waiters[name] = append(q, w)
		}
	}
}

func waitName(db int, key []byte) string {
	return string(append([]byte{byte(db)}, key...))
}

// TakeWaiter gives the waiter of the last call if it asked to wait. The caller
// sets Deliver and Session before it releases the slot's lock.
func (c *Ctx) TakeWaiter() *Waiter {
	w := c.block
	c.block = nil
	return w
}

func (c *Ctx) ext(s slots.Slot) *slotExt {
	sl := &c.KS.dbs[0].slots[s]
	if sl.ext == nil {
		sl.ext = &slotExt{}
	}
	return sl.ext
}

// signalReady notes that a key of a kind that clients wait for was created.
func (c *Ctx) signalReady(e *Entry, kind Kind) {
	ext := c.KS.dbs[0].slots[e.slot].ext
	if ext == nil || len(ext.waiters) == 0 || c.Applying {
		return
	}
	db := c.dbIndex(e.db)
	if len(ext.waiters[waitName(db, e.key)]) == 0 {
		return
	}
	for _, r := range c.ready {
		if r.db == db && r.key == string(e.key) {
			return
		}
	}
	c.ready = append(c.ready, readyKey{db, e.slot, string(e.key), kind})
}

func (c *Ctx) dbIndex(db *database) int {
	for i, d := range c.KS.dbs {
		if d == db {
			return i
		}
	}
	panic("engine: entry of another keyspace")
}

// serveReady runs waiting commands for the keys that became ready, first come
// first served, until nothing more becomes ready.
func (c *Ctx) serveReady() {
	for len(c.ready) > 0 {
		r := c.ready[0]
		c.ready = c.ready[1:]
		c.serveKey(r)
	}
	c.ready = nil
}

func (c *Ctx) serveKey(r readyKey) {
	ext := c.KS.dbs[0].slots[r.slot].ext
	name := waitName(r.db, []byte(r.key))
	queue := append([]*Waiter(nil), ext.waiters[name]...)
	for _, w := range queue {
		e := c.PeekDB(r.db, []byte(r.key))
		if !e.Exists() {
			return
		}
		if w.done || e.Kind() != w.kind {
			continue
		}
		c.serve(w, r.key)
	}
}

// serve runs the waiter's command again; if it finds something the reply is
// delivered and its effects join the current ones.
func (c *Ctx) serve(w *Waiter, key string) {
	s := c.server
	if s == nil {
		s = &Ctx{W: new(protocol.Writer)}
		c.server = s
	}
	s.W.Reset()
	s.W.SetProto(w.proto)
	s.Args, s.DB, s.Now, s.NowMicros, s.Rand = w.args, w.db, c.Now, c.NowMicros, c.Rand
	s.KS, s.Host, s.Sink, s.Session, s.Replica = c.KS, c.Host, c.Sink, w.Session, c.Replica
	s.slot, s.slotLocked, s.allLocked, s.readyKey, s.ready = c.slot, c.slotLocked, c.allLocked, []byte(key), nil
	s.effects, c.effects = c.effects, effects{}
	s.run(w.cmd)
	c.effects, s.effects = s.effects, effects{}
	c.ready = append(c.ready, s.ready...)
	c.expired += s.expired
	s.expired, s.hits, s.misses = 0, 0, 0
	if s.block != nil {
		s.block = nil
		return
	}
	c.KS.removeWaiter(w)
	w.Deliver(s.W.Bytes())
}

// CancelWaiterLocked takes a waiter out. It reports false when the waiter has
// already been served or cancelled. The lock of w.Slot() is held.
func (ks *Keyspace) CancelWaiterLocked(w *Waiter) bool {
	if w.done {
		return false
	}
	ks.removeWaiter(w)
	return true
}

// WaitersLocked are the clients that wait for keys of slot s, longest first.
func (ks *Keyspace) WaitersLocked(s slots.Slot) []*Waiter {
	ext := ks.dbs[0].slots[s].ext
	if ext == nil {
		return nil
	}
	var out []*Waiter
	seen := map[*Waiter]bool{}
	for _, q := range ext.waiters {
		for _, w := range q {
			if !seen[w] {
				seen[w] = true
				out = append(out, w)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Waiter) int { return cmp.Compare(a.seq, b.seq) })
	return out
}

func (ks *Keyspace) removeWaiter(w *Waiter) {
	w.done = true
	for _, k := range w.keys {
		s := w.slot
		if ks.single || s == AllSlots {
			s = slots.Of([]byte(k))
		}
		ext := ks.dbs[0].slots[s].ext
		if ext == nil {
			continue
		}
		name := waitName(w.db, []byte(k))
		q := ext.waiters[name]
		for i := 0; i < len(q); i++ {
			if q[i] == w {
				q = append(q[:i:i], q[i+1:]...)
				i--
			}
		}
		if len(q) == 0 {
			delete(ext.waiters, name)
		} else {
			ext.waiters[name] = q
		}
	}
}
