package engine

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"math/rand/v2"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// scan runs one SCAN and gives the next cursor and the keys.
func (r *rig) scan(t require.TestingT, cursor string, args ...string) (next string, keys []string) {
	reply := strings.Split(r.do(append([]string{"SCAN", cursor}, args...)...), "\r\n")
	require.Equal(t, "*2", reply[0], reply)
	for i := 5; i < len(reply); i += 2 {
		keys = append(keys, reply[i])
	}
	require.Equal(t, "*"+strconv.Itoa(len(keys)), reply[3])
	return reply[2], keys
}

// TestScanSeesEveryKeyThatStays: keys that are there from start to end are
// seen, whatever comes and goes meanwhile, in one slot and across slots.
func TestScanSeesEveryKeyThatStays(t *testing.T) {
	t.Parallel()
	rigs := []*rig{newRig(false), newRig(true)}
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(rigs).Draw(t, "rig")
		r.do("FLUSHALL")
		name := func(i int) string {
			if i%3 == 0 {
				return "{same}" + strconv.Itoa(i)
			}
			return "key" + strconv.Itoa(i)
		}
		stay := rapid.IntRange(0, 60).Draw(t, "stay")
		for i := range stay {
			r.do("SET", name(i), "v")
		}
		seen := map[string]bool{}
		count := rapid.SampledFrom([]string{"2", "10", "50"}).Draw(t, "count")
		for cursor, first := "0", true; first || cursor != "0"; first = false {
			var keys []string
			cursor, keys = r.scan(t, cursor, "COUNT", count)
			for _, k := range keys {
				seen[k] = true
			}
			at := 1000 + rapid.IntRange(0, 150).Draw(t, "at")
			for i := range rapid.SampledFrom([]int{0, 0, 5, 60}).Draw(t, "come") {
				r.do("SET", name(at+i), "v")
			}
			for i := range rapid.SampledFrom([]int{0, 0, 0, 150}).Draw(t, "go") {
				r.do("DEL", name(at+i))
			}
		}
		for i := range stay {
			require.True(t, seen[name(i)], "%s was not seen", name(i))
		}
	})
}

func TestScanTakesAnyCursor(t *testing.T) {
	bothModes(t, func(t *testing.T, r *rig) {
		for i := range 100 {
			r.do("SET", "key"+strconv.Itoa(i), "v")
			r.do("SET", "{x}"+strconv.Itoa(i), "v")
		}
		for range 3000 {
			cursor := r.c.Rand.Uint64() >> r.c.Rand.IntN(64)
			next, _ := r.scan(t, strconv.FormatUint(cursor, 10), "COUNT", "3")
			n, err := strconv.ParseUint(next, 10, 64)
			require.NoError(t, err)
			require.Less(t, n, uint64(1)<<scanCursorBits)
		}
		for _, cursor := range []uint64{math.MaxUint64, 1 << 63, slots.Count - 1, slots.Count} {
			r.scan(t, strconv.FormatUint(cursor, 10), "COUNT", "9223372036854775807")
		}
	})
}

func TestScanOfATaggedPatternLooksAtOneSlot(t *testing.T) {
	bothModes(t, func(t *testing.T, r *rig) {
		for i := range 300 {
			r.do("SET", "{a}"+strconv.Itoa(i), "v")
			r.do("SET", strconv.Itoa(i), "v")
		}
		next, keys := r.scan(t, "0", "MATCH", "{a}1*", "COUNT", "300")
		require.Len(t, keys, 111)
		for next != "0" { // the slot's end
			next, keys = r.scan(t, next, "MATCH", "{a}1*", "COUNT", "300")
			require.Empty(t, keys)
		}
		require.True(t, strings.HasPrefix(r.do("KEYS", "{a}1*"), "*111\r\n"))
		require.True(t, strings.HasPrefix(r.do("KEYS", "*1*"), "*276\r\n"))
		next, keys = r.scan(t, "16000", "MATCH", "{a}*") // behind the slot
		require.Equal(t, "0", next)
		require.Empty(t, keys)
	})
}

func TestPatternSlot(t *testing.T) {
	t.Parallel()
	for pattern, tagged := range map[string]bool{"{a}*": true, "x{a}": true, "{a}{b}*": true, "*{a}": false, "?{a}": false,
		"[x]{a}": false, `\{a}`: false, "{a*}": false, "{}*": false, "{a": false, "": false, "{a}": true, "}{a}": true} {
		s, ok := patternSlot([]byte(pattern))
		require.Equal(t, tagged, ok, pattern)
		if ok {
			require.Equal(t, slots.Of([]byte(pattern)), s)
		}
	}
}

func TestScanDeletesExpiredKeys(t *testing.T) {
	bothModes(t, func(t *testing.T, r *rig) {
		r.do("SET", "a", "v", "PX", "10")
		r.do("SET", "b", "v")
		r.c.Now += 11
		r.takeLog()
		_, keys := r.scan(t, "0", "COUNT", "1000")
		require.Equal(t, []string{"b"}, keys)
		require.Len(t, r.takeLog(), 1)
		require.EqualValues(t, 1, r.c.KS.Keys(0))
		r.do("SET", "a", "v", "PX", "10")
		r.c.Now += 11
		require.Equal(t, "*1\r\n$1\r\nb", r.do("KEYS", "*"))
		require.EqualValues(t, 2, r.c.KS.Keys(0), "KEYS deletes nothing")
	})
}

