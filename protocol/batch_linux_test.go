package protocol

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// forEachBatch runs a test with a ring and without.
func forEachBatch(t *testing.T, test func(t *testing.T, b *batch)) {
	for name, how := range map[string]batching{"ring": batchAll, "calls": batchNone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBatch(how)
			t.Cleanup(b.close)
			if how == batchAll && b.ring == nil {
				t.Skip("this kernel has no io_uring, or forbids it")
			}
			test(t, &b)
		})
	}
}

// pairs gives n pairs of connected sockets; what is written to left is read from right.
func pairs(t testing.TB, n int) (left, right []*sock) {
	for range n {
		p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		require.NoError(t, err)
		t.Cleanup(func() { unix.Close(p[0]); unix.Close(p[1]) })
		left, right = append(left, &sock{fd: p[0]}), append(right, &sock{fd: p[1]})
	}
	return left, right
}

func TestABatchReadsAndWritesEachSocketForItself(t *testing.T) {
	forEachBatch(t, func(t *testing.T, b *batch) {
		const silent = 5
		left, right := pairs(t, ringEntries)
		for i, s := range left {
			if i != silent {
				b.add(s, fmt.Appendf(nil, "message %d", i))
			}
		}
		for i, j := range b.write() {
			assert.Zero(t, j.errno, i)
			assert.Equal(t, len(j.buf), j.n, i)
		}
		for _, s := range right {
			b.add(s, make([]byte, 100))
		}
		for i, j := range b.read() {
			assert.Same(t, right[i], j.sock)
			if i == silent {
				assert.Equal(t, unix.EAGAIN, j.errno)
				assert.Zero(t, j.n)
				continue
			}
			assert.Zero(t, j.errno, i)
			assert.Equal(t, fmt.Sprintf("message %d", i), string(j.buf[:j.n]))
		}
	})
}

func TestABatchTellsOfEndsAndErrors(t *testing.T) {
	forEachBatch(t, func(t *testing.T, b *batch) {
		left, right := pairs(t, 3)
		require.NoError(t, unix.Shutdown(left[0].fd, unix.SHUT_WR))
		gone := &sock{fd: 1 << 20}
		for _, s := range []*sock{right[0], gone, right[1]} {
			b.add(s, make([]byte, 10))
		}
		got := b.read()
		assert.Equal(t, []unix.Errno{0, unix.EBADF, unix.EAGAIN}, []unix.Errno{got[0].errno, got[1].errno, got[2].errno})
		assert.Zero(t, got[0].n, "the end of the stream")

		require.NoError(t, unix.Shutdown(right[2].fd, unix.SHUT_RDWR))
		much := make([]byte, 8<<20)
		b.add(left[1], much)
		b.add(left[2], []byte("nobody reads"))
		got = b.write()
		assert.Zero(t, got[0].errno)
		assert.Positive(t, got[0].n)
		assert.Less(t, got[0].n, len(much), "as much as the socket takes")
		assert.Equal(t, unix.EPIPE, got[1].errno)

		b.add(left[1], much)
		b.add(left[1], much)
		assert.Equal(t, unix.EAGAIN, b.write()[0].errno, "a full socket is not waited for")
	})
}

func TestABatchGoesOnWhenItsRingFails(t *testing.T) {
	t.Parallel()
	b := newBatch(batchAll)
	if b.ring == nil {
		t.Skip("this kernel has no io_uring, or forbids it")
	}
	require.NoError(t, unix.Close(b.ring.fd))
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0) // likely the same number: not a ring
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(null) })
	left, right := pairs(t, 2)
	b.ring.fd = null
	for _, s := range left {
		b.add(s, []byte("hello"))
	}
	for _, j := range b.write() {
		assert.Equal(t, 5, j.n)
	}
	assert.Nil(t, b.ring)
	for _, s := range right {
		b.add(s, make([]byte, 10))
	}
	for _, j := range b.read() {
		assert.Equal(t, "hello", string(j.buf[:j.n]))
	}
}

func TestABatchDoesNotAllocate(t *testing.T) {
	b := newBatch(batchSeveral)
	t.Cleanup(b.close)
	left, right := pairs(t, 4)
	message, room := []byte("hello"), make([]byte, 10)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for _, s := range left {
			b.add(s, message)
		}
		b.write()
		for _, s := range right {
			b.add(s, room)
		}
		b.read()
	}))
}

// A turn's worth of sockets, each read and written once.
func BenchmarkBatch(b *testing.B) {
	for name, how := range map[string]batching{"ring": batchAll, "calls": batchNone} {
		for _, n := range []int{1, 2, 8, ringEntries} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				batch := newBatch(how)
				b.Cleanup(batch.close)
				left, right := pairs(b, n)
				message, room := make([]byte, 100), make([]byte, 1<<10)
				b.ReportAllocs()
				for b.Loop() {
					for _, s := range left {
						batch.add(s, message)
					}
					batch.write()
					for _, s := range right {
						batch.add(s, room)
					}
					for _, j := range batch.read() {
						if j.n != len(message) {
							b.Fatal(j.n, j.errno)
						}
					}
				}
			})
		}
	}
}
