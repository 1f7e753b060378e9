package generator

import "time"

// What a turn does with the connections that are ready: it reads from all of them, and then
// sends on those that may.

// receiveAll reads from the ready connections. Those on which requests may be sent remain ready.
func (l *loop) receiveAll(open bool) error {
	waiting := l.ready
	l.ready = l.ready[:0]
	for len(waiting) > 0 {
		n := min(len(waiting), l.batch.room())
		if err := l.receiveFrom(waiting[:n], open); err != nil {
			return err
		}
		waiting = waiting[n:]
	}
	return nil
}

// receiveFrom reads once from each connection and counts the replies. Those on which requests may
// be sent become the ready ones, which takes no more room than they had before.
func (l *loop) receiveFrom(conns []*conn, open bool) error {
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
		if open {
			l.countOpen(c, done, now)
		} else {
			l.count(now-c.batchAt, done, now)
			c.done += done
		}
		if open || c.done == c.sent && now < l.end {
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

// sendAll sends what is allowed on each of the ready connections.
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

// allowed is how many requests may be sent on a connection now. They are taken off the budget.
func (l *loop) allowed(c *conn) int {
	if l.cfg.Rate > 0 {
		return l.dueOn(c)
	}
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
