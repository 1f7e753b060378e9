package engine

import (
	"unsafe"

	"elasticache-local/slots"
)

// GroupSize is how many commands a Group holds at most.
const GroupSize = 16

// Group is commands of one key each that are about to run one after the other,
// in their order: a stretch of a pipeline, or of a primary's log. What they
// will look at is scattered over memory, and a processor that fetches it for one
// command after the other does little but wait. So it is fetched for all of them
// beforehand, at once.
type Group struct {
	n      int
	slots  [GroupSize]slots.Slot
	hashes [GroupSize]uint64

	locked [GroupSize]slots.Slot // without repetitions, ascending
	locks  int

	fetched uint64 // nothing of interest: that it is kept makes the compiler read memory
}

// Reset empties the group.
func (g *Group) Reset() { g.n = 0 }

// Len is how many commands there are.
func (g *Group) Len() int { return g.n }

// Slot is the slot of command i.
func (g *Group) Slot(i int) slots.Slot { return g.slots[i] }

// Add adds a command on key.
func (g *Group) Add(ks *Keyspace, slot slots.Slot, key []byte) {
	g.slots[g.n], g.hashes[g.n] = slot, hashBytes(ks.seed, key)
	g.n++
}

// knownKey is a key, as the memory that holds it, whose slot and hash are known.
type knownKey struct {
	at   *byte // nil: none is known
	len  int
	slot slots.Slot
	hash uint64
}

// Know tells the calls up to Forget that key, in this very memory, is that of
// command i of g.
func (c *Ctx) Know(g *Group, i int, key []byte) {
	c.known = knownKey{unsafe.SliceData(key), len(key), g.slots[i], g.hashes[i]}
}

// Forget ends Know.
func (c *Ctx) Forget() { c.known.at = nil }

// LockGroup takes the locks of all commands of g and fetches what they will look
// at in database db.
func (ks *Keyspace) LockGroup(g *Group, db int) {
	if ks.single {
		ks.mu.Lock()
		ks.fetch(g, db)
		return
	}
	all := &ks.dbs[0].slots
	seen := uint64(0)
	for i := range g.n {
		seen += all[g.slots[i]].still
	}
	g.sort()
	for i := range g.locks {
		all[g.locked[i]].mu.Lock()
	}
	g.fetched = seen
	ks.fetch(g, db)
}

// UnlockGroup releases what LockGroup took.
func (ks *Keyspace) UnlockGroup(g *Group) {
	if ks.single {
		ks.mu.Unlock()
		return
	}
	for i := range g.locks {
		ks.dbs[0].slots[g.locked[i]].mu.Unlock()
	}
}

// sort fills locked: locks are taken in ascending order.
func (g *Group) sort() {
	g.locks = 0
	for _, s := range g.slots[:g.n] {
		i := g.locks
		for i > 0 && g.locked[i-1] > s {
			i--
		}
		if i > 0 && g.locked[i-1] == s {
			continue
		}
		copy(g.locked[i+1:g.locks+1], g.locked[i:g.locks])
		g.locked[i] = s
		g.locks++
	}
}

// fetch reads what a lookup of each key will read, step by step for all of them,
// so that the processor waits for many pieces of memory at a time. Who calls it
// holds the locks, or is the only one that writes to the tables.
func (ks *Keyspace) fetch(g *Group, db int) {
	var tables [GroupSize]*table
	var refs [GroupSize]ref
	all := &ks.dbs[db].slots
	for i := range g.n {
		tables[i] = all[g.slots[i]].t
	}
	for i := range g.n {
		if t := tables[i]; t != nil && len(t.buckets) > 0 {
			refs[i] = ref(*t.bucket(uint32(g.hashes[i])))
		}
	}
	sum := uint64(0)
	for i := range g.n {
		if r := refs[i]; r != 0 {
			sum += tables[i].rec(r).fetchFront()
		}
	}
	for i := range g.n {
		if r := refs[i]; r != 0 {
			sum += tables[i].fetchRest(r, uint32(g.hashes[i]))
		}
	}
	g.fetched = sum
}

// fetchFront reads what is needed of most records.
func (b record) fetchFront() uint64 {
	return uint64(b[0]) + uint64(b[min(cacheLine, len(b)-1)])
}

// fetchRest reads what the front of record r leads to: its end, where that is in
// another line, and the next record of the chain, if r is of another key.
func (t *table) fetchRest(r ref, hash uint32) (sum uint64) {
	b := t.rec(r)
	if end := b.valStart() + int(b.u32(recValLen)); end <= maxFetched && end <= len(b) {
		sum = uint64(b[end-1])
	}
	if next := ref(b.u32(recNext)); next != 0 && b.u32(recHash) != hash {
		sum += t.rec(next).fetchFront()
	}
	return sum
}

// maxFetched is how long a record may be, in bytes, for its end to be fetched: in
// longer ones the processor itself sees what comes next.
const maxFetched = 4 * cacheLine

// cacheLine is how much of memory comes at a time.
const cacheLine = 64
