package replication

import (
	"fmt"
	"sync"
	"sync/atomic"

	"elasticache-local/memory"
	"elasticache-local/slots"
)

const (
	// DefaultBacklog is the parameter repl-backlog-size of Redis 7, in bytes.
	DefaultBacklog = 1 << 20
	// DefaultMaxLag is the hard limit that client-output-buffer-limit sets for
	// replicas in Redis 7, in bytes.
	DefaultMaxLag = 256 << 20
)

// A Log is the replication stream of one node: of its own changes if it is a
// primary, of its primary's if it is a replica. It is safe for concurrent use.
//
// Like Redis, a primary that nobody has ever followed records nothing, and its
// offset stays where it is.
type Log struct {
	// Written under mu, read without it.
	offset    atomic.Int64 // bytes of the stream so far
	recording atomic.Bool  // there is a head, and the log is not closed
	owes      atomic.Bool  // there are new entries for cursors that wait: see Wake

	mu sync.Mutex // guards everything below

	id   string // names the history that the stream is a part of
	id2  string // the history that it was a part of up to fork
	fork int64  // -1 if there is no id2
	db   int    // what the stream has selected at its end, -1 if unknown
	at   int64  // time of the last entry

	head, tail *chunk // nil while nothing is recorded
	backlog    int64  // bytes that are kept in any case
	maxLag     int64  // bytes that are kept for a cursor that needs them
	grow       int    // size of the next new chunk
	free       []*chunk

	cursors []*Cursor // in the order in which they came
	idle    int       // how many of them are to be woken by the next entry
	waiters []*Waiter
	settle  chan struct{} // closed when replicas may have settled; nil: nobody waits
	closed  bool
}

// NewLog returns an empty log at offset 0 with that replication id (40
// hexadecimal digits). backlog and maxLag are in bytes; see SetLimits.
func NewLog(id string, backlog, maxLag int64) *Log {
	l := &Log{id: id, fork: -1, db: -1, grow: minChunkBytes}
	l.SetLimits(backlog, maxLag)
	return l
}

// Append adds an entry for slot in database db: AppendAll of one, and Wake.
func (l *Log) Append(slot slots.Slot, db int, now int64, payload []byte) int64 {
	defer l.Wake()
	return l.AppendAll(now, []Change{{slot, db, payload}})
}

