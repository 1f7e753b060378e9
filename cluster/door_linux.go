package cluster

import (
	"syscall"
	"time"
)

// On Linux, shutdown(2) of a listening socket ends its listening and keeps its
// binding; listen(2) lets it listen again.

// acceptBacklog is how many connections may wait to be accepted; the kernel has a bound of its own.
const acceptBacklog = 4096

// shut refuses connections until open.
func (d *door) shut() error {
	return d.control(func(fd int) error { return syscall.Shutdown(fd, syscall.SHUT_RD) })
}

// open lets a door that was shut take connections again.
func (d *door) open() error {
	if err := d.tcp.SetDeadline(time.Time{}); err != nil {
		return err
	}
	return d.control(func(fd int) error { return syscall.Listen(fd, acceptBacklog) })
}

func (d *door) control(call func(fd int) error) (err error) {
	raw, err := d.tcp.SyscallConn()
	if err != nil {
		return err
	}
	if failed := raw.Control(func(fd uintptr) { err = call(int(fd)) }); failed != nil {
		return failed
	}
	return err
}
