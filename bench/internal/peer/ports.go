package peer

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// The ports that are tried lie below those that systems give to outgoing
// connections, and above those that services like to use.
const (
	lowestPort  = 12_000
	highestPort = 32_000
)

// freePorts returns the first of n consecutive ports that were free a moment
// ago. Another process may take one before it is used: whoever starts a server
// there has to be ready to try again.
func freePorts(n int) (int, error) {
	for range 200 {
		first := lowestPort + rand.IntN(highestPort-lowestPort-n)
		if allFree(first, n) {
			return first, nil
		}
	}
	return 0, errors.New("found no " + strconv.Itoa(n) + " consecutive free ports")
}

func allFree(first, n int) bool {
	for port := first; port < first+n; port++ {
		l, err := net.Listen("tcp", loopback(port))
		if err != nil {
			return false
		}
		defer l.Close()
	}
	return true
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
