package protocol

import "time"

const (
	// flushBytes of replies are sent before the pipeline goes on.
	flushBytes = 64 << 10
	// lingerTime is how long a connection that is about to be closed waits for its client to take the last replies.
	lingerTime = 10 * time.Second
)

// carrier moves the bytes of one connection. A turn of its thread is: received
// or service, then endTurn, then Handler.TurnDone if the connection hasWorked, then settled.
type carrier interface {
	// send takes over b, an output buffer, and never blocks. What the socket does not take
	// at once is reported with Conn.queued, no later than the end of the turn, and with
	// Conn.sent when it is gone. Own thread.
	send(b []byte)
	// wake makes the connection's own thread take a turn. Any thread.
	wake()
}

// endTurn hands the output of a turn to the carrier.
func (c *Conn) endTurn() {
	c.ready()
	if c.leaving {
		c.CloseAfterReply()
	}
	c.flush()
}

// hasWorked reports whether commands were executed since it was asked last.
func (c *Conn) hasWorked() bool {
	worked := c.worked
	c.worked = false
	return worked
}

// settled reports, after endTurn, whether the connection is done for and the carrier has to close it.
func (c *Conn) settled() (done bool) {
	if c.state != stateEnding {
		return c.state == stateDropped
	}
	c.wantsDrain.Store(true)
	if c.backlog.Load() == 0 {
		return true
	}
	if c.linger == nil {
		c.linger = time.AfterFunc(lingerTime, c.Close)
	}
	return false
}

// finish is the end of the connection, after its socket is closed and with its last turn.
func (c *Conn) finish() {
	c.state = stateDropped
	c.signals.Or(signalClose)
	if c.linger != nil {
		c.linger.Stop()
	}
	c.belowSoft()
	if c.opened {
		c.opened = false
		c.closeSession()
	}
	putBlock(c.store)
	putBlock(c.W.buf)
	c.store, c.in, c.W.buf = nil, nil, nil
	c.server.remove(c)
}

func (c *Conn) closeSession() {
	defer c.recoverPanic()
	c.server.handler.Close(c)
}

// borrow gives W memory for replies, until the next flush.
func (c *Conn) borrow() {
	switch {
	case c.W.buf != nil:
	case c.large:
		c.W.buf = getLargeBlock()
	default:
		c.W.buf = getBlock()
	}
}

// flush hands the replies written so far to the carrier, and their memory with them.
func (c *Conn) flush() {
	b := c.W.buf
	if b == nil {
		return
	}
	c.W.buf = nil
	if len(b) > 0 {
		c.large = len(b) > blockBytes || c.large && len(b) > blockBytes/2
	}
	if len(b) == 0 || c.state == stateDropped || !c.fits(c.backlog.Load()+int64(len(b)), 0) {
		putBlock(b)
		return
	}
	c.carrier.send(b)
}

// queued is called by the carrier when n bytes of output have to wait for the client to read.
// If they are too many, so do its commands. Own thread.
func (c *Conn) queued(n int) {
	if c.backlog.Add(int64(n)) > c.server.limits.BacklogBytes.Load() {
		c.paused = true
		c.wantsDrain.Store(true)
		if c.backlogIsShort(c.backlog.Load()) { // it shrank before anybody could know that it matters
			c.signal(signalDrained)
		}
	}
}

// sent is called by the carrier when n bytes of the backlog are gone. Any thread.
func (c *Conn) sent(n int) {
	c.netOut.Add(int64(n))
	if left := c.backlog.Add(int64(-n)); c.wantsDrain.Load() && c.backlogIsShort(left) {
		c.signal(signalDrained)
	}
}

// drained lets commands go on when the client has read enough. Only a signal leads here,
// because it brings a turn in which they do.
func (c *Conn) drained() {
	if c.paused && c.backlogIsShort(c.backlog.Load()) {
		c.paused = false
		c.wantsDrain.Store(c.state == stateEnding)
	}
}

func (c *Conn) backlogIsShort(left int64) bool {
	return left <= c.server.limits.BacklogBytes.Load()/2
}

// fits checks waiting bytes of output against a bound (0: none) and the limits of the
// connection's class, and closes the connection if there are too many. Any thread.
func (c *Conn) fits(waiting, bound int64) bool {
	limit := &c.server.limits.Output[c.class.Load()]
	hard, soft := limit.HardBytes.Load(), limit.SoftBytes.Load()
	if bound > 0 && waiting > bound || hard > 0 && waiting > hard {
		c.Close()
		return false
	}
	if soft > 0 && waiting > soft {
		c.aboveSoft(time.Duration(limit.SoftSeconds.Load()) * time.Second)
	} else if c.soft.Load() != nil {
		c.belowSoft()
	}
	return true
}

// aboveSoft starts the time that the output may stay above its soft limit.
func (c *Conn) aboveSoft(patience time.Duration) {
	if c.soft.Load() != nil {
		return
	}
	if timer := time.AfterFunc(patience, c.Close); !c.soft.CompareAndSwap(nil, timer) {
		timer.Stop()
	}
}

func (c *Conn) belowSoft() {
	if timer := c.soft.Swap(nil); timer != nil {
		timer.Stop()
	}
}
