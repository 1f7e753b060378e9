package engine

import (
	"unsafe"

	"elasticache-local/slots"
)

// Entry is a key's place in its slot, present or not. It is stale after a
// write to any other key of the slot: look up again.
type Entry struct {
	db   *database
	slot slots.Slot
	t    *table
	r    ref
	h    uint64
	key  []byte
}

// Exists reports whether the key is there.
func (e Entry) Exists() bool { return e.r != 0 }

// Kind is the value's type, KindNone when absent.
func (e Entry) Kind() Kind {
	if e.r == 0 {
		return KindNone
	}
	return e.t.kind(e.r)
}

// Str is a view of a string value; valid until the next write to the slot.
func (e Entry) Str() []byte { return e.t.str(e.r) }

// Object is the container, or nil for a string in the arena. A small container
// is a view that is valid until the next write to the slot.
func (e Entry) Object() Object { return e.t.object(e.r) }

// ExpireAt is the expiry in unix milliseconds, 0 for none.
func (e Entry) ExpireAt() int64 {
	if e.r == 0 {
		return 0
	}
	return e.t.expireAt(e.r)
}

// Key is the key as it was looked up.
func (e Entry) Key() []byte { return e.key }

// Access is the LRU clock (unix seconds) or LFU counter of the key.
func (e Entry) Access() uint32 { return e.t.u32(e.r, recAccess) }

func (c *Ctx) slotOf(key []byte) slots.Slot {
	if c.KS.single || c.allLocked {
		return slots.Of(key)
	}
	return c.slot
}

// place gives the slot and the hash of a key.
func (c *Ctx) place(key []byte) (slots.Slot, uint64) {
	if k := &c.known; k.at != nil && unsafe.SliceData(key) == k.at && len(key) == k.len {
		return k.slot, k.hash
	}
	return c.hashed(key)
}

func (c *Ctx) hashed(key []byte) (slots.Slot, uint64) {
	return c.slotOf(key), hashBytes(c.KS.seed, key)
}

func (c *Ctx) find(dbIndex int, key []byte) Entry {
	db := c.KS.dbs[dbIndex]
	s, h := c.place(key)
	t := db.slots[s].t
	return Entry{db: db, slot: s, t: t, h: h, key: key, r: t.find(key, h)}
}

// Peek looks a key up without counting, touching or notifying. An expired key
// is deleted on a primary and looks absent on a replica.
func (c *Ctx) Peek(key []byte) Entry { return c.PeekDB(c.DB, key) }

// PeekDB is Peek in another database. It repeats what find does, one call less
// for every command.
func (c *Ctx) PeekDB(dbIndex int, key []byte) Entry {
	db := c.KS.dbs[dbIndex]
	s, h := c.place(key)
	t := db.slots[s].t
	r := t.find(key, h)
	e := Entry{db: db, slot: s, t: t, h: h, key: key, r: r}
	if r != 0 && t.meta(r)&flagExpire != 0 {
		return c.unexpired(e, dbIndex)
	}
	return e
}

// unexpired is e, absent if it has expired.
func (c *Ctx) unexpired(e Entry, db int) Entry {
	if c.isExpired(e.t.expireAt(e.r)) {
		c.expire(&e, db)
	}
	return e
}

func (c *Ctx) isExpired(at int64) bool { return at != 0 && c.Now > at && !c.Applying }

// expire makes an expired key absent.
func (c *Ctx) expire(e *Entry, db int) {
	if c.Replica {
		e.r = 0
		return
	}
	c.deleteExpired(e, db)
}

func (c *Ctx) deleteExpired(e *Entry, db int) {
	c.expired++
	c.remove(e)
	c.expireWatchers(e)
	was := c.DB
	c.DB = db
	c.effect(c.DB, delName, e.key)
	c.Notify(NotifyExpired, "expired", e.key)
	c.DB = was
}

var delName = []byte("DEL")

// Read looks a key up for a command that reads its value.
func (c *Ctx) Read(key []byte) Entry {
	e := c.PeekDB(c.DB, key)
	if e.r == 0 {
		c.missed(key)
		return e
	}
	c.hits++
	c.touch(e.t, e.r)
	return e
}

// Look is Read for a command that asks about the key and not for its value:
// TTL, TYPE and EXISTS are no access.
func (c *Ctx) Look(key []byte) Entry {
	e := c.PeekDB(c.DB, key)
	if e.r == 0 {
		c.missed(key)
	} else {
		c.hits++
	}
	return e
}

func (c *Ctx) missed(key []byte) {
	c.misses++
	c.Notify(NotifyKeyMiss, "keymiss", key)
}

// Write looks a key up for a command that may change its value.
func (c *Ctx) Write(key []byte) Entry {
	e := c.PeekDB(c.DB, key)
	if e.r != 0 {
		c.touch(e.t, e.r)
	}
	return e
}

// touch notes the access for eviction and OBJECT IDLETIME / FREQ.
func (c *Ctx) touch(t *table, r ref) {
	if !c.NoTouch {
		c.stamp(t, r)
	}
}

// stamp is touch for a key that is new too.
func (c *Ctx) stamp(t *table, r ref) {
	if c.KS.Settings().MaxMemoryPolicy.LFU() {
		c.touchLFU(t, r)
		return
	}
	t.setU32(r, recAccess, uint32(c.Now/1000))
}
