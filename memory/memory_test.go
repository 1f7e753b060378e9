package memory

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sizes are around everything that makes a difference.
var sizes = []int{0, 1, Piece - 1, Piece, Piece + 1, 2 * Piece, 5*Piece + 7, 9 << 20}

func TestLongBuffersHoldWhatWasAppended(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 20 {
		var got, want []byte
		for range 3 {
			src := make([]byte, sizes[r.IntN(len(sizes))])
			for i := range src {
				src[i] = byte(r.Uint32())
			}
			if r.IntN(2) == 0 {
				got = Grow(got, len(src))
				require.GreaterOrEqual(t, cap(got)-len(got), len(src))
			}
			got, want = Append(got, src), append(want, src...)
			require.True(t, bytes.Equal(want, got))
		}
		other := Clone(got)
		require.True(t, bytes.Equal(want, other))
		if len(got) > 0 {
			got[0]++
			require.True(t, bytes.Equal(want, other), "memory of its own")
		}
	}
}

func TestRawIsEmptyAndHasRoom(t *testing.T) {
	t.Parallel()
	for _, n := range append(sizes, hugeAndAHalf) {
		b := Raw(n)
		assert.Empty(t, b)
		assert.Equal(t, n, cap(b))
		b = b[:cap(b)]
		for i := 0; i < len(b); i += 1000 {
			b[i] = 1
		}
	}
}

const hugeAndAHalf = 5 << 20

func TestGrowthIsByFactors(t *testing.T) {
	t.Parallel()
	var b []byte
	moves := 0
	for range 100 {
		room := cap(b)
		if b = Append(b, make([]byte, Piece+1)); cap(b) != room {
			moves++
		}
	}
	assert.Less(t, moves, 10)
}

// BenchmarkClone is a copy into memory of its own.
func BenchmarkClone(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			value := make([]byte, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				Clone(value)
			}
		})
	}
}
