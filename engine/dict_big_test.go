package engine

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// modelDict is a dict beside a map that holds the same.
type modelDict struct {
	d     *dict[int]
	model map[string]int
	keys  []string // of the model, for a choice that the seed decides
}

const modelDictSeed = 5

func newModelDict(n int) *modelDict {
	return &modelDict{d: newDict[int](modelDictSeed, n), model: map[string]int{}}
}

func (m *modelDict) set(t require.TestingT, key string, v int) {
	_, had := m.model[key]
	require.Equal(t, !had, m.d.set([]byte(key), v), key)
	if m.model[key] = v; !had {
		m.keys = append(m.keys, key)
	}
}

// removeAt removes the model's key number i.
func (m *modelDict) removeAt(t require.TestingT, i int) {
	key, last := m.keys[i], len(m.keys)-1
	require.True(t, m.d.delete([]byte(key)), key)
	require.False(t, m.d.delete([]byte(key)), key)
	m.keys[i] = m.keys[last]
	m.keys = m.keys[:last]
	delete(m.model, key)
}

// check compares everything, and looks whether d is in order.
func (m *modelDict) check(t require.TestingT, d *dict[int]) {
	require.Equal(t, len(m.model), d.len())
	var bytes int64
	for i := range d.len() {
		e := d.at(i)
		v, ok := m.model[string(e.key)]
		if !ok || v != e.val || d.find(e.key) != i {
			require.Fail(t, "wrong", "entry %d: %q is %d, want %d; found at %d", i, e.key, e.val, v, d.find(e.key))
		}
		bytes += int64(cap(e.key))
	}
	require.Equal(t, bytes, d.bytes)
	require.Equal(t, -1, d.find([]byte("absent")))
	if d.big != nil {
		checkBigDict(t, d.big)
		require.Nil(t, d.entries)
		require.Nil(t, d.buckets)
	}
}

// checkBigDict looks whether every entry stands in one chain, whatever is not in
// use is clear, and no more is kept than there should be.
func checkBigDict(t require.TestingT, b *bigDict[int]) {
	require.Less(t, b.mask>>1, b.buckets-1)
	require.LessOrEqual(t, b.buckets, b.mask+1)
	linked := 0
	for i := range uint32(len(b.heads) * dictHeads) {
		for at := *b.head(i); at != 0; at = b.at(int(at - 1)).next {
			if i >= b.buckets || b.headOf(b.at(int(at-1)).hash) != b.head(i) {
				require.Fail(t, "a stray entry", "in bucket %d of %d", i, b.buckets)
			}
			linked++
		}
	}
	require.Equal(t, b.count, linked)
	require.LessOrEqual(t, b.count, len(b.chunks)*dictChunk)
	for i := b.count; i < len(b.chunks)*dictChunk; i++ {
		if e := b.at(i); e.key != nil || e.val != 0 || e.next != 0 || e.hash != 0 {
			require.Fail(t, "what was deleted is still there", "entry %d of %d: %v", i, b.count, *e)
		}
	}
}

// TestBigDictHoldsWhatAMapHolds grows and shrinks a dict through all its shapes.
func TestBigDictHoldsWhatAMapHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newModelDict(rapid.SampledFrom([]int{0, 10, 5000}).Draw(t, "room"))
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		span := rapid.SampledFrom([]int{10, 300, 8000}).Draw(t, "keys")
		times := rapid.SampledFrom([]int{1, 10, span})
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				for range times.Draw(t, "times") {
					m.set(t, strconv.Itoa(rnd.IntN(span)), rnd.Int())
				}
			},
			"remove": func(t *rapid.T) {
				for range min(len(m.keys), times.Draw(t, "times")) {
					m.removeAt(t, rnd.IntN(len(m.keys)))
				}
			},
			"remove by index": func(t *rapid.T) {
				for range min(len(m.keys), times.Draw(t, "times")) {
					i := m.d.random(rnd)
					key := string(m.d.at(i).key)
					m.d.deleteAt(i)
					delete(m.model, key)
				}
				m.keys = m.keys[:0]
				for i := range m.d.len() {
					m.keys = append(m.keys, string(m.d.at(i).key))
				}
			},
			"go on with a copy": func(t *rapid.T) {
				was := m.d
				m.d = was.clone(func(v int) int { return v })
				m.check(t, was)
				for i := range was.len() {
					was.at(i).val = -1 // shares nothing
				}
			},
			"": func(t *rapid.T) { m.check(t, m.d) },
		})
	})
}

