package protocol

import (
	"net"
	"sync/atomic"
	"syscall"

	"elasticache-local/memory"
	"elasticache-local/sockets"

	"golang.org/x/sys/unix"
)

// sock carries one connection on a loop. All but wake is called on that loop only. When its
// seat has another loop it moves there at the end of a turn.
//
// The poller reports changes, not states, so the sock remembers what it has not used up.
type sock struct {
	conn     *Conn
	loop     atomic.Pointer[loop]
	seat     *loop // the loop that carries it if all are active
	fd       int
	out      []byte // what the socket has not taken yet
	block    []byte // the buffer in which out began
	readable bool   // there may be more to read
	hungUp   bool   // the end of the stream is among it
	open     bool   // it has had its first turn
	known    bool   // to its loop
	touched  bool   // it is in loop.turn
	appetite int    // how much it is read at a time, by what came lately
	posted   atomic.Bool
}

// loopsCanCarry reports whether event loops can carry connections of this kind.
func loopsCanCarry(nc net.Conn) bool {
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
		return true
	}
	return false
}

// adopt carries a connection on a loop, or reports that it cannot.
func (l *Loops) adopt(c *Conn, nc net.Conn) bool {
	if len(l.loops) == 0 {
		return false
	}
	fd, ok := takeDescriptor(nc)
	if !ok {
		return false
	}
	s := &sock{conn: c, seat: l.choose(&c.server.home), fd: fd, appetite: minTurnBytes}
	s.seat.seats.Add(1)
	s.loop.Store(l.current(s.seat))
	c.start(s, fd)
	s.wake()
	return true
}

// choose gives a server's next connection a seat: on the loop that has its others, so that no two
// loops meet at the same keys, unless that is a good deal fuller than another.
func (l *Loops) choose(home *atomic.Pointer[loop]) *loop {
	least := l.loops[0]
	for _, one := range l.loops[1:] {
		if one.seats.Load() < least.seats.Load() {
			least = one
		}
	}
	home.CompareAndSwap(nil, least)
	if one := home.Load(); one.seats.Load() < least.seats.Load()+gatherSlack {
		return one
	}
	return least
}

// takeDescriptor takes a socket away from the runtime's own poller: it is duplicated, and nc closed.
func takeDescriptor(nc net.Conn) (fd int, ok bool) {
	raw, err := nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return 0, false
	}
	if ctl := raw.Control(func(d uintptr) { fd, err = unix.FcntlInt(d, unix.F_DUPFD_CLOEXEC, 0) }); ctl != nil || err != nil {
		return 0, false
	}
	nc.Close()
	return fd, true
}

// wake gives the connection a turn. Any thread.
func (s *sock) wake() {
	if !s.posted.Swap(true) {
		s.loop.Load().post(s)
	}
}

// serve is the turn that wake asked for; the first one opens the connection.
func (s *sock) serve() {
	s.posted.Store(false)
	if s.conn.state == stateDropped {
		return
	}
	s.loop.Load().touch(s)
	if !s.known && !s.register() {
		s.conn.Close()
		return
	}
	if !s.open {
		s.open = true
		s.conn.open()
		return
	}
	s.conn.service()
}

// register makes the socket known to its loop.
func (s *sock) register() bool {
	s.known = true
	l := s.loop.Load()
	for len(l.socks) <= s.fd {
		l.socks = append(l.socks, nil)
	}
	l.socks[s.fd] = s
	return l.poller.add(s.fd, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP) == nil
}

// move gives the connection to another loop, which goes on with a turn of it.
func (s *sock) move(to *loop) {
	l := s.loop.Load()
	l.poller.remove(s.fd)
	l.socks[s.fd] = nil
	s.known = false
	s.loop.Store(to) // whoever wakes it from now on does so there; what is in the mail here is sent on
	s.wake()
}

