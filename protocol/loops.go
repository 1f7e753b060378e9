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
	active atomic.Int32 // the first so many carry the connections that are busy
	closed sync.Once
}

// gatherSlack is how many connections more than another loop a server's own may carry.
const gatherSlack = 32

// NewLoops starts at most n event loops; 0 means one for each CPU. Where event loops are not
// supported it returns Loops that no connection uses.
func NewLoops(n int) *Loops {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return startLoops(n, sockets.UseForSeveral)
}
