//go:build unix && !linux

package generator

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// A poller waits for many sockets with poll(2), the portable way.
type poller struct {
	fds     []unix.PollFd // by the connections' indexes
	events  []event
	ticking bool
}

func newPoller() (*poller, error) { return &poller{}, nil }

// add watches a socket for input. Indexes come in ascending order.
func (p *poller) add(s socket, id int) error {
	if id != len(p.fds) {
		panic("generator: connection added out of turn")
	}
	p.fds = append(p.fds, unix.PollFd{Fd: int32(s), Events: unix.POLLIN})
	p.events = make([]event, 0, len(p.fds))
	return nil
}

// wantWrite watches a socket for room to write as well, or no longer.
func (p *poller) wantWrite(_ socket, id int, want bool) error {
	p.fds[id].Events = unix.POLLIN
	if want {
		p.fds[id].Events |= unix.POLLOUT
	}
	return nil
}

// tick makes wait return at once, always: poll's timeout is too coarse for a
// timetable, so an open loop keeps a core busy here.
func (p *poller) tick(time.Duration) error {
	p.ticking = true
	return nil
}

// wait returns the sockets that are ready, valid until the next call.
func (p *poller) wait(timeout time.Duration) ([]event, error) {
	if p.ticking {
		timeout = 0
	}
	if _, err := unix.Poll(p.fds, int(timeout.Milliseconds())); err != nil && err != unix.EINTR {
		return nil, fmt.Errorf("poll: %w", err)
	}
	events := p.events[:0]
	for id := range p.fds {
		got := p.fds[id].Revents
		if p.fds[id].Revents = 0; got != 0 {
			events = append(events, event{id: id, readable: got&^unix.POLLOUT != 0, writable: got&unix.POLLOUT != 0})
		}
	}
	return events, nil
}

func (p *poller) close() {}
