package cluster

import (
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// door is a listening socket that can be shut and opened again. While it is shut
// connections are refused, but the socket stays bound: whoever asks for any free
// port does not get this one.
type door struct {
	addr string // with the port that was chosen
	tcp  *net.TCPListener
	// ajar: the next shut only stops accepting; connections wait until open.
	ajar atomic.Bool
}

// listenDoor opens a door at a host:port; port 0 chooses one.
func listenDoor(addr string) (*door, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if port != "0" {
		return listenAt(addr)
	}
	// A port that the kernel has chosen is not kept by a socket that is shut, one
	// that was asked for is: so the kernel's choice is asked for.
	const tries = 20
	for range tries {
		chosen, err := listenAt(addr)
		if err != nil {
			return nil, err
		}
		chosen.remove()
		if d, err := listenAt(net.JoinHostPort(host, strconv.Itoa(chosen.port()))); err == nil {
			return d, nil
		}
	}
	return nil, errors.New("no free port stays free")
}

func listenAt(addr string) (*door, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &door{addr: ln.Addr().String(), tcp: ln.(*net.TCPListener)}, nil
}

func (d *door) port() int { return d.tcp.Addr().(*net.TCPAddr).Port }

// listener is the door as a listener whose Close shuts it.
func (d *door) listener() net.Listener { return &doorListener{TCPListener: d.tcp, door: d} }

// remove gives the socket up for good.
func (d *door) remove() { d.tcp.Close() }

// longAgo is a deadline that ends an Accept at once.
var longAgo = time.Unix(1, 0)

// doorListener is a door while it is open.
type doorListener struct {
	*net.TCPListener
	door *door
	once sync.Once
}

// Close makes Accept fail and further connections be refused, or wait if the
// door was left ajar.
func (l *doorListener) Close() (err error) {
	l.once.Do(func() {
		if l.door.ajar.Swap(false) {
			err = l.door.tcp.SetDeadline(longAgo)
		} else {
			err = l.door.shut()
		}
	})
	return err
}
