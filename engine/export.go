package engine

import "elasticache-local/slots"

// NoSlot is the slot of a call that holds no lock: a command without keys that
// locks each slot it visits on its own (SCAN, KEYS), with cluster mode enabled.
const NoSlot slots.Slot = 0xFFFE

// ParseInt reads an integer argument as strictly as Redis does.
func ParseInt(b []byte) (int64, bool) { return parseInt(b) }

// ParseFloat reads a floating point argument as Redis does.
func ParseFloat(b []byte) (float64, bool) { return parseFloat(b) }

// MatchGlob matches s against a glob-style pattern as KEYS does.
func MatchGlob(pattern, s []byte) bool { return matchGlob(pattern, s) }

// IsWord compares an option with its upper-case name, in any case.
func IsWord(b []byte, upper string) bool { return isWord(b, upper) }

// CountSlot is the number of keys in slot s of the selected database.
func (c *Ctx) CountSlot(s slots.Slot) (n int) {
	c.withSlot(s, func(t *table) {
		if t != nil {
			n = t.count
		}
	})
	return n
}

// SlotKeys gives copies of at most n keys of slot s of the selected database.
func (c *Ctx) SlotKeys(s slots.Slot, n int) (keys [][]byte) {
	c.withSlot(s, func(t *table) {
		t.each(func(r ref) bool {
			if len(keys) < n {
				keys = append(keys, append([]byte(nil), t.key(r)...))
			}
			return len(keys) < n
		})
	})
	return keys
}
