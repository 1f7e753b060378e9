package protocol

import (
	"slices"
	"sync"
	"sync/atomic"

	"elasticache-local/sockets"

	"golang.org/x/sys/unix"
)

// loop is one goroutine with an epoll instance. A turn of it reads every socket that has
// something and executes what came, and only then writes the replies, so that clients
// wake up while the server waits for them, not in the middle of its work. And so that many
// sockets are read, and written, with one system call.
type loop struct {
	all    *Loops
	index  int // in all.loops
	poller poller
	batch  *sockets.Batch
	shared []byte    // input is read here and executed here
	used   int       // how much of shared the batch reads into
	ending bool      // the turn is: what is sent waits for the batch
	socks  []*sock   // by file descriptor
	turn   []*sock   // those to settle at the end of the turn
	worked []*Server // whose commands the turn has executed
	crowd  int       // how many sockets are ready at a look, lately
	gauge  gauge
	strain atomic.Int64 // how much it had to do, lately
	seats  atomic.Int64 // how many connections it carries if all loops are active
	done   chan struct{}

	sleeping atomic.Bool // nobody looks at the mail: who posts has to ring
	mail     struct {
		sync.Mutex
		posted []*sock // connections that want a turn
		spare  []*sock // the other buffer
		closed bool
	}
	mailed atomic.Int32 // len(mail.posted), or more than 0 when closed
}

const (
	// sharedReadBytes is what is read from all sockets of a batch, unless they send long arguments.
	sharedReadBytes = 128 << 10
	// minTurnBytes and maxTurnBytes are the least and the most that is read from a socket in one turn.
	minTurnBytes = 1 << 10
	maxTurnBytes = 64 << 10
	// maxEvents is how many ready sockets one look at the poller reports.
	maxEvents = 256
)

func startLoops(n int, mono func() int64, use sockets.Use) *Loops {
	l := &Loops{mono: mono}
	for i := range n {
		p, err := newPoller()
		if err != nil {
			break // connections without a loop get goroutines
		}
		l.loops = append(l.loops, &loop{
			all: l, index: i, poller: p, batch: sockets.NewBatch(use),
			shared: make([]byte, sharedReadBytes), done: make(chan struct{}),
		})
	}
	l.active.Store(l.least())
	for _, one := range l.loops {
		go one.run()
	}
	return l
}

// Close stops the loops. The servers that use them must be closed before.
func (l *Loops) Close() {
	l.closed.Do(func() {
		for _, one := range l.loops {
			one.mail.Lock()
			one.mail.closed = true
			one.mail.Unlock()
			one.ring()
		}
	})
	for _, one := range l.loops {
		<-one.done
	}
}

func (l *loop) run() {
	defer close(l.done)
	defer l.poller.close()
	defer l.batch.Close()
	events := make([]unix.EpollEvent, maxEvents)
	for {
		for _, event := range events[:l.wait(events)] {
			if s := l.sock(int(event.Fd)); s != nil {
				s.ready(event.Events)
			}
		}
		if !l.readMail() {
			return
		}
		l.takeTurn()
	}
}

// takeTurn serves the connections that have something to do.
func (l *loop) takeTurn() {
	if len(l.turn) == 0 {
		return
	}
	l.gauge.begin(len(l.turn), l.all.mono)
	l.read()
	l.settle()
	if l.gauge.end(l.all.mono) {
		l.balance(l.gauge.strain())
	}
}

// wait returns when sockets are ready or mail has come. While several clients are busy it
// first looks without sleeping, and then lets others have the processor once: if clients
// share it, they send more, and more is done in one turn.
func (l *loop) wait(events []unix.EpollEvent) (n int) {
	if l.crowd > 1 || l.mailed.Load() > 0 {
		n = l.poller.look(events)
		if n == 0 && l.mailed.Load() == 0 {
			l.poller.yield()
			n = l.poller.look(events)
		}
	}
	if n == 0 && l.mailed.Load() == 0 {
		n = l.sleep(events)
	}
	l.crowd = max(n, l.crowd-1)
	return n
}

func (l *loop) sleep(events []unix.EpollEvent) (n int) {
	l.sleeping.Store(true)
	if l.mailed.Load() == 0 { // looked at after sleeping was set: whoever posts later rings
		n = l.poller.block(events)
	}
	l.sleeping.Store(false)
	return n
}

// sock returns the connection of a file descriptor, nil for the bell.
func (l *loop) sock(fd int) *sock {
	if fd >= len(l.socks) {
		return nil
	}
	return l.socks[fd]
}

// post gives a connection a turn. Any thread.
func (l *loop) post(s *sock) {
	l.mail.Lock()
	l.mail.posted = append(l.mail.posted, s)
	l.mail.Unlock()
	l.ring()
}

// ring makes the loop look at its mail. Any thread.
func (l *loop) ring() {
	l.mailed.Add(1)
	if l.sleeping.CompareAndSwap(true, false) {
		l.poller.ring()
	}
}

// readMail serves the connections that were posted. It reports false when the loop is to end.
func (l *loop) readMail() (goOn bool) {
	if l.mailed.Load() == 0 {
		return true
	}
	l.mail.Lock()
	posted, closed := l.mail.posted, l.mail.closed
	l.mail.posted, l.mail.spare = l.mail.spare[:0], posted
	l.mailed.Store(0)
	l.mail.Unlock()
	for i, s := range posted {
		if at := s.loop.Load(); at == l {
			s.serve()
		} else {
			at.post(s) // it has moved
		}
		posted[i] = nil
	}
	return !closed
}

// touch has a connection settled at the end of the turn.
func (l *loop) touch(s *sock) {
	if !s.touched {
		s.touched = true
		l.turn = append(l.turn, s)
	}
}

// read reads once from every socket of the turn that has something, and executes it.
func (l *loop) read() {
	for _, s := range l.turn {
		if !s.wantsRead() {
			continue
		}
		if l.batch.Full() || l.used+s.appetite > len(l.shared) {
			l.execute()
		}
		l.batch.Add(s.fd, s.fd, s.readBuffer())
	}
	l.execute()
}

// execute reads for the batch, and executes what came.
func (l *loop) execute() {
	for i, jobs := 0, l.batch.Read(); i < len(jobs); i++ {
		j := &jobs[i]
		l.gauge.read += j.N
		l.socks[j.FD].received(j.Buf[:j.N], len(j.Buf), j.Errno)
		j.Buf = nil // it may be a value of the keyspace by now
	}
	l.used = 0
}

// settle writes what the turn has produced and closes what is done for.
func (l *loop) settle() {
	l.ending = true
	for _, s := range l.turn {
		s.conn.endTurn()
		if s.conn.hasWorked() && !slices.Contains(l.worked, s.conn.server) {
			l.worked = append(l.worked, s.conn.server)
		}
	}
	l.write()
	l.ending = false
	l.turnDone()
	for i, s := range l.turn {
		l.turn[i] = nil
		s.settle()
	}
	l.turn = l.turn[:0]
}

// turnDone tells the servers that their replies are on their way.
func (l *loop) turnDone() {
	for i, s := range l.worked {
		l.worked[i] = nil
		s.handler.TurnDone()
	}
	l.worked = l.worked[:0]
}

// write writes what the batch has collected.
func (l *loop) write() {
	for i, jobs := 0, l.batch.Write(); i < len(jobs); i++ {
		j := &jobs[i]
		l.socks[j.FD].wrote(j.Buf, j.N, j.Errno)
		j.Buf = nil // it may be lent to somebody else by now
	}
}
