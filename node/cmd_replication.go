package node

import (
	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/topology"
)

func replicationCommands() []*engine.Command {
	return []*engine.Command{
		{Name: "wait", Arity: 3, Flags: engine.Session | engine.NoScript, Group: "generic", ACL: []string{"connection"}, Since: engine.V(3, 0, 0),
			Complexity: "O(1)", Summary: "Waits until replicas have the connection's writes.",
			Tips: []string{"request_policy:all_shards", "response_policy:agg_min"}, Run: session((*Session).waitCmd)},
		{Name: "role", Arity: 1, Flags: engine.Session | engine.NoScript | engine.Loading | engine.Stale | engine.Fast, Group: "server", ACL: []string{"admin", "dangerous"}, Since: engine.V(2, 8, 12),
			Complexity: "O(1)", Summary: "Tells the node's part in replication.", Run: session((*Session).role)},
	}
}

// waitCmd answers when enough replicas have confirmed what the connection wrote.
func (s *Session) waitCmd() {
	n, w := s.node, s.ctx.W
	replicas, ok := engine.ParseInt(s.ctx.Args[1])
	if !ok {
		w.Error(protocol.ErrNotInteger)
		return
	}
	timeout, ok := engine.ParseInt(s.ctx.Args[2])
	switch {
	case !ok:
		w.Error(protocol.ErrTimeoutNotInteger)
		return
	case timeout < 0:
		w.Error(protocol.ErrTimeoutNegative)
		return
	case n.IsReplica():
		w.Error("ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.")
		return
	}
	if acked := n.log.Acked(s.woff); int64(acked) >= replicas || s.ctx.DenyBlocking {
		w.Int(int64(acked))
		return
	}
	s.waitForAcks(int(min(replicas, 1<<20)), timeout)
}

func (s *Session) waitForAcks(replicas int, timeoutMillis int64) {
	b := &blocked{}
	s.park(b)
	answer := func(acked int) { b.endWith(func(w *protocol.Writer) { w.Int(int64(acked)) }) }
	b.mu.Lock()
	waiter, acked := s.node.log.WaitAcked(replicas, s.woff, answer)
	b.acks = waiter
	if waiter != nil {
		b.afterLocked(timeoutMillis)
	}
	b.mu.Unlock()
	if waiter == nil {
		answer(acked)
	}
}

func (s *Session) role() {
	n, w := s.node, s.ctx.W
	v := n.view.Load()
	if !n.IsReplica() {
		replicas := n.log.Replicas()
		w.Array(3)
		w.BulkString("master")
		w.Int(n.log.Offset())
		mark, count := w.Deferred(), 0
		for _, r := range replicas {
			addr, ok := s.peerAddress(v, r.Peer)
			if !ok || !r.Online {
				continue
			}
			w.Array(3)
			w.BulkString(addr.IP)
			w.BulkString(itoa(addr.Port))
			w.BulkString(itoa(int(r.Offset)))
			count++
		}
		w.EndArray(mark, count)
		return
	}
	primary, _ := s.peerAddress(v, v.topo.Nodes[v.topo.PrimaryOf(v.self)].ID)
	state := "connected"
	switch {
	case n.Source() == nil:
		state = "connect"
	case !n.Synced():
		state = "sync"
	}
	w.Array(5)
	w.BulkString("slave")
	w.BulkString(primary.IP)
	w.Int(int64(primary.Port))
	w.BulkString(state)
	w.Int(n.log.Offset())
}

// peerAddress is the address of the node with that id for this client.
func (s *Session) peerAddress(v *view, id string) (topology.Address, bool) {
	i := v.topo.NodeByID(id)
	if i < 0 {
		return topology.Address{}, false
	}
	return s.node.cfg.Cluster.Announce(s.conn.LocalAddr(), s.conn.ServerName(), &v.topo.Nodes[i]), true
}
