package engine

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elasticache-local/protocol"
)

func newTestCtx() *Ctx {
	return &Ctx{KS: NewKeyspace(16, true, 1), W: new(protocol.Writer), Now: 1_000_000, Rand: rand.New(rand.NewPCG(1, 2))}
}

// TestTableHoldsWhatAMapHolds drives the arena table and a map with the same
// random operations.
func TestTableHoldsWhatAMapHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := newTestCtx()
		type val struct {
			s      string
			expire int64
		}
		model := map[string]val{}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				k, n := key(t), rapid.SampledFrom([]int{0, 1, 8, 63, 64, 200, 1024, 1025, 5000}).Draw(t, "len")
				v := val{s: string(make([]byte, n)) + k, expire: rapid.SampledFrom([]int64{0, 0, 2_000_000}).Draw(t, "expire")}
				e := c.Write([]byte(k))
				c.SetStr(&e, []byte(v.s), v.expire)
				model[k] = v
			},
			"del": func(t *rapid.T) {
				k := key(t)
				if e := c.Write([]byte(k)); e.Exists() {
					c.Del(&e)
				}
				delete(model, k)
			},
			"expire": func(t *rapid.T) {
				k := key(t)
				at := rapid.SampledFrom([]int64{0, 3_000_000}).Draw(t, "at")
				if e := c.Write([]byte(k)); e.Exists() {
					c.SetExpire(&e, at)
					model[k] = val{model[k].s, at}
				}
			},
			"": func(t *rapid.T) {
				volatile := 0
				for k, v := range model {
					e := c.Peek([]byte(k))
					require.True(t, e.Exists(), k)
					require.Equal(t, v.s, string(e.Str()))
					require.Equal(t, v.expire, e.ExpireAt())
					if v.expire != 0 {
						volatile++
					}
				}
				require.EqualValues(t, len(model), c.KS.Keys(0))
				require.EqualValues(t, volatile, c.KS.Volatile(0))
				var mem int64
				for i := range c.KS.dbs[0].slots {
					mem += c.KS.dbs[0].slots[i].t.mem()
				}
				require.Equal(t, mem, c.KS.Mem())
			},
		})
	})
}

// key draws from few keys, all in one slot, so that they share a table.
func key(t *rapid.T) string {
	return "{t}" + strconv.Itoa(rapid.IntRange(0, 40).Draw(t, "key"))
}

func TestDictHoldsWhatAMapHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDict[int](7, 0)
		model := map[string]int{}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				k, v := key(t), rapid.Int().Draw(t, "v")
				_, had := model[k]
				require.Equal(t, !had, d.set([]byte(k), v))
				model[k] = v
			},
			"delete": func(t *rapid.T) {
				k := key(t)
				_, had := model[k]
				require.Equal(t, had, d.delete([]byte(k)))
				delete(model, k)
			},
			"": func(t *rapid.T) {
				seen := map[string]bool{}
				for cur, first := uint32(0), true; first || cur != 0; first = false {
					cur = d.scan(cur, func(e *dictEntry[int]) { seen[string(e.key)] = true })
				}
				require.Len(t, seen, len(model))
				for k, v := range model {
					got, ok := d.get([]byte(k))
					require.True(t, ok)
					require.Equal(t, v, got)
				}
			},
		})
	})
}

func TestPackSplices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var p pack
		var model []string
		for range rapid.IntRange(0, 30).Draw(t, "ops") {
			i := rapid.IntRange(0, len(model)).Draw(t, "from")
			j := rapid.IntRange(i, len(model)).Draw(t, "to")
			var add []string
			var elems [][]byte
			for range rapid.IntRange(0, 3).Draw(t, "n") {
				s := string(make([]byte, rapid.SampledFrom([]int{0, 1, 127, 128, 300}).Draw(t, "len"))) + "x"
				add, elems = append(add, s), append(elems, []byte(s))
			}
			p = p.splice(offset(p, i), offset(p, j), elems...)
			model = append(append(append([]string(nil), model[:i]...), add...), model[j:]...)
			var got []string
			for at := 0; at < len(p); {
				var e []byte
				e, at = p.next(at)
				got = append(got, string(e))
			}
			require.Equal(t, len(model), len(got))
			for i := range model {
				require.Equal(t, model[i], got[i])
			}
		}
	})
}

func offset(p pack, n int) int {
	at := 0
	for range n {
		_, at = p.next(at)
	}
	return at
}
