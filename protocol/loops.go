package protocol

import (
	"runtime"
	"sync"
	"sync/atomic"

	"elasticache-local/sockets"
)

// Loops are event loops. Each is one goroutine that carries many connections. They may
// be shared by many servers.
//
// As long as little is to be done, half of them do it, and connections move together: every
// thread that runs has to find a processor, which clients on the same machine want too.
type Loops struct {
	loops  []*loop
	mono   func() int64
	active atomic.Int32 // the first so many carry the connections that are busy
	closed sync.Once
}

// gatherSlack is how many connections more than another loop a server's own may carry.
const gatherSlack = 32

// NewLoops starts at most n event loops; 0 means one for each CPU. mono is a monotonic clock in
// nanoseconds, by which a loop knows that it has too much to do; without one (nil) it judges by the
// number of connections alone. Where event loops are not
// supported it returns Loops that no connection uses.
func NewLoops(n int, mono func() int64) *Loops {
	if mono == nil {
		mono = func() int64 { return 0 }
	}
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return startLoops(n, mono, sockets.UseForSeveral)
}