// TestBigDictIsScannedWhole: what is there from the first to the last step of a
// scan is seen, although the dict grows and shrinks many times over.
func TestBigDictIsScannedWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newModelDict(0)
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		stay := rapid.SampledFrom([]int{0, 5, 50, 500}).Draw(t, "stay")
		for i := range stay {
			m.set(t, "stay"+strconv.Itoa(i), 1)
		}
		most := rapid.SampledFrom([]int{10, 300, 3000}).Draw(t, "most")
		pace := rapid.SampledFrom([]int{1, 7, 100}).Draw(t, "pace")
		seen, grow, big := map[string]bool{}, true, 0
		for cursor, first := uint32(0), true; first || cursor != 0; first = false {
			if m.d.big != nil {
				big++
			}
			cursor = m.d.scan(cursor, func(e *dictEntry[int]) { seen[string(e.key)] = true })
			for range rnd.IntN(pace + 1) {
				switch {
				case grow:
					m.set(t, "come"+strconv.Itoa(rnd.IntN(most)), 1)
				case len(m.keys) > 0:
					if i := rnd.IntN(len(m.keys)); m.keys[i][0] == 'c' {
						m.removeAt(t, i)
					}
				}
			}
			if rnd.IntN(50) == 0 {
				grow = !grow
			}
		}
		for i := range stay {
			require.True(t, seen["stay"+strconv.Itoa(i)], "stay%d was not seen, big at %d steps", i, big)
		}
	})
}

// TestAScanOfADictAtRestListsEachOnce, whatever the number of buckets.
func TestAScanOfADictAtRestListsEachOnce(t *testing.T) {
	t.Parallel()
	m := newModelDict(0)
	for n := range 600 {
		m.set(t, strconv.Itoa(n), n)
		seen := map[int]int{}
		for cursor, first := uint32(0), true; first || cursor != 0; first = false {
			cursor = m.d.scan(cursor, func(e *dictEntry[int]) { seen[e.val]++ })
		}
		require.Len(t, seen, n+1)
		for v, times := range seen {
			require.Equal(t, 1, times, v)
		}
	}
}

// TestBigDictFollowsItsSize: buckets and chunks come and go with the members,
// some with each write.
func TestBigDictFollowsItsSize(t *testing.T) {
	t.Parallel()
	const n = 20_000
	m := newModelDict(0)
	empty := m.d.mem(40)
	inShape := func(before int) {
		if b := m.d.big; b != nil {
			require.GreaterOrEqual(t, 4*b.count, int(b.buckets)-8)
			require.LessOrEqual(t, 3*b.count, 4*int(b.buckets)+maxRehashAtOnce)
			require.LessOrEqual(t, len(b.chunks), b.count/dictChunk+2)
			require.LessOrEqual(t, len(b.heads), int(b.buckets)/dictHeads+2)
			if before != 0 {
				require.InDelta(t, before, int(b.buckets), maxDictMerges)
			}
		}
	}
	buckets := func() int {
		if m.d.big == nil {
			return 0
		}
		return int(m.d.big.buckets)
	}
	for i := range n {
		was := buckets()
		m.set(t, strconv.Itoa(i), i)
		inShape(was)
	}
	m.check(t, m.d)
	for len(m.keys) > 0 {
		was := buckets()
		m.removeAt(t, len(m.keys)*7919/n%len(m.keys))
		inShape(was)
	}
	require.Nil(t, m.d.big)
	require.LessOrEqual(t, m.d.mem(40), empty+1000)
}
