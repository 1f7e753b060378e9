package engine

import (
	"bytes"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"elasticache-local/slots"
)

// Evict deletes keys by the eviction policy until the keyspace is within
// maxmemory, at most maxKeys of them: what a primary does in front of every
// command. It locks slots one after the other, so the caller must not hold any
// (with a single lock domain: must not hold its lock).
//
// It reports false when nothing more can be evicted and memory is still above
// the limit: then commands with DenyOOM are refused. Above the limit after
// maxKeys deletions, or when a look at a part of a giant slot found nothing that
// may go, it reports true, and the next command goes on.
func (c *Ctx) Evict(maxKeys int) (ok bool) {
	set := c.KS.Settings()
	if set.MaxMemory <= 0 || c.Replica || c.Applying {
		return true
	}
	for n := 0; c.KS.Mem() > set.MaxMemory; n++ {
		switch {
		case set.MaxMemoryPolicy == PolicyNoEviction:
			return false
		case n == maxKeys:
			return true
		case !c.evictOne(set):
			return c.mayEvict(set.MaxMemoryPolicy)
		}
	}
	return true
}

// mayEvict reports whether there is a key that the policy may evict.
func (c *Ctx) mayEvict(p Policy) bool {
	for _, db := range c.KS.dbs {
		if p.volatileOnly() && db.volatile() > 0 || !p.volatileOnly() && db.keys() > 0 {
			return true
		}
	}
	return false
}

// maxEvictTries bounds how often a search for a key to evict is repeated because other sessions
// deleted or accessed the candidates meanwhile, or the part of a giant slot that was looked at has none.
const maxEvictTries = 16

func (c *Ctx) evictOne(set *Settings) bool {
	for range maxEvictTries {
		if c.pool.policy != set.MaxMemoryPolicy {
			c.pool = evictionPool{policy: set.MaxMemoryPolicy}
		}
		if !c.sampleCandidates(set) && len(c.pool.best) == 0 && !c.mayEvict(set.MaxMemoryPolicy) {
			return false
		}
		for len(c.pool.best) > 0 {
			if c.evictCandidate(c.pool.take()) {
				return true
			}
		}
	}
	return false
}

// evictionPool keeps the best candidates of earlier samples, as Redis does:
// that makes few samples per eviction nearly as good as many.
type evictionPool struct {
	policy Policy
	best   []candidate // ascending by score
}

const maxPool = 16

// candidate is a key that may be evicted.
type candidate struct {
	db    int
	slot  slots.Slot
	key   []byte // owned
	score uint64 // the higher, the sooner it goes
}

// take removes the best candidate.
func (p *evictionPool) take() candidate {
	last := len(p.best) - 1
	best := p.best[last]
	p.best = p.best[:last]
	return best
}

// offer takes a candidate in if it is better than the worst of a full pool.
// key is copied.
func (p *evictionPool) offer(db int, s slots.Slot, key []byte, score uint64) {
	at, _ := slices.BinarySearchFunc(p.best, score, func(x candidate, score uint64) int {
		if x.score < score {
			return -1
		}
		return 1
	})
	for i := range p.best {
		if p.best[i].db == db && bytes.Equal(p.best[i].key, key) {
			return
		}
	}
	if len(p.best) == maxPool {
		if at == 0 {
			return
		}
		p.best = slices.Delete(p.best, 0, 1)
		at--
	}
	p.best = slices.Insert(p.best, at, candidate{db, s, append([]byte(nil), key...), score})
}

// volatileOnly reports whether the policy spares keys without an expiry.
func (p Policy) volatileOnly() bool {
	return p >= PolicyVolatileLRU && p <= PolicyVolatileTTL
}

// evictionScore says how much a record deserves to be evicted.
func (c *Ctx) evictionScore(p Policy, t *table, r ref) uint64 {
	switch {
	case p.LRU():
		return uint64(c.idleSeconds(t.u32(r, recAccess)))
	case p.LFU():
		return uint64(math.MaxUint8 - c.lfuDecayed(t.u32(r, recAccess)))
	case p == PolicyVolatileTTL:
		return math.MaxUint64 - uint64(t.expireAt(r))
	}
	return 0 // all the same: random
}

