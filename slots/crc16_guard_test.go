//go:build unix

package slots

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// guarded returns n pages of memory between two pages that must not be touched.
func guarded(t *testing.T, n int) []byte {
	page := os.Getpagesize()
	all, err := unix.Mmap(-1, 0, (n+2)*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, unix.Munmap(all)) })
	require.NoError(t, unix.Mprotect(all[:page], unix.PROT_NONE))
	require.NoError(t, unix.Mprotect(all[(n+1)*page:], unix.PROT_NONE))
	return all[page : (n+1)*page : (n+1)*page]
}

// Loads may be wider than a key, but must not touch a page that it does not
// touch. A fault ends the test.
func TestKeysAtTheEdgeOfMemory(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	mem := guarded(t, 2)
	page := len(mem) / 2
	for n := range 400 {
		for _, at := range []int{0, len(mem) - n} {
			checkGuarded(t, r, mem, at, n)
		}
		// before, across and behind the border between two pages
		for at := page - min(n, 80) - 2; n <= 80 && at <= page+2; at++ {
			checkGuarded(t, r, mem, at, n)
		}
	}
	for _, n := range []int{1024, 1500, 2000, 3000, page, page + 33, 2 * page} {
		checkGuarded(t, r, mem, 0, n)
		checkGuarded(t, r, mem, len(mem)-n, n)
	}
}

// checkGuarded checks the n bytes at mem[at:], with and without a tag, among
// braces that must not matter.
func checkGuarded(t *testing.T, r *rand.Rand, mem []byte, at, n int) {
	for i := max(0, at-64); i < min(len(mem), at+n+64); i++ {
		mem[i] = "{}"[i&1]
	}
	key := mem[at : at+n : at+n]
	fillWithoutBraces(r, key)
	checkWays(t, key)
	if n < 2 {
		return
	}
	key[0], key[n-1] = '{', '}'
	if n > 60 {
		key[r.IntN(n-20)+10] = '}'
	}
	checkWays(t, key)
}
