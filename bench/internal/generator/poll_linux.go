package generator

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// A poller waits for many sockets and a regular tick, with epoll and timerfd.
type poller struct {
	epoll  int
	timer  int // -1 until tick
	raw    [maxEvents]unix.EpollEvent
	events [maxEvents]event

	expiries [8]byte // as read from the timer
}

// timerID stands for the timer among the connections' indexes.
const timerID = -1

// minTick is the shortest interval that the timer is set to; more often than
// that the loop would do little else.
const minTick = 20 * time.Microsecond

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	return &poller{epoll: fd, timer: -1}, nil
}

func (p *poller) control(op, fd int, events uint32, id int) error {
	ev := unix.EpollEvent{Events: events, Fd: int32(id)}
	if err := unix.EpollCtl(p.epoll, op, fd, &ev); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// add watches a socket for input.
func (p *poller) add(s socket, id int) error {
	return p.control(unix.EPOLL_CTL_ADD, int(s), unix.EPOLLIN, id)
}

// wantWrite watches a socket for room to write as well, or no longer.
func (p *poller) wantWrite(s socket, id int, want bool) error {
	events := uint32(unix.EPOLLIN)
	if want {
		events |= unix.EPOLLOUT
	}
	return p.control(unix.EPOLL_CTL_MOD, int(s), events, id)
}

// tick makes wait return at least once in every interval.
func (p *poller) tick(interval time.Duration) error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("timerfd_create: %w", err)
	}
	p.timer = fd
	every := unix.NsecToTimespec(int64(max(interval, minTick)))
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Interval: every, Value: every}, nil); err != nil {
		return fmt.Errorf("timerfd_settime: %w", err)
	}
	return p.control(unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN, timerID)
}

// wait returns the sockets that are ready, valid until the next call; none
// after a tick or the timeout.
func (p *poller) wait(timeout time.Duration) ([]event, error) {
	n, err := unix.EpollWait(p.epoll, p.raw[:], int(timeout.Milliseconds()))
	if err != nil && err != unix.EINTR {
		return nil, fmt.Errorf("epoll_wait: %w", err)
	}
	events := p.events[:0]
	for _, ev := range p.raw[:max(n, 0)] {
		if ev.Fd == timerID {
			p.readTimer()
			continue
		}
		events = append(events, event{
			id:       int(ev.Fd),
			readable: ev.Events&(unix.EPOLLIN|unix.EPOLLERR|unix.EPOLLHUP) != 0,
			writable: ev.Events&unix.EPOLLOUT != 0,
		})
	}
	return events, nil
}

// readTimer takes note of the expiry; only then does the timer go on. How often
// it has expired does not matter, the loop looks at the clock.
func (p *poller) readTimer() { _, _ = unix.Read(p.timer, p.expiries[:]) }

func (p *poller) close() {
	_ = unix.Close(p.epoll)
	if p.timer >= 0 {
		_ = unix.Close(p.timer)
	}
}
