package engine

import (
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestMain lowers the sizes from which on a table works step by step, so that
// every test that has some keys in a slot goes through it. Benchmarks run with
// the sizes as they are.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		maxChunk, maxRehashAtOnce = 2048, 16
	}
	os.Exit(m.Run())
}

// modelTable is a table beside a map that holds the same.
type modelTable struct {
	t     *table
	model map[string]modelValue
	keys  []string // of the model, for a choice that the seed decides
}

type modelValue struct {
	val    string
	expire int64
	at     int // in keys
}

func newModelTable() *modelTable {
	return &modelTable{t: new(table), model: map[string]modelValue{}}
}

func (m *modelTable) find(key string) (ref, uint64) {
	h := hashBytes(1, []byte(key))
	return m.t.find([]byte(key), h), h
}

func (m *modelTable) set(key, val string, expire int64) {
	r, h := m.find(key)
	m.t.setStr(r, []byte(key), h, []byte(val), 0, expire)
	was, had := m.model[key]
	if !had {
		was.at = len(m.keys)
		m.keys = append(m.keys, key)
	}
	m.model[key] = modelValue{val, expire, was.at}
}

func (m *modelTable) remove(key string) {
	r, _ := m.find(key)
	m.t.remove(r)
	at, last := m.model[key].at, len(m.keys)-1
	m.keys[at] = m.keys[last]
	moved := m.model[m.keys[at]]
	moved.at = at
	m.model[m.keys[at]] = moved
	m.keys = m.keys[:last]
	delete(m.model, key)
}

func (m *modelTable) expire(key string, at int64) {
	r, _ := m.find(key)
	m.t.setExpire(r, at)
	v := m.model[key]
	v.expire = at
	m.model[key] = v
}

// check compares everything, and the table's sums with what is in it.
func (m *modelTable) check(t require.TestingT, tab *table) {
	require.Equal(t, len(m.model), tab.count)
	seen, volatile, live := 0, 0, 0
	var objBytes int64
	tab.each(func(r ref) bool {
		v, ok := m.model[string(tab.key(r))]
		if !ok || v.val != string(tab.str(r)) || v.expire != tab.expireAt(r) || r != tab.find(tab.key(r), hashBytes(1, tab.key(r))) {
			require.Fail(t, "wrong", "%q: %v is %q until %d", tab.key(r), v, tab.str(r), tab.expireAt(r))
		}
		seen++
		live += tab.size(r)
		if v.expire != 0 {
			volatile++
			if tab.nextExpire == 0 || tab.nextExpire > v.expire {
				require.Fail(t, "the earliest expiry is wrong")
			}
		}
		if o := tab.object(r); o != nil {
			objBytes += o.Mem()
		}
		return true
	})
	require.Equal(t, len(m.model), seen)
	require.Equal(t, volatile, tab.volatile)
	require.Equal(t, objBytes, tab.objBytes)
	b := tab.big
	if b == nil {
		if tab.count > 0 {
			require.Equal(t, live, len(tab.arena)-recUnit-tab.garbage)
		}
		return
	}
	total, dead, starts := 0, 0, 0
	for i := range b.chunks {
		chunk := *tab.chunk(i)
		if chunk == nil {
			require.Zero(t, b.dead[i])
			require.Contains(t, b.free, i)
			continue
		}
		total += len(chunk)
		starts += chunkStart(i)
		gone := 0
		for at := chunkStart(i); at < len(chunk); at += record(chunk[at:]).size() {
			if rec := record(chunk[at:]); rec[recMeta]&kindMask == 0 {
				gone += rec.size()
			}
		}
		require.Equal(t, gone, b.dead[i])
		dead += gone
	}
	require.Equal(t, total, b.total)
	require.Equal(t, dead, tab.garbage)
	require.Equal(t, live, total-dead-starts)
}

