package node

// Tick does what a node does in the background besides Expire and Ping. Its
// owner calls it ten times a second, and no two of the three at a time.
func (n *Node) Tick() {
	if !n.dead.Load() {
		n.ks.Tidy()
	}
}

// Expire deletes up to about maxKeys of the keys that have expired. It gives how
// many it deleted and whether there may be more. Its owner calls it at every
// tick, and again after some rest if there is more.
func (n *Node) Expire(maxKeys int) (deleted int, more bool) {
	if n.dead.Load() {
		return 0, false
	}
	c := n.background
	micros := n.cfg.Clock.Now().UnixMicro()
	n.stats.now.Store(micros / 1000)
	c.NowMicros, c.Now = micros, micros/1000
	c.Replica = n.IsReplica()
	return c.ExpireCycle(maxKeys)
}

// Ping appends the sign of life that a primary sends its replicas, every ten
// seconds in Redis. No slot is locked, so that the node may become a replica
// meanwhile: what has begun to follow has a log that is another's.
func (n *Node) Ping() {
	n.follow.mu.Lock()
	defer n.follow.mu.Unlock()
	if !n.dead.Load() && !n.IsReplica() && n.follow.source == nil {
		n.log.AppendPing(n.cfg.Clock.Now().UnixMilli())
	}
}

// Kill makes the node dead: it serves nobody, follows nobody, and its log ends.
// Its keys are gone with it. Where replication has no delay, what the node has
// written counts as sent and reaches its replicas, although they rest now and
// then: whoever rehearses lost writes sets a delay.
func (n *Node) Kill() {
	n.dead.Store(true)
	if n.cfg.ReplicationDelay == 0 {
		n.settle()
	}
	n.StopFollowing()
	n.log.Close()
	n.DropClients()
}

// Dead reports whether the node was killed.
func (n *Node) Dead() bool { return n.dead.Load() }
