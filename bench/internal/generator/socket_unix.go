//go:build unix

package generator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"golang.org/x/sys/unix"
)

// A socket is a connected, non-blocking TCP socket outside the Go scheduler's
// care: a loop polls it itself.
type socket int

func dial(ctx context.Context, addr string, login Login) (socket, error) {
	c, err := dialConn(ctx, addr, login)
	if err != nil {
		return -1, err
	}
	defer c.Close()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		return -1, err
	}
	fd, dupErr := -1, error(nil)
	err = raw.Control(func(own uintptr) { fd, dupErr = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(err, dupErr); err != nil {
		return -1, fmt.Errorf("duplicate the socket to %s: %w", addr, err)
	}
	return socket(fd), nil // the file description is shared, so it is non-blocking already
}

// read returns 0 without an error if there is nothing to read yet.
func (s socket) read(b []byte) (int, error) {
	for {
		n, err := unix.Read(int(s), b)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return 0, nil
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.ErrUnexpectedEOF
		}
		return n, nil
	}
}

// write returns what the socket did not take.
func (s socket) write(b []byte) ([]byte, error) {
	for len(b) > 0 {
		n, err := unix.Write(int(s), b)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return b, nil
		case err != nil:
			return b, err
		}
		b = b[n:]
	}
	return nil, nil
}

func (s socket) close() { _ = unix.Close(int(s)) }
