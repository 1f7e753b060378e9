package engine

import (
	"sync/atomic"

	"elasticache-local/slots"
)

// Watch is one session's WATCH: it turns dirty when a watched key is modified.
// A session has one Watch for all its keys.
type Watch struct {
	dirty atomic.Bool
	keys  []watchedKey // owned by the session
}

type watchedKey struct {
	db      int
	slot    slots.Slot
	name    string // waitName
	expired bool   // already expired when watched
}

// Dirty reports whether a watched key was modified.
func (w *Watch) Dirty() bool { return w.dirty.Load() }

// Spoil makes it dirty whatever was modified (FLUSHALL, a lost slot).
func (w *Watch) Spoil() { w.dirty.Store(true) }

// Empty reports whether nothing is watched.
func (w *Watch) Empty() bool { return len(w.keys) == 0 }

// Slots are the slots of the watched keys.
func (w *Watch) Slots() []slots.Slot {
	out := make([]slots.Slot, len(w.keys))
	for i, k := range w.keys {
		out[i] = k.slot
	}
	return out
}

// WatchLocked adds key, of slot s, to w. The slot's lock is held.
func (c *Ctx) WatchLocked(w *Watch, key []byte, s slots.Slot) {
	c.slot = s
	name := waitName(c.DB, key)
	for _, k := range w.keys {
		if k.name == name {
			return
		}
	}
	e := c.find(c.DB, key)
	gone := e.Exists() && c.isExpired(e.ExpireAt())
	w.keys = append(w.keys, watchedKey{db: c.DB, slot: s, name: name, expired: gone})
	ext := c.ext(s)
	if ext.watchers == nil {
		ext.watchers = map[string][]*Watch{}
	}
	ext.watchers[name] = append(ext.watchers[name], w)
}

// ExpiredSince reports whether a watched key has expired since it was watched
// although nobody has deleted it yet. The locks of all its slots are held.
func (c *Ctx) ExpiredSince(w *Watch) bool {
	for _, k := range w.keys {
		t := c.KS.dbs[k.db].slots[k.slot].t
		key := []byte(k.name[1:])
		r := t.find(key, hashBytes(c.KS.seed, key))
		if r != 0 && !k.expired && c.isExpired(t.expireAt(r)) {
			return true
		}
	}
	return false
}

// Unwatch takes w out of every slot. No slot's lock may be held.
func (ks *Keyspace) Unwatch(w *Watch) {
	for _, k := range w.keys {
		ks.Lock(k.slot)
		ks.unwatchLocked(w, k)
		ks.Unlock(k.slot)
	}
	w.keys = w.keys[:0]
	w.dirty.Store(false)
}

func (ks *Keyspace) unwatchLocked(w *Watch, k watchedKey) {
	ext := ks.dbs[0].slots[k.slot].ext
	if ext == nil {
		return
	}
	q := ext.watchers[k.name]
	for i := range q {
		if q[i] == w {
			q = append(q[:i:i], q[i+1:]...)
			break
		}
	}
	if len(q) == 0 {
		delete(ext.watchers, k.name)
	} else {
		ext.watchers[k.name] = q
	}
}

// touchWatchers spoils the watches of a key.
func (c *Ctx) touchWatchers(e *Entry) {
	ext := c.KS.dbs[0].slots[e.slot].ext
	if ext == nil || len(ext.watchers) == 0 {
		return
	}
	for _, w := range ext.watchers[waitName(c.dbIndex(e.db), e.key)] {
		w.dirty.Store(true)
	}
}

// spoilSlot spoils the watches of every key of slot s in database db that
// exists there or in other (nil: none): FLUSHALL, SWAPDB.
func (ks *Keyspace) spoilSlot(db int, s slots.Slot, tables ...*table) {
	ext := ks.dbs[0].slots[s].ext
	if ext == nil {
		return
	}
	for name, q := range ext.watchers {
		if int(name[0]) != db {
			continue
		}
		key := []byte(name[1:])
		h := hashBytes(ks.seed, key)
		for _, t := range tables {
			if t.find(key, h) != 0 {
				for _, w := range q {
					w.dirty.Store(true)
				}
			}
		}
	}
}
