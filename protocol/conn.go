package protocol

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Conn is one client. Its commands are executed one after another on the
// connection's own thread (a goroutine, or the event loop it is pinned to).
// Methods may be called from that thread only, unless they say otherwise.
//
// The type holds the logic and no I/O: a carrier reads into it (readBuffer,
// received, hungUp) and takes its output away (send).
type Conn struct {
	// W takes the replies of the command in execution.
	W Writer
	// Session belongs to the Handler.
	Session any

	server  *Server
	carrier carrier
	id      uint64
	local   string
	remote  string
	fd      int
	tls     bool
	name    string // of the server, as the client wrote it in its TLS handshake

	scan    scanner
	pipe    *pipeline // while input is executed: what was read ahead
	store   []byte    // memory behind in; nil while the connection is idle
	in      []byte    // input that could not be executed yet: an unfinished command, or commands behind a Block
	state   state
	paused  bool        // the client does not read its replies; its commands wait
	leaving bool        // the server shuts down: the last batch is being executed
	large   bool        // its last replies were: it gets more memory for the next ones
	inBatch bool        // the Handler was told that a batch begins
	worked  bool        // there was a batch in this turn
	opened  bool        // the Handler has accepted it and will hear of its end
	mute    bool        // the command in execution gets no reply; it is the last
	mark    int         // where in W the reply of the command in execution begins
	linger  *time.Timer // bounds how long stateEnding waits for the client to read

	// Messages from other threads: a bit says what is new, mu holds it.
	signals atomic.Uint32
	mu      struct {
		sync.Mutex
		pushed []byte // out-of-band bytes, whole messages
		reply  []byte // what Resume brought
	}

	// Read by any thread.
	class      atomic.Uint32
	idleExempt atomic.Bool
	lastTick   atomic.Int64               // of Server.tick, when the last batch was executed
	inputBytes atomic.Int64               // len(in), and the long arguments beside it
	inputRoom  atomic.Int64               // room for more behind them
	backlog    atomic.Int64               // bytes of output that the socket has not taken yet
	wantsDrain atomic.Bool                // the own thread waits for the backlog to shrink
	soft       atomic.Pointer[time.Timer] // runs while the output is above its soft limit
	netIn      atomic.Int64
	netOut     atomic.Int64
}

// state says what the connection may do next.
type state uint8

const (
	stateOpen    state = iota // commands are read and executed
	stateBlocked              // a command waits for Resume
	stateEnding               // no more input; close when the output is gone
	stateDropped              // no more anything
)

// Bits of Conn.signals.
const (
	signalPushed uint32 = 1 << iota
	signalResumed
	signalDrained // the backlog that was waited for is gone
	signalEnd     // close when the output is gone
	signalClose
	signalStarting // there is no carrier to wake yet
)

// ID returns the number of the connection, unique in its server and growing.
func (c *Conn) ID() uint64 { return c.id }

// LocalAddr returns the address the client has dialled, as "host:port".
func (c *Conn) LocalAddr() string { return c.local }

// RemoteAddr returns the client's address, as "host:port".
func (c *Conn) RemoteAddr() string { return c.remote }

// FD returns the number of the file descriptor, or some plausible number where there is none.
func (c *Conn) FD() int { return c.fd }

// TLS reports whether the connection is encrypted.
func (c *Conn) TLS() bool { return c.tls }

// ServerName returns the host name the client has dialled, as far as its TLS
// handshake tells: "" for plain connections and for clients that dialled an address.
func (c *Conn) ServerName() string { return c.name }

// SetAuthenticated lifts the narrow limits under which a new connection's input is read.
func (c *Conn) SetAuthenticated(yes bool) { c.scan.authenticated = yes }

// Give makes an argument of the command in execution the caller's, for ever. It reports false,
// and the caller has to copy, if the argument lies among other input or was given before.
func (c *Conn) Give(arg []byte) bool { return c.scan.give(arg) }

// SetClass chooses the output limits of the connection. Any thread.
func (c *Conn) SetClass(class Class) { c.class.Store(uint32(class)) }