// sampleCandidates offers some random keys of each database to the pool and
// reports whether there were any.
func (c *Ctx) sampleCandidates(set *Settings) bool {
	was, any := c.DB, false
	want := max(1, set.MaxMemorySamples)
	if set.MaxMemoryPolicy == PolicyAllKeysRandom || set.MaxMemoryPolicy == PolicyVolatileRandom {
		want = 1
	}
	for i := range c.KS.dbs {
		c.DB = i
		for got := 0; got < want; {
			n := c.sampleGroup(set.MaxMemoryPolicy, want-got)
			if n == 0 {
				break
			}
			got, any = got+n, true
		}
	}
	c.DB = was
	return any
}

// sampleGroup offers up to n keys of a random group of slots, drawn in
// proportion to the keys in it, and gives how many it found.
func (c *Ctx) sampleGroup(policy Policy, n int) (found int) {
	volatile := policy.volatileOnly()
	g := c.KS.dbs[c.DB].randomGroup(c.Rand, volatile)
	if g < 0 {
		return 0
	}
	start := c.Rand.IntN(groupSize)
	mask := bits.RotateLeft64(c.KS.dbs[c.DB].groups[g].nonEmpty.Load(), -start)
	for ; mask != 0 && found == 0; mask &= mask - 1 {
		slot := slots.Slot(g*groupSize + (start+bits.TrailingZeros64(mask))%groupSize)
		c.atSlot(slot, func() {
			t := c.KS.dbs[c.DB].slots[slot].t
			t.sample(c.Rand, n, volatile, func(r ref) {
				c.pool.offer(c.DB, slot, t.key(r), c.evictionScore(policy, t, r))
				found++
			})
		})
	}
	return found
}

// atSlot runs f with the lock of slot s, none being held.
func (c *Ctx) atSlot(s slots.Slot, f func()) {
	c.KS.Lock(s)
	c.enter(s)
	f()
	c.commit(s)
	c.exit()
	c.KS.Unlock(s)
}

// evictCandidate deletes the candidate unless it is gone or was accessed since
// it was sampled.
func (c *Ctx) evictCandidate(k candidate) (done bool) {
	was := c.DB
	c.DB = k.db
	c.atSlot(k.slot, func() {
		e := c.find(k.db, k.key)
		if !e.Exists() || c.pool.policy.volatileOnly() && e.ExpireAt() == 0 || c.evictionScore(c.pool.policy, e.t, e.r) < k.score {
			return
		}
		c.drop(&e)
		c.effect(k.db, delName, k.key)
		c.Notify(NotifyEvicted, "evicted", k.key)
		c.KS.Stats.Evicted.Add(1)
		done = true
	})
	c.DB = was
	return done
}

// randomGroup draws a group of slots in proportion to its keys, or to those
// with an expiry; -1 when there are none.
func (db *database) randomGroup(rnd *rand.Rand, volatile bool) int {
	count := func(g int) int64 {
		if volatile {
			return db.groups[g].volatile.Load()
		}
		return db.groups[g].keys.Load()
	}
	total := int64(0)
	for g := range db.groups {
		total += count(g)
	}
	if total <= 0 {
		return -1
	}
	n := rnd.Int64N(total)
	for g := range db.groups {
		if n -= count(g); n < 0 {
			return g
		}
	}
	return -1 // keys were deleted meanwhile
}

const (
	// maxSampleBuckets bounds how much of a giant table one sample looks at: few
	// of its keys may have an expiry, and long runs of its buckets are empty
	// while they are moved.
	maxSampleBuckets = 1024
	// sampleRun is how many of those are next to each other.
	sampleRun = 64
)

// sample visits up to n records from a random bucket on: of a big table, those in
// some runs of buckets, which may be none although there are some elsewhere.
func (t *table) sample(rnd *rand.Rand, n int, volatile bool, visit func(r ref)) {
	if t == nil || len(t.buckets) == 0 || volatile && t.volatile == 0 {
		return
	}
	chains := t.chains()
	look, run := chains, chains
	if t.big != nil && chains > maxSampleBuckets {
		look, run = maxSampleBuckets, sampleRun
	}
	for ; look > 0; look -= run {
		start := rnd.IntN(chains)
		for i := range run {
			for r := t.chain((start + i) % chains); r != 0; r = ref(t.u32(r, recNext)) {
				if volatile && t.meta(r)&flagExpire == 0 {
					continue
				}
				visit(r)
				if n--; n <= 0 {
					return
				}
			}
		}
	}
}
