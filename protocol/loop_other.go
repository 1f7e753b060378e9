//go:build !linux

package protocol

import (
	"net"
	"sync/atomic"

	"elasticache-local/sockets"
)

type loop struct{ seats atomic.Int64 }

func startLoops(int, func() int64, sockets.Use) *Loops { return new(Loops) }

// loopsCanCarry reports whether event loops can carry connections of this kind.
func loopsCanCarry(net.Conn) bool { return false }

// adopt carries a connection, or reports that it cannot.
func (l *Loops) adopt(*Conn, net.Conn) bool { return false }

// Close stops the loops. The servers that use them must be closed before.
func (l *Loops) Close() {}
