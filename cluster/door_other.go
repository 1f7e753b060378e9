//go:build !linux

package cluster

import (
	"net"
	"time"
)

// Where a socket cannot be shut without losing its port, it is closed and the
// same port is taken again later, if nobody else has taken it meanwhile.

// shut refuses connections until open.
func (d *door) shut() error { return d.tcp.Close() }

// open lets a door that was shut take connections again.
func (d *door) open() error {
	if d.tcp.SetDeadline(time.Time{}) == nil { // it was only ajar
		return nil
	}
	ln, err := net.Listen("tcp", d.addr)
	if err != nil {
		return err
	}
	d.tcp = ln.(*net.TCPListener)
	return nil
}
