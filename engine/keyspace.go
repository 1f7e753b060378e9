package engine

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"elasticache-local/slots"
)

// Keyspace is everything one node stores: its databases, each a table per slot.
//
// With cluster mode enabled there is one database and every slot has its own
// lock: a command, a transaction or a script touches one slot, so one lock
// gives it atomicity and commands on other slots run beside it. With cluster
// mode disabled commands may span slots and databases, so the whole keyspace
// is one lock domain, as it is in a Redis node.
type Keyspace struct {
	single bool
	mu     sync.Mutex // the lock domain when single
	dbs    []*database
	seed   uint64

	settings atomic.Pointer[Settings]

	// Stats are added to in batches, see Ctx.FlushStats.
	Stats Stats

	used      atomic.Int64 // bytes of all tables, see Mem
	tidier    tidier
	waiterSeq atomic.Uint64
	volNext   atomic.Int64 // no key expires earlier, unix ms; 0: none known; but see expiry
	expiry    expiryPass   // belongs to the caller of Ctx.ExpireCycle
}

// Stats are the keyspace's counters as INFO stats shows them.
type Stats struct {
	Hits, Misses, Expired, Evicted atomic.Int64
}

// Reset sets the counters back to zero.
func (s *Stats) Reset() {
	for _, c := range []*atomic.Int64{&s.Hits, &s.Misses, &s.Expired, &s.Evicted} {
		c.Store(0)
	}
}

// database is one database's slots.
type database struct {
	slots  [slots.Count]slot
	groups [slots.Count / groupSize]slotGroup
}

const groupSize = 64

// slotGroup counts what is in 64 consecutive slots, without a lock. It finds
// the slots that have keys and the slot of a random key in few steps, and cores
// that work on different slots seldom write to the same counter.
type slotGroup struct {
	nonEmpty atomic.Uint64 // bit per slot that has keys
	keys     atomic.Int64
	volatile atomic.Int64 // keys with an expiry
}

func (db *database) group(s slots.Slot) *slotGroup { return &db.groups[s/groupSize] }

func (db *database) keys() (n int64) {
	for i := range db.groups {
		n += db.groups[i].keys.Load()
	}
	return n
}

func (db *database) volatile() (n int64) {
	for i := range db.groups {
		n += db.groups[i].volatile.Load()
	}
	return n
}

// slot is the unit of locking and of hand-over.
type slot struct {
	mu  sync.Mutex
	t   *table   // nil when empty
	ext *slotExt // nil until somebody watches or waits here

	still uint64 // never written: who reads it brings the slot into the processor's cache
}

// slotExt holds what few slots have.
type slotExt struct {
	watchers map[string][]*keyWatch
	waiters  map[string][]*Waiter
}

// NewKeyspace makes an empty keyspace. seed feeds the hash of keys.
func NewKeyspace(databases int, single bool, seed uint64) *Keyspace {
	ks := &Keyspace{single: single, seed: seed, dbs: make([]*database, databases)}
	for i := range ks.dbs {
		ks.dbs[i] = new(database) // untouched pages cost no memory
	}
	ks.settings.Store(DefaultSettings())
	return ks
}

// Databases is how many databases there are.
func (ks *Keyspace) Databases() int { return len(ks.dbs) }

// Single reports whether the whole keyspace is one lock domain.
func (ks *Keyspace) Single() bool { return ks.single }

// Settings are the parameters in force; never nil, never changed in place.
func (ks *Keyspace) Settings() *Settings { return ks.settings.Load() }

// SetSettings puts new parameters in force.
func (ks *Keyspace) SetSettings(s *Settings) { ks.settings.Store(s) }

// Lock takes the lock domain of slot s.
func (ks *Keyspace) Lock(s slots.Slot) {
	if ks.single {
		ks.mu.Lock()
		return
	}
	ks.dbs[0].slots[s].mu.Lock()
}

// Unlock releases it.
func (ks *Keyspace) Unlock(s slots.Slot) {
	if ks.single {
		ks.mu.Unlock()
		return
	}
	ks.dbs[0].slots[s].mu.Unlock()
}

// LockAll takes every slot's lock, in ascending order.
func (ks *Keyspace) LockAll() {
	if ks.single {
		ks.mu.Lock()
		return
	}
	for i := range ks.dbs[0].slots {
		ks.dbs[0].slots[i].mu.Lock()
	}
}

// UnlockAll releases what LockAll took.
func (ks *Keyspace) UnlockAll() {
	if ks.single {
		ks.mu.Unlock()
		return
	}
	for i := range ks.dbs[0].slots {
		ks.dbs[0].slots[i].mu.Unlock()
	}
}

