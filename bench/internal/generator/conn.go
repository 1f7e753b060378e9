package generator

import (
	"fmt"
	"time"
)

// A conn is one connection of a loop.
type conn struct {
	socket  socket
	shard   int
	index   int // among the loop's connections
	replies replies
	due     int           // open loop: requests whose time has come
	sent    int           // requests given to the socket; done ≤ sent ≤ done + Pipeline
	done    int           // replies
	batchAt time.Duration // closed loop: when the requests under way were sent
	unsent  []byte        // what the socket has not taken yet
}

// received takes what was read and returns how many replies that completed.
func (c *conn) received(b []byte, err error) (int, error) {
	if err != nil {
		return 0, c.failed(err)
	}
	done := c.replies.feed(b)
	switch {
	case c.replies.broken:
		return 0, fmt.Errorf("connection %d: reply %d is not RESP2", c.index, c.done+done)
	case c.done+done > c.sent:
		return 0, fmt.Errorf("connection %d: %d replies to %d requests", c.index, c.done+done, c.sent)
	}
	return done, nil
}

func (c *conn) failed(err error) error {
	if text := c.replies.text; len(text) > 0 {
		return fmt.Errorf("connection %d after %d replies, with the error %q before: %w", c.index, c.done, text, err)
	}
	return fmt.Errorf("connection %d after %d replies: %w", c.index, c.done, err)
}
