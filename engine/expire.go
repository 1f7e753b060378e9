package engine

import (
	"runtime"

	"elasticache-local/slots"
)

const (
	// maxExpireBuckets bounds how much of a slot one lock hold of the active
	// expiry looks at, so that a million keys that expire together stall nobody.
	maxExpireBuckets = 64

	// maxCycleLooks bounds how much of the keyspace one cycle looks at, in
	// buckets and slots. It is more than there are slots, so that a cycle that
	// finds nothing to delete in them is a whole pass.
	maxCycleLooks = 3 * slots.Count / 2
)

// expiryPass is where the active expiry stands on its way through all slots
// of all databases. One cycle goes some of it, the next goes on from there.
type expiryPass struct {
	under    bool // under way
	db, slot int  // next to visit
}

// ExpireCycle deletes keys that have expired, as a primary does in the
// background; no slot's lock may be held, and no two cycles run at once. It
// stops soon after maxKeys deletions. It gives how many there were and whether
// its pass through the keyspace goes on.
func (c *Ctx) ExpireCycle(maxKeys int) (deleted int, more bool) {
	ks := c.KS
	if c.Replica || !ks.Settings().ActiveExpire {
		return 0, false
	}
	pass := &ks.expiry
	if !pass.under {
		if next := ks.volNext.Load(); next == 0 || next >= c.Now {
			return 0, false
		}
		ks.volNext.Store(0) // every slot visited notes anew what it still has
		*pass = expiryPass{under: true}
	}
	deleted = c.expireFrom(pass, maxKeys)
	c.FlushStats()
	return deleted, pass.under
}

// expireFrom goes on with a pass until it is over or enough was done.
func (c *Ctx) expireFrom(pass *expiryPass, maxKeys int) (deleted int) {
	was := c.DB
	defer func() { c.DB = was }()
	looks := 0
	for ; pass.db < len(c.KS.dbs); pass.db, pass.slot = pass.db+1, 0 {
		c.DB = pass.db
		db := c.KS.dbs[c.DB]
		for pass.slot = db.nextVolatile(pass.slot); pass.slot < slots.Count; pass.slot = db.nextVolatile(pass.slot + 1) {
			if deleted >= maxKeys || looks >= maxCycleLooks {
				return deleted
			}
			sweep := expirySweep{c: c, slot: &db.slots[pass.slot], maxKeys: maxKeys - deleted, maxLooks: maxCycleLooks - looks}
			c.expireSlot(&sweep, slots.Slot(pass.slot))
			deleted += sweep.deleted
			looks += sweep.seen + 1
			if sweep.paused {
				return deleted
			}
		}
	}
	pass.under = false
	return deleted
}

// nextVolatile is the first slot from s on that has keys and whose group has
// some that expire, or slots.Count.
func (db *database) nextVolatile(s int) int {
	for s = db.nextNonEmpty(s); s < slots.Count && db.groups[s/groupSize].volatile.Load() == 0; {
		s = db.nextNonEmpty((s/groupSize + 1) * groupSize)
	}
	return s
}

// expireSlot deletes the expired keys of one slot, some buckets per lock hold.
func (c *Ctx) expireSlot(sweep *expirySweep, s slots.Slot) {
	c.atSlot(s, sweep.begin)
	for !sweep.done {
		c.atSlot(s, sweep.step)
		runtime.Gosched() // who waits for the lock is next: it would be taken again before they are awake
	}
}

// expirySweep is one pass of the active expiry over a slot, bucket by bucket.
// It begins anew when the number of buckets changes. That costs little, and it
// does not go in the order of SCAN's cursor because then what remains would
// share its low bits: the smaller the table got, the longer its chains.
type expirySweep struct {
	c        *Ctx
	slot     *slot
	maxKeys  int // to delete, about
	maxLooks int // buckets to look at, about
	sweepState

	seen, deleted int // buckets, keys
	dead          [][]byte
	done          bool
	paused        bool // done for now, and not through
}

// sweepState is where a pass stands.
type sweepState struct {
	bucket   int   // next to look at, 0: a pass begins
	size     int   // buckets of the table that bucket belongs to
	resizes  int   // its bigTable.resizes
	earliest int64 // expiry among the keys seen alive and those set since, 0: none
}

func (s *sweepState) note(at int64) {
	if s.earliest == 0 || at < s.earliest {
		s.earliest = at
	}
}

// begin finds out whether the slot needs a pass now.
func (w *expirySweep) begin() {
	t := w.slot.t
	switch {
	case t == nil || t.nextExpire == 0:
		w.done = true
	case t.nextExpire >= w.c.Now:
		w.c.KS.noteExpire(t.nextExpire)
		w.done = true
	default:
		t.nextExpire = 0 // found anew, with what is set meanwhile
		if t.big != nil {
			w.sweepState, t.big.sweep = t.big.sweep, sweepState{}
		}
	}
}

// step looks at the next buckets.
func (w *expirySweep) step() {
	t := w.slot.t
	if t == nil {
		w.done = true
		return
	}
	resizes := 0
	if t.big != nil {
		resizes = t.big.resizes
	}
	if w.size != t.chains() || w.resizes != resizes {
		w.bucket, w.size, w.resizes = 0, t.chains(), resizes
	}
	end := min(w.bucket+maxExpireBuckets, w.size)
	w.seen += end - w.bucket
	for ; w.bucket < end; w.bucket++ {
		t.eachIn(t.chain(w.bucket), func(r ref) { w.see(t, r) })
	}
	w.done = w.bucket == w.size
	for _, key := range w.dead {
		if e := w.c.find(w.c.DB, key); e.Exists() {
			w.c.deleteExpired(&e, w.c.DB)
			w.deleted++
		}
	}
	w.dead = w.dead[:0]
	t = w.slot.t
	switch {
	case t == nil:
		w.done = true
	case w.done:
		w.finish(t)
	case w.deleted >= w.maxKeys || w.seen >= w.maxLooks:
		w.done = true
		w.pause(t)
	}
}

// finish notes in the table when its next key expires. That may be in the past:
// a key set while the pass was paused, in a bucket that it had left behind.
func (w *expirySweep) finish(t *table) {
	if w.earliest != 0 {
		t.noteExpire(w.earliest)
	}
	if t.big != nil {
		t.big.sweep = sweepState{}
	}
	w.c.KS.noteExpire(t.nextExpire)
}

// pause leaves the rest to the next cycle, which begins with this slot.
func (w *expirySweep) pause(t *table) {
	if t.nextExpire != 0 {
		w.note(t.nextExpire)
	}
	if t.big != nil {
		t.big.sweep = w.sweepState
	}
	t.nextExpire, w.paused = 1, true
}

func (w *expirySweep) see(t *table, r ref) {
	at := t.expireAt(r)
	switch {
	case at == 0:
	case w.c.Now > at:
		w.dead = append(w.dead, append([]byte(nil), t.key(r)...))
	default:
		w.note(at)
	}
}
