package cluster

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"elasticache-local/endpoint"
	"elasticache-local/topology"
)

// place is where a node listens.
type place struct {
	ip   string
	port int
	door *door // nil in a cluster that lives in memory
}

func (p place) String() string { return net.JoinHostPort(p.ip, strconv.Itoa(p.port)) }

// addressBook gives nodes their places. What it does depends on
// Config.Addresses.
type addressBook struct {
	kind string
	bind string
	base int // first port, 0: any

	mu    sync.Mutex
	fixed map[string]place // Ports and FixedIPs: of the nodes by name, for as long as they exist
	used  map[int]bool     // Ports with a base: which of the ports from there on
	next  int              // otherwise: the number of the next address
}

func newAddressBook(s *settings) *addressBook {
	return &addressBook{kind: s.Addresses, bind: s.Bind, base: s.NodePort, fixed: map[string]place{}, used: map[int]bool{}}
}

// open gives the node of that name a place to listen at: with Ports and FixedIPs
// the same each time, otherwise a new one.
func (b *addressBook) open(name string) (place, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch b.kind {
	case Memory:
		b.next++
		return place{ip: privateAddress(b.next), port: nodePort}, nil
	case IPs:
		return b.openAddressLocked()
	}
	if p, known := b.fixed[name]; known {
		return p, p.door.open()
	}
	take := b.openPortLocked
	if b.kind == FixedIPs {
		take = b.openAddressLocked
	}
	p, err := take()
	if err == nil {
		b.fixed[name] = p
	}
	return p, err
}

// left takes note that the node at p is gone; it may come back with open.
func (b *addressBook) left(p place) {
	if b.kind == IPs {
		p.door.remove()
	}
}

// forget gives up the place of a node that is not to come back.
func (b *addressBook) forget(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p, known := b.fixed[name]; known {
		p.door.remove()
		delete(b.fixed, name)
		delete(b.used, p.port)
	}
}

// close gives up all places.
func (b *addressBook) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.fixed {
		p.door.remove()
	}
	clear(b.fixed)
}

// openPortLocked takes the lowest port from the base on that this cluster does
// not use. During the start a port that somebody else has is an error: which
// node has which port is to be foreseen.
func (b *addressBook) openPortLocked() (place, error) {
	port := b.base
	for port != 0 && b.used[port] {
		port++
	}
	d, err := listenDoor(net.JoinHostPort(b.bind, strconv.Itoa(port)))
	if err != nil {
		return place{}, portError("node-port", port, err)
	}
	if port == 0 {
		port = d.port()
	}
	b.used[port] = b.base != 0
	return place{ip: hostOf(b.bind), port: port, door: d}, nil
}

// openAddressLocked takes the next loopback address at which nobody listens.
func (b *addressBook) openAddressLocked() (place, error) {
	const tries = 1 << 16
	var last error
	for range tries {
		b.next++
		ip := loopbackAddress(b.next)
		d, err := listenDoor(net.JoinHostPort(ip, strconv.Itoa(nodePort)))
		if err == nil {
			return place{ip: ip, port: nodePort, door: d}, nil
		}
		if last = err; !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return place{}, portError("addresses", nodePort, last)
}

// FirstIP is the address of the first node with IPs or FixedIPs, unless somebody
// listens there.
const FirstIP = "127.31.0.2"

// loopbackAddress is the n-th address of nodes: FirstIP and so on, as private
// networks of the service begin with 172.31.
func loopbackAddress(n int) string { return fmt.Sprintf("127.31.%d.%d", n/254%256, n%254+1) }

// privateAddress is the n-th address in a cluster that lives in memory.
func privateAddress(n int) string { return fmt.Sprintf("172.31.%d.%d", n/254%256, n%254+1) }

// portError says in words of the settings why a place cannot be listened at.
func portError(setting string, port int, err error) error {
	problem := fmt.Sprintf("cannot listen on port %d: %v", port, err)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		problem = fmt.Sprintf("port %d is taken by another program: stop that one or write another --%s", port, setting)
	case errors.Is(err, syscall.EACCES):
		problem = fmt.Sprintf("port %d is not open to you: write one above 1023", port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		setting, problem = "bind", fmt.Sprintf("this machine has no such address: %v", err)
	}
	return &ConfigError{setting, problem, err}
}

// hostOf is the address at which this process reaches what listens at bind.
func hostOf(bind string) string {
	switch ip := net.ParseIP(bind); {
	case ip == nil || !ip.IsUnspecified():
		return bind
	case ip.To4() == nil:
		return "::1"
	}
	return "127.0.0.1"
}

// announcer tells clients under which addresses they reach nodes: in the form in
// which they dialled themselves.
type announcer struct {
	host  string // announced in place of any address; "" if none
	own   bool   // every node has an address of its own
	tls   bool
	names endpoint.Names
}

// address is where a client that dialled local, a host:port, reaches n. With TLS
// nodes have host names for clients, and name is what the client called the
// server in its handshake, "" if it dialled an address. Whoever used a name of
// the service is told names; whoever did not may have no DNS for them, and is
// told the host that was dialled.
func (a *announcer) address(local, name string, n *topology.Node) topology.Address {
	at := topology.Address{IP: n.IP, Port: n.Port}
	switch host := localHost(local); {
	case a.host != "":
		at.IP = a.host
	case !a.own && host != "":
		at.IP = host
	}
	if !a.tls {
		return at
	}
	at.Port, at.Hostname = n.TLSPort, at.IP
	if kind, _ := a.names.Parse(name); a.host == "" && kind != endpoint.NotAName {
		at.Hostname = n.Hostname
	} else if a.host == "" && !a.own && name != "" {
		at.Hostname = name
	}
	return at
}

// localHost is the host in a host:port, without brackets.
func localHost(addr string) string {
	colon := strings.LastIndexByte(addr, ':')
	if colon <= 0 {
		return ""
	}
	host := addr[:colon]
	if host[0] == '[' {
		host = strings.Trim(host, "[]")
	}
	return host
}
