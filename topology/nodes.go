package topology

import (
	"errors"
	"strconv"

	"elasticache-local/slots"
)

var (
	// ErrUnknownNode: no node has that id.
	ErrUnknownNode = errors.New("unknown node")
	// ErrNotPrimary: the node with that id is a replica.
	ErrNotPrimary = errors.New("the specified node is not a master")
)

// AppendNodes appends the answer to CLUSTER NODES: a line for each node.
func (t *Topology) AppendNodes(b []byte, v View) []byte {
	ranges := t.SlotRanges()
	for i := range t.Nodes {
		b = t.appendNode(b, v, i, ranges)
		b = append(b, '\n')
	}
	return b
}

// ReplicaLines returns the answer to CLUSTER REPLICAS: a line of CLUSTER NODES
// for each replica of the primary with that id. The error is ErrUnknownNode or
// ErrNotPrimary.
func (t *Topology) ReplicaLines(v View, id string) ([][]byte, error) {
	node := t.NodeByID(id)
	if node < 0 {
		return nil, ErrUnknownNode
	}
	if !t.IsPrimary(node) {
		return nil, ErrNotPrimary
	}
	var lines [][]byte
	for _, replica := range t.Replicas(t.Nodes[node].Shard) {
		lines = append(lines, t.appendNode(nil, v, replica, nil))
	}
	return lines, nil
}

// appendNode appends one line of CLUSTER NODES, without its end:
//
//	id ip:port@bus[,hostname] flags primary ping pong epoch link slots…
//
// ranges are needed for primaries only.
func (t *Topology) appendNode(b []byte, v View, node int, ranges [][]slots.Range) []byte {
	n := &t.Nodes[node]
	b = append(b, n.ID...)
	b = append(b, ' ')
	b = appendAddress(b, v.address(n), n.BusPort)
	b = t.appendFlags(b, v, node)
	if t.IsPrimary(node) {
		b = append(b, " -"...)
	} else {
		b = append(b, ' ')
		b = append(b, t.Nodes[t.PrimaryOf(node)].ID...)
	}
	b = appendHeartbeat(b, v, node, n)
	b = append(b, ' ')
	b = strconv.AppendUint(b, t.Shards[n.Shard].ConfigEpoch, 10)
	if node == v.Self || n.State.Up() {
		b = append(b, " connected"...)
	} else {
		b = append(b, " disconnected"...)
	}
	if !t.IsPrimary(node) {
		return b
	}
	for _, r := range ranges[n.Shard] {
		b = append(b, ' ')
		b = append(b, r.String()...)
	}
	if node == v.Self {
		b = t.appendMigrations(b, n.Shard)
	}
	return b
}

func appendAddress(b []byte, a Address, busPort int) []byte {
	b = append(b, a.IP...)
	b = append(b, ':')
	b = strconv.AppendInt(b, int64(a.Port), 10)
	b = append(b, '@')
	b = strconv.AppendInt(b, int64(busPort), 10)
	if a.Hostname != "" {
		b = append(b, ',')
		b = append(b, a.Hostname...)
	}
	return b
}

func (t *Topology) appendFlags(b []byte, v View, node int) []byte {
	if node == v.Self {
		b = append(b, " myself"...)
		b = append(b, ',')
	} else {
		b = append(b, ' ')
	}
	if t.IsPrimary(node) {
		b = append(b, "master"...)
	} else {
		b = append(b, "slave"...)
	}
	switch {
	case node == v.Self: // no node thinks itself failed
	case t.Nodes[node].State == Suspected:
		b = append(b, ",fail?"...)
	case t.Nodes[node].State == Failed:
		b = append(b, ",fail"...)
	}
	return b
}

// appendHeartbeat appends when the last unanswered ping was sent and when the
// last pong came. A node's own line shows whole seconds.
func appendHeartbeat(b []byte, v View, node int, n *Node) []byte {
	var ping, pong int64
	switch {
	case node == v.Self:
		pong = v.Now / 1000 * 1000
	case n.State.Up():
		pong = v.Now
	default:
		ping, pong = n.Since, n.Since
	}
	b = append(b, ' ')
	b = strconv.AppendInt(b, ping, 10)
	b = append(b, ' ')
	return strconv.AppendInt(b, pong, 10)
}

// appendMigrations appends the slots on their way out of and into the shard:
// "[5->-id]" and "[5-<-id]", where id is the other side's primary.
func (t *Topology) appendMigrations(b []byte, shard int) []byte {
	for _, m := range t.Migrations {
		switch shard {
		case m.From:
			b = t.appendMigration(b, m.Slot, "->-", m.To)
		case m.To:
			b = t.appendMigration(b, m.Slot, "-<-", m.From)
		}
	}
	return b
}

func (t *Topology) appendMigration(b []byte, slot slots.Slot, arrow string, other int) []byte {
	b = append(b, " ["...)
	b = strconv.AppendUint(b, uint64(slot), 10)
	b = append(b, arrow...)
	b = append(b, t.Nodes[t.Shards[other].Primary].ID...)
	return append(b, ']')
}
