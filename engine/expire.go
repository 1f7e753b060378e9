package engine

import (
	"runtime"

	"elasticache-local/slots"
)

const (
	// maxExpireBuckets bounds how much of a slot one lock hold of the active
	// expiry looks at, so that a million keys that expire together stall nobody.
	maxExpireBuckets = 64

	// maxCycleBuckets bounds how much of a slot one cycle looks at: a giant
	// slot of which something expires all the time is not walked all the time.
	maxCycleBuckets = 1 << 16
)

// ExpireCycle deletes keys that have expired, as a primary does in the
// background; no slot's lock may be held. It stops soon after maxKeys
// deletions and reports whether there may be more.
func (c *Ctx) ExpireCycle(maxKeys int) (more bool) {
	ks := c.KS
	next := ks.volNext.Load()
	if next == 0 || next >= c.Now || c.Replica || !ks.Settings().ActiveExpire {
		return false
	}
	ks.volNext.Store(0) // every slot visited notes anew what it still has
	was, left := c.DB, maxKeys
	for i, db := range ks.dbs {
		c.DB = i
		for g := range db.groups {
			if db.groups[g].volatile.Load() == 0 {
				continue
			}
			end := (g + 1) * groupSize
			for s := db.nextNonEmpty(g * groupSize); s < end; s = db.nextNonEmpty(s + 1) {
				n, again := c.expireSlot(slots.Slot(s), left)
				left -= n
				more = more || again
			}
		}
	}
	c.DB = was
	c.FlushStats()
	return more || left <= 0
}

// expireSlot deletes the expired keys of one slot, some buckets per lock hold,
// up to maxKeys of them. It gives how many it deleted and whether there may be
// more.
func (c *Ctx) expireSlot(s slots.Slot, maxKeys int) (n int, more bool) {
	sweep := expirySweep{c: c, slot: &c.KS.dbs[c.DB].slots[s], maxKeys: maxKeys}
	c.atSlot(s, sweep.begin)
	for !sweep.done {
		c.atSlot(s, sweep.step)
		runtime.Gosched() // who waits for the lock is next: it would be taken again before they are awake
	}
	return sweep.deleted, sweep.more
}

// expirySweep is one pass of the active expiry over a slot, bucket by bucket.
// It begins anew when the number of buckets changes. That costs little, and it
// does not go in the order of SCAN's cursor because then what remains would
// share its low bits: the smaller the table got, the longer its chains.
type expirySweep struct {
	c       *Ctx
	slot    *slot
	maxKeys int
	sweepState

	seen, deleted int // buckets, keys
	dead          [][]byte
	done          bool
	more          bool // keys may have expired that the pass has not come to
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
	case t.nextExpire >= w.c.Now || w.maxKeys <= 0:
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
	case w.deleted >= w.maxKeys || w.seen >= maxCycleBuckets:
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
	w.more = t.nextExpire != 0 && t.nextExpire < w.c.Now
	w.c.KS.noteExpire(t.nextExpire)
}

// pause leaves the rest to the next cycle.
func (w *expirySweep) pause(t *table) {
	if t.nextExpire != 0 {
		w.note(t.nextExpire)
	}
	if t.big != nil {
		t.big.sweep = w.sweepState
	}
	t.nextExpire, w.more = 1, true
	w.c.KS.noteExpire(1)
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
