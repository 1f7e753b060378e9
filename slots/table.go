package slots

import "fmt"

// None is the owner of a slot that is assigned to no shard. It is not a valid
// shard index.
const None uint16 = 0xFFFF

// A Table maps every slot to its owner, a shard index, or to None. It never
// changes once made, so that it may be read without a lock: whoever shares one
// keeps it in an atomic.Pointer[Table] and replaces it as a whole.
type Table struct {
	owners  [Count]uint16
	covered bool // no owner is None
}

// NewTable returns the table in which shard i owns the slots of sets[i]. Slots
// in none of them are unassigned. It panics if two sets share a slot or if
// there are more sets than shard indexes; see Partition for sets that come
// from outside.
func NewTable(sets []Set) *Table {
	if len(sets) > int(None) {
		panic(fmt.Sprintf("slots: table of %d shards", len(sets)))
	}
	seen, twice := overlay(sets)
	if !twice.Empty() {
		panic(fmt.Sprintf("slots: table with two owners of %s", twice))
	}
	t := &Table{covered: seen == Full()}
	for i := range t.owners {
		t.owners[i] = None
	}
	for i := range sets {
		for slot := range sets[i].All() {
			t.owners[slot] = uint16(i)
		}
	}
	return t
}

// Owner returns the shard that owns slot, or None. No shard owns what is not a
// slot.
func (t *Table) Owner(slot Slot) uint16 {
	if slot >= Count {
		return None
	}
	return t.owners[slot]
}

// Slots returns the slots of owner; those of None are the unassigned ones.
func (t *Table) Slots(owner uint16) Set {
	var s Set
	for slot, o := range t.owners {
		if o == owner {
			s.words[slot/64] |= 1 << (slot % 64)
		}
	}
	return s
}

// With returns a table that differs from t in one thing: slots belong to
// owner, or to nobody if owner is None.
func (t *Table) With(slots Set, owner uint16) *Table {
	next := &Table{owners: t.owners, covered: t.covered}
	for slot := range slots.All() {
		next.owners[slot] = owner
	}
	if !t.covered || owner == None {
		next.covered = next.Slots(None).Empty()
	}
	return next
}

// Covered tells whether every slot has an owner.
func (t *Table) Covered() bool { return t.covered }
