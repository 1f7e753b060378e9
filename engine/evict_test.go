package engine

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"elasticache-local/protocol"
)

// fill stores n keys of which those with an even number expire.
func (r *rig) fill(n int) {
	for i := range n {
		k := "key:" + strconv.Itoa(i)
		r.do("SET", k, "value")
		if i%2 == 0 {
			r.do("EXPIRE", k, strconv.Itoa(1000+i))
		}
	}
	r.takeLog()
	r.takeEvents()
}

func (r *rig) limit(p Policy, bytes int64) {
	r.set(func(s *Settings) { s.MaxMemory, s.MaxMemoryPolicy = bytes, p })
}

func TestEvictionStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	for p := PolicyVolatileLRU; p <= PolicyAllKeysRandom; p++ {
		for _, cluster := range []bool{false, true} {
			t.Run(fmt.Sprint(p, cluster), func(t *testing.T) {
				t.Parallel()
				r := newRig(cluster)
				r.fill(800)
				limit := r.c.KS.Mem() * 3 / 4
				r.limit(p, limit)
				require.True(t, r.c.Evict(10_000))
				require.LessOrEqual(t, r.c.KS.Mem(), limit)
				gone := 800 - int(r.c.KS.Keys(0))
				require.EqualValues(t, gone, r.c.KS.Stats.Evicted.Load())
				require.Len(t, r.log, gone)
				require.Len(t, r.events, gone)
				require.Contains(t, r.log[0], "DEL key:")
				require.Contains(t, r.events[0], "evicted key:")
				require.Greater(t, gone, 160)
				require.Less(t, gone, 280) // a quarter of the bytes, no more
				r.check(t)
			})
		}
	}
}

func TestVolatilePoliciesSpareKeysWithoutExpiry(t *testing.T) {
	t.Parallel()
	for p := PolicyVolatileLRU; p <= PolicyVolatileTTL; p++ {
		r := newRig(true)
		r.fill(500)
		r.limit(p, 1)
		require.False(t, r.c.Evict(10_000), p)
		require.EqualValues(t, 250, r.c.KS.Keys(0), p)
		require.EqualValues(t, 0, r.c.KS.Volatile(0), p)
	}
}

// TestFewVolatileKeysOfAGiantSlotAreFound in the end, although no command looks
// at more than a part of the slot.
func TestFewVolatileKeysOfAGiantSlotAreFound(t *testing.T) {
	t.Parallel()
	for p := PolicyVolatileLRU; p <= PolicyVolatileTTL; p++ {
		r := newRig(true)
		for i := range 20_000 {
			r.do("SET", "{t}"+strconv.Itoa(i), "v")
		}
		for i := range 3 {
			r.do("EXPIRE", "{t}"+strconv.Itoa(i*7919%20_000), "1000")
		}
		r.limit(p, 1)
		commands := 1
		for ; r.c.Evict(1); commands++ {
			require.Less(t, commands, 10_000, p)
		}
		require.Greater(t, commands, 3, p)
		require.EqualValues(t, 20_000-3, r.c.KS.Keys(0), p)
		r.check(t)
	}
}

// TestASampleOfAGiantTableIsBounded: it costs the same however few keys may go.
func TestASampleOfAGiantTableIsBounded(t *testing.T) {
	t.Parallel()
	m, rnd := newModelTable(), rand.New(rand.NewPCG(1, 2))
	for i := range 50_000 {
		m.set(strconv.Itoa(i), "v", 0)
	}
	m.expire("7", 1)
	tries := 1
	for found := 0; found == 0; tries++ {
		m.t.sample(rnd, 5, true, func(r ref) {
			require.Equal(t, "7", string(m.t.key(r)))
			found++
		})
	}
	require.Greater(t, tries, 3, "it looked at all")
	require.Less(t, tries, 100*m.t.chains()/maxSampleBuckets)
	some := 0
	m.t.sample(rnd, 5, false, func(ref) { some++ })
	require.Equal(t, 5, some)
}

func TestNoEvictionAnswersOOM(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	r.fill(10)
	r.limit(PolicyNoEviction, 1)
	require.False(t, r.c.Evict(10))
	r.limit(PolicyNoEviction, 0)
	require.True(t, r.c.Evict(10), "no limit")
	r.limit(PolicyAllKeysLRU, 1)
	r.c.Replica = true
	require.True(t, r.c.Evict(10), "a replica leaves it to its primary")
	require.EqualValues(t, 10, r.c.KS.Keys(0))
}

func TestEvictionIsBounded(t *testing.T) {
	bothModes(t, func(t *testing.T, r *rig) {
		r.fill(100)
		r.limit(PolicyAllKeysRandom, 1)
		require.True(t, r.c.Evict(7))
		require.EqualValues(t, 93, r.c.KS.Keys(0))
	})
}

// TestEvictionPrefersTheRightKeys: of two halves, the one that deserves it
// loses nearly everything before the other loses much.
func TestEvictionPrefersTheRightKeys(t *testing.T) {
	t.Parallel()
	const n = 1000
	for _, p := range []Policy{PolicyAllKeysLRU, PolicyVolatileLRU, PolicyAllKeysLFU, PolicyVolatileLFU, PolicyVolatileTTL} {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(true)
			r.limit(p, 0)
			for i := range n {
				r.do("SET", "key:"+strconv.Itoa(i), "value", "EX", strconv.Itoa(10_000-i)) // a higher number ends sooner
			}
			r.c.Now += 100_000
			for i := range n / 2 {
				for range 5 {
					r.do("GET", "key:"+strconv.Itoa(i)) // a lower number is in use
				}
			}
			r.limit(p, 1)
			r.takeLog()
			require.True(t, r.c.Evict(n/4))
			wrong := 0
			for _, e := range r.log {
				if i, err := strconv.Atoi(e[strings.LastIndexByte(e, ':')+1:]); err != nil || i < n/2 {
					wrong++
				}
			}
			require.Less(t, wrong, n/4/10)
		})
	}
}

// TestEvictionBySeveralSessions runs under -race.
func TestEvictionBySeveralSessions(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.fill(1000)
	r.limit(PolicyAllKeysLRU, r.c.KS.Mem()/3)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			c := &Ctx{KS: r.c.KS, W: new(protocol.Writer), Now: r.c.Now, Rand: rand.New(rand.NewPCG(1, uint64(i)))}
			for c.KS.Mem() > c.KS.Settings().MaxMemory {
				c.Evict(10)
			}
		})
	}
	wg.Wait()
	r.check(t)
	require.Less(t, r.c.KS.Keys(0), int64(400))
}
