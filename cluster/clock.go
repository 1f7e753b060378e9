package cluster

import (
	"time"

	"elasticache-local/node"
)

// clock is the time of package time, which testing/synctest can replace.
type clock struct{ start time.Time }

func newClock() *clock { return &clock{start: time.Now()} }

func (c *clock) Now() time.Time { return time.Now() }

func (c *clock) Mono() int64 { return int64(time.Since(c.start)) }

func (c *clock) AfterFunc(d time.Duration, f func()) node.Timer { return time.AfterFunc(d, f) }