// TestBigTableHoldsWhatAMapHolds grows and shrinks a table through all its
// shapes while values of all sizes come, change and go.
func TestBigTableHoldsWhatAMapHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newModelTable()
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		span := rapid.SampledFrom([]int{10, 300, 3000}).Draw(t, "keys")
		lens := []int{0, 8, 30, 100, 1024, 1025}
		if rapid.Bool().Draw(t, "long keys") {
			lens = append(lens, -5000)
		}
		some := func(do func(key string, present bool)) func(*rapid.T) {
			return func(t *rapid.T) {
				for range rapid.SampledFrom([]int{1, 10, span / 2}).Draw(t, "times") {
					if n := len(m.keys); n > 0 && rnd.IntN(2) == 0 {
						do(m.keys[rnd.IntN(n)], true)
						continue
					}
					key := strconv.Itoa(rnd.IntN(span))
					_, present := m.model[key]
					do(key, present)
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": some(func(key string, _ bool) {
				n := lens[rnd.IntN(len(lens))]
				if n < 0 {
					key, n = key+string(make([]byte, -n)), 10
				}
				m.set(key, string(make([]byte, n))+key[:1], int64(rnd.IntN(2)*(1+rnd.IntN(1000))))
			}),
			"remove": some(func(key string, present bool) {
				if present {
					m.remove(key)
				}
			}),
			"expire": some(func(key string, present bool) {
				if present {
					m.expire(key, int64(rnd.IntN(2)*(1+rnd.IntN(1000))))
				}
			}),
			"remove nearly all": func(t *rapid.T) {
				for len(m.keys) > 3 {
					m.remove(m.keys[rnd.IntN(len(m.keys))])
				}
			},
			"go on with a copy": func(t *rapid.T) {
				was := m.t
				m.t = was.clone()
				m.check(t, was)
			},
			"draw": func(t *rapid.T) {
				if m.t.count == 0 {
					return
				}
				require.Contains(t, m.model, string(m.t.key(m.t.random(rnd))))
				found := 0
				m.t.sample(rnd, 5, false, func(r ref) { require.Contains(t, m.model, string(m.t.key(r))); found++ })
				if m.t.chains() <= maxSampleBuckets {
					require.Equal(t, min(5, m.t.count), found)
				}
				require.LessOrEqual(t, found, 5)
			},
			"": func(t *rapid.T) { m.check(t, m.t) },
		})
	})
}

// TestBigTableIsScannedWhole: what is there from the first to the last step of
// a scan is seen, although the table grows and shrinks many times over.
func TestBigTableIsScannedWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newModelTable()
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		stay := rapid.SampledFrom([]int{0, 5, 50, 500}).Draw(t, "stay")
		for i := range stay {
			m.set("stay"+strconv.Itoa(i), "v", 0)
		}
		most := rapid.SampledFrom([]int{10, 300, 3000}).Draw(t, "most")
		pace := rapid.SampledFrom([]int{1, 7, 100}).Draw(t, "pace")
		seen, grow, both := map[string]bool{}, true, 0
		for cursor, first := uint32(0), true; first || cursor != 0; first = false {
			if m.t.big != nil && m.t.big.old != nil {
				both++
			}
			cursor = m.t.scan(cursor, func(r ref) { seen[string(m.t.key(r))] = true })
			for range rnd.IntN(pace + 1) {
				switch {
				case grow:
					m.set("come"+strconv.Itoa(rnd.IntN(most)), "v", 0)
				case len(m.keys) > 0:
					if key := m.keys[rnd.IntN(len(m.keys))]; key[0] == 'c' {
						m.remove(key)
					}
				}
			}
			if rnd.IntN(50) == 0 {
				grow = !grow
			}
		}
		for i := range stay {
			require.True(t, seen["stay"+strconv.Itoa(i)], "stay%d was not seen, two arrays at %d steps", i, both)
		}
	})
}

// TestBigTableBoundsItsGarbage: churn leaves the arena at a bounded multiple
// of what is alive.
func TestBigTableBoundsItsGarbage(t *testing.T) {
	t.Parallel()
	m, rnd := newModelTable(), rand.New(rand.NewPCG(1, 1))
	for i := range 5000 {
		m.set(strconv.Itoa(i), string(make([]byte, 40)), 0)
	}
	for i := range 50_000 {
		key := m.keys[rnd.IntN(len(m.keys))]
		if i%2 == 0 {
			m.set(key, string(make([]byte, rnd.IntN(200))), 0)
		} else {
			m.remove(key)
			m.set(key, "v", 0)
		}
		if b := m.t.big; b != nil {
			require.LessOrEqual(t, m.t.garbage, b.total/garbageShareGrowing+2*maxChunk)
		}
	}
	for len(m.keys) > 0 {
		m.remove(m.keys[rnd.IntN(len(m.keys))])
		if b := m.t.big; b != nil {
			require.LessOrEqual(t, m.t.garbage, b.total/garbageShareShrinking+2*maxChunk)
			require.LessOrEqual(t, len(m.t.buckets), max(64, 32*m.t.count))
		}
	}
	require.Equal(t, table{}, *m.t)
}

// TestBigTableIsLeftAloneByCompaction, which is for small ones.
func TestBigTableIsLeftAloneByCompaction(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	for i := range 3000 {
		r.do("SET", "{t}"+strconv.Itoa(i), string(make([]byte, 40)))
	}
	for i := range 1000 {
		r.do("DEL", "{t}"+strconv.Itoa(i))
		if i%100 == 0 {
			r.c.KS.compact()
		}
	}
	for i := range 3000 {
		want := ":1"
		if i < 1000 {
			want = ":0"
		}
		require.Equal(t, want, r.do("EXISTS", "{t}"+strconv.Itoa(i)))
	}
	r.check(t)
}
