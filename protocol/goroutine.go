package protocol

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"elasticache-local/memory"
)

// routine carries one connection of any kind on two goroutines: the connection's own
// thread, which reads and executes, and a writer, so that a client that does not
// read never stops its own thread.
type routine struct {
	conn *Conn
	nc   net.Conn
	// woken holds a token while somebody wants a turn of the own thread.
	woken chan struct{}

	reading struct {
		sync.Mutex
		active      bool // the own thread is in Read
		interrupted bool // and has been called out of it
	}
	out struct {
		sync.Mutex
		ready  sync.Cond
		buf    []byte
		closed bool
	}
}

const (
	// smallReadBytes is what an idle connection keeps to read into; one that sends more borrows a block.
	smallReadBytes = 2 << 10
	// maxWriteBytes goes to the socket at once, so that the backlog is seen to shrink.
	maxWriteBytes = 256 << 10
	// noDescriptor is shown for connections that are not sockets.
	noDescriptor = 8
)

// longAgo is a deadline that interrupts a Read at once.
var longAgo = time.Unix(1, 0)

// carryByGoroutine starts the connection on goroutines of its own.
func carryByGoroutine(c *Conn, nc net.Conn) {
	r := &routine{conn: c, nc: nc, woken: make(chan struct{}, 1)}
	r.out.ready.L = &r.out
	c.start(r, descriptor(nc))
	go r.run()
}

func (r *routine) run() {
	written := make(chan struct{})
	go func() {
		defer close(written)
		r.writeAll()
	}()
	if r.handshake() {
		r.conn.open()
		r.readAll()
	}
	r.closeOutput()
	r.nc.Close()
	<-written
	r.conn.finish()
}

// handshake makes a TLS connection usable. A wake ends it early: nobody but a
// server that closes has anything to say before it is over.
func (r *routine) handshake() bool {
	tc, ok := r.nc.(*tls.Conn)
	if !ok {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTime)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-r.woken:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := tc.HandshakeContext(ctx)
	cancel()
	<-watched // it must not take a token that is meant for readAll
	r.conn.name = tc.ConnectionState().ServerName
	return err == nil
}

func (r *routine) endTurn() {
	r.conn.endTurn()
	if r.conn.hasWorked() {
		r.conn.server.handler.TurnDone()
	}
}

// readAll is the life of the connection's own thread.
func (r *routine) readAll() {
	c, small := r.conn, make([]byte, smallReadBytes)
	var block []byte
	for r.endTurn(); !c.settled(); r.endTurn() {
		if !c.wantsInput() {
			<-r.woken
			c.service()
			continue
		}
		shared := small
		if block != nil {
			shared = block[:blockBytes]
		}
		b := c.readBuffer(shared)
		n, err := r.read(b)
		if n > 0 {
			c.received(b[:n])
		}
		if err != nil {
			c.hungUp()
		}
		c.service()
		if n < len(small) {
			putBlock(block)
			block = nil
		} else if block == nil {
			block = getBlock()
		}
	}
	putBlock(block)
}

// read waits for input, unless or until somebody wants a turn.
func (r *routine) read(b []byte) (n int, err error) {
	if !r.startReading() {
		return 0, nil
	}
	n, err = r.nc.Read(b)
	if r.stopReading() && errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return n, err
}

func (r *routine) startReading() bool {
	r.reading.Lock()
	defer r.reading.Unlock()
	select {
	case <-r.woken:
		return false
	default:
	}
	r.reading.active = true
	return true
}

func (r *routine) stopReading() (interrupted bool) {
	r.reading.Lock()
	defer r.reading.Unlock()
	interrupted = r.reading.interrupted
	if interrupted {
		r.nc.SetReadDeadline(time.Time{})
	}
	r.reading.active, r.reading.interrupted = false, false
	return interrupted
}

// wake gives the own thread a turn, wherever it is.
func (r *routine) wake() {
	r.reading.Lock()
	defer r.reading.Unlock()
	select {
	case r.woken <- struct{}{}:
	default:
	}
	if r.reading.active && !r.reading.interrupted {
		r.reading.interrupted = true
		r.nc.SetReadDeadline(longAgo)
	}
}

// send leaves b to the writer.
func (r *routine) send(b []byte) {
	r.conn.queued(len(b))
	r.out.Lock()
	defer r.out.Unlock()
	if len(r.out.buf) == 0 {
		putBlock(r.out.buf)
		r.out.buf = b
	} else {
		r.out.buf = memory.Append(r.out.buf, b)
		putBlock(b)
	}
	r.out.ready.Signal()
}

// writeAll is the life of the writer.
func (r *routine) writeAll() {
	for {
		b := r.nextOutput()
		if b == nil {
			return
		}
		for rest := b; len(rest) > 0; {
			n, err := r.nc.Write(rest[:min(len(rest), maxWriteBytes)])
			r.conn.sent(n)
			if err != nil {
				r.conn.Close()
				return
			}
			rest = rest[n:]
		}
		putBlock(b)
	}
}

// nextOutput waits for output and returns it, nil if there will be no more.
func (r *routine) nextOutput() []byte {
	r.out.Lock()
	defer r.out.Unlock()
	for len(r.out.buf) == 0 && !r.out.closed {
		r.out.ready.Wait()
	}
	if r.out.closed {
		return nil
	}
	b := r.out.buf
	r.out.buf = nil
	return b
}

func (r *routine) closeOutput() {
	r.out.Lock()
	defer r.out.Unlock()
	r.out.closed = true
	r.out.ready.Signal()
}

// descriptor returns the file descriptor of a connection, for show.
func descriptor(nc net.Conn) int {
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	fd := noDescriptor
	if sc, ok := nc.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			raw.Control(func(d uintptr) { fd = int(d) })
		}
	}
	return fd
}
