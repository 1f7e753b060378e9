package cluster

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"elasticache-local/endpoint"
)

// Dialer gives a function that connects to the cluster and to anything else. It
// knows the group's endpoint names without DNS, and with TLS it does the
// handshake too, trusting the group's authority. For go-redis:
//
//	redis.NewClusterClient(&redis.ClusterOptions{
//		Addrs:  []string{c.ConfigurationEndpoint()},
//		Dialer: c.Dialer(),
//	})
//
// In a cluster that lives in memory it is the only way in.
func (c *Cluster) Dialer() func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, port, err := splitAddr(addr)
		if err != nil {
			return nil, err
		}
		nc, err := c.dial(ctx, network, host, port)
		if err != nil || c.runner.certs == nil {
			return nc, err
		}
		tc := tls.Client(nc, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: c.runner.certs.roots})
		if err := tc.HandshakeContext(ctx); err != nil {
			nc.Close()
			return nil, err
		}
		return tc, nil
	}
}

func splitAddr(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return host, port, err
}

// dial finds what a host and port of the group mean.
func (c *Cluster) dial(ctx context.Context, network, host string, port int) (net.Conn, error) {
	kind, id := c.settings.names.Parse(host)
	memory := c.settings.Addresses == Memory
	switch {
	case kind == endpoint.Node:
		m := c.runner.members.get(id)
		if m == nil {
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
		if memory {
			return c.pipe(m, m.place)
		}
		return dialTCP(ctx, network, m.place.ip, m.place.port)
	case kind != endpoint.NotAName && memory:
		return c.pipe(c.frontOf(kind).choose(), place{ip: host, port: port})
	case kind != endpoint.NotAName:
		at, p := hostOf(c.settings.Bind), port
		if p == nodePort || !c.isNodePort(port) {
			p = c.frontOf(kind).port()
		}
		return dialTCP(ctx, network, at, p)
	case memory:
		return c.pipe(c.at(host, port), place{ip: host, port: port})
	}
	return dialTCP(ctx, network, host, port)
}

func dialTCP(ctx context.Context, network, host string, port int) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, net.JoinHostPort(host, strconv.Itoa(port)))
}

func (c *Cluster) frontOf(kind endpoint.Kind) *front {
	if kind == endpoint.Reader {
		return c.reader
	}
	return c.main
}

// isNodePort reports whether a node listens on that port: clients put the host
// that they know before the ports that they are told.
func (c *Cluster) isNodePort(port int) bool {
	for _, m := range c.runner.members.all() {
		if m.place.port == port && c.settings.Addresses == Ports {
			return true
		}
	}
	return false
}

// at gives the member at an address.
func (c *Cluster) at(host string, port int) *member {
	for _, m := range c.runner.members.all() {
		if m.place.ip == host && m.place.port == port {
			return m
		}
	}
	return nil
}

// pipe connects to a member without a socket.
func (c *Cluster) pipe(m *member, to place) (net.Conn, error) {
	refused := &net.OpError{Op: "dial", Net: "memory", Err: syscall.ECONNREFUSED}
	if m == nil || m.node.Dead() {
		return nil, refused
	}
	ours, theirs := net.Pipe()
	n := c.runner.pipes.Add(1)
	client := pipeAddr(net.JoinHostPort("172.31.255.254", strconv.FormatInt(1024+n%64000, 10)))
	server := pipeAddr(net.JoinHostPort(to.ip, strconv.Itoa(to.port)))
	if err := m.take(&pipeConn{Conn: theirs, local: server, remote: client}); err != nil {
		ours.Close()
		return nil, fmt.Errorf("%w: %w", refused, err)
	}
	return &pipeConn{Conn: ours, local: client, remote: server}, nil
}

// pipeConn is one end of a pipe with addresses, as a connection over TCP has.
type pipeConn struct {
	net.Conn
	local, remote pipeAddr
}

func (p *pipeConn) LocalAddr() net.Addr  { return p.local }
func (p *pipeConn) RemoteAddr() net.Addr { return p.remote }

type pipeAddr string

func (pipeAddr) Network() string  { return "memory" }
func (a pipeAddr) String() string { return string(a) }
