//go:build unix && !linux

package sockets

import "golang.org/x/sys/unix"

// ring exists on Linux only.
type ring struct{}

const opSend, opRecv = 0, 0

func newRing() *ring               { return nil }
func (*ring) do(uint8, []Job) bool { return false }
func (*ring) close()               {}

// ReadOnce reads from a non-blocking socket. n is 0 at the end of the stream and with an error.
func ReadOnce(fd int, b []byte) (int, unix.Errno) { return call(unix.Read, fd, b) }

// WriteOnce writes as much as a non-blocking socket takes.
func WriteOnce(fd int, b []byte) (int, unix.Errno) { return call(unix.Write, fd, b) }

func call(one func(fd int, b []byte) (int, error), fd int, b []byte) (int, unix.Errno) {
	for {
		n, err := one(fd, b)
		switch errno, _ := err.(unix.Errno); errno {
		case 0:
			return max(n, 0), 0
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
