package protocol

import "sync"

// blockBytes is the size of the buffers that connections borrow while they are
// busy: for replies, and for input that waits. An idle connection holds none.
const blockBytes = 16 << 10

var blocks = sync.Pool{New: func() any { return new([blockBytes]byte) }}

// getBlock returns an empty buffer with room for blockBytes.
func getBlock() []byte { return blocks.Get().(*[blockBytes]byte)[:0] }

// putBlock takes back a buffer that nobody uses any more. One that has grown is left to the garbage collector.
func putBlock(b []byte) {
	if cap(b) == blockBytes {
		blocks.Put((*[blockBytes]byte)(b[:blockBytes]))
	}
}
