package dns

import (
	"net/netip"

	"elasticache-local/cluster"
	"elasticache-local/topology"
)

// ForCluster gives the Groups of one cluster: the addresses of its nodes as of
// the newest topology.
func ForCluster(c *cluster.Cluster) func() []Group {
	names := c.Names()
	return func() []Group {
		t := c.Topology()
		g := Group{Names: names, Nodes: make([]Node, 0, len(t.Nodes))}
		for i := range t.Nodes {
			n := &t.Nodes[i]
			addr, _ := netip.ParseAddr(n.IP)
			g.Nodes = append(g.Nodes, Node{
				ID: n.Name, Addr: addr, Primary: t.IsPrimary(i),
				Live: n.State == topology.Online,
			})
		}
		return []Group{g}
	}
}
