package generator

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// Idle is a number of connections that have said PING once and do nothing.
type Idle struct{ conns []net.Conn }

// OpenIdle opens n connections to addr. On an error it has closed them.
func OpenIdle(ctx context.Context, addr string, login Login, n int) (*Idle, error) {
	idle := &Idle{conns: make([]net.Conn, 0, n)}
	for range n {
		if err := idle.open(ctx, addr, login); err != nil {
			idle.Close()
			return nil, fmt.Errorf("idle connection %d of %d: %w", len(idle.conns)+1, n, err)
		}
	}
	return idle, nil
}

func (i *Idle) open(ctx context.Context, addr string, login Login) error {
	c, err := dialConn(ctx, addr, login)
	if err != nil {
		return err
	}
	i.conns = append(i.conns, c)
	if err := c.SetDeadline(time.Now().Add(dialTime)); err != nil {
		return err
	}
	if _, err := io.WriteString(c, "*1\r\n$4\r\nPING\r\n"); err != nil {
		return err
	}
	var pong [len("+PONG\r\n")]byte
	if _, err := io.ReadFull(c, pong[:]); err != nil {
		return err
	}
	if string(pong[:]) != "+PONG\r\n" {
		return fmt.Errorf("PING was answered by %q", pong[:])
	}
	return c.SetDeadline(time.Time{})
}

// Close closes all connections.
func (i *Idle) Close() {
	for _, c := range i.conns {
		c.Close()
	}
	i.conns = nil
}