// SetIdleExempt keeps the idle timeout away from a client that has reason to be silent. Any thread.
func (c *Conn) SetIdleExempt(yes bool) { c.idleExempt.Store(yes) }

// Block is called by a command that will answer later, through Resume. Commands
// that follow in the pipeline wait; input is still read, up to a bound, so that a
// client that hangs up is noticed.
func (c *Conn) Block() {
	if c.state == stateOpen {
		c.state = stateBlocked
	}
}

// Resume ends a Block: it sends reply, which is copied and may be empty, and goes on
// with the pipeline. Exactly once for each Block; it may come before the blocking
// command has returned, and after the connection was closed. Any thread.
func (c *Conn) Resume(reply []byte) {
	c.mu.Lock()
	c.mu.reply = append(c.mu.reply[:0], reply...)
	c.mu.Unlock()
	c.signal(signalResumed)
}

// Push sends an out-of-band message, which is copied. It is sent in one piece and never
// inside a reply: between the replies of two commands, or at once if the connection is
// idle. Messages keep their order. The caller is never blocked; if the client does not
// read and its output limit is passed, the connection is closed and Push returns false.
// Any thread.
func (c *Conn) Push(message []byte) bool {
	if c.signals.Load()&signalClose != 0 {
		return false
	}
	c.mu.Lock()
	c.mu.pushed = append(c.mu.pushed, message...)
	waiting := c.backlog.Load() + int64(len(c.mu.pushed))
	c.mu.Unlock()
	if !c.fits(waiting, c.server.limits.PushBytes.Load()) {
		return false
	}
	c.signal(signalPushed)
	return true
}

// keptPushBytes is how much memory for pushes a connection keeps between them.
const keptPushBytes = 1 << 10

// FlushPushes moves what was pushed so far into W, for a command that must not be overtaken by
// it: one that leaves a channel does so before it writes its confirmation.
func (c *Conn) FlushPushes() {
	c.borrow()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.W.Raw(c.mu.pushed)
	if cap(c.mu.pushed) > keptPushBytes {
		c.mu.pushed = nil
	}
	c.mu.pushed = c.mu.pushed[:0]
}

// Close drops the connection with everything not yet sent. Any thread; the
// Handler is told on the connection's own thread, a little later.
func (c *Conn) Close() { c.signal(signalClose) }

// CloseAfterReply closes the connection when the replies written so far, and that of
// the command in execution, are sent. What follows in the pipeline is not executed.
func (c *Conn) CloseAfterReply() {
	c.state = max(c.state, stateEnding)
}

// HangUp closes the connection when the replies before the command in execution are sent. The
// command itself gets none, whatever it still writes.
func (c *Conn) HangUp() {
	c.mute = true
	c.CloseAfterReply()
}

// Stats is what CLIENT LIST tells about the buffers and the traffic of a connection.
type Stats struct {
	Query     int64 // bytes of input not executed yet: qbuf
	QueryFree int64 // room behind them: qbuf-free
	Output    int64 // bytes not sent yet: obl, omem
	NetIn     int64
	NetOut    int64
}

// Stats returns a snapshot. Any thread.
func (c *Conn) Stats() Stats {
	c.mu.Lock()
	pushed := len(c.mu.pushed)
	c.mu.Unlock()
	return Stats{
		Query: c.inputBytes.Load(), QueryFree: c.inputRoom.Load(), Output: c.backlog.Load() + int64(pushed),
		NetIn: c.netIn.Load(), NetOut: c.netOut.Load(),
	}
}

// start is called when the connection has its carrier, which can be woken from now on.
func (c *Conn) start(carrier carrier, fd int) {
	c.carrier, c.fd = carrier, fd
	if c.signals.And(^signalStarting) != signalStarting {
		carrier.wake()
	}
}

// signal leaves a message for the connection's own thread and wakes it, unless it has been woken already.
func (c *Conn) signal(bit uint32) {
	if c.signals.Or(bit) == 0 {
		c.carrier.wake()
	}
}

// addrString returns addr as text, "" for connections without one.
func addrString(addr net.Addr) string {
	if addr == nil {
		return ""
	}
	return addr.String()
}
