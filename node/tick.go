package node

// expirePerTick bounds how many expired keys one tick deletes, so that a mass
// expiry leaves room for commands.
const expirePerTick = 20_000

// Tick does what a node does in the background. Its owner calls it ten times a
// second, not two at a time.
func (n *Node) Tick() {
	if n.dead.Load() {
		return
	}
	c := n.background
	micros := n.cfg.Clock.Now().UnixMicro()
	n.stats.now.Store(micros / 1000)
	c.NowMicros, c.Now = micros, micros/1000
	c.Replica = n.IsReplica()
	c.ExpireCycle(expirePerTick)
	n.ks.Tidy()
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
