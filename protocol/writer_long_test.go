package protocol

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"elasticache-local/memory"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLongBulksAreWrittenWhole(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, size := range []int{memory.Piece - 1, memory.Piece, memory.Piece + 1, 2 * memory.Piece, 5*memory.Piece + 7, 9 << 20} {
		value := make([]byte, size)
		for i := range value {
			value[i] = byte(r.Uint32())
		}
		var w Writer
		w.Array(3)
		for range 3 {
			w.Bulk(value)
		}
		one := fmt.Sprintf("$%d\r\n%s\r\n", size, value)
		require.True(t, bytes.Equal([]byte("*3\r\n"+one+one+one), w.Bytes()), size)
	}
}

// Growing to a reply of many long values costs a copy of it or two, not one for each value.
func TestLongBulksGrowByFactors(t *testing.T) {
	t.Parallel()
	var w Writer
	value := make([]byte, memory.Piece+1)
	moves, room := 0, 0
	for range 100 {
		w.Bulk(value)
		if cap(w.buf) != room {
			moves, room = moves+1, cap(w.buf)
		}
	}
	assert.Less(t, moves, 10)
}
