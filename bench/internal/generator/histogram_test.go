package generator

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBucketsAreContiguousAndNarrow(t *testing.T) {
	t.Parallel()
	low := int64(0)
	for i := range histogramBuckets {
		top := bucketTop(i)
		require.GreaterOrEqual(t, top, low)
		require.Equal(t, i, bucketOf(uint64(low)), "lowest of bucket %d", i)
		require.Equal(t, i, bucketOf(uint64(top)), "highest of bucket %d", i)
		require.LessOrEqual(t, float64(top-low), float64(low)/half, "width of bucket %d", i)
		low = top + 1
	}
	require.Equal(t, int64(1)<<histogramBits, low)
	require.Equal(t, histogramBuckets-1, bucketOf(1<<63))
}

func TestQuantilesAreThoseOfASortedList(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var h, a, b Histogram
	all := make([]time.Duration, 10_000)
	for i := range all {
		all[i] = time.Duration(random.ExpFloat64() * 1e5)
		h.Record(all[i])
		[]*Histogram{&a, &b}[i%2].Record(all[i])
	}
	a.Merge(&b)
	require.Equal(t, h, a)
	slices.Sort(all)
	for _, q := range []float64{0, 0.5, 0.9, 0.99, 0.999, 1} {
		exact := all[int(q*float64(len(all)-1))]
		require.GreaterOrEqual(t, h.Quantile(q), exact, "q=%v", q)
		require.LessOrEqual(t, float64(h.Quantile(q)), float64(exact)*(1+1.0/half)+1, "q=%v", q)
	}
	require.Equal(t, all[len(all)-1], h.Quantile(1))
	require.Equal(t, all[len(all)-1], h.Max())
}

func TestEmptyHistogramIsZero(t *testing.T) {
	t.Parallel()
	var h Histogram
	require.Zero(t, h.Quantile(0.99))
	require.Zero(t, h.Mean())
	h.Record(-1)
	require.Equal(t, uint64(1), h.Count())
	require.Zero(t, h.Max())
	h.Record(1000 * time.Hour)
	require.Equal(t, 1000*time.Hour, h.Quantile(1))
	h.Reset()
	require.Zero(t, h.Count())
}

func BenchmarkHistogramRecord(b *testing.B) {
	var h Histogram
	b.ReportAllocs()
	for v := time.Duration(0); b.Loop(); v += 977 {
		h.Record(v & 0xFFFFFF)
	}
}