// Keys is the number of keys in a database, expired ones not yet deleted included.
func (ks *Keyspace) Keys(db int) int64 { return ks.dbs[db].keys() }

// Volatile is how many of them have an expiry.
func (ks *Keyspace) Volatile(db int) int64 { return ks.dbs[db].volatile() }

// Mem is the approximate size of all keys and values in bytes.
func (ks *Keyspace) Mem() int64 { return ks.used.Load() }

// CountSlotLocked is the number of keys in slot s of database 0.
func (ks *Keyspace) CountSlotLocked(s slots.Slot) int {
	if t := ks.dbs[0].slots[s].t; t != nil {
		return t.count
	}
	return 0
}

// KeysInSlotLocked gives copies of at most n keys of slot s of database 0.
func (ks *Keyspace) KeysInSlotLocked(s slots.Slot, n int) [][]byte {
	var keys [][]byte
	t := ks.dbs[0].slots[s].t
	t.each(func(r ref) bool {
		if len(keys) >= n {
			return false
		}
		keys = append(keys, append([]byte(nil), t.key(r)...))
		return true
	})
	return keys
}

// HasKeyLocked reports whether key is present in database 0, expired or not.
func (ks *Keyspace) HasKeyLocked(s slots.Slot, key []byte) bool {
	return ks.dbs[0].slots[s].t.find(key, hashBytes(ks.seed, key)) != 0
}

// SlotCopy is a copy of one slot's keys in all databases, made for a follower.
type SlotCopy struct {
	tables []*table // per database
}

// CopySlotLocked copies slot s. The copy shares nothing with the keyspace.
func (ks *Keyspace) CopySlotLocked(s slots.Slot) SlotCopy {
	c := SlotCopy{tables: make([]*table, len(ks.dbs))}
	for i, db := range ks.dbs {
		c.tables[i] = db.slots[s].t.clone()
	}
	return c
}

// InstallSlotLocked replaces slot s by a copy, whose owner the keyspace
// becomes. Both keyspaces must have the same seed.
func (ks *Keyspace) InstallSlotLocked(s slots.Slot, c SlotCopy) {
	for i, db := range ks.dbs {
		ks.setTable(db, s, nil)
		if i < len(c.tables) && c.tables[i] != nil {
			ks.setTable(db, s, c.tables[i])
		}
	}
}

// EmptySlotLocked deletes all keys of slot s without a trace in the log and
// gives how many there were.
func (ks *Keyspace) EmptySlotLocked(s slots.Slot) int {
	n := 0
	for _, db := range ks.dbs {
		if t := db.slots[s].t; t != nil {
			n += t.count
		}
		ks.setTable(db, s, nil)
	}
	if ext := ks.dbs[0].slots[s].ext; ext != nil {
		for _, q := range ext.watchers {
			for _, k := range q {
				k.watch.Spoil()
			}
		}
	}
	return n
}

// setTable swaps a slot's table and keeps the counters right.
func (ks *Keyspace) setTable(db *database, s slots.Slot, t *table) {
	sl := &db.slots[s]
	if old := sl.t; old != nil {
		db.group(s).keys.Add(-int64(old.count))
		db.group(s).volatile.Add(-int64(old.volatile))
		ks.used.Add(-old.mem())
		db.markEmpty(s)
	}
	sl.t = t
	if t != nil {
		db.group(s).keys.Add(int64(t.count))
		db.group(s).volatile.Add(int64(t.volatile))
		ks.used.Add(t.mem())
		if t.count > 0 {
			db.markNonEmpty(s)
		}
		if t.volatile > 0 && t.nextExpire == 0 {
			t.nextExpire = 1 // taken in the middle of a sweep: look at all of it
		}
		ks.noteExpire(t.nextExpire)
	}
}

func (db *database) markNonEmpty(s slots.Slot) { db.group(s).nonEmpty.Or(1 << (s % groupSize)) }
func (db *database) markEmpty(s slots.Slot)    { db.group(s).nonEmpty.And(^uint64(1 << (s % groupSize))) }

// nextNonEmpty is the first slot from s on that has keys, or slots.Count.
func (db *database) nextNonEmpty(s int) int {
	for s < slots.Count {
		w := db.groups[s/groupSize].nonEmpty.Load() >> (s % groupSize)
		if w != 0 {
			return s + bits.TrailingZeros64(w)
		}
		s = (s/groupSize + 1) * groupSize
	}
	return slots.Count
}

// noteExpire lowers the bound that lets active expiry skip idle keyspaces.
func (ks *Keyspace) noteExpire(at int64) {
	if at == 0 {
		return
	}
	for {
		cur := ks.volNext.Load()
		if cur != 0 && cur <= at || ks.volNext.CompareAndSwap(cur, at) {
			return
		}
	}
}
