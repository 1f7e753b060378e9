package protocol

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// poller is an epoll instance with a bell that other threads can ring.
type poller struct {
	fd   int
	bell int
}

func newPoller() (poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return poller{}, err
	}
	bell, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(fd)
		return poller{}, err
	}
	p := poller{fd: fd, bell: bell}
	if err := p.add(bell, unix.EPOLLIN); err != nil { // each ring is reported once, so nobody has to read the counter
		p.close()
		return poller{}, err
	}
	return p, nil
}

func (p poller) close() {
	unix.Close(p.bell)
	unix.Close(p.fd)
}

// add has the poller report each change to one of the events; closing the descriptor ends that.
func (p poller) add(fd int, events uint32) error {
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events | unix.EPOLLET, Fd: int32(fd)})
}

// remove ends the reports about a descriptor that stays open.
func (p poller) remove(fd int) {
	_ = unix.EpollCtl(p.fd, unix.EPOLL_CTL_DEL, fd, nil)
}

// ring ends a block. Any thread.
func (p poller) ring() {
	one := uint64(1)
	unix.RawSyscall(unix.SYS_WRITE, uintptr(p.bell), uintptr(unsafe.Pointer(&one)), 8)
}

// look returns what is ready now. Calls that cannot block skip the scheduler's bookkeeping.
func (p poller) look(events []unix.EpollEvent) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// yield lets another thread run that waits for this processor.
func (p poller) yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }

// block waits until something is ready.
func (p poller) block(events []unix.EpollEvent) int {
	n, err := unix.EpollWait(p.fd, events, -1)
	if err != nil { // EINTR
		return 0
	}
	return n
}