// ready handles what the poller reports about the socket.
func (s *sock) ready(events uint32) {
	s.loop.Load().touch(s)
	if events&unix.EPOLLOUT != 0 && len(s.out) > 0 {
		s.drain()
	}
	const ends = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
	s.readable = s.readable || events&(unix.EPOLLIN|ends) != 0
	s.hungUp = s.hungUp || events&ends != 0
	if events&(unix.EPOLLHUP|unix.EPOLLERR) != 0 && !s.conn.wantsInput() {
		s.conn.Close()
	}
}

// wantsRead reports whether there may be something to read, and it is wanted.
func (s *sock) wantsRead() bool { return s.readable && s.conn.wantsInput() }

// readBuffer returns where to read next, if the loop's memory has room for the sock's appetite.
func (s *sock) readBuffer() []byte {
	l := s.loop.Load()
	shared := l.shared[l.used:][:s.appetite]
	b := s.conn.readBuffer(shared)
	if &b[0] == &shared[0] {
		l.used += s.appetite
	}
	return b
}

// received executes b, which has been read where there was so much room.
func (s *sock) received(b []byte, room int, errno unix.Errno) {
	switch {
	case len(b) > 0:
		s.readable = len(b) == room || s.hungUp
		s.adapt(len(b))
		s.conn.received(b)
	case errno == 0:
		s.readable = false
		s.conn.hungUp()
	case errno == unix.EAGAIN:
		s.readable = false
	default:
		s.conn.Close()
	}
}

// adapt has the next read find room for somewhat more than this one brought.
func (s *sock) adapt(n int) {
	switch {
	case n >= s.appetite:
		s.appetite = min(4*s.appetite, maxTurnBytes)
	case n < s.appetite/8:
		s.appetite = max(s.appetite/4, minTurnBytes)
	}
}

// settle ends a turn of the connection whose replies are sent, and asks for another one if it
// has not read everything.
func (s *sock) settle() {
	s.touched = false
	home := s.seat.all.current(s.seat)
	switch {
	case s.conn.settled():
		s.close()
	case home != s.loop.Load():
		s.move(home)
	case !s.readable:
	case s.conn.wantsInput():
		s.wake()
	case s.hungUp && s.conn.state == stateBlocked: // its input is full: nobody waits for the answer behind it
		s.conn.Close()
	}
}

// send writes b, as far as the socket takes it now. At the end of a turn that is left to the batch.
func (s *sock) send(b []byte) {
	if len(s.out) > 0 {
		s.conn.queued(len(b))
		s.out = memory.Append(s.out, b)
		putBlock(b)
		return
	}
	l := s.loop.Load()
	if !l.ending { // and the batch is being read from
		n, errno := sockets.WriteOnce(s.fd, b)
		s.wrote(b, n, errno)
		return
	}
	if l.batch.Full() {
		l.write()
	}
	l.batch.Add(s.fd, s.fd, b)
}

// wrote takes note that the socket has taken n bytes of b.
func (s *sock) wrote(b []byte, n int, errno unix.Errno) {
	s.failed(errno)
	s.conn.netOut.Add(int64(n))
	if n == len(b) {
		putBlock(b)
		return
	}
	s.out, s.block = b[n:], b
	s.conn.queued(len(s.out))
}

// drain writes more of the backlog.
func (s *sock) drain() {
	n, errno := sockets.WriteOnce(s.fd, s.out)
	s.failed(errno)
	s.out = s.out[n:]
	if len(s.out) == 0 {
		s.dropOutput()
	}
	s.conn.sent(n)
}

func (s *sock) dropOutput() {
	putBlock(s.block)
	s.out, s.block = nil, nil
}

// failed closes the connection if a write shows that it is broken.
func (s *sock) failed(errno unix.Errno) {
	if errno != 0 && errno != unix.EAGAIN {
		s.conn.Close()
	}
}

func (s *sock) close() {
	s.loop.Load().socks[s.fd] = nil
	unix.Close(s.fd)
	s.dropOutput()
	s.seat.seats.Add(-1)
	s.conn.finish()
}
