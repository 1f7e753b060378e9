package slots

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// naiveSet is what Set has to behave like.
type naiveSet map[Slot]bool

func (n naiveSet) sorted() []Slot {
	var out []Slot
	for s := range Slot(Count) {
		if n[s] {
			out = append(out, s)
		}
	}
	return out
}

func randomSet(r *rand.Rand) (Set, naiveSet) {
	var s Set
	n := naiveSet{}
	for range r.IntN(12) {
		first := Slot(r.IntN(Count))
		last := min(first+Slot(r.IntN(200)), Count-1)
		s.AddRange(first, last)
		for at := first; at <= last; at++ {
			n[at] = true
		}
		gone := first + Slot(r.IntN(int(last-first)+1))
		s.Remove(gone)
		delete(n, gone)
	}
	return s, n
}

func TestSetBehavesLikeAMap(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for range 30 {
		a, na := randomSet(r)
		b, nb := randomSet(r)
		require.Equal(t, na.sorted(), slices.Collect(a.All()))
		require.Equal(t, len(na), a.Len())
		require.Equal(t, len(na) == 0, a.Empty())
		union, minus, both := naiveSet{}, naiveSet{}, naiveSet{}
		for s := range Slot(Count) {
			if a.Has(s) != na[s] {
				t.Fatalf("Has(%d) = %v", s, a.Has(s))
			}
			if na[s] || nb[s] {
				union[s] = true
			}
			if na[s] && !nb[s] {
				minus[s] = true
			}
			if na[s] && nb[s] {
				both[s] = true
			}
		}
		require.Equal(t, union.sorted(), slices.Collect(a.Union(b).All()))
		require.Equal(t, minus.sorted(), slices.Collect(a.Minus(b).All()))
		require.Equal(t, both.sorted(), slices.Collect(a.Intersect(b).All()))
		require.True(t, a.Minus(b).Union(a.Intersect(b)).Equal(a))
		require.True(t, SetOf(a.Ranges()...).Equal(a))
		for i, r := range a.Ranges() {
			require.LessOrEqual(t, r.First, r.Last)
			require.True(t, i == 0 || a.Ranges()[i-1].Last+1 < r.First, "ranges that touch")
		}
	}
}

func TestSetEdges(t *testing.T) {
	t.Parallel()
	full := Full()
	require.Equal(t, Count, full.Len())
	require.Equal(t, []Range{{0, Count - 1}}, full.Ranges())
	require.False(t, full.Has(Count))
	full.Remove(Count)
	require.Equal(t, Count, full.Len())
	full.Remove(0)
	full.Remove(64)
	full.Remove(Count - 1)
	require.Equal(t, []Range{{1, 63}, {65, Count - 2}}, full.Ranges())
	var s Set
	require.Nil(t, s.Ranges())
	require.Panics(t, func() { s.Add(Count) })
	require.Panics(t, func() { s.AddRange(3, 2) })
	for slot := range full.All() { // stopping early
		require.Equal(t, Slot(1), slot)
		break
	}
}

func TestParseReadsWhatStringWrites(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "7", "0-16383", "0-5461,10923-16383", "0,2,4-5,16383"} {
		s, err := Parse(text)
		require.NoError(t, err)
		require.Equal(t, text, s.String())
	}
	s, err := Parse("9,10,3-4,5")
	require.NoError(t, err)
	require.Equal(t, "3-5,9-10", s.String())
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		",":         `slots ",": empty part`,
		"1,,2":      `slots "1,,2": empty part`,
		"1,":        `slots "1,": empty part`,
		"-":         `slots "-": "" is not a slot number`,
		"5-":        `slots "5-": "" is not a slot number`,
		"1-2-3":     `slots "1-2-3": "2-3" is not a slot number`,
		"+5":        `slots "+5": "+5" is not a slot number`,
		" 5":        `slots " 5": " 5" is not a slot number`,
		"16384":     `slots "16384": slot 16384 is above 16383`,
		"0-65536":   `slots "0-65536": slot 65536 is above 16383`,
		"5-4":       `slots "5-4": 5-4 runs backwards`,
		"5,5":       `slots "5,5": 5 given twice`,
		"0-10,5-20": `slots "0-10,5-20": 5-10 given twice`,
	} {
		_, err := Parse(text)
		require.EqualError(t, err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"", "7", "0-5461,10923-16383", "3,1-2", "5-4", "0-0", "16384", ",", "1-2-3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			require.True(t, s.Empty())
			return
		}
		again, err := Parse(s.String())
		require.NoError(t, err)
		require.True(t, s.Equal(again))
		require.Equal(t, s.String(), again.String())
	})
}