// AppendAll adds an entry for each change, in their order and with none of others'
// between them, and returns the offset behind the last. The caller holds the locks of
// their slots; payloads are copied. now does not go back: an earlier time than the
// last counts as the last. It does not allocate once the backlog is full. Cursors that
// wait for entries are not told: the caller has to see to it that Wake is called.
func (l *Log) AppendAll(now int64, changes []Change) int64 {
	if !l.recording.Load() {
		return l.offset.Load()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head == nil || l.closed {
		return l.offset.Load()
	}
	l.at = max(l.at, now)
	for len(changes) > 0 {
		changes = changes[l.fillLocked(changes):]
	}
	if l.idle > 0 {
		l.owes.Store(true)
	}
	return l.offset.Load()
}

// Owes reports whether cursors wait for entries that AppendAll has added since the
// last Wake.
func (l *Log) Owes() bool { return l.owes.Load() }

// Wake signals the cursors that wait for entries which are there.
func (l *Log) Wake() {
	if !l.owes.Load() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wakeLocked()
}

// fillLocked adds as many of the changes as the last chunk takes, and one at least,
// and returns their number.
func (l *Log) fillLocked(changes []Change) (n int) {
	c := l.tail
	if first := l.sizeLocked(&changes[0]); !c.fits(first) {
		c = l.extendLocked(first)
	}
	for n < len(changes) && c.fits(l.sizeLocked(&changes[n])) {
		l.appendLocked(c, &changes[n])
		n++
	}
	l.offset.Store(c.end())
	return n
}

// selectsLocked tells whether the stream has to select another database for the change.
func (l *Log) selectsLocked(ch *Change) bool { return ch.DB != l.db && ch.DB >= 0 }

// sizeLocked bounds how many bytes of the stream the change takes.
func (l *Log) sizeLocked(ch *Change) int {
	if l.selectsLocked(ch) {
		return len(ch.Payload) + maxSelectBytes
	}
	return len(ch.Payload)
}

// appendLocked adds an entry to a chunk in which it fits.
func (l *Log) appendLocked(c *chunk, ch *Change) {
	if l.selectsLocked(ch) {
		c.buf = appendSelect(c.buf, ch.DB)
		l.db = ch.DB
	}
	body := len(c.buf)
	c.buf = memory.Append(c.buf, ch.Payload)
	c.marks = append(c.marks, mark{at: l.at, body: body, end: len(c.buf), db: int32(ch.DB), slot: ch.Slot})
}

// AppendPing adds the PING with which a primary shows its replicas now and
// then that it is alive.
func (l *Log) AppendPing(now int64) int64 { return l.Append(NoSlot, -1, now, ping) }

// Mirror adds to a replica's log entries of its primary's, byte for byte. It
// panics if they are not the next ones.
func (l *Log) Mirror(b *Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for from := b.from; from < len(b.marks); {
		from = l.mirrorLocked(b, from)
	}
	if l.idle > 0 {
		l.wakeLocked()
	}
}

// mirrorLocked adds the batch's entries from mark number from on, as many as one
// chunk takes and one at least, and gives the number of the next.
func (l *Log) mirrorLocked(b *Batch, from int) (to int) {
	start := 0
	if from > 0 {
		start = b.marks[from-1].end
	}
	if l.head == nil || l.offset.Load() != b.first+int64(start) {
		panic(fmt.Sprintf("replication: entry that begins at %d mirrored at %d", b.first+int64(start), l.offset.Load()))
	}
	c := l.tail
	if first := b.marks[from].end - start; !c.fits(first) {
		c = l.extendLocked(first)
	}
	shift := len(c.buf) - start
	for to = from; to < len(b.marks) && b.marks[to].end+shift <= cap(c.buf) && len(c.marks) < cap(c.marks); to++ {
		m := b.marks[to]
		m.body += shift
		m.end += shift
		c.marks = append(c.marks, m)
	}
	end := b.marks[to-1].end
	c.buf = memory.Append(c.buf, b.buf[start:end])
	l.at = max(l.at, b.marks[to-1].at)
	l.offset.Store(b.first + int64(end))
	return to
}

// Reset empties the log of a node that begins a full sync: it becomes a copy
// of the history id from offset on. Whoever follows it has to sync in full too.
func (l *Log) Reset(id string, offset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.cursors {
		c.loseLocked()
	}
	l.id, l.id2, l.fork = id, "", -1
	l.db = -1
	l.offset.Store(offset)
	l.head, l.tail, l.grow = nil, nil, minChunkBytes
	l.recordLocked()
}

// Shift gives the history a new id from here on, and remembers the old one as
// the second. A replica does it when it is promoted, with an id that is new,
// and when it goes on after a partial sync, with its primary's.
func (l *Log) Shift(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id2, l.fork = l.id, l.offset.Load()
	l.id, l.db = id, -1
}

// Close ends all cursors. Nothing is recorded from then on.
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.recording.Store(false)
	for _, c := range l.cursors {
		c.endLocked()
	}
	l.cursors, l.waiters, l.idle = nil, nil, 0
	l.settledLocked()
}

// ID returns the replication id.
func (l *Log) ID() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.id
}

// Offset returns the offset behind the last entry. Under a slot's lock it is
// behind every entry of that slot.
func (l *Log) Offset() int64 { return l.offset.Load() }

// Recording reports whether entries are kept. It tells no lie to who holds a
// slot's lock, as far as that slot is concerned: who begins to follow now has
// yet to copy the slot.
func (l *Log) Recording() bool { return l.recording.Load() }

// Info is what INFO replication tells about a log.
type Info struct {
	ID           string // master_replid
	ID2          string // master_replid2, 40 zeros if there is none
	Offset       int64  // master_repl_offset
	SecondOffset int64  // second_repl_offset, -1 if there is no ID2
	Recording    bool   // repl_backlog_active
	BacklogSize  int64  // repl_backlog_size
	FirstByte    int64  // repl_backlog_first_byte_offset, 0 if not recording
	Length       int64  // repl_backlog_histlen
}

// Info returns the state of the log.
func (l *Log) Info() Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := Info{
		ID: l.id, ID2: l.id2, Offset: l.offset.Load(), SecondOffset: -1,
		Recording: l.head != nil, BacklogSize: l.backlog,
	}
	if l.fork >= 0 {
		i.SecondOffset = l.fork + 1
	} else {
		i.ID2 = noID
	}
	if l.head != nil {
		i.FirstByte, i.Length = l.head.first+1, l.offset.Load()-l.head.first
	}
	return i
}

const noID = "0000000000000000000000000000000000000000"