// TestNothingWaitsForASlotWhileItHoldsAnother: what a script in a cluster sees
// of the other slots.
func TestNothingWaitsForASlotWhileItHoldsAnother(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.do("SET", "a", "v")
	r.do("SET", "b", "v", "PX", "10")
	r.c.Now += 11
	here, busy := slots.Of([]byte("a")), slots.Of([]byte("b"))
	run := func(args ...string) string {
		r.c.Args = nil
		for _, a := range args {
			r.c.Args = append(r.c.Args, []byte(a))
		}
		r.c.W.Reset()
		r.c.Call(r.table.Lookup(r.c.Args[0]), here)
		return string(r.c.W.Bytes())
	}
	r.c.KS.Lock(here)
	require.Equal(t, "*1\r\n$1\r\na\r\n", run("KEYS", "*"))
	require.EqualValues(t, 2, r.c.KS.Keys(0), "an expired key of another slot stays")
	r.c.KS.Lock(busy)
	require.Equal(t, "-"+protocol.ErrTryAgain+"\r\n", run("KEYS", "*"))
	var next string
	require.NotPanics(t, func() { next = run("SCAN", strconv.Itoa(int(busy))) })
	require.Contains(t, next, strconv.Itoa(int(busy)), "SCAN stops in front of the slot")
	require.NotContains(t, run("SCAN", "0", "MATCH", "{b}*"), "\r\n$1\r\n0\r\n")
	r.c.KS.Unlock(busy)
	r.c.KS.Unlock(here)
}

// TestScanBesideWriters runs under -race.
func TestScanBesideWriters(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	for i := range 300 {
		r.do("SET", "stay:"+strconv.Itoa(i), "v")
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(w)))
			c := &Ctx{KS: r.c.KS, W: new(protocol.Writer), Now: r.c.Now, Rand: rnd}
			for {
				select {
				case <-stop:
					return
				default:
				}
				c.Args = [][]byte{[]byte("SET"), []byte("come:" + strconv.Itoa(rnd.IntN(1000))), []byte("v")}
				if rnd.IntN(2) == 0 {
					c.Args = [][]byte{[]byte("DEL"), c.Args[1]}
				}
				c.W.Reset()
				s := slots.Of(c.Args[1])
				c.KS.Lock(s)
				c.Call(r.table.Lookup(c.Args[0]), s)
				c.KS.Unlock(s)
			}
		})
	}
	for range 5 {
		seen := map[string]bool{}
		for cursor, first := "0", true; first || cursor != "0"; first = false {
			var keys []string
			cursor, keys = r.scan(t, cursor, "COUNT", "20")
			for _, k := range keys {
				seen[k] = true
			}
			r.do("RANDOMKEY")
			r.do("DBSIZE")
		}
		for i := range 300 {
			require.True(t, seen["stay:"+strconv.Itoa(i)])
		}
	}
	close(stop)
	wg.Wait()
	r.check(t)
}

// TestRandomKeyIsUniform: keys of crowded and of lonely slots come up equally
// often. The bound is five standard deviations.
func TestRandomKeyIsUniform(t *testing.T) {
	bothModes(t, func(t *testing.T, r *rig) {
		const crowd, lonely, draws = 90, 30, 12_000
		for i := range crowd {
			r.do("SET", "{same}"+strconv.Itoa(i), "v")
		}
		for i := range lonely {
			r.do("SET", "key"+strconv.Itoa(i), "v")
		}
		seen := map[string]int{}
		for range draws {
			key := strings.Split(r.do("RANDOMKEY"), "\r\n")[1]
			seen[key]++
		}
		require.Len(t, seen, crowd+lonely)
		inCrowd := 0
		for k, n := range seen {
			if k[0] == '{' {
				inCrowd += n
			}
			require.InDelta(t, draws/(crowd+lonely), n, 5*10, k)
		}
		share := float64(draws) * crowd / (crowd + lonely)
		require.InDelta(t, share, inCrowd, 5*math.Sqrt(share*lonely/(crowd+lonely)))
	})
}

func TestRandomKeyPassesOverExpiredKeys(t *testing.T) {
	bothModes(t, func(t *testing.T, r *rig) {
		require.Equal(t, "$-1", r.do("RANDOMKEY"))
		for i := range 50 {
			r.do("SET", "key"+strconv.Itoa(i), "v", "PX", "10")
		}
		r.do("SET", "alive", "v")
		r.c.Now += 11
		r.takeLog()
		require.Equal(t, "$5\r\nalive", r.do("RANDOMKEY"))
		deleted := 51 - int(r.c.KS.Keys(0))
		require.Equal(t, deleted, strings.Count(strings.Join(r.takeLog(), " "), "DEL "))
		r.do("DEL", "alive")
		r.c.Replica = true
		require.NotEqual(t, "$-1", r.do("RANDOMKEY"), "a replica settles for an expired key")
		r.c.Replica = false
		require.Equal(t, "$-1", r.do("RANDOMKEY"))
	})
}
