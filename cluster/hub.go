package cluster

import (
	"sync"
	"sync/atomic"

	"elasticache-local/node"
	"elasticache-local/topology"
)

// hub is what a node asks of its cluster: node.Cluster. It stands in the way of
// commands, so it reads snapshots and takes no lock.
type hub struct {
	announcer   announcer
	clusterMode bool
	members     atomic.Pointer[roll]
}

// roll is the members that are alive, or have been until they are replaced. It
// never changes.
type roll struct {
	all    []*member          // in the order of their names
	byName map[string]*member //
	byID   map[string]*member // by the node's id
}

var _ node.Cluster = (*hub)(nil)

// Publish hands a message to the other nodes; with cluster mode disabled it goes
// the way of replication, from the primary down.
func (h *hub) Publish(from *node.Node, channel, message []byte) {
	for _, m := range h.members.Load().all {
		if m.node != from && !m.node.Dead() && (h.clusterMode || m.node.Source() == from) {
			m.node.Publish(channel, message)
		}
	}
}

// PublishShard hands a shard channel's message to the other nodes of the shard.
func (h *hub) PublishShard(from *node.Node, channel, message []byte) {
	r, t := h.members.Load(), from.Topology()
	self := t.NodeByID(from.ID())
	if self < 0 {
		return
	}
	for i := range t.Nodes {
		if i == self || t.Nodes[i].Shard != t.Nodes[self].Shard {
			continue
		}
		if m := r.byID[t.Nodes[i].ID]; m != nil && !m.node.Dead() {
			m.node.PublishShard(channel, message)
		}
	}
}

// Offset is the replication offset of a node.
func (h *hub) Offset(t *topology.Topology, n int) int64 {
	if m := h.members.Load().byID[t.Nodes[n].ID]; m != nil {
		return m.node.Log().Offset()
	}
	return 0
}

// Announce is the address at which a client that dialled local, and said name in
// its TLS handshake, reaches n.
func (h *hub) Announce(local, name string, n *topology.Node) topology.Address {
	return h.announcer.address(local, name, n)
}

// members is who is there, for the runner and those who look on.
type members struct {
	mu  sync.Mutex
	hub *hub
}

// set puts m in the place of the member of its name.
func (s *members) set(list ...*member) {
	s.change(func(byName map[string]*member) {
		for _, m := range list {
			byName[m.name] = m
		}
	})
}

// drop forgets the member of that name.
func (s *members) drop(name string) {
	s.change(func(byName map[string]*member) { delete(byName, name) })
}

func (s *members) change(edit func(map[string]*member)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := &roll{byName: map[string]*member{}, byID: map[string]*member{}}
	for _, m := range s.hub.members.Load().all {
		next.byName[m.name] = m
	}
	edit(next.byName)
	for _, name := range sortedKeys(next.byName) {
		m := next.byName[name]
		next.all = append(next.all, m)
		next.byID[m.node.ID()] = m
	}
	s.hub.members.Store(next)
}

// get gives the member of that name, nil if there is none.
func (s *members) get(name string) *member { return s.hub.members.Load().byName[name] }

// all gives every member, by name.
func (s *members) all() []*member { return s.hub.members.Load().all }
