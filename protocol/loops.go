package protocol

import (
	"runtime"
	"sync"

	"elasticache-local/sockets"
)

// Loops are event loops. Each is one goroutine that carries many connections; a
// connection stays with its loop. They may be shared by many servers.
type Loops struct {
	loops  []*loop
	closed sync.Once
}

// gatherSlack is how many connections more than another loop a server's own may carry.
const gatherSlack = 32

// NewLoops starts n event loops; 0 means one for each CPU. Where event loops are not
// supported it returns Loops that no connection uses.
func NewLoops(n int) *Loops {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return startLoops(n, sockets.UseForSeveral)
}
