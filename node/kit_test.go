package node

import (
	"bufio"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
	"elasticache-local/topology"
)

// wallClock is the real time.
type wallClock struct{ start time.Time }

func (c wallClock) Now() time.Time { return time.Now() }
func (c wallClock) Mono() int64    { return int64(time.Since(c.start)) }
func (c wallClock) AfterFunc(d time.Duration, f func()) Timer {
	return time.AfterFunc(d, f)
}

// aloneCluster is a cluster of one node.
type aloneCluster struct{}

func (aloneCluster) Publish(*Node, []byte, []byte)        {}
func (aloneCluster) PublishShard(*Node, []byte, []byte)   {}
func (aloneCluster) Offset(*topology.Topology, int) int64 { return 0 }
func (aloneCluster) Announce(local, _ string, n *topology.Node) topology.Address {
	return topology.Address{IP: n.IP, Port: n.Port}
}

// kit is one node that owns every slot, on a server of its own.
type kit struct {
	*Node
	server *protocol.Server
}

func startKit(t testing.TB, change func(*Config)) *kit {
	t.Helper()
	cfg := Config{
		ID: strings.Repeat("a", 40), RunID: strings.Repeat("b", 40), Name: "local-0001-001",
		ClusterMode: true, Databases: 1, Engine: "redis", Version: engine.V(7, 1, 0),
		Clock: wallClock{time.Now()}, Cluster: aloneCluster{}, Parameters: DefaultParameters(),
		Logger: slog.New(slog.DiscardHandler), Seed: 1, HashSeed: 1,
	}
	if change != nil {
		change(&cfg)
	}
	if !cfg.ClusterMode {
		cfg.Databases = 16
	}
	n := New(cfg)
	topo, err := topology.New([]slots.Set{slots.Full()},
		[]topology.Shard{{ID: strings.Repeat("c", 40), NodeGroupID: "0001", ConfigEpoch: 1}},
		[]topology.Node{{ID: cfg.ID, Name: cfg.Name, IP: "127.0.0.1", Port: 6379, BusPort: topology.BusPort}})
	require.NoError(t, err)
	n.SetTopology(topo)
	k := &kit{Node: n, server: protocol.NewServer(n, protocol.Config{Carrier: protocol.CarrierGoroutine})}
	t.Cleanup(func() { k.server.Close() })
	return k
}

// client is a connection that talks inline commands and reads RESP as text.
type client struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func (k *kit) dial(t testing.TB) *client {
	t.Helper()
	ours, theirs := net.Pipe()
	require.NoError(t, k.server.ServeConn(theirs))
	t.Cleanup(func() { ours.Close() })
	return &client{t, ours, bufio.NewReader(ours)}
}

// do sends a line and reads one reply, flattened: elements separated by blanks.
func (c *client) do(line string) string {
	c.t.Helper()
	c.send(line)
	return c.read()
}

// expect sends a command whose reply is known.
func (c *client) expect(line, reply string) {
	c.t.Helper()
	require.Equal(c.t, reply, c.do(line), line)
}

func (c *client) send(line string) {
	c.t.Helper()
	_, err := c.Write([]byte(line + "\r\n"))
	require.NoError(c.t, err)
}

func (c *client) read() string {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	line, err := c.r.ReadString('\n')
	require.NoError(c.t, err)
	line = strings.TrimRight(line, "\r\n")
	switch line[0] {
	case '$', '=':
		if line == "$-1" {
			return "(nil)"
		}
		return c.bulk(line[1:])
	case '*', '>', '%', '~':
		return c.elements(line)
	}
	return line
}

func (c *client) bulk(length string) string {
	n := 0
	for _, d := range length {
		n = n*10 + int(d-'0')
	}
	buf := make([]byte, n+2)
	for got := 0; got < len(buf); {
		m, err := c.r.Read(buf[got:])
		require.NoError(c.t, err)
		got += m
	}
	return string(buf[:n])
}

func (c *client) elements(line string) string {
	if line == "*-1" {
		return "(nil array)"
	}
	n := 0
	for _, d := range line[1:] {
		n = n*10 + int(d-'0')
	}
	if line[0] == '%' {
		n *= 2
	}
	parts := make([]string, n)
	for i := range parts {
		parts[i] = c.read()
	}
	return "[" + strings.Join(parts, " ") + "]"
}
