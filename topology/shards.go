package topology

import "elasticache-local/slots"

// A ShardsEntry is an element of the answer to CLUSTER SHARDS, a map with the
// fields "slots" (firsts and lasts in one flat array) and "nodes".
type ShardsEntry struct {
	Slots []slots.Range
	Nodes []ShardsNode
}

// A ShardsNode is a node in the answer to CLUSTER SHARDS, a map with a field
// for each of these that is not marked as absent, in this order.
type ShardsNode struct {
	ID           string // "id"
	Port         int    // "port", absent if 0
	TLSPort      int    // "tls-port", absent if 0
	IP           string // "ip"
	Endpoint     string // "endpoint"
	EndpointNull bool   // the endpoint is sent as null
	Hostname     string // "hostname", absent if ""
	Role         string // "role": "master" or "replica"
	Offset       int64  // "replication-offset"
	Health       string // "health": "online", "loading" or "fail"
}

// ShardsEntries returns the answer to CLUSTER SHARDS: all shards, those
// without slots too.
func (t *Topology) ShardsEntries(v View) []ShardsEntry {
	ranges := t.SlotRanges()
	entries := make([]ShardsEntry, len(t.Shards))
	for i := range t.Shards {
		entries[i].Slots = ranges[i]
		for _, node := range t.Members(i) {
			entries[i].Nodes = append(entries[i].Nodes, t.shardsNode(v, node))
		}
	}
	return entries
}

func (t *Topology) shardsNode(v View, node int) ShardsNode {
	n := &t.Nodes[node]
	a := v.address(n)
	s := ShardsNode{
		ID:           n.ID,
		IP:           a.IP,
		Endpoint:     v.preferred(a),
		EndpointNull: v.Endpoint == PreferUnknown,
		Hostname:     a.Hostname,
		Role:         "replica",
		Offset:       v.offset(node),
		Health:       health(n.State),
	}
	if t.IsPrimary(node) {
		s.Role = "master"
	}
	if v.TLS {
		s.TLSPort = a.Port
	} else {
		s.Port = a.Port
	}
	return s
}

func health(s NodeState) string {
	switch s {
	case Failed:
		return "fail"
	case Loading:
		return "loading"
	}
	return "online" // a node that is only suspected is still shown as online
}
