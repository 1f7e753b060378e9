package topology

import "elasticache-local/slots"

// A SlotsEntry is an element of the answer to CLUSTER SLOTS: a run of slots
// and who serves them, the primary first.
type SlotsEntry struct {
	slots.Range
	Nodes []SlotsNode
}

// A SlotsNode is a node in the answer to CLUSTER SLOTS.
type SlotsNode struct {
	Host     string
	HostNull bool // the host is sent as null: "the one that you asked"
	Port     int
	ID       string
	// Metadata are names and values of further addresses, "ip" before
	// "hostname": an array in RESP2, a map in RESP3.
	Metadata []Field
}

// A Field is a name and a value.
type Field struct{ Name, Value string }

// SlotsEntries returns the answer to CLUSTER SLOTS, in ascending order of the
// slots. Failed replicas and those that have no data yet are not in it; a
// failed primary is.
func (t *Topology) SlotsEntries(v View) []SlotsEntry {
	var entries []SlotsEntry
	nodes := make([][]SlotsNode, len(t.Shards))
	for first := 0; first < slots.Count; {
		owner, end := t.run(first)
		if owner != slots.None {
			if nodes[owner] == nil {
				nodes[owner] = t.slotsNodes(v, int(owner))
			}
			entries = append(entries, SlotsEntry{
				Range: slots.Range{First: slots.Slot(first), Last: slots.Slot(end - 1)},
				Nodes: nodes[owner],
			})
		}
		first = end
	}
	return entries
}

func (t *Topology) slotsNodes(v View, shard int) []SlotsNode {
	var nodes []SlotsNode
	for i, node := range t.Members(shard) {
		n := &t.Nodes[node]
		if i > 0 && (n.State == Failed || n.State == Loading) {
			continue
		}
		nodes = append(nodes, v.slotsNode(n))
	}
	return nodes
}

func (v *View) slotsNode(n *Node) SlotsNode {
	a := v.address(n)
	s := SlotsNode{Host: v.preferred(a), HostNull: v.Endpoint == PreferUnknown, Port: a.Port, ID: n.ID}
	if v.Endpoint != PreferIP {
		s.Metadata = append(s.Metadata, Field{"ip", a.IP})
	}
	if v.Endpoint != PreferHostname && a.Hostname != "" {
		s.Metadata = append(s.Metadata, Field{"hostname", a.Hostname})
	}
	return s
}
