package protocol

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Handler gives the commands of a Server their meaning. Its methods are called on
// the connection's own thread, never two at a time for one connection, and must not
// block: a command that has to wait calls Conn.Block. They must not call
// Server.Close or Server.Shutdown.
type Handler interface {
	// Open is called before the first command. A text other than "" is sent as an
	// error and the connection closed, without a call to Close.
	Open(c *Conn) (refuse string)
	// Batch is called before the first of the commands that were read together, so
	// that they share one look at the clock.
	Batch(c *Conn)
	// Command executes one command: at least one argument, valid only during the call.
	// Its reply goes to c.W.
	Command(c *Conn, args [][]byte)
	// BatchDone is called after the last of the commands that could be executed.
	BatchDone(c *Conn)
	// TurnDone is called when the replies to one or several batches, of one or several
	// connections, are on their way: the time for what nobody waits for. It is called on a
	// thread of connections, without one of them, perhaps on several at a time.
	TurnDone()
	// Resumed is called when the reply that Resume brought stands in c.W, before
	// the commands that have waited behind the Block.
	Resumed(c *Conn)
	// Close is called exactly once for each connection that Open accepted, after the last Command.
	Close(c *Conn)
}

// Carrier chooses what moves the bytes of connections.
type Carrier int

const (
	// CarrierAuto takes event loops for plain TCP and Unix sockets on Linux, goroutines for everything else.
	CarrierAuto Carrier = iota
	// CarrierGoroutine gives each connection goroutines of its own.
	CarrierGoroutine
	// CarrierEventLoop is CarrierAuto, said aloud: connections that no event loop can carry get goroutines.
	CarrierEventLoop
)

// Config is what a Server is made with. The zero value is a server with the defaults of Redis.
type Config struct {
	// Limits may be shared and changed later. nil: NewLimits().
	Limits *Limits
	// Carrier chooses between goroutines and event loops.
	Carrier Carrier
	// Loops are event loops shared with other servers, which outlive this one.
	// nil: the server starts its own with the first connection that can use them.
	Loops *Loops
	// TCPKeepAlive is the silence after which a peer is probed. 0: 300 seconds; negative: never.
	TCPKeepAlive time.Duration
	// IdleTimeout closes clients that have been silent for so long, to the second. 0: never. See Server.SetIdleTimeout.
	IdleTimeout time.Duration
	// OnPanic is told about a panic in a Handler, after which the connection is closed. nil: it goes to standard error.
	OnPanic func(c *Conn, value any, stack []byte)
}

// ErrServerClosed is returned by Serve and ServeConn after Close or Shutdown.
var ErrServerClosed = errors.New("protocol: server closed")

const (
	defaultKeepAlive = 300 * time.Second
	// handshakeTime is how long a client may take over its TLS handshake.
	handshakeTime = 10 * time.Second
	// acceptRetry is the pause after a failed accept, such as for want of file descriptors.
	acceptRetry = 50 * time.Millisecond
)

// Server owns listeners and the connections that came from them.
type Server struct {
	handler Handler
	ahead   Ahead // the handler, if it is one that wants to
	config  Config
	limits  *Limits
	onPanic func(c *Conn, value any, stack []byte)
	idle    idleTimer
	home    atomic.Pointer[loop] // carries its connections

	lastID   atomic.Uint64
	accepted atomic.Int64
	rejected atomic.Int64

	done    chan struct{}  // closed by Close and Shutdown
	serving sync.WaitGroup // accept loops and connections

	mu struct {
		sync.Mutex
		closed    bool
		listeners map[net.Listener]struct{}
		conns     map[*Conn]struct{}
		ownLoops  *Loops
		netIn     int64 // of connections that are gone
		netOut    int64
	}
}

// NewServer makes a server that listens nowhere yet.
func NewServer(handler Handler, config Config) *Server {
	s := &Server{handler: handler, config: config, limits: config.Limits, onPanic: config.OnPanic, done: make(chan struct{})}
	s.ahead, _ = handler.(Ahead)
	if s.limits == nil {
		s.limits = NewLimits()
	}
	s.mu.listeners = make(map[net.Listener]struct{})
	s.mu.conns = make(map[*Conn]struct{})
	s.SetIdleTimeout(config.IdleTimeout)
	return s
}

// Limits returns the limits in force.
func (s *Server) Limits() *Limits { return s.limits }

// ServeTLS is Serve for encrypted connections.
func (s *Server) ServeTLS(listener net.Listener, config *tls.Config) error {
	return s.Serve(tls.NewListener(listener, config))
}

// Serve accepts connections until the listener or the server is closed, and closes
// the listener. A server may serve several listeners at once.
func (s *Server) Serve(listener net.Listener) error {
	if !s.addListener(listener) {
		listener.Close()
		return ErrServerClosed
	}
	defer s.removeListener(listener)
	for {
		nc, err := listener.Accept()
		if err == nil {
			if s.ServeConn(nc) != nil { // the server is closed, and so is the listener
				nc.Close()
			}
			continue
		}
		if s.isDone() {
			return ErrServerClosed
		}
		if errors.Is(err, net.ErrClosed) || !s.pause(acceptRetry) {
			return err
		}
	}
}

