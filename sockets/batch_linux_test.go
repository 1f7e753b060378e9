package sockets

import (
	"fmt"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// forEachBatch runs a test with a ring and without.
func forEachBatch(t *testing.T, test func(t *testing.T, b *Batch)) {
	for name, how := range map[string]Use{"ring": UseAlways, "calls": UseNever} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := NewBatch(how)
			t.Cleanup(b.Close)
			if how == UseAlways && b.ring == nil {
				t.Skip("this kernel has no io_uring, or forbids it")
			}
			test(t, b)
		})
	}
}

// pairs gives n pairs of connected sockets; what is written to left is read from right.
func pairs(t testing.TB, n int) (left, right []int) {
	for range n {
		p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		require.NoError(t, err)
		t.Cleanup(func() { unix.Close(p[0]); unix.Close(p[1]) })
		left, right = append(left, p[0]), append(right, p[1])
	}
	return left, right
}

func TestABatchReadsAndWritesEachSocketForItself(t *testing.T) {
	forEachBatch(t, func(t *testing.T, b *Batch) {
		const silent = 5
		left, right := pairs(t, MaxJobs)
		for i, s := range left {
			if i != silent {
				b.Add(0, s, fmt.Appendf(nil, "message %d", i))
			}
		}
		for i, j := range b.Write() {
			assert.Zero(t, j.Errno, i)
			assert.Equal(t, len(j.Buf), j.N, i)
		}
		for _, s := range right {
			b.Add(0, s, make([]byte, 100))
		}
		for i, j := range b.Read() {
			assert.Equal(t, right[i], j.FD)
			if i == silent {
				assert.Equal(t, unix.EAGAIN, j.Errno)
				assert.Zero(t, j.N)
				continue
			}
			assert.Zero(t, j.Errno, i)
			assert.Equal(t, fmt.Sprintf("message %d", i), string(j.Buf[:j.N]))
		}
	})
}

func TestABatchTellsOfEndsAndErrors(t *testing.T) {
	forEachBatch(t, func(t *testing.T, b *Batch) {
		left, right := pairs(t, 3)
		require.NoError(t, unix.Shutdown(left[0], unix.SHUT_WR))
		gone := 1 << 20
		for _, s := range []int{right[0], gone, right[1]} {
			b.Add(0, s, make([]byte, 10))
		}
		got := b.Read()
		assert.Equal(t, []unix.Errno{0, unix.EBADF, unix.EAGAIN}, []unix.Errno{got[0].Errno, got[1].Errno, got[2].Errno})
		assert.Zero(t, got[0].N, "the end of the stream")

		require.NoError(t, unix.Shutdown(right[2], unix.SHUT_RDWR))
		much := make([]byte, 8<<20)
		b.Add(0, left[1], much)
		b.Add(0, left[2], []byte("nobody reads"))
		got = b.Write()
		assert.Zero(t, got[0].Errno)
		assert.Positive(t, got[0].N)
		assert.Less(t, got[0].N, len(much), "as much as the socket takes")
		assert.Equal(t, unix.EPIPE, got[1].Errno)

		b.Add(0, left[1], much)
		b.Add(0, left[1], much)
		assert.Equal(t, unix.EAGAIN, b.Write()[0].Errno, "a full socket is not waited for")
	})
}

func TestABatchGoesOnWhenItsRingFails(t *testing.T) {
	t.Parallel()
	b := NewBatch(UseAlways)
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
		b.Add(0, s, []byte("hello"))
	}
	for _, j := range b.Write() {
		assert.Equal(t, 5, j.N)
	}
	assert.Nil(t, b.ring)
	for _, s := range right {
		b.Add(0, s, make([]byte, 10))
	}
	for _, j := range b.Read() {
		assert.Equal(t, "hello", string(j.Buf[:j.N]))
	}
}

func TestABatchDoesNotAllocate(t *testing.T) {
	b := NewBatch(UseForSeveral)
	t.Cleanup(b.Close)
	left, right := pairs(t, 4)
	message, room := []byte("hello"), make([]byte, 10)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for _, s := range left {
			b.Add(0, s, message)
		}
		b.Write()
		for _, s := range right {
			b.Add(0, s, room)
		}
		b.Read()
	}))
}

// What was read belongs to the caller once the batch is done: the batch must not keep it alive.
func TestABatchLetsGoOfBuffers(t *testing.T) {
	b := NewBatch(UseForSeveral)
	t.Cleanup(b.Close)
	if !b.Together() {
		t.Skip("this kernel has no io_uring, or forbids it")
	}
	left, right := pairs(t, 2)
	var large weak.Pointer[[64 << 20]byte]
	func() {
		for _, s := range left {
			b.Add(0, s, []byte("hello"))
		}
		b.Write()
		big := new([64 << 20]byte)
		large = weak.Make(big)
		b.Add(0, right[0], make([]byte, 10))
		b.Add(0, right[1], big[:])
		b.Read()
	}()
	for range 1000 { // the usual traffic of one client
		b.Add(0, left[0], []byte("hello"))
		b.Write()
		b.Add(0, right[0], make([]byte, 10))
		b.Read()
	}
	runtime.GC()
	runtime.GC()
	require.True(t, large.Value() == nil, "64 MiB are still held")
}
func TestABatchIsFullOfBytesToo(t *testing.T) {
	t.Parallel()
	b := NewBatch(UseAlways)
	t.Cleanup(b.Close)
	if !b.Together() {
		t.Skip("this kernel has no io_uring, or forbids it")
	}
	left, _ := pairs(t, 3)
	b.Add(0, left[0], make([]byte, maxBytes-1))
	assert.False(t, b.Full())
	b.Add(0, left[1], make([]byte, 1))
	assert.True(t, b.Full())
	b.Read()
	assert.False(t, b.Full())
	b.Add(0, left[2], make([]byte, 10*maxBytes))
	assert.True(t, b.Full(), "one of any size")
}

// A turn's worth of sockets, each read and written once.
func BenchmarkBatch(b *testing.B) {
	for name, how := range map[string]Use{"ring": UseAlways, "calls": UseNever} {
		for _, n := range []int{1, 2, 8, MaxJobs} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				batch := NewBatch(how)
				b.Cleanup(batch.Close)
				left, right := pairs(b, n)
				message, room := make([]byte, 100), make([]byte, 1<<10)
				b.ReportAllocs()
				for b.Loop() {
					for _, s := range left {
						batch.Add(0, s, message)
					}
					batch.Write()
					for _, s := range right {
						batch.Add(0, s, room)
					}
					for _, j := range batch.Read() {
						if j.N != len(message) {
							b.Fatal(j.N, j.Errno)
						}
					}
				}
			})
		}
	}
}
