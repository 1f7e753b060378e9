package protocol

import "sync"

const (
	// blockBytes is the size of the buffers that connections borrow while they are
	// busy: for replies, and for input that waits. An idle connection holds none.
	blockBytes = 16 << 10
	// largeBytes is the size of the buffers for replies of a connection that has
	// outgrown the usual ones lately: what is sent in one piece, and one reply more.
	largeBytes = 2 * flushBytes
)

var (
	blocks      = sync.Pool{New: func() any { return new([blockBytes]byte) }}
	largeBlocks = sync.Pool{New: func() any { return new([largeBytes]byte) }}
)

// getBlock returns an empty buffer with room for blockBytes.
func getBlock() []byte { return blocks.Get().(*[blockBytes]byte)[:0] }

// getLargeBlock returns an empty buffer with room for largeBytes.
func getLargeBlock() []byte { return largeBlocks.Get().(*[largeBytes]byte)[:0] }

// putBlock takes back a buffer that nobody uses any more. One that has grown is left to the garbage collector.
func putBlock(b []byte) {
	switch cap(b) {
	case blockBytes:
		blocks.Put((*[blockBytes]byte)(b[:blockBytes]))
	case largeBytes:
		largeBlocks.Put((*[largeBytes]byte)(b[:largeBytes]))
	}
}
