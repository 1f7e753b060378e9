package slots

import (
	"fmt"
	"strings"
)

// Even deals all slots to shards in contiguous ranges of equal size, the way
// ElastiCache does: what does not divide evenly goes to the first shards, one
// slot each. Three shards get 0-5461, 5462-10922 and 10923-16383. It panics
// unless 1 ≤ shards ≤ Count.
func Even(shards int) []Set {
	if shards < 1 || shards > Count {
		panic(fmt.Sprintf("slots: cannot deal %d slots to %d shards", Count, shards))
	}
	sets := make([]Set, shards)
	first := 0
	for i := range sets {
		size := Count / shards
		if i < Count%shards {
			size++
		}
		sets[i].AddRange(Slot(first), Slot(first+size-1))
		first += size
	}
	return sets
}

// Partition returns nil if every slot is in exactly one of the sets, and
// otherwise an error that names the slots that are missing and those that are
// in more than one set.
func Partition(sets []Set) error {
	seen, twice := overlay(sets)
	var faults []string
	if missing := Full().Minus(seen); !missing.Empty() {
		faults = append(faults, missing.String()+" in no set")
	}
	if !twice.Empty() {
		faults = append(faults, twice.String()+" in more than one set")
	}
	if faults == nil {
		return nil
	}
	return fmt.Errorf("slots %s", strings.Join(faults, "; "))
}

// overlay returns the slots that are in some set and those that are in more
// than one.
func overlay(sets []Set) (seen, twice Set) {
	for i := range sets {
		twice = twice.Union(seen.Intersect(sets[i]))
		seen = seen.Union(sets[i])
	}
	return seen, twice
}
