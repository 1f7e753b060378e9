package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// bigValueTime bounds one SET or GET.
const bigValueTime = 2 * time.Minute

// bigValue measures how long one very large value takes.
func bigValue(o *options) *measurement {
	size := o.scale.bigValue
	return &measurement{
		group: nodeShape.String(), name: fmt.Sprintf("a value of %d MiB", size>>20),
		metrics: []metric{
			{name: "SET", unit: milliseconds, lower: true, target: 1},
			{name: "GET", unit: milliseconds, lower: true, target: 1},
		},
		run: func(ctx context.Context, s *side) ([]float64, error) {
			s.holds = ""
			if err := s.peer.Flush(ctx); err != nil {
				return nil, err
			}
			c, err := net.Dial("tcp", s.peer.Addr)
			if err != nil {
				return nil, err
			}
			defer c.Close()
			stop := context.AfterFunc(ctx, func() { c.Close() })
			defer stop()
			return setAndGet(c, size)
		},
	}
}

// setAndGet returns the milliseconds that SET and GET of a value take, until
// the last byte of the reply is there.
func setAndGet(c net.Conn, size int) ([]float64, error) {
	if err := c.SetDeadline(time.Now().Add(bigValueTime)); err != nil {
		return nil, err
	}
	chunk := make([]byte, 256<<10)
	replies := bufio.NewReaderSize(c, len(chunk))

	start := time.Now()
	if _, err := fmt.Fprintf(c, "*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$%d\r\n", size); err != nil {
		return nil, err
	}
	for left := size; left > 0; left -= min(left, len(chunk)) {
		if _, err := c.Write(chunk[:min(left, len(chunk))]); err != nil {
			return nil, err
		}
	}
	if _, err := io.WriteString(c, "\r\n"); err != nil {
		return nil, err
	}
	if err := expectLine(replies, "+OK"); err != nil {
		return nil, err
	}
	set := time.Since(start)

	start = time.Now()
	if _, err := io.WriteString(c, "*2\r\n$3\r\nGET\r\n$3\r\nbig\r\n"); err != nil {
		return nil, err
	}
	if err := expectLine(replies, fmt.Sprintf("$%d", size)); err != nil {
		return nil, err
	}
	if _, err := replies.Discard(size + len("\r\n")); err != nil {
		return nil, err
	}
	get := time.Since(start)
	return []float64{ms(set), ms(get)}, nil
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

func expectLine(r *bufio.Reader, want string) error {
	got, err := r.ReadString('\n')
	if err != nil {
		return err
	}
	if got != want+"\r\n" {
		return fmt.Errorf("got the reply %.200q instead of %q", got, want)
	}
	return nil
}
