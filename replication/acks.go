package replication

import "slices"

// Ack confirms that the follower has applied everything up to offset. It is a
// sign of life too, so it is repeated, once a second in Redis, when there is
// nothing new.
func (c *Cursor) Ack(offset, now int64) {
	l := c.log
	l.mu.Lock()
	c.acked, c.ackedAt = max(c.acked, offset), now
	satisfied := l.satisfiedLocked()
	l.settledLocked()
	l.mu.Unlock()
	for _, w := range satisfied {
		w.done(w.acked)
	}
}

// SetOnline tells that the follower has all the keys: from then on it counts.
func (c *Cursor) SetOnline(offset, now int64) {
	c.log.mu.Lock()
	c.online = true
	c.log.mu.Unlock()
	c.Ack(offset, now)
}

// A Replica is a follower as its primary sees it.
type Replica struct {
	Peer    string // as given to Follow
	Online  bool   // it has all the keys
	Offset  int64  // up to which it has confirmed
	AckedAt int64  // when it last did, 0 if never
}

// follows tells whether the cursor is a replica's that can still get further.
func (c *Cursor) follows() bool { return c.replica && c.err == nil }

// Replicas returns the log's replicas in the order in which they came.
func (l *Log) Replicas() []Replica {
	l.mu.Lock()
	defer l.mu.Unlock()
	var replicas []Replica
	for _, c := range l.cursors {
		if c.follows() {
			replicas = append(replicas, Replica{Peer: c.peer, Online: c.online, Offset: c.acked, AckedAt: c.ackedAt})
		}
	}
	return replicas
}

// GoodReplicas returns how many replicas have all the keys and gave a sign of
// life within maxAge before now (the parameters min-replicas-to-write and
// min-replicas-max-lag are about these).
func (l *Log) GoodReplicas(now, maxAge int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, c := range l.cursors {
		if c.follows() && c.online && now-c.ackedAt <= maxAge {
			n++
		}
	}
	return n
}

// Settle lets the replicas read up to offset without their delay. It returns nil
// if all those that have all the keys have confirmed offset, and otherwise a
// channel that is closed when that may have changed: ask again then. Replicas
// that are lost or gone do not count, nor does anybody once the log is closed.
func (l *Log) Settle(offset int64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	settled := true
	for _, c := range l.cursors {
		if c.follows() && c.online && c.acked < offset {
			settled = false
			if c.hurry < offset {
				c.hurry = offset
				c.signal()
			}
		}
	}
	if settled || l.closed {
		return nil
	}
	if l.settle == nil {
		l.settle = make(chan struct{})
	}
	return l.settle
}

// settledLocked wakes those who wait for replicas to settle.
func (l *Log) settledLocked() {
	if l.settle != nil {
		close(l.settle)
		l.settle = nil
	}
}

// A Waiter is somebody who waits for replicas to confirm an offset.
type Waiter struct {
	log      *Log
	replicas int
	offset   int64
	done     func(acked int)
	acked    int  // what done is called with
	fired    bool // done was called or is about to be
}

// Acked returns how many replicas have confirmed offset.
func (l *Log) Acked(offset int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ackedLocked(offset)
}

// WaitAcked calls done once, with the number of replicas that have confirmed
// offset, when these are at least as many as given. If they are already, it
// returns that number and nil and never calls done. done is called on the
// goroutine that confirms, without any lock of the log, and must not block.
// The caller bounds how many wait.
func (l *Log) WaitAcked(replicas int, offset int64, done func(acked int)) (w *Waiter, acked int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	acked = l.ackedLocked(offset)
	if acked >= replicas {
		return nil, acked
	}
	w = &Waiter{log: l, replicas: replicas, offset: offset, done: done}
	l.waiters = append(l.waiters, w)
	for _, c := range l.cursors {
		c.signal() // followers may be resting
	}
	return w, acked
}

// Cancel stops waiting and returns how many replicas have confirmed by now. It
// returns false if done was called already, or is about to be.
func (w *Waiter) Cancel() (acked int, cancelled bool) {
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiters = slices.DeleteFunc(l.waiters, func(o *Waiter) bool { return o == w })
	return l.ackedLocked(w.offset), !w.fired
}

func (l *Log) ackedLocked(offset int64) int {
	n := 0
	for _, c := range l.cursors {
		if c.follows() && c.online && c.acked >= offset {
			n++
		}
	}
	return n
}

// satisfiedLocked takes out and returns the waiters that have waited enough.
func (l *Log) satisfiedLocked() []*Waiter {
	if len(l.waiters) == 0 {
		return nil
	}
	var satisfied []*Waiter
	l.waiters = slices.DeleteFunc(l.waiters, func(w *Waiter) bool {
		if w.acked = l.ackedLocked(w.offset); w.acked < w.replicas {
			return false
		}
		w.fired = true
		satisfied = append(satisfied, w)
		return true
	})
	return satisfied
}
