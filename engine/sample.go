package engine

import (
	"math"
	"math/rand/v2"
	"slices"

	"elasticache-local/protocol"
)

// sample gives k distinct random numbers below n in ascending order, every
// such choice as likely as any other. It costs O(k) whatever n is, but for the
// sorting.
func sample(r *rand.Rand, n, k int) []int {
	picked := make([]int, 0, k)
	if k >= n/3 {
		for i := 0; len(picked) < k; i++ {
			if r.IntN(n-i) < k-len(picked) {
				picked = append(picked, i)
			}
		}
		return picked
	}
	// Each round leaves a uniform choice among the numbers up to i: the new
	// number i stands in for one that was drawn before.
	seen := make(map[int]struct{}, k)
	for i := n - k; i < n; i++ {
		p := r.IntN(i + 1)
		if _, twice := seen[p]; twice {
			p = i
		}
		seen[p] = struct{}{}
		picked = append(picked, p)
	}
	slices.Sort(picked)
	return picked
}

// maxPicks bounds how many random members one command gives with repetition:
// Redis would go on until its memory ends.
const maxPicks = 1 << 24

const errCountRange = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"

// pickCountArg reads the count of a random choice at argument i: n members, or
// with repetition. ok is false when an error was replied.
func (c *Ctx) pickCountArg(i int) (n int64, repeat, ok bool) {
	n, ok = c.intArg(i)
	if !ok {
		return 0, false, false
	}
	if n == math.MinInt64 {
		c.W.Error(errCountRange)
		return 0, false, false
	}
	if n >= 0 {
		return n, false, true
	}
	return -n, true, true
}

// tooManyPicks replies an error when n picks with repetition are too many.
func (c *Ctx) tooManyPicks(n int64) bool {
	if n > maxPicks {
		c.W.Error(protocol.ErrOutOfRange)
		return true
	}
	return false
}
