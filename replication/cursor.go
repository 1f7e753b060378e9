package replication

import (
	"errors"
	"math"
	"slices"
	"sort"
)

var (
	// ErrLost: the log no longer holds what the cursor has not read yet.
	ErrLost = errors.New("replication: fallen behind the backlog, a full sync is needed")
	// ErrClosed: the cursor or its log was closed.
	ErrClosed = errors.New("replication: log closed")
)

// Never is a time that does not come.
const Never = math.MaxInt64

// A Cursor is a follower's place in a log. One goroutine at a time reads it;
// Ready, Offset, SetDelay and Hurry may be called by others.
type Cursor struct {
	log     *Log
	peer    string
	replica bool          // counts as a replica, see Follow
	ready   chan struct{} // holds at most one signal

	// What follows is guarded by log.mu.

	chunk  *chunk // where the next entry is; nil when lost or closed
	index  int    // which one there; behind the last: none yet
	offset int64  // behind what was handed out
	pinned *chunk // where the last batch is
	delay  int64
	hurry  int64 // up to this offset there is no delay
	idle   bool  // to be woken by the next entry
	err    error // ErrLost, ErrClosed

	online  bool
	acked   int64
	ackedAt int64
}

// Follow adds a replica. If the log goes on from offset of the history id, the
// cursor stands there and partial is true. Otherwise it stands at the log's
// end, and the follower has to copy the keys first. peer names the follower in
// Replicas. Only who was in sync may name a history: a follower that stopped
// in the middle of a full sync holds slots of different offsets and passes "".
func (l *Log) Follow(peer, id string, offset int64) (c *Cursor, partial bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	chunk, index, partial := l.locateLocked(id, offset)
	c = l.attachLocked(peer)
	c.replica = true
	if partial = partial && !l.closed; partial {
		c.chunk, c.index, c.offset = chunk, index, offset
	} else {
		l.db = -1 // the stream that it gets has to begin with a SELECT
	}
	c.acked = c.offset
	return c, partial
}

// Tail adds a cursor at the log's end that is not counted as a replica.
func (l *Log) Tail(peer string) *Cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.attachLocked(peer)
}

// attachLocked adds a cursor at the log's end.
func (l *Log) attachLocked(peer string) *Cursor {
	c := &Cursor{log: l, peer: peer, ready: make(chan struct{}, 1), offset: l.offset.Load()}
	if l.closed {
		c.endLocked()
		return c
	}
	l.recordLocked()
	c.chunk, c.index = l.tail, len(l.tail.marks)
	l.cursors = append(l.cursors, c)
	return c
}

// A Batch is some consecutive entries.
type Batch struct {
	// Wake is, if the batch is empty, when the next entry is due, or Never if
	// there is none: the cursor's Ready channel tells then.
	Wake int64

	first int64
	buf   []byte
	marks []mark // from the chunk's beginning on
	from  int    // the batch's entries are marks[from:]
}

// Len returns the number of entries.
func (b *Batch) Len() int { return len(b.marks) - b.from }

// Entry returns entry i.
func (b *Batch) Entry(i int) Entry {
	i += b.from
	m, start := &b.marks[i], 0
	if i > 0 {
		start = b.marks[i-1].end
	}
	return Entry{
		Slot: m.slot, DB: int(m.db), At: m.at, Offset: b.first + int64(m.end),
		Payload: b.buf[m.body:m.end:m.end], raw: b.buf[start:m.end:m.end],
	}
}

// Next returns entries that are due at now and have not been returned yet: all
// those that were appended at least the cursor's delay before. A batch may end
// earlier than that; the last one is empty. It is valid until the next call of
// Next or Close. The error is ErrLost or ErrClosed.
func (c *Cursor) Next(now int64) (Batch, error) {
	l := c.log
	l.mu.Lock()
	defer l.mu.Unlock()
	c.unpinLocked()
	if c.err != nil {
		return Batch{}, c.err
	}
	if c.index == len(c.chunk.marks) && c.chunk.next != nil {
		c.chunk, c.index = c.chunk.next, 0
		if l.trimLocked(); c.err != nil {
			return Batch{}, c.err
		}
	}
	k := c.chunk
	to := c.dueLocked(now)
	b := Batch{Wake: Never, first: k.first, buf: k.buf, marks: k.marks[:to], from: c.index}
	switch {
	case to > c.index:
		c.index = to
		c.offset = k.first + int64(k.marks[to-1].end)
		c.pinned = k
		k.pins++
	case to < len(k.marks):
		b.Wake = k.marks[to].at + c.delay
	case !c.idle:
		c.idle = true
		l.idle++
	}
	return b, nil
}

// dueLocked returns the index behind the entries of the chunk that are due.
func (c *Cursor) dueLocked(now int64) int {
	marks := c.chunk.marks
	if c.delay <= 0 {
		return len(marks)
	}
	rest := marks[c.index:]
	return c.index + sort.Search(len(rest), func(i int) bool {
		return rest[i].at+c.delay > now && c.chunk.first+int64(rest[i].end) > c.hurry
	})
}

// Behind returns how many bytes of the log have not been returned yet.
func (c *Cursor) Behind() int64 { return c.log.Offset() - c.Offset() }

// AtEnd tells whether every entry of the log has been returned. Unlike a Next
// that returns none, it does not ask to be woken by the next entry.
func (c *Cursor) AtEnd() bool { return c.Behind() <= 0 }

// Ready returns a channel that receives when Next may have something new to
// say: an entry after none, another delay, somebody who waits for an Ack, an error.
func (c *Cursor) Ready() <-chan struct{} { return c.ready }

// Offset returns the offset behind the last entry that Next returned, or where
// the cursor began.
func (c *Cursor) Offset() int64 {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	return c.offset
}

// Err returns nil while the cursor can be read, then ErrLost or ErrClosed.
func (c *Cursor) Err() error {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	return c.err
}

// SetDelay changes how long after its Append an entry is due.
func (c *Cursor) SetDelay(delay int64) {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	c.delay = delay
	c.signal()
}

// Hurry makes the entries up to offset due at once.
func (c *Cursor) Hurry(offset int64) {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	c.hurry = max(c.hurry, offset)
	c.signal()
}

// Close gives up the place in the log.
func (c *Cursor) Close() {
	l := c.log
	l.mu.Lock()
	defer l.mu.Unlock()
	c.unpinLocked()
	c.endLocked()
	l.cursors = slices.DeleteFunc(l.cursors, func(o *Cursor) bool { return o == c })
}

// unpinLocked gives back the chunk of the last batch.
func (c *Cursor) unpinLocked() {
	if k := c.pinned; k != nil {
		c.pinned = nil
		if k.pins--; k.pins == 0 && k.gone {
			c.log.recycleLocked(k)
		}
	}
}

func (c *Cursor) loseLocked() { c.stopLocked(ErrLost) }
func (c *Cursor) endLocked()  { c.stopLocked(ErrClosed) }

func (c *Cursor) stopLocked(err error) {
	if c.idle {
		c.idle = false
		c.log.idle--
	}
	c.chunk, c.err = nil, err
	c.log.settledLocked()
	c.signal()
}

// signal fills the ready channel; a signal that is in it already is enough.
func (c *Cursor) signal() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// wakeLocked signals the cursors that wait for entries which are there. Those that have been
// read on meanwhile go on waiting.
func (l *Log) wakeLocked() {
	l.owes.Store(false)
	for _, c := range l.cursors {
		if c.idle && c.offset < l.offset.Load() {
			c.idle = false
			l.idle--
			c.signal()
		}
	}
}
