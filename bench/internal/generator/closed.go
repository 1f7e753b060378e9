package generator

import "time"

// The closed loop: the next pipeline of requests is sent when the last one is answered.

// exchange reads from all connections that are ready, and then sends on those that have all
// their replies.
func (l *loop) exchange() error {
	waiting := l.ready
	l.ready = l.ready[:0]
	for len(waiting) > 0 {
		n := min(len(waiting), l.batch.room())
		if err := l.receiveFrom(waiting[:n]); err != nil {
			return err
		}
		waiting = waiting[n:]
	}
	return l.sendAll(l.now())
}

// receiveFrom reads once from each connection and counts the replies. Those that have all of
// theirs become the ready ones, which takes no more room than they had before.
func (l *loop) receiveFrom(conns []*conn) error {
	room := len(l.in) / len(conns)
	for i, c := range conns {
		l.batch.add(c, l.in[i*room:][:room])
	}
	jobs := l.batch.read()
	now := l.now()
	for i, c := range conns {
		done, err := c.received(jobs.result(i))
		switch {
		case err != nil:
			return err
		case done == 0:
			continue
		}
		l.progress = now
		l.answered += done
		l.count(now-c.batchAt, done, now)
		c.done += done
		if c.done == c.sent && now < l.end {
			l.ready = append(l.ready, c)
		}
	}
	return nil
}

func (l *loop) count(latency time.Duration, n int, now time.Duration) {
	if now < l.cfg.Warmup || now > l.end {
		return
	}
	l.latency.RecordN(latency, n)
	l.counted += n
	l.lastAt = now
}

// sendAll sends a pipeline full of requests on each of the ready connections, which wait for
// nothing.
func (l *loop) sendAll(now time.Duration) error {
	out, waiting := l.out[:0], l.ready[:0]
	for _, c := range l.ready {
		n := l.allowed(c)
		if n == 0 {
			continue
		}
		if len(waiting) == l.batch.room() || len(out)+n*l.largest > cap(out) {
			if err := l.write(waiting); err != nil {
				return err
			}
			out, waiting = l.out[:0], waiting[:0]
		}
		from := len(out)
		for range n {
			out = l.appendRequest(out, c.shard)
		}
		c.batchAt = now
		c.sent += n
		l.sent += n
		l.batch.add(c, out[from:])
		waiting = append(waiting, c)
	}
	l.ready = l.ready[:0]
	return l.write(waiting)
}

// write writes what stands in the batch for these connections.
func (l *loop) write(conns []*conn) error {
	jobs := l.batch.write()
	for i, c := range conns {
		left, err := jobs.left(i)
		if err != nil {
			return c.failed(err)
		}
		if err := l.keep(c, left); err != nil {
			return err
		}
	}
	return nil
}

// allowed is how many requests may be sent on a connection that waits for nothing. They are
// taken off the budget.
func (l *loop) allowed(c *conn) int {
	n := l.cfg.Pipeline
	if l.budget >= 0 {
		n = min(n, l.budget)
		if l.left != nil {
			n = min(n, l.left[c.shard])
			l.left[c.shard] -= n
		}
		l.budget -= n
	}
	return n
}
