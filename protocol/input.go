package protocol

import (
	"fmt"
	"os"
	"runtime/debug"
)

// What a connection does with input, on its own thread. Bytes are executed where
// they were read; only what has to wait is copied into the connection's own memory.

const (
	// maxWaitingBytes of input are read behind a blocked command; the rest stays in the socket.
	maxWaitingBytes = 64 << 10
	// minReadBytes is the least room to read into when the length of what comes is not known.
	minReadBytes = 4 << 10
)

// open tells the Handler about the connection, which may refuse it.
func (c *Conn) open() {
	defer c.recoverPanic()
	refuse := c.server.handler.Open(c)
	if refuse == "" {
		c.opened = true
		return
	}
	c.server.rejected.Add(1)
	c.W.Error(refuse)
	c.CloseAfterReply()
}

// wantsInput reports whether the carrier should read.
func (c *Conn) wantsInput() bool {
	switch c.state {
	case stateOpen:
		return !c.paused
	case stateBlocked:
		return len(c.in) < maxWaitingBytes
	}
	return false
}

// readBuffer returns where to read the next bytes: shared, the carrier's own buffer, if
// nothing is held back, or else the room behind what is; a long argument has its own.
func (c *Conn) readBuffer(shared []byte) []byte {
	if c.scan.ownLacks() > 0 {
		return c.scan.ownRoom()
	}
	if len(c.in) == 0 {
		return shared
	}
	c.makeRoom()
	return c.in[len(c.in):cap(c.in)]
}

// received executes the commands that became complete with b, the filled part of readBuffer's result.
func (c *Conn) received(b []byte) {
	c.netIn.Add(int64(len(b)))
	if c.scan.ownLacks() > 0 {
		c.scan.ownReceived(len(b))
		c.hold(c.execute(c.in), true)
		return
	}
	held := len(c.in) > 0
	if held {
		b = c.in[:len(c.in)+len(b)]
	}
	c.hold(c.execute(b), held)
}

// hungUp is called when the client will send no more. Replies to what it has sent still go out.
func (c *Conn) hungUp() {
	if c.state == stateBlocked {
		c.Close()
		return
	}
	c.CloseAfterReply()
}

// service looks at what other threads have left, and goes on with input that had to wait.
func (c *Conn) service() {
	if c.ready() && len(c.in) > 0 {
		c.hold(c.execute(c.in), true)
	}
}

// execute runs the commands in b and returns what is left of it.
func (c *Conn) execute(b []byte) (rest []byte) {
	defer c.recoverPanic()
	for c.ready() {
		args, n := c.nextCommand(b)
		if n == 0 {
			if c.state == stateOpen {
				b = c.scan.setAside(b)
			}
			break
		}
		b = b[n:]
		if len(args) == 0 {
			continue
		}
		c.mark = c.W.Len()
		c.server.handler.Command(c, args)
		if c.scan.owned != nil {
			c.scan.release(args)
		}
		c.executed()
	}
	c.endPipeline()
	if c.mute {
		c.W.Truncate(min(c.mark, c.W.Len()))
	}
	if c.inBatch {
		c.inBatch = false
		c.server.handler.BatchDone(c)
	}
	return b
}

// nextCommand gives the command at the beginning of b and its size. No arguments:
// there is nothing to do; no size: there is no command.
func (c *Conn) nextCommand(b []byte) (args [][]byte, n int) {
	if c.pipe != nil && !c.pipe.empty() {
		return c.pipe.take(c)
	}
	args, n, problem := c.scan.next(b)
	if problem != "" {
		c.W.Error(problem)
		c.CloseAfterReply()
		return nil, 0
	}
	if len(args) == 0 {
		return nil, n
	}
	if !c.inBatch {
		c.inBatch, c.worked = true, true
		c.beginBatch()
	}
	if n < len(b) && c.server.ahead != nil && c.scan.owned == nil {
		c.readAhead(args, n, b[n:])
		return c.pipe.take(c)
	}
	return args, n
}

