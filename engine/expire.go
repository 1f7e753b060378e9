package engine

import (
	"elasticache-local/slots"
)

// maxExpireBuckets bounds how much of a slot one lock hold of the active
// expiry looks at, so that a million keys that expire together stall nobody.
const maxExpireBuckets = 256

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
				left = c.expireSlot(slots.Slot(s), left)
			}
		}
	}
	c.DB = was
	c.FlushStats()
	return left <= 0
}

// expireSlot deletes the expired keys of one slot, some buckets per lock hold,
// and gives what is left of the allowance.
func (c *Ctx) expireSlot(s slots.Slot, left int) int {
	sweep := expirySweep{c: c, slot: &c.KS.dbs[c.DB].slots[s]}
	c.atSlot(s, func() { sweep.begin(left) })
	for !sweep.done {
		c.atSlot(s, func() { left -= sweep.step(left) })
	}
	return left
}

// expirySweep is one pass of the active expiry over a slot, bucket by bucket.
// It begins anew when the table was resized. That costs little, and it does not
// go in the order of SCAN's cursor because then what remains would share its
// low bits: the smaller the table got, the longer its chains.
type expirySweep struct {
	c        *Ctx
	slot     *slot
	bucket   int   // next to look at
	size     int   // buckets of the table that bucket belongs to
	earliest int64 // expiry among the keys seen alive, 0: none
	dead     [][]byte
	done     bool
}

// begin finds out whether the slot needs a pass now.
func (w *expirySweep) begin(left int) {
	t := w.slot.t
	switch {
	case t == nil || t.nextExpire == 0:
		w.done = true
	case t.nextExpire >= w.c.Now || left <= 0:
		w.c.KS.noteExpire(t.nextExpire)
		w.done = true
	default:
		t.nextExpire = 0 // found anew, with what is set meanwhile
	}
}

// step looks at the next buckets and gives how many keys it deleted.
func (w *expirySweep) step(left int) int {
	t := w.slot.t
	if t == nil {
		w.done = true
		return 0
	}
	if w.size != len(t.buckets) {
		w.bucket, w.size = 0, len(t.buckets)
	}
	end := min(w.bucket+maxExpireBuckets, w.size)
	for ; w.bucket < end; w.bucket++ {
		for r := ref(t.buckets[w.bucket]); r != 0; r = ref(t.u32(r, recNext)) {
			w.see(t, r)
		}
	}
	w.done = w.bucket == w.size
	n := len(w.dead)
	for _, key := range w.dead {
		if e := w.c.find(w.c.DB, key); e.Exists() {
			w.c.deleteExpired(&e, w.c.DB)
		}
	}
	w.dead = w.dead[:0]
	if !w.done && n >= left { // to be continued by the next cycle
		w.done, w.earliest = true, 1
	}
	if t = w.slot.t; w.done && t != nil {
		if w.earliest != 0 {
			t.noteExpire(w.earliest)
		}
		w.c.KS.noteExpire(t.nextExpire)
	}
	return n
}

func (w *expirySweep) see(t *table, r ref) {
	at := t.expireAt(r)
	switch {
	case at == 0:
	case w.c.Now > at:
		w.dead = append(w.dead, append([]byte(nil), t.key(r)...))
	case w.earliest == 0 || at < w.earliest:
		w.earliest = at
	}
}
