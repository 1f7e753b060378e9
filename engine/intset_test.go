package engine

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func members(s intset) []int64 {
	out := []int64{}
	for i := range s.len() {
		out = append(out, s.at(i))
	}
	return out
}

// TestIntsetHoldsSortedIntegers compares an intset with a sorted slice.
func TestIntsetHoldsSortedIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, model := newIntset(), []int64{}
		number := rapid.OneOf(rapid.Int64Range(-20, 20), rapid.Int64Range(-40000, 40000), rapid.Int64(),
			rapid.SampledFrom([]int64{math.MinInt16, math.MaxInt16, math.MinInt16 - 1, math.MaxInt16 + 1, math.MinInt32, math.MaxInt32,
				math.MinInt32 - 1, math.MaxInt32 + 1, math.MinInt64, math.MaxInt64}))
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				v := number.Draw(t, "v")
				i, had := slices.BinarySearch(model, v)
				var added bool
				s, added = s.add(v)
				require.Equal(t, !had, added)
				if !had {
					model = slices.Insert(model, i, v)
				}
			},
			"remove": func(t *rapid.T) {
				if len(model) == 0 {
					t.Skip("empty")
				}
				i := rapid.IntRange(0, len(model)-1).Draw(t, "i")
				s = s.removeAt(i)
				model = slices.Delete(model, i, i+1)
			},
			"without": func(t *rapid.T) {
				if len(model) == 0 {
					t.Skip("empty")
				}
				places := rapid.SliceOfDistinct(rapid.IntRange(0, len(model)-1), rapid.ID[int]).Draw(t, "places")
				slices.Sort(places)
				s = s.without(places)
				for i := len(places) - 1; i >= 0; i-- {
					model = slices.Delete(model, places[i], places[i]+1)
				}
			},
			"": func(t *rapid.T) {
				require.Equal(t, model, members(s))
				v := number.Draw(t, "probe")
				_, has := slices.BinarySearch(model, v)
				require.Equal(t, has, s.has(v))
			},
		})
	})
}

func TestIntsetTakesTheWidthThatItsMembersNeed(t *testing.T) {
	t.Parallel()
	s := newIntset()
	for _, c := range []struct {
		add  int64
		size int
	}{{1, 1 + 2}, {math.MaxInt16, 1 + 2*2}, {math.MaxInt16 + 1, 1 + 3*4}, {math.MinInt32, 1 + 4*4}, {math.MinInt32 - 1, 1 + 5*8}} {
		s, _ = s.add(c.add)
		require.Len(t, s, c.size)
	}
	s = s.removeAt(0)
	require.Len(t, s, 1+4*8, "a width stays")
}