// executed is called after each command.
func (c *Conn) executed() {
	full := c.W.Len() >= flushBytes
	if p := c.pipe; p != nil && (full || p.next == p.prepared) {
		p.release(c)
	}
	if full {
		c.flush()
		c.borrow()
	}
}

func (c *Conn) beginBatch() {
	c.borrow()
	if tick := c.server.idle.tick.Load(); c.lastTick.Load() != tick {
		c.lastTick.Store(tick)
	}
	c.mark = 0
	c.server.handler.Batch(c)
}

// ready reports whether the next command may be executed, after it has looked at the messages of other threads.
func (c *Conn) ready() bool {
	if c.signals.Load() != 0 {
		c.takeSignals()
	}
	return c.state == stateOpen && !c.paused
}

func (c *Conn) takeSignals() {
	got := c.signals.And(signalClose) // a close stays, so that nobody wakes a dead connection
	if got&signalPushed != 0 {
		c.FlushPushes()
	}
	if got&signalResumed != 0 && c.state == stateBlocked {
		c.takeReply()
		c.state = stateOpen
		c.resumed()
	}
	if got&signalDrained != 0 {
		c.drained()
	}
	if got&signalEnd != 0 {
		c.leaving = true
	}
	if got&signalClose != 0 {
		c.state = max(c.state, stateDropped)
	}
}

func (c *Conn) takeReply() {
	c.borrow()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.W.Raw(c.mu.reply)
	c.mu.reply = nil
}

// resumed lets the Handler go on with a command that it had put off.
func (c *Conn) resumed() {
	defer c.recoverPanic()
	c.mark = c.W.Len()
	c.server.handler.Resumed(c)
}

// hold keeps the input that could not be executed yet. inStore tells that rest lies in c.store.
func (c *Conn) hold(rest []byte, inStore bool) {
	switch {
	case len(rest) == 0 || c.state >= stateEnding:
		putBlock(c.store)
		c.store, c.in, c.scan.own = nil, nil, nil
	case inStore:
		c.in = rest
	default:
		c.store = append(getBlock(), rest...)
		c.in = c.store
	}
	if len(c.in) == 0 && c.inputBytes.Load() == 0 {
		return
	}
	size, room := c.scan.ownSize()
	held := int64(len(c.in) + size)
	c.inputBytes.Store(held)
	c.inputRoom.Store(int64(cap(c.in)+room) - held)
	if held > c.server.limits.QueryBytes.Load() {
		c.Close()
	}
}

// growthFactor bounds the memory for input by what has really arrived, whatever a client
// announces. It is large because each step copies.
const growthFactor = 4

// makeRoom grows the held input towards the announced end of the argument being read.
func (c *Conn) makeRoom() {
	want := c.scan.missing(len(c.in))
	if want == 0 {
		want = minReadBytes
	}
	if cap(c.in)-len(c.in) >= min(want, minReadBytes) {
		return
	}
	size := min(len(c.in)+want, max(growthFactor*len(c.in), blockBytes))
	if size <= cap(c.store) {
		c.in = c.store[:copy(c.store[:cap(c.store)], c.in)]
		return
	}
	grown := append(make([]byte, 0, size), c.in...)
	putBlock(c.store)
	c.store, c.in = grown, grown
}

// recoverPanic keeps a fault in one command from ending the process: the half-written
// reply is dropped and the connection is closed after the replies before it.
func (c *Conn) recoverPanic() {
	value := recover()
	if value == nil {
		return
	}
	c.W.Truncate(min(c.mark, c.W.Len()))
	c.CloseAfterReply()
	c.endPipeline()
	if c.server.ahead != nil {
		c.server.ahead.Release(c)
	}
	if report := c.server.onPanic; report != nil {
		report(c, value, debug.Stack())
		return
	}
	fmt.Fprintf(os.Stderr, "protocol: connection %d: panic: %v\n%s", c.id, value, debug.Stack())
}
