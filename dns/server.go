package dns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Bounds of the server.
const (
	defaultTTL    = 5 * time.Second
	maxTCPClients = 64              // more wait in the listener's backlog
	maxTCPQueries = 1024            // per connection, then it is closed
	tcpTimeout    = 5 * time.Second // for a whole query to arrive, idle time included, and for a reply to leave
	portAttempts  = 20              // to find a port that is free for both UDP and TCP
)

// Config is what a server needs. Groups is called for every question, from
// several goroutines, and returns a snapshot that nobody modifies any more.
type Config struct {
	Addr   string        // host:port of UDP and TCP alike; port 0 chooses one
	Zone   string        // endpoint.Zone of the region
	TTL    time.Duration // of every record, rounded up to seconds; 0 is 5 seconds
	Groups func() []Group
	Log    *slog.Logger // nil is silent
}

// Server is a running DNS server.
type Server struct {
	responder *responder
	log       *slog.Logger
	udp       *net.UDPConn
	tcp       *net.TCPListener
	done      chan struct{}  // closed by Close
	slots     chan struct{}  // one per TCP client
	running   sync.WaitGroup // every goroutine of the server

	mu struct {
		sync.Mutex
		closed bool
		conns  map[net.Conn]struct{}
	}
}

// Listen binds UDP and TCP to the same port and starts to answer.
func Listen(cfg Config) (*Server, error) {
	udp, tcp, err := bind(cfg.Addr)
	if err != nil {
		return nil, err
	}
	if cfg.TTL <= 0 {
		cfg.TTL = defaultTTL
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		responder: newResponder(cfg.Zone, cfg.TTL, cfg.Groups),
		log:       cfg.Log,
		udp:       udp,
		tcp:       tcp,
		done:      make(chan struct{}),
		slots:     make(chan struct{}, maxTCPClients),
	}
	s.mu.conns = make(map[net.Conn]struct{})
	s.running.Go(s.serveUDP)
	s.running.Go(s.serveTCP)
	return s, nil
}

// bind takes the port for TCP first. If any port will do and UDP has that one
// in use, another is tried.
func bind(addr string) (*net.UDPConn, *net.TCPListener, error) {
	tcpAddr, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, nil, fmt.Errorf("dns: %w", err)
	}
	for attempt := 1; ; attempt++ {
		tcp, err := net.ListenTCP("tcp", tcpAddr)
		if err != nil {
			return nil, nil, fmt.Errorf("dns: %w", err)
		}
		port := tcp.Addr().(*net.TCPAddr).Port
		udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: tcpAddr.IP, Port: port, Zone: tcpAddr.Zone})
		if err == nil {
			return udp, tcp, nil
		}
		tcp.Close()
		if tcpAddr.Port != 0 || attempt == portAttempts || !errors.Is(err, syscall.EADDRINUSE) {
			return nil, nil, fmt.Errorf("dns: %w", err)
		}
	}
}

// Addr is where the server listens, on UDP and TCP.
func (s *Server) Addr() netip.AddrPort {
	at := s.tcp.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// Close stops the server and returns when its last goroutine has ended.
func (s *Server) Close() error {
	s.mu.Lock()
	if !s.mu.closed {
		s.mu.closed = true
		close(s.done)
		s.udp.Close()
		s.tcp.Close()
		for conn := range s.mu.conns {
			conn.Close()
		}
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// serveUDP answers one datagram after the other: an answer takes microseconds
// and a flood takes one core at most.
func (s *Server) serveUDP() {
	buf := make([]byte, maxQueryBytes+1) // a query that fills it is too long
	for {
		n, client, err := s.udp.ReadFromUDPAddrPort(buf)
		if err != nil {
			if s.pause(err) {
				continue
			}
			return
		}
		reply := s.responder.respond(buf[:n], true, func() netip.Addr {
			return reachedAt(s.udp.LocalAddr(), client)
		})
		if reply == nil {
			continue
		}
		if _, err := s.udp.WriteToUDPAddrPort(reply, client); err != nil {
			s.log.Debug("dns: reply not sent", "client", client, "err", err)
		}
	}
}

// serveTCP takes a slot before it accepts, so that there are never more
// clients than slots.
func (s *Server) serveTCP() {
	for {
		select {
		case s.slots <- struct{}{}:
		case <-s.done:
			return
		}
		conn, err := s.tcp.Accept()
		if err != nil {
			<-s.slots
			if s.pause(err) {
				continue
			}
			return
		}
		if !s.track(conn) {
			conn.Close()
			return
		}
		s.running.Go(func() {
			defer func() { <-s.slots }()
			defer s.forget(conn)
			if err := s.serveConn(conn); err != nil && !errors.Is(err, io.EOF) {
				s.log.Debug("dns: connection ended", "client", conn.RemoteAddr(), "err", err)
			}
		})
	}
}

// serveConn answers the length-prefixed queries of one TCP client, in order.
func (s *Server) serveConn(conn net.Conn) error {
	buf := make([]byte, 2+maxQueryBytes)
	for range maxTCPQueries {
		if err := conn.SetReadDeadline(time.Now().Add(tcpTimeout)); err != nil {
			return err
		}
		if _, err := io.ReadFull(conn, buf[:2]); err != nil {
			return err
		}
		size := int(binary.BigEndian.Uint16(buf))
		if size > maxQueryBytes {
			return fmt.Errorf("query of %d bytes, at most %d are taken", size, maxQueryBytes)
		}
		if _, err := io.ReadFull(conn, buf[:size]); err != nil {
			return err
		}
		reply := s.responder.respond(buf[:size], false, func() netip.Addr {
			return conn.LocalAddr().(*net.TCPAddr).AddrPort().Addr()
		})
		if reply == nil {
			return nil
		}
		if err := conn.SetWriteDeadline(time.Now().Add(tcpTimeout)); err != nil {
			return err
		}
		framed := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(reply)), uint16(len(reply)))
		if _, err := conn.Write(append(framed, reply...)); err != nil {
			return err
		}
	}
	return nil
}

// pause decides what a failed read or accept means: false after Close, else
// true after a moment, because the next one may fail at once as well (out of
// file descriptors, say).
func (s *Server) pause(err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return false
	}
	s.log.Warn("dns: socket", "err", err)
	moment := time.NewTimer(10 * time.Millisecond)
	defer moment.Stop()
	select {
	case <-s.done:
		return false
	case <-moment.C:
		return true
	}
}

// track registers a connection for Close; false if that has happened already.
func (s *Server) track(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		return false
	}
	s.mu.conns[conn] = struct{}{}
	return true
}

func (s *Server) forget(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.mu.conns, conn)
}

// reachedAt is the address of ours at which a UDP client found us. A socket
// bound to all addresses does not say, so the kernel is asked for the address
// from which it would talk to the client; no packet is sent.
func reachedAt(local net.Addr, client netip.AddrPort) netip.Addr {
	bound := local.(*net.UDPAddr).AddrPort().Addr().Unmap()
	if !bound.IsUnspecified() {
		return bound
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(client.Addr().Unmap(), client.Port())))
	if err != nil {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}
