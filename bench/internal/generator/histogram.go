package generator

import (
	"math/bits"
	"time"
)

// A Histogram counts durations in buckets that are at most 1/64 wide relative
// to their value. It has a fixed size and never allocates. The zero value is
// empty.
//
// The first 128 buckets are one nanosecond wide each; every further 64 buckets
// span one power of two.
type Histogram struct {
	counts [histogramBuckets]uint64
	total  uint64
	sum    uint64 // ns
	max    int64  // ns
}

const (
	halfBits         = 6 // 64 buckets for a power of two
	half             = 1 << halfBits
	histogramBits    = 38 // longest duration: 2³⁸ ns, 4.6 minutes
	histogramBuckets = (histogramBits - halfBits + 1) * half
)

// bucketOf returns the bucket of v ns.
func bucketOf(v uint64) int {
	if v >= 1<<histogramBits {
		return histogramBuckets - 1
	}
	shift := max(bits.Len64(v)-halfBits-1, 0)
	return shift*half + int(v>>shift)
}

// bucketTop returns the largest duration, in ns, that falls into bucket i; the
// last one also holds all that is longer.
func bucketTop(i int) int64 {
	if i < 2*half {
		return int64(i)
	}
	shift := i/half - 1
	return int64(i%half+half+1)<<shift - 1
}

// Record adds one duration; a negative one counts as 0.
func (h *Histogram) Record(d time.Duration) { h.RecordN(d, 1) }

// RecordN adds n times the same duration.
func (h *Histogram) RecordN(d time.Duration, n int) {
	d = max(d, 0)
	h.counts[bucketOf(uint64(d))] += uint64(n)
	h.total += uint64(n)
	h.sum += uint64(d) * uint64(n)
	h.max = max(h.max, int64(d))
}

// Merge adds what other counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
	h.sum += other.sum
	h.max = max(h.max, other.max)
}

// Reset empties h.
func (h *Histogram) Reset() { *h = Histogram{} }

// Count returns how many durations were recorded.
func (h *Histogram) Count() uint64 { return h.total }

// Max returns the longest duration, exactly.
func (h *Histogram) Max() time.Duration { return time.Duration(h.max) }

// Mean returns the average, 0 of an empty histogram.
func (h *Histogram) Mean() time.Duration {
	if h.total == 0 {
		return 0
	}
	return time.Duration(h.sum / h.total)
}

// Quantile returns a duration that the share q (0 to 1) of the recorded ones
// does not exceed: the top of the bucket of the one that is in that place, but
// never more than Max. It returns 0 of an empty histogram.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := uint64(q*float64(h.total-1)) + 1 // 1 ≤ rank ≤ total for 0 ≤ q ≤ 1
	var seen uint64
	for i, n := range h.counts {
		if seen += n; seen >= rank && i < histogramBuckets-1 {
			return time.Duration(min(bucketTop(i), h.max))
		}
	}
	return h.Max()
}
