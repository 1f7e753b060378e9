package generator

import "time"

// The open loop's timetable: request i of a loop is due at i × interval and
// goes to connection i mod n. So the j-th request of connection c is request
// j×n + c, and nothing has to be stored to know when it was due.

// dueAt returns when request i is due.
func (l *loop) dueAt(i int) time.Duration { return time.Duration(float64(i) * l.interval) }

// announce hands every request that has become due to its connection.
func (l *loop) announce(now time.Duration) {
	for l.budget != 0 {
		at := l.dueAt(l.due)
		if at > now || at >= l.end {
			return
		}
		if at >= l.cfg.Warmup {
			l.lag.Record(now - at)
		}
		c := &l.conns[l.due%len(l.conns)]
		l.due++
		c.due++
		if l.budget > 0 {
			l.budget--
		}
		l.ready = append(l.ready, c)
	}
}

// dueOn is how many requests of c are due, as far as the pipeline allows.
func (l *loop) dueOn(c *conn) int {
	if len(c.unsent) > 0 {
		return 0
	}
	return max(0, min(c.due-c.sent, l.cfg.Pipeline-(c.sent-c.done)))
}

// allDue tells whether the timetable has no more requests.
func (l *loop) allDue() bool { return l.budget == 0 || l.dueAt(l.due) >= l.end }

// countOpen counts n more replies on c, each from the moment when its request
// was due.
func (l *loop) countOpen(c *conn, n int, now time.Duration) {
	for range n {
		l.countDue(c, now)
	}
}

func (l *loop) countDue(c *conn, now time.Duration) {
	at := l.dueAt(c.done*len(l.conns) + c.index)
	c.done++
	if at < l.cfg.Warmup {
		return
	}
	l.latency.Record(now - at)
	l.counted++
	l.lastAt = now
}

// countUnanswered counts, as if they had been answered now, the requests that
// were due and got no reply: leaving them out would hide the worst.
func (l *loop) countUnanswered(now time.Duration) {
	for i := range l.conns {
		c := &l.conns[i]
		for at := c.done; at < c.due; at++ {
			if due := l.dueAt(at*len(l.conns) + c.index); due >= l.cfg.Warmup {
				l.latency.Record(now - due)
			}
		}
	}
}
