package cluster

import (
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"

	"elasticache-local/topology"
)

// front is a listener in front of the nodes: the configuration endpoint, the
// primary endpoint, the reader endpoint. In the service these are names; here
// they are ports as well, for clients that resolve no names. It hands each
// connection to a node, as if the client had dialled that node.
type front struct {
	listener net.Listener // nil in a cluster that lives in memory
	choose   func() *member

	serving sync.WaitGroup
}

// listenFront opens a front.
func listenFront(setting, bind string, port int, choose func() *member) (*front, error) {
	ln, err := net.Listen("tcp", net.JoinHostPort(bind, strconv.Itoa(port)))
	if err != nil {
		return nil, portError(setting, port, err)
	}
	return &front{listener: ln, choose: choose}, nil
}

func (f *front) port() int {
	if f.listener == nil {
		return nodePort
	}
	return f.listener.Addr().(*net.TCPAddr).Port
}

// serve accepts connections until close.
func (f *front) serve() {
	if f.listener == nil {
		return
	}
	f.serving.Go(func() {
		for {
			nc, err := f.listener.Accept()
			switch {
			case err == nil:
				f.take(nc)
			case errors.Is(err, net.ErrClosed):
				return
			}
		}
	})
}

// take hands a connection to a node, or drops it if there is none.
func (f *front) take(nc net.Conn) {
	const tries = 3 // a node may be about to leave when it is chosen
	for range tries {
		if m := f.choose(); m != nil && m.take(nc) == nil {
			return
		}
	}
	nc.Close()
}

func (f *front) close() {
	if f.listener != nil {
		f.listener.Close()
	}
	f.serving.Wait()
}

// chooser picks the node behind a front, in turn where there are several.
type chooser struct {
	views   *views
	members *members
	turn    atomic.Uint64
}

// live gives the members that serve and that want says yes to.
func (c *chooser) live(want func(t *topology.Topology, node int) bool) []*member {
	t := c.views.latest.Load()
	var list []*member
	for i := range t.Nodes {
		if t.Nodes[i].State != topology.Online || !want(t, i) {
			continue
		}
		if m := c.members.get(t.Nodes[i].Name); m != nil && !m.node.Dead() {
			list = append(list, m)
		}
	}
	return list
}

func (c *chooser) next(list []*member) *member {
	if len(list) == 0 {
		return nil
	}
	return list[(c.turn.Add(1)-1)%uint64(len(list))]
}

// any gives a node that serves, the same one as long as it does: a client that
// asks one node of the cluster about the others takes what it dialled for the
// address of that node, and must find it there again. redis-benchmark and
// redis-cli --cluster are such clients.
func (c *chooser) any() *member {
	if list := c.live((*topology.Topology).IsPrimary); len(list) > 0 {
		return list[0]
	}
	if list := c.live(func(*topology.Topology, int) bool { return true }); len(list) > 0 {
		return list[0]
	}
	return nil
}

// primary gives the primary, nil while it is dead.
func (c *chooser) primary() *member {
	return c.next(c.live((*topology.Topology).IsPrimary))
}

// reader gives a replica, the primary if there is none.
func (c *chooser) reader() *member {
	if m := c.next(c.live(func(t *topology.Topology, i int) bool { return !t.IsPrimary(i) })); m != nil {
		return m
	}
	return c.primary()
}
