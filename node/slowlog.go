package node

import "sync/atomic"

// slowlog keeps the commands that took long.
type slowlog struct {
	threshold atomic.Int64 // nanoseconds, negative: off
}

func (l *slowlog) add(s *Session, nanos int64) {}
