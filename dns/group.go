package dns

import (
	"net/netip"
	"slices"

	"elasticache-local/endpoint"
)

// Group is a replication group as its names see it.
type Group struct {
	Names endpoint.Names
	Nodes []Node
}

// Node is one cache cluster of a group.
type Node struct {
	ID      string     // cache cluster id, lower case
	Addr    netip.Addr // zero or unspecified: the address at which the client reached this server
	Primary bool       // of its shard
	Live    bool       // answers clients; a node that does not keeps its own name but leaves the shared ones
}

// resolve gives the addresses of a name, and whether the group has that name
// at all. turn is a count of the questions so far; what rotates, rotates by it.
func (g Group) resolve(name string, turn uint64) (addrs []netip.Addr, exists bool) {
	switch kind, id := g.Names.Parse(name); kind {
	case endpoint.Configuration:
		live := g.pick(func(n Node) bool { return n.Live })
		if len(live) == 0 {
			live = g.pick(func(Node) bool { return true })
		}
		return rotate(live, turn), true
	case endpoint.Primary:
		return g.primary(), true
	case endpoint.Reader:
		replicas := g.pick(func(n Node) bool { return n.Live && !n.Primary })
		if len(replicas) == 0 {
			return g.primary(), true
		}
		return rotate(replicas, turn)[:1], true
	case endpoint.Node:
		addrs = g.pick(func(n Node) bool { return n.ID == id })
		return addrs, len(addrs) > 0
	default:
		return nil, false
	}
}

// primary gives one address at most: a group whose names include the primary
// has one shard.
func (g Group) primary() []netip.Addr {
	primaries := g.pick(func(n Node) bool { return n.Primary })
	return primaries[:min(1, len(primaries))]
}

// pick gives the addresses of the nodes wanted, each once, in the nodes' order:
// nodes may share an address and differ by port, and a set of records has no
// duplicates.
func (g Group) pick(want func(Node) bool) []netip.Addr {
	var addrs []netip.Addr
	seen := make(map[netip.Addr]struct{})
	for _, n := range g.Nodes {
		addr := n.Addr.Unmap()
		if _, dup := seen[addr]; dup || !want(n) {
			continue
		}
		seen[addr] = struct{}{}
		addrs = append(addrs, addr)
	}
	return addrs
}

// names lists every name of the group: the shared ones, then the nodes'.
func (g Group) names() []string {
	names := []string{g.Names.Configuration(), g.Names.Primary(), g.Names.Reader()}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	for _, n := range g.Nodes {
		names = append(names, g.Names.Node(n.ID))
	}
	return names
}

// rotate moves the first turn addresses to the end.
func rotate(addrs []netip.Addr, turn uint64) []netip.Addr {
	if len(addrs) < 2 {
		return addrs
	}
	first := int(turn % uint64(len(addrs)))
	return slices.Concat(addrs[first:], addrs[:first])
}
