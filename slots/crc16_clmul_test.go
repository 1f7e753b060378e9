//go:build (amd64 || arm64) && !purego

package slots

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

// divide returns quotient and remainder of xⁿ by P, polynomials being the bits
// of numbers.
func divide(n uint) (q, r *big.Int) {
	p := big.NewInt(0x11021)
	q, r = new(big.Int), new(big.Int).Lsh(big.NewInt(1), n)
	for r.BitLen() >= p.BitLen() {
		shift := uint(r.BitLen() - p.BitLen())
		q.SetBit(q, int(shift), 1)
		r.Xor(r, new(big.Int).Lsh(p, shift))
	}
	return q, r
}

func TestConstantsAreWhatTheyAreSaidToBe(t *testing.T) {
	t.Parallel()
	for i := range foldBy {
		d := uint(i/2+1)*128 + uint(i%2)*64
		_, r := divide(d)
		require.Equal(t, r.Uint64(), foldBy[i], "x to the power of %d", d)
	}
	low := func(n *big.Int, bits uint) uint64 {
		mask := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), bits), big.NewInt(1))
		return mask.And(mask, n).Uint64()
	}
	q80, _ := divide(80)
	q144, _ := divide(144)
	require.Equal(t, 65, q80.BitLen())
	require.Equal(t, [4]uint64{low(q80, 64), low(q144, 64), 0, low(q144.Rsh(q144, 64), 16)}, quotient)
}

func TestShrinkingKeepsTheChecksum(t *testing.T) {
	t.Parallel()
	if !hasAsm {
		t.Skip("no such processor")
	}
	r := newRand(t)
	for n := 1024; n < 3000; n += 1 + r.IntN(9) {
		b := randomKey(r, n)
		require.Equal(t, referenceCRC16(b), bulkCRC16(&b[0], n, scanNot), "%d bytes", n)
	}
}
