package replication

// SetLimits changes how much of the stream is kept, in bytes: backlog in any
// case, so that a follower that was away can go on where it stopped, and up to
// maxLag for a cursor that has not got further. A cursor beyond that is lost
// and its follower needs a full sync. What is kept exceeds a limit by less
// than two chunks and one entry.
func (l *Log) SetLimits(backlog, maxLag int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.backlog = max(backlog, 1)
	l.maxLag = max(maxLag, l.backlog)
	l.grow = min(l.grow, l.chunkBytes())
	l.free = nil
	l.trimLocked()
}

// chunkBytes returns the size of chunks: a 16th of the backlog, within limits.
func (l *Log) chunkBytes() int {
	return int(min(max(l.backlog/16, minChunkBytes), maxChunkBytes))
}

// recordLocked begins to keep the stream, if that has not begun yet.
func (l *Log) recordLocked() {
	if l.head == nil {
		c := newChunk(l.grow)
		c.first = l.offset.Load()
		l.head, l.tail = c, c
		l.recording.Store(!l.closed)
	}
}

// extendLocked adds a chunk with room for an entry of n bytes, and drops from
// the other end what need not be kept. New chunks double in size, so that a
// log with little in it is small.
func (l *Log) extendLocked(n int) *chunk {
	l.trimLocked()
	c := l.takeLocked(n)
	c.first = l.offset.Load()
	l.tail.next = c
	l.tail = c
	return c
}

func (l *Log) takeLocked(n int) *chunk {
	if last := len(l.free) - 1; last >= 0 && n <= cap(l.free[last].buf) {
		c := l.free[last]
		l.free = l.free[:last]
		return c
	}
	if n > l.grow {
		return newChunk(max(n, minChunkBytes))
	}
	c := newChunk(l.grow)
	l.grow = min(2*l.grow, l.chunkBytes())
	return c
}

// trimLocked drops the oldest chunks as far as the limits allow.
func (l *Log) trimLocked() {
	for l.head != l.tail {
		after := l.offset.Load() - l.head.end() // what would be left
		if after < l.backlog || after < l.maxLag && l.neededLocked(l.head) {
			return
		}
		l.dropHeadLocked()
	}
}

// neededLocked tells whether a cursor has not read all of the oldest chunk.
func (l *Log) neededLocked(head *chunk) bool {
	for _, c := range l.cursors {
		if c.chunk == head && c.index < len(head.marks) {
			return true
		}
	}
	return false
}

// dropHeadLocked drops the oldest chunk, which is not the only one. Cursors
// with something left to read in it are lost.
func (l *Log) dropHeadLocked() {
	head := l.head
	l.head = head.next
	for _, c := range l.cursors {
		switch {
		case c.chunk != head:
		case c.index < len(head.marks):
			c.loseLocked()
		default:
			c.chunk, c.index = head.next, 0
		}
	}
	head.gone = true
	if head.pins == 0 {
		l.recycleLocked(head)
	}
}

// recycleLocked keeps a chunk that is gone and not pinned for use again, unless
// it is of an odd size or there are enough.
func (l *Log) recycleLocked(c *chunk) {
	if cap(c.buf) == l.chunkBytes() && len(l.free) < maxFreeChunks {
		c.reset()
		l.free = append(l.free, c)
	}
}

// locateLocked finds the entry behind offset of the history id. ok is false if
// the log is not, or no longer, a continuation of that.
func (l *Log) locateLocked(id string, offset int64) (c *chunk, index int, ok bool) {
	known := id == l.id || id == l.id2 && offset <= l.fork
	if !known || l.head == nil || offset < l.head.first || offset > l.offset.Load() {
		return nil, 0, false
	}
	c = l.head
	for offset > c.end() {
		c = c.next
	}
	index, ok = c.find(offset)
	return c, index, ok
}

// EntriesAfter returns how many changes there are behind offset, pings not
// counted: how many writes are lost with this node if a replica with that
// offset takes its place. ok is false if the log does not reach back so far.
func (l *Log) EntriesAfter(offset int64) (changes int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if offset == l.offset.Load() {
		return 0, true
	}
	c, index, ok := l.locateLocked(l.id, offset)
	if !ok {
		return 0, false
	}
	for ; c != nil; c, index = c.next, 0 {
		changes += countChanges(c.marks[index:])
	}
	return changes, true
}

func countChanges(marks []mark) (n int) {
	for i := range marks {
		if marks[i].slot != NoSlot {
			n++
		}
	}
	return n
}
