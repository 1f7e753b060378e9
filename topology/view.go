package topology

// An Address is where a client can reach a node.
type Address struct {
	IP       string
	Port     int
	Hostname string // "" if the node announces none
}

// An Endpoint is the kind of address that clients are told first; it is the
// parameter cluster-preferred-endpoint-type. (ElastiCache's "tls-dynamic"
// means Hostname for TLS and IP otherwise.)
type Endpoint uint8

const (
	PreferIP       Endpoint = iota // "ip"
	PreferHostname                 // "hostname"
	PreferUnknown                  // "unknown-endpoint": the one that you asked
)

// A View is what an answer depends on besides the topology: who answers and
// under which addresses the asking client can reach the nodes.
type View struct {
	Self     int // the node that answers, an index in Topology.Nodes; -1 if it is not in there
	Endpoint Endpoint
	TLS      bool // ports are those for TLS connections
	// Announce returns the address under which the asking client reaches a
	// node; nil means the node's own. It should not allocate.
	Announce func(n *Node) Address
	// Offset returns the node's replication offset; nil means 0 throughout.
	Offset func(node int) int64
	Now    int64 // Unix time in milliseconds
}

// address returns where the asking client reaches n.
func (v *View) address(n *Node) Address {
	if v.Announce != nil {
		return v.Announce(n)
	}
	a := Address{IP: n.IP, Port: n.Port}
	if v.TLS {
		a.Port, a.Hostname = n.TLSPort, n.Hostname
	}
	return a
}

// Redirect returns the host and port of n as they stand in MOVED and ASK
// errors: the preferred endpoint, "?" for a host name that n has not, "" for
// an unknown endpoint.
func (v *View) Redirect(n *Node) (host string, port int) {
	a := v.address(n)
	return v.preferred(a), a.Port
}

func (v *View) preferred(a Address) string {
	switch v.Endpoint {
	case PreferIP:
		return a.IP
	case PreferHostname:
		if a.Hostname == "" {
			return "?"
		}
		return a.Hostname
	}
	return ""
}

func (v *View) offset(node int) int64 {
	if v.Offset == nil {
		return 0
	}
	return v.Offset(node)
}
