package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// smallLimits is a keyspace whose containers convert early.
func smallLimits(v Version) *Keyspace {
	ks := NewKeyspace(1, true, 7)
	s := *ks.Settings()
	s.HashMaxListpackEntries, s.HashMaxListpackValue = 6, 20
	s.SetMaxIntsetEntries, s.SetMaxListpackEntries, s.SetMaxListpackValue = 8, 6, 20
	s.Version = v
	ks.SetSettings(&s)
	return ks
}

func emptyHash() *hash { return &hash{small: make(pack, hashHead)} }

type pair struct{ field, val string }

func pairs(h *hash) []pair {
	out := []pair{}
	h.eachField(func(field, val []byte) bool {
		out = append(out, pair{string(field), string(val)})
		return true
	})
	return out
}

// TestHashHoldsWhatAListOfPairsHolds drives a hash and a list of pairs with the
// same operations, over the conversion.
func TestHashHoldsWhatAListOfPairsHolds(t *testing.T) {
	t.Parallel()
	ks := smallLimits(V(7, 1, 0))
	rapid.Check(t, func(t *rapid.T) {
		h, model, big := emptyHash(), []pair{}, false
		field := rapid.SampledFrom(strings.Split(",a,b,c,d,e,f,g,h,a longer field,"+strings.Repeat("x", 21), ","))
		at := func(f string) int {
			return slices.IndexFunc(model, func(p pair) bool { return p.field == f })
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				f := field.Draw(t, "field")
				v := strings.Repeat("v", rapid.SampledFrom([]int{0, 1, 2, 19, 20, 21, 200}).Draw(t, "len"))
				i := at(f)
				require.Equal(t, i < 0, h.set([]byte(f), []byte(v), ks))
				if i < 0 {
					model = append(model, pair{f, v})
				} else {
					model[i].val = v
				}
				big = big || len(f) > 20 || len(v) > 20 || len(model) > 6
			},
			"delete": func(t *rapid.T) {
				f := field.Draw(t, "field")
				i := at(f)
				require.Equal(t, i >= 0, h.delete([]byte(f)))
				if i >= 0 {
					model = slices.Delete(model, i, i+1)
				}
			},
			"clone": func(t *rapid.T) {
				c := h.Clone().(*hash)
				h.eachField(func(_, val []byte) bool { // shares nothing
					clear(val)
					return true
				})
				h = c
			},
			"": func(t *rapid.T) {
				require.Equal(t, map[bool]string{false: "listpack", true: "hashtable"}[big], h.Encoding())
				require.Equal(t, len(model), h.Len())
				if big {
					require.ElementsMatch(t, model, pairs(h))
				} else {
					require.Equal(t, model, pairs(h))
				}
				for _, p := range model {
					v, ok := h.getField([]byte(p.field))
					require.True(t, ok)
					require.Equal(t, p.val, string(v))
				}
				_, ok := h.getField([]byte("absent"))
				require.False(t, ok)
				require.Equal(t, bytesOf(h.big), accounted(h.big))
			},
		})
	})
}

// bytesOf counts what the keys of a dict hold, accounted is what it believes.
func bytesOf(d *dict[struct{}]) (n int64) {
	if d != nil {
		for i := range d.len() {
			n += int64(cap(d.at(i).key))
		}
	}
	return n
}

func accounted(d *dict[struct{}]) int64 {
	if d == nil {
		return 0
	}
	return d.bytes
}

func TestAnEmptiedSmallHashGivesItsMemoryBack(t *testing.T) {
	t.Parallel()
	ks := NewKeyspace(1, true, 7)
	h := emptyHash()
	val := make([]byte, 60)
	for i := range 100 {
		h.set([]byte(fieldName(i)), val, ks)
	}
	full := h.Mem()
	for i := range 99 {
		h.delete([]byte(fieldName(i)))
	}
	require.Less(t, h.Mem(), full/10)
}
