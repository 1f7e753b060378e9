package engine

import (
	"sync/atomic"

	"elasticache-local/slots"
)

// Watch is one session's WATCH: it turns dirty when a watched key is modified.
// A session has one Watch for all its keys.
type Watch struct {
	dirty atomic.Bool
	keys  []*keyWatch // owned by the session
}

// keyWatch is one key that a session watches.
type keyWatch struct {
	watch *Watch
	db    int
	slot  slots.Slot
	name  string // waitName

	// expired: the key is there but has expired before it was watched. That it
	// is deleted for that reason is then no change. Guarded by the slot's lock.
	expired bool
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
	ext := c.ext(s)
	for _, k := range ext.watchers[name] {
		if k.watch == w {
			return
		}
	}
	e := c.find(c.DB, key)
	k := &keyWatch{watch: w, db: c.DB, slot: s, name: name, expired: e.Exists() && c.isExpired(e.ExpireAt())}
	w.keys = append(w.keys, k)
	if ext.watchers == nil {
		ext.watchers = map[string][]*keyWatch{}
	}
	ext.watchers[name] = append(ext.watchers[name], k)
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
		ks.unwatchLocked(k)
		ks.Unlock(k.slot)
	}
	w.keys = nil
	w.dirty.Store(false)
}

func (ks *Keyspace) unwatchLocked(k *keyWatch) {
	ext := ks.dbs[0].slots[k.slot].ext
	if ext == nil {
		return
	}
	q := ext.watchers[k.name]
	for i := range q {
		if q[i] == k {
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

// touchWatchers spoils the watches of a key that was modified.
func (c *Ctx) touchWatchers(e *Entry) {
	for _, k := range c.watchersOf(e) {
		k.watch.Spoil()
	}
}

// expireWatchers spoils the watches of a key that was deleted because it has
// expired, but for those that watch it since.
func (c *Ctx) expireWatchers(e *Entry) {
	for _, k := range c.watchersOf(e) {
		if k.expired {
			k.expired = false
		} else {
			k.watch.Spoil()
		}
	}
}

func (c *Ctx) watchersOf(e *Entry) []*keyWatch {
	ext := c.KS.dbs[0].slots[e.slot].ext
	if ext == nil || len(ext.watchers) == 0 {
		return nil
	}
	return ext.watchers[waitName(c.dbIndex(e.db), e.key)]
}

// spoilSlot spoils the watches of the keys of slot s in database db that are
// in the table before, or in the one that takes its place (nil: none): FLUSHALL,
// SWAPDB. A key that is absent or has expired on both sides stays as it was.
func (c *Ctx) spoilSlot(db int, s slots.Slot, before, after *table) {
	ext := c.KS.dbs[0].slots[s].ext
	if ext == nil {
		return
	}
	for name, q := range ext.watchers {
		if int(name[0]) != db {
			continue
		}
		key := []byte(name[1:])
		h := hashBytes(c.KS.seed, key)
		was, is := before.find(key, h), after.find(key, h)
		over := is != 0 && c.isExpired(after.expireAt(is))
		for _, k := range q {
			switch {
			case k.expired && is == 0:
				k.expired = false
			case k.expired && over:
			case !k.expired && was == 0 && over:
				k.expired = true
			case was != 0 || is != 0:
				k.watch.Spoil()
			}
		}
	}
}
