//go:build unix

package generator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"elasticache-local/sockets"

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

// A batch is reads, or writes, of many sockets together.
type batch struct{ together *sockets.Batch }

func newBatch() *batch { return &batch{sockets.NewBatch(sockets.UseForSeveral)} }

// room is how many may be done together.
func (b *batch) room() int {
	if b.together.Together() {
		return sockets.MaxJobs
	}
	return 1
}

func (b *batch) add(c *conn, buf []byte) { b.together.Add(c.index, int(c.socket), buf) }
func (b *batch) read() jobs              { return b.together.Read() }
func (b *batch) write() jobs             { return b.together.Write() }
func (b *batch) close()                  { b.together.Close() }

// jobs are what a batch has done, in the order of add.
type jobs []sockets.Job

// result is what the i-th has read: nothing, without an error, if there was nothing to read yet.
func (j jobs) result(i int) ([]byte, error) {
	switch n, errno := j[i].N, j[i].Errno; {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return nil, nil
	case errno != 0:
		return nil, errno
	case n == 0:
		return nil, io.ErrUnexpectedEOF
	default:
		return j[i].Buf[:n], nil
	}
}

// left is what the socket of the i-th did not take.
func (j jobs) left(i int) ([]byte, error) {
	if errno := j[i].Errno; errno != 0 && errno != unix.EAGAIN && errno != unix.EINTR {
		return nil, errno
	}
	return j[i].Buf[j[i].N:], nil
}
