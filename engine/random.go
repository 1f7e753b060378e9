package engine

import (
	"math/bits"
	"math/rand/v2"

	"elasticache-local/slots"
)

// maxRandomTries is how often RANDOMKEY draws again on a replica, where
// expired keys stay, before it settles for an expired key, as Redis does.
const maxRandomTries = 100

func runRandomKey(c *Ctx) {
	var key []byte
	for try := 1; ; try++ {
		found, expired := c.randomRecord(func(t *table, r ref) bool {
			key = append(c.scratch[:0], t.key(r)...)
			c.scratch = key
			return c.isExpired(t.expireAt(r))
		})
		switch {
		case !found:
			c.W.Null()
			return
		case !expired, c.Replica && try >= maxRandomTries:
			c.W.Bulk(key)
			return
		}
	}
}

// maxLostDraws bounds how often a draw is repeated because the keys it counted
// were gone when it came to their slot.
const maxLostDraws = 100

// randomRecord draws a key of the database, each with the same probability,
// and calls f with its slot locked. When f says that it has expired, a primary
// deletes it. found is false when there is none.
func (c *Ctx) randomRecord(f func(t *table, r ref) (expired bool)) (found, expired bool) {
	db := c.KS.dbs[c.DB]
	for range maxLostDraws {
		total := db.keys()
		if total <= 0 {
			return false, false
		}
		n := c.Rand.Int64N(total)
		g := 0
		for ; g < len(db.groups)-1 && n >= db.groups[g].keys.Load(); g++ {
			n -= db.groups[g].keys.Load()
		}
		for mask := db.groups[g].nonEmpty.Load(); mask != 0 && !found; mask &= mask - 1 {
			c.withSlot(slots.Slot(g*groupSize+bits.TrailingZeros64(mask)), func(t *table) {
				if t == nil || n >= int64(t.count) {
					if t != nil {
						n -= int64(t.count)
					}
					return
				}
				r := t.random(c.Rand)
				found, expired = true, f(t, r)
				if expired && !c.Replica {
					e := c.find(c.DB, t.key(r))
					c.deleteExpired(&e, c.DB)
				}
			})
		}
		if found {
			return true, expired
		}
	}
	return false, false
}

const (
	// maxWalkedBuckets is up to which size of a table a random record is found
	// by counting.
	maxWalkedBuckets = 64
	// maxChain is longer than any chain of buckets ever gets in practice.
	maxChain = 16
	// maxRandomProbes bounds the search for an occupied place.
	maxRandomProbes = 4096
)

// random draws one of the records of a table that is not empty, each with the
// same probability.
func (t *table) random(rnd *rand.Rand) ref {
	if chains := t.chains(); chains > maxWalkedBuckets {
		for range maxRandomProbes {
			r := t.chain(rnd.IntN(chains))
			for depth := rnd.IntN(maxChain); r != 0 && depth > 0; depth-- {
				r = ref(t.u32(r, recNext))
			}
			if r != 0 {
				return r
			}
		}
	}
	var found ref
	n := rnd.IntN(t.count)
	t.each(func(r ref) bool {
		found = r
		n--
		return n >= 0
	})
	return found
}
