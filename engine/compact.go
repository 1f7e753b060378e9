package engine

import "elasticache-local/slots"

// Small tables that have grown key by key leave the heap full of holes: each
// size that they once had is kept by the few that still have it. So, when many
// keys came or went and that has ended, their arenas are laid side by side.

const (
	slabBytes    = 16 << 10
	maxSlabArena = slabBytes / 4

	// A keyspace is compacted when its size has changed by an eighth since the
	// last time, but by tidyLeast bytes at least, and hardly changes any more.
	tidyLeast   = 1 << 20
	tidyShare   = 8
	steadyShare = 1000
	steadyTicks = 3
)

// tidier decides when to compact. It belongs to the caller of Tidy.
type tidier struct {
	used    int64 // the keyspace's size at the last tick, in bytes
	compact int64 // and when it was compacted
	steady  int   // ticks without much change
}

// due takes note of the keyspace's size at another tick.
func (d *tidier) due(used int64) bool {
	d.steady++
	if abs(used-d.used) > used/steadyShare {
		d.steady = 0
	}
	d.used = used
	if d.steady < steadyTicks || abs(used-d.compact) < max(tidyLeast, d.compact/tidyShare) {
		return false
	}
	d.compact = used
	return true
}

func abs(n int64) int64 { return max(n, -n) }

// Tidy compacts the keyspace when that is worth it. It is called ten times a
// second, not two at a time, with no slot's lock held.
func (ks *Keyspace) Tidy() {
	if ks.tidier.due(ks.Mem()) {
		ks.compact()
	}
}

// compact lays the arenas of small tables side by side, one lock hold for each.
func (ks *Keyspace) compact() {
	var s slab
	for _, db := range ks.dbs {
		for i := db.nextNonEmpty(0); i < slots.Count; i = db.nextNonEmpty(i + 1) {
			ks.Lock(slots.Slot(i))
			db.slots[i].t.moveTo(&s)
			ks.Unlock(slots.Slot(i))
		}
	}
}

// moveTo moves the arena of a small table, without its garbage. Refs change.
func (t *table) moveTo(s *slab) {
	if t == nil || t.big != nil || len(t.arena)-t.garbage > maxSlabArena {
		return
	}
	if t.garbage > 0 {
		t.rebuild(0)
	}
	t.arena = s.place(t.arena)
}

// slab is memory for several tables' arenas. None has room to grow: one that
// does moves out, and with the last the slab is garbage.
type slab struct{ room []byte }

func (s *slab) place(b []byte) []byte {
	if len(s.room) < len(b) {
		s.room = make([]byte, slabBytes)
	}
	n := copy(s.room, b)
	placed := s.room[:n:n]
	s.room = s.room[n:]
	return placed
}
