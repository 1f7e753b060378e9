package engine

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elasticache-local/slots"
)

// cycle runs the active expiry until there is nothing left for it to do: a pass
// that began earlier knows nothing about what has expired since where it was.
func (r *rig) cycle(maxKeys int) (rounds int) {
	for rounds = 1; r.expireSome(maxKeys) || r.volatileDue(); rounds++ {
	}
	return rounds
}

func (r *rig) expireSome(maxKeys int) (more bool) {
	_, more = r.c.ExpireCycle(maxKeys)
	return more
}

func (r *rig) volatileDue() bool {
	next := r.c.KS.volNext.Load()
	return next != 0 && next < r.c.Now
}

func TestActiveExpiryDeletesWhatHasExpired(t *testing.T) {
	bothModes(t, func(t *testing.T, r *rig) {
		for i := range 300 {
			r.do("SET", "key"+strconv.Itoa(i), "v", "PX", strconv.Itoa(100+i))
			r.do("SET", "stay"+strconv.Itoa(i), "v")
		}
		require.Equal(t, 1, r.cycle(1000))
		require.EqualValues(t, 600, r.c.KS.Keys(0))
		r.c.Now += 200 // keys 0 to 99 are over, key 100 expires at this very moment
		r.takeLog()
		r.takeEvents()
		r.cycle(1000)
		require.EqualValues(t, 500, r.c.KS.Keys(0))
		require.EqualValues(t, 100, r.c.KS.Stats.Expired.Load())
		require.Equal(t, 100, strings.Count(strings.Join(r.takeLog(), " "), "DEL key"))
		require.Len(t, r.takeEvents(), 100)
		r.c.Now += 1
		r.cycle(1000)
		require.EqualValues(t, 499, r.c.KS.Keys(0))
		r.c.Now += 1000
		r.cycle(1000)
		require.EqualValues(t, 300, r.c.KS.Keys(0))
		require.EqualValues(t, 0, r.c.KS.volNext.Load())
	})
}

// TestActiveExpiryForgetsNoKey: whatever is set meanwhile and however often it
// is stopped, in the end all that has expired is gone and nothing else.
func TestActiveExpiryForgetsNoKey(t *testing.T) {
	t.Parallel()
	rigs := []*rig{newRig(false), newRig(true)}
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(rigs).Draw(t, "rig")
		r.do("FLUSHALL")
		r.c.Rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		ends := map[string]int64{}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				for range rapid.SampledFrom([]int{1, 5, 30}).Draw(t, "n") {
					k := rapid.SampledFrom([]string{"", "{a}"}).Draw(t, "tag") + strconv.Itoa(r.c.Rand.IntN(300))
					ttl := 1 + r.c.Rand.IntN(1000)
					r.do("SET", k, "v", "PX", strconv.Itoa(ttl))
					ends[k] = r.c.Now + int64(ttl)
				}
			},
			"persist": func(t *rapid.T) {
				k := strconv.Itoa(r.c.Rand.IntN(300))
				if r.do("PERSIST", k) == ":1" {
					delete(ends, k)
					r.do("DEL", k)
				}
			},
			"pass":  func(t *rapid.T) { r.c.Now += int64(rapid.IntRange(1, 300).Draw(t, "ms")) },
			"cycle": func(t *rapid.T) { r.c.ExpireCycle(rapid.SampledFrom([]int{1, 10, 1000}).Draw(t, "max")) },
		})
		r.cycle(100)
		alive := 0
		for _, end := range ends {
			if r.c.Now <= end {
				alive++
			}
		}
		require.EqualValues(t, alive, r.c.KS.Keys(0))
	})
}

// TestMassExpiryHoldsNoLockLong: many keys that end together, in one slot
// or in all, are deleted a few at a time per hold of a lock.
func TestMassExpiryHoldsNoLockLong(t *testing.T) {
	t.Parallel()
	n := 200_000
	if testing.Short() || raceEnabled {
		n = 20_000
	}
	for _, tag := range []string{"", "{one}"} {
		t.Run("tag "+tag, func(t *testing.T) {
			t.Parallel()
			r := newRig(true)
			r.set(func(s *Settings) { s.NotifyEvents = 0 })
			most := &longestHold{}
			var key []byte
			for i := range n {
				key = strconv.AppendInt(append(key[:0], tag...), int64(i), 10)
				s := slots.Of(key)
				r.c.KS.Lock(s)
				r.c.enter(s)
				e := r.c.Write(key)
				r.c.SetStr(&e, nil, r.c.Now+1)
				r.c.effects.reset()
				r.c.exit()
				r.c.KS.Unlock(s)
			}
			r.c.Now += 2
			r.c.Sink = most
			rounds := r.cycle(5_000)
			require.EqualValues(t, 0, r.c.KS.Keys(0))
			require.Greater(t, rounds, n/5_000-1)
			// A hold looks at maxExpireBuckets buckets, of which few hold more
			// than a handful of keys.
			require.Less(t, most.commands, 3*maxExpireBuckets)
			r.check(t)
		})
	}
}

// TestACycleGoesOnWhereTheLastOneStopped: however many slots there are, a
// portion of the keys costs about as many lock holds as it has keys.
func TestACycleGoesOnWhereTheLastOneStopped(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	const n, portion = 3000, 100
	for i := range n {
		r.do("SET", strconv.Itoa(i), "v", "PX", "1")
		r.do("SET", "later"+strconv.Itoa(i), "v", "PX", "100000")
	}
	r.c.Now += 2
	last := expiryPass{}
	for left := int64(2 * n); r.expireSome(portion); left = r.c.KS.Keys(0) {
		require.InDelta(t, left-portion, r.c.KS.Keys(0), 20) // which is more than a slot has
		require.Greater(t, r.c.KS.expiry.slot, last.slot)
		last = r.c.KS.expiry
	}
	require.EqualValues(t, n, r.c.KS.Keys(0))
	require.Greater(t, r.c.KS.volNext.Load(), r.c.Now)
	require.False(t, r.expireSome(portion))

	r.c.Now += 200_000
	require.True(t, r.expireSome(portion))
	r.c.Replica = true
	require.False(t, r.expireSome(portion), "a replica waits for its primary")
	r.c.Replica = false
	r.cycle(portion)
	require.EqualValues(t, 0, r.c.KS.Keys(0))
}

// longestHold counts the keys deleted per commit, which is once per lock hold.
type longestHold struct{ commands int }

func (h *longestHold) Recording() bool { return true }

func (h *longestHold) Append(effects []Effect) {
	for _, e := range effects {
		h.commands = max(h.commands, bytes.Count(e.Payload, []byte("DEL\r\n")))
	}
}