// pause waits, unless the server is closed.
func (s *Server) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.done:
		return false
	}
}

func (s *Server) isDone() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *Server) addListener(listener net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		return false
	}
	s.mu.listeners[listener] = struct{}{}
	s.serving.Add(1)
	return true
}

func (s *Server) removeListener(listener net.Listener) {
	listener.Close()
	s.mu.Lock()
	delete(s.mu.listeners, listener)
	s.mu.Unlock()
	s.serving.Done()
}

// ServeConn takes over a connection that somebody else has accepted, and returns at once.
// After an error the connection is still the caller's.
func (s *Server) ServeConn(nc net.Conn) error {
	c := &Conn{
		server: s, id: s.lastID.Add(1), local: addrString(nc.LocalAddr()), remote: addrString(nc.RemoteAddr()),
		scan: scanner{limits: s.limits},
	}
	c.signals.Store(signalStarting)
	c.lastTick.Store(s.idle.tick.Load())
	_, c.tls = nc.(*tls.Conn)
	s.keepAlive(nc)
	if !s.add(c) {
		return ErrServerClosed
	}
	if s.config.Carrier == CarrierGoroutine || !loopsCanCarry(nc) || !s.loops().adopt(c, nc) {
		carryByGoroutine(c, nc)
	}
	return nil
}

// add counts the connection among the open ones, unless the server is closed.
func (s *Server) add(c *Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		return false
	}
	s.accepted.Add(1)
	s.mu.conns[c] = struct{}{}
	s.serving.Add(1)
	return true
}

// loops returns the event loops, which the server starts if it was given none.
func (s *Server) loops() *Loops {
	if s.config.Loops != nil {
		return s.config.Loops
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.ownLoops == nil {
		s.mu.ownLoops = NewLoops(0, nil)
	}
	return s.mu.ownLoops
}

// remove forgets a connection that is finished.
func (s *Server) remove(c *Conn) {
	s.mu.Lock()
	delete(s.mu.conns, c)
	s.mu.netIn += c.netIn.Load()
	s.mu.netOut += c.netOut.Load()
	s.mu.Unlock()
	s.serving.Done()
}

// keepAlive has the kernel probe a silent peer three times before it gives up, as Redis does.
func (s *Server) keepAlive(nc net.Conn) {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return
	}
	idle := s.config.TCPKeepAlive
	if idle == 0 {
		idle = defaultKeepAlive
	}
	tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: idle > 0, Idle: idle, Interval: max(idle/3, time.Second), Count: 3})
}

// ServerStats is what INFO tells about connections and traffic.
type ServerStats struct {
	Connections int   // open now
	Accepted    int64 // since the start: total_connections_received
	Rejected    int64 // by Handler.Open: rejected_connections
	NetIn       int64 // bytes: total_net_input_bytes
	NetOut      int64 // bytes: total_net_output_bytes
}

// Stats returns a snapshot.
func (s *Server) Stats() ServerStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := ServerStats{
		Connections: len(s.mu.conns), Accepted: s.accepted.Load(), Rejected: s.rejected.Load(),
		NetIn: s.mu.netIn, NetOut: s.mu.netOut,
	}
	for c := range s.mu.conns {
		stats.NetIn += c.netIn.Load()
		stats.NetOut += c.netOut.Load()
	}
	return stats
}

// Close drops all listeners and connections and waits until every one of them is gone.
func (s *Server) Close() { _ = s.stop(context.Background(), signalClose) }

// Drain stops accepting and serves on for a while: it closes each connection from which
// nothing has come for as long as quiet, so that clients in the middle of something get their
// answers. It returns when all connections are closed or ctx ends; Shutdown ends what is left.
func (s *Server) Drain(ctx context.Context, quiet time.Duration) {
	s.Refuse()
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for heard := map[*Conn]int64{}; s.endQuiet(heard) > 0; timer.Reset(quiet) {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
	}
}

// endQuiet ends the connections that have sent no more than was heard from them, takes note
// of the others and counts all.
func (s *Server) endQuiet(heard map[*Conn]int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.mu.conns {
		in := c.netIn.Load()
		if before, known := heard[c]; known && before == in {
			c.signal(signalEnd)
		}
		heard[c] = in
	}
	return len(s.mu.conns)
}

// Shutdown stops accepting, lets every connection finish the commands it is executing and
// send their replies, closes it, and waits for all that. When ctx ends, what is left is dropped.
func (s *Server) Shutdown(ctx context.Context) error { return s.stop(ctx, signalEnd) }

func (s *Server) stop(ctx context.Context, how uint32) error {
	s.Refuse()
	s.signalAll(how)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		s.serving.Wait()
		s.mu.Lock()
		loops := s.mu.ownLoops
		s.mu.Unlock()
		if loops != nil {
			loops.Close()
		}
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
	}
	s.signalAll(signalClose)
	<-gone
	return ctx.Err()
}

// Refuse closes all listeners and takes no further connection. Those that are there go on.
func (s *Server) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		return
	}
	s.mu.closed = true
	close(s.done)
	for listener := range s.mu.listeners {
		listener.Close()
	}
	s.idle.stop()
}

func (s *Server) signalAll(bit uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.mu.conns {
		c.signal(bit)
	}
}
