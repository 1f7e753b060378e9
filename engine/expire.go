package engine

import (
	"elasticache-local/slots"
)

// maxExpireBuckets bounds how much of a slot one lock hold of the active
// expiry looks at, so that a million keys that expire together stall nobody.
const maxExpireBuckets = 256

// ExpireCycle deletes keys that have expired, as a primary does in the
// background; no slot's lock may be held. It stops after at most maxKeys
// deletions and reports whether there may be more.
func (c *Ctx) ExpireCycle(maxKeys int) (more bool) {
	ks := c.KS
	next := ks.volNext.Load()
	if next == 0 || next >= c.Now || c.Replica || !ks.Settings().ActiveExpire {
		return false
	}
	ks.volNext.Store(0)
	was, left := c.DB, maxKeys
	for i, db := range ks.dbs {
		if db.volatile() == 0 {
			continue
		}
		c.DB = i
		for s := db.nextNonEmpty(0); s < slots.Count; s = db.nextNonEmpty(s + 1) {
			left = c.expireSlot(db, slots.Slot(s), left)
		}
	}
	c.DB = was
	c.FlushStats()
	return left <= 0
}

// expireSlot deletes the expired keys of one slot, some buckets per lock hold,
// and gives what is left of the allowance.
func (c *Ctx) expireSlot(db *database, s slots.Slot, left int) int {
	ks := c.KS
	var cursor uint32
	var earliest int64
	var dead [][]byte
	for first := true; first || cursor != 0; first = false {
		ks.Lock(s)
		c.enter(s)
		t := db.slots[s].t
		if t == nil || first && (t.nextExpire == 0 || t.nextExpire >= c.Now || left <= 0) {
			if t != nil {
				ks.noteExpire(t.nextExpire)
			}
			c.exit()
			ks.Unlock(s)
			return left
		}
		if first {
			t.nextExpire = 0
		}
		dead = dead[:0]
		for range maxExpireBuckets {
			cursor = t.scan(cursor, func(r ref) {
				at := t.expireAt(r)
				if at != 0 && c.Now > at {
					dead = append(dead, append([]byte(nil), t.key(r)...))
				} else if at != 0 && (earliest == 0 || at < earliest) {
					earliest = at
				}
			})
			if cursor == 0 {
				break
			}
		}
		for _, key := range dead {
			if e := c.find(c.DB, key); e.Exists() {
				c.deleteExpired(&e, c.DB)
			}
		}
		left -= len(dead)
		if t := db.slots[s].t; t != nil && cursor == 0 && earliest != 0 {
			t.noteExpire(earliest)
			ks.noteExpire(t.nextExpire)
		}
		c.commit(s)
		c.exit()
		ks.Unlock(s)
	}
	return left
}
