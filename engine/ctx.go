package engine

import (
	"math/rand/v2"
	"unsafe"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// Ctx is what a command runs with: its arguments, the time, the random source,
// the reply writer and the keys. A Ctx belongs to one session and is reused
// for all its commands; it is not safe for concurrent use.
type Ctx struct {
	Args      [][]byte         // the command's name first; valid during the call only
	W         *protocol.Writer // the reply
	DB        int              // the selected database
	Now       int64            // unix milliseconds
	NowMicros int64            // unix microseconds, for TIME
	Rand      *rand.Rand

	KS   *Keyspace
	Sink Sink // where effects go; nil discards them
	Host Host // the node; nil in an engine on its own
	// Giver gives long arguments away; nil if nobody does.
	Giver Giver

	// Session is the session for session commands, nil for others.
	Session any

	// Applying: the commands come from a primary's log. Keys do not expire,
	// nothing is appended to a log.
	Applying bool
	// Replica: the node is a replica. Expired keys look absent to clients, but
	// only the primary deletes them.
	Replica bool
	// DenyBlocking: in a transaction or a script, where nothing may wait.
	DenyBlocking bool
	// Only, if not nil, says which slots a command on every slot may touch: a
	// follower that has copied the others at a later moment.
	Only func(slots.Slot) bool
	// NoTouch: lookups leave the keys' access times alone (CLIENT NO-TOUCH).
	NoTouch bool
	// LimitedKeys: the user may not read every key, so that SORT refuses to
	// look keys up by patterns.
	LimitedKeys bool
	// InTx: within EXEC.
	InTx bool

	known      knownKey
	cmd        *Command
	slot       slots.Slot // the slot of the keys when the keyspace has a lock per slot
	slotLocked bool       // the caller holds its lock
	allLocked  bool       // the caller holds every lock

	dirty    int
	explicit bool // the command said what its effect is
	effects  effects

	block    *Waiter    // set when the command asked to wait
	ready    []readyKey // keys that waiters may be served from
	readyKey []byte     // when run on behalf of a waiter: the key that became ready
	server   *Ctx       // runs waiters' commands

	hits, misses, expired int64
	scratch               []byte
	offsets               []uint32 // of a pack that is walked backwards
	pool                  evictionPool
	views                 views
}

// Sink takes the effects of a command: payload is one or more commands in
// RESP that together have the same effect, applied atomically by followers.
// It is called with the slot's lock held and must not keep payload.
type Sink interface {
	// Recording reports whether Append keeps anything. As long as the slot's
	// lock is held, who comes to follow has yet to copy the slot, so what is
	// not recorded is not lost.
	Recording() bool
	Append(slot slots.Slot, db int, payload []byte)
}

// AllSlots is the slot of an effect that touches every slot.
const AllSlots slots.Slot = 0xFFFF

// Host is what the engine asks of the node it runs in.
type Host interface {
	// Notify publishes a keyspace event whose class is switched on.
	Notify(db int, class NotifyClass, event string, key []byte)
}

// Giver is who has read the command's arguments.
type Giver interface {
	// Give reports whether argument i belongs to the keyspace from now on. It is called with
	// the slot's lock held, and until that is released the command may still look at it.
	Give(i int) bool
}

// Cmd is the command in execution.
func (c *Ctx) Cmd() *Command { return c.cmd }

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

// Raw reports whether a string was made by appending or overwriting a range.
func (e Entry) Raw() bool { return e.t.meta(e.r)&flagRaw != 0 }

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

func (c *Ctx) find(dbIndex int, key []byte) Entry {
	db := c.KS.dbs[dbIndex]
	var s slots.Slot
	var h uint64
	if k := &c.known; k.at != nil && unsafe.SliceData(key) == k.at && len(key) == k.len {
		s, h = k.slot, k.hash
	} else {
		s, h = c.slotOf(key), hashBytes(c.KS.seed, key)
	}
	t := db.slots[s].t
	return Entry{db: db, slot: s, t: t, h: h, key: key, r: t.find(key, h)}
}

// Peek looks a key up without counting, touching or notifying. An expired key
// is deleted on a primary and looks absent on a replica.
func (c *Ctx) Peek(key []byte) Entry { return c.PeekDB(c.DB, key) }

// PeekDB is Peek in another database.
func (c *Ctx) PeekDB(db int, key []byte) Entry {
	e := c.find(db, key)
	if e.r != 0 && e.t.meta(e.r)&flagExpire != 0 && c.isExpired(e.t.expireAt(e.r)) {
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
	e := c.Look(key)
	if e.r != 0 {
		c.touch(e)
	}
	return e
}

// Look is Read for a command that asks about the key and not for its value:
// TTL, TYPE and EXISTS are no access.
func (c *Ctx) Look(key []byte) Entry {
	e := c.Peek(key)
	if e.r == 0 {
		c.misses++
		c.Notify(NotifyKeyMiss, "keymiss", key)
		return e
	}
	c.hits++
	return e
}

// Write looks a key up for a command that may change its value.
func (c *Ctx) Write(key []byte) Entry {
	e := c.Peek(key)
	if e.r != 0 {
		c.touch(e)
	}
	return e
}

// touch notes the access for eviction and OBJECT IDLETIME / FREQ.
func (c *Ctx) touch(e Entry) {
	if !c.NoTouch {
		c.stamp(e)
	}
}

// stamp is touch for a key that is new too.
func (c *Ctx) stamp(e Entry) {
	if c.KS.Settings().MaxMemoryPolicy.LFU() {
		c.touchLFU(e)
		return
	}
	e.t.setU32(e.r, recAccess, uint32(c.Now/1000))
}

// Table mutators. Each marks the key as modified: watchers see it, and the
// command propagates unless it says its effect itself.

// SetStr stores a string with an expiry (0: none) in place of any value.
// A value that looks like an integer has encoding int.
func (c *Ctx) SetStr(e *Entry, val []byte, expireAt int64) { c.setStr(e, val, 0, expireAt) }

// SetArg is SetStr for argument i, which is kept instead of a copy where that is possible.
func (c *Ctx) SetArg(e *Entry, i int, expireAt int64) {
	val := c.Args[i]
	if len(val) < minAdopted || c.Giver == nil || cap(val)-len(val) > len(val)/maxAdoptedSpare || !c.Giver.Give(i) {
		c.SetStr(e, val, expireAt)
		return
	}
	c.SetObj(e, &bigString{b: val}, expireAt)
}

// An argument is worth keeping from this length on, in bytes, and if not more than this
// fraction of it is unused memory behind it.
const (
	minAdopted      = 32 << 10
	maxAdoptedSpare = 8
)

// SetRawStr is SetStr for a value that APPEND, SETRANGE or SETBIT made.
func (c *Ctx) SetRawStr(e *Entry, val []byte, expireAt int64) { c.setStr(e, val, flagRaw, expireAt) }

// setTextStr is SetStr for a value that INCRBYFLOAT made: it never has encoding int.
func (c *Ctx) setTextStr(e *Entry, val []byte, expireAt int64) { c.setStr(e, val, flagText, expireAt) }

func (c *Ctx) setStr(e *Entry, val []byte, flags uint8, expireAt int64) {
	if e.r != 0 && expireAt == 0 && e.t.expireAt(e.r) == 0 && e.t.fits(e.r, len(val), 0) {
		e.t.overwrite(e.r, uint8(KindString)|flags, val, 0) // the common case: nothing moves, nothing is counted
		c.changedKey(e)
		return
	}
	before := c.before(e)
	fresh := e.r == 0
	e.r = e.t.setStr(e.r, e.key, e.h, val, flags, expireAt)
	if fresh {
		c.stamp(*e)
	}
	c.after(e, before)
	c.changedKey(e)
	if fresh {
		c.Notify(NotifyNew, "new", e.key)
	}
}

// SetObj stores a container with an expiry (0: none) in place of any value.
// Clients that wait for the key are served when the command is done.
func (c *Ctx) SetObj(e *Entry, o Object, expireAt int64) {
	before := c.before(e)
	fresh := e.r == 0
	e.r = e.t.setObj(e.r, e.key, e.h, o, uint8(o.Kind()), expireAt)
	if fresh {
		c.stamp(*e)
	}
	c.after(e, before)
	c.changedKey(e)
	c.signalReady(e, o.Kind())
	if fresh {
		c.Notify(NotifyNew, "new", e.key)
	}
}

// SetExpire sets the expiry of a present key (0: removes it).
func (c *Ctx) SetExpire(e *Entry, at int64) {
	before := c.before(e)
	e.r = e.t.setExpire(e.r, at)
	c.after(e, before)
	c.changedKey(e)
}

// Del deletes a present key.
func (c *Ctx) Del(e *Entry) {
	c.drop(e)
	c.changedKey(e)
}

// drop removes the record without marking anything modified but the watchers.
func (c *Ctx) drop(e *Entry) {
	c.remove(e)
	c.touchWatchers(e)
}

func (c *Ctx) remove(e *Entry) {
	before := c.before(e)
	e.t.remove(e.r)
	e.r = 0
	c.after(e, before)
}

// Changed says that the container in e was changed in place.
func (c *Ctx) Changed(e *Entry) {
	before := e.t.objBytes
	e.t.resized(e.r)
	if d := e.t.objBytes - before; d != 0 {
		c.KS.used.Add(d)
	}
	c.changedKey(e)
}

func (c *Ctx) changedKey(e *Entry) {
	c.dirty++
	c.touchWatchers(e)
}

// before and after keep the counters that span slots.
type tableSums struct {
	mem             int64
	count, volatile int
}

func (c *Ctx) before(e *Entry) tableSums {
	if e.t == nil {
		e.t = new(table)
		e.db.slots[e.slot].t = e.t
		return tableSums{}
	}
	return tableSums{e.t.mem(), e.t.count, e.t.volatile}
}

func (c *Ctx) after(e *Entry, b tableSums) {
	t := e.t
	if d := t.mem() - b.mem; d != 0 {
		c.KS.used.Add(d)
	}
	if d := t.count - b.count; d != 0 {
		e.db.group(e.slot).keys.Add(int64(d))
		switch {
		case b.count == 0:
			e.db.markNonEmpty(e.slot)
		case t.count == 0:
			e.db.markEmpty(e.slot)
		}
	}
	if d := t.volatile - b.volatile; d != 0 {
		e.db.group(e.slot).volatile.Add(int64(d))
	}
	if t.nextExpire != 0 {
		c.KS.noteExpire(t.nextExpire)
	}
	if t.count == 0 {
		e.db.slots[e.slot].t, e.t = nil, nil
	}
}

// Notify publishes a keyspace event if its class is switched on.
func (c *Ctx) Notify(class NotifyClass, event string, key []byte) {
	on := c.KS.Settings().NotifyEvents
	if on&class == 0 || on&(NotifyKeyspace|NotifyKeyevent) == 0 || c.Host == nil {
		return
	}
	c.Host.Notify(c.DB, on, event, key)
}

// Dirty marks the command as one that changed something, beyond what the
// mutators note themselves.
func (c *Ctx) Dirty() { c.dirty++ }

// FlushStats adds the counters of the commands run since the last call to the
// keyspace's: once per batch, so that the hot path writes no shared memory.
func (c *Ctx) FlushStats() {
	if c.hits != 0 {
		c.KS.Stats.Hits.Add(c.hits)
	}
	if c.misses != 0 {
		c.KS.Stats.Misses.Add(c.misses)
	}
	if c.expired != 0 {
		c.KS.Stats.Expired.Add(c.expired)
	}
	c.hits, c.misses, c.expired = 0, 0, 0
}
