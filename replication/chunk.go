package replication

import (
	"elasticache-local/memory"
	"elasticache-local/slots"
)

const (
	minChunkBytes = 4 << 10
	maxChunkBytes = 64 << 10
	// bytesPerMark is how many bytes of the stream there are to an entry, at
	// the least, for a chunk to be filled.
	bytesPerMark = 64
	// maxFreeChunks bounds the chunks that are kept for use again.
	maxFreeChunks = 2
)

// A chunk is a stretch of the stream. Bytes and marks are only ever added
// behind those that are there, so a reader that was given the first n of them
// under the log's lock may read those without it. Neither slice is reallocated.
type chunk struct {
	next  *chunk
	first int64 // the stream's offset before buf[0]
	buf   []byte
	marks []mark
	pins  int  // cursors whose batch is in this chunk
	gone  bool // dropped from the log, kept for its pins alone
}

// A mark says where in a chunk an entry is. It begins where the one before it
// ends.
type mark struct {
	at   int64
	body int // where the payload begins, behind the SELECT
	end  int
	db   int32
	slot slots.Slot
}

func newChunk(size int) *chunk {
	c := &chunk{
		marks: make([]mark, 0, max(1, min(size, maxChunkBytes)/bytesPerMark)),
	}
	if size > memory.Piece {
		c.buf = memory.Raw(size)
	} else {
		c.buf = make([]byte, 0, size)
	}
	return c
}

// end returns the stream's offset behind the chunk.
func (c *chunk) end() int64 { return c.first + int64(len(c.buf)) }

// fits tells whether an entry of n bytes can be added.
func (c *chunk) fits(n int) bool {
	return n <= cap(c.buf)-len(c.buf) && len(c.marks) < cap(c.marks)
}

// start returns where in the chunk entry i begins.
func (c *chunk) start(i int) int {
	if i == 0 {
		return 0
	}
	return c.marks[i-1].end
}

// find returns the number of entries up to offset, which has to be where one
// ends or where the chunk begins.
func (c *chunk) find(offset int64) (entries int, ok bool) {
	at := int(offset - c.first)
	lo, hi := 0, len(c.marks)
	for lo < hi {
		if mid := (lo + hi) / 2; c.marks[mid].end <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, c.start(lo) == at
}

// reset empties the chunk for use again.
func (c *chunk) reset() {
	if raceEnabled { // show up whoever still reads it
		for i := range c.buf {
			c.buf[i] = 0xDB
		}
	}
	*c = chunk{buf: c.buf[:0], marks: c.marks[:0]}
}
