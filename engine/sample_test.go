package engine

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSampleIsAscendingAndDistinct(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for n := 1; n < 40; n++ {
		for k := 1; k <= n; k++ {
			got := sample(r, n, k)
			require.Len(t, got, k)
			require.True(t, slices.IsSorted(got))
			require.Len(t, slices.Compact(got), k)
			require.True(t, got[0] >= 0 && got[k-1] < n)
		}
	}
}

// TestSampleIsUniform draws often from few numbers: each has to come about
// equally often, by either way of drawing.
func TestSampleIsUniform(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	for _, c := range [][2]int{{12, 2}, {12, 3}, {12, 6}, {12, 11}} {
		n, k := c[0], c[1]
		const rounds = 20000
		counts := make([]int, n)
		for range rounds {
			for _, i := range sample(r, n, k) {
				counts[i]++
			}
		}
		requireUniform(t, counts, rounds*k/n)
	}
}

// requireUniform is a chi-square test: for up to 40 counts, a sum beyond 100
// has a probability of less than one in a million.
func requireUniform(t *testing.T, counts []int, want int) {
	t.Helper()
	sum := 0.0
	for _, n := range counts {
		d := float64(n - want)
		sum += d * d / float64(want)
	}
	require.Less(t, sum, 100.0, "%v", counts)
}
