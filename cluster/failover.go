package cluster

import (
	"time"

	"elasticache-local/topology"
)

// A node dies; after the failover delay that is noticed; if it was a primary the
// most advanced of its replicas takes its place.

// killed: a node is to die, as in a crash.
type killed struct{ name string }

func (e killed) apply(c *controller) error {
	n := c.node(e.name)
	if n == nil {
		return refuse(ErrUnknownNode, "there is no node %q", e.name)
	}
	c.crash(n)
	return nil
}

// crash ends a node. Nobody knows until the failover delay is over.
func (c *controller) crash(n *nodeState) {
	if !n.phase.running() {
		return
	}
	n.phase, n.purpose = dead, recovering
	delay := c.settings.FailoverDelay
	c.do(stopNode{name: n.name, brief: delay+c.settings.ReplaceDelay == 0 && !c.downZones[n.zone]})
	if delay > 0 {
		c.after(delay/2, suspected{n.name, n.life})
	}
	c.after(delay, noticed{n.name, n.life})
}

// suspected: a node has not answered for a while.
type suspected struct {
	name string
	life int
}

func (e suspected) apply(c *controller) error {
	if n := c.alive(e.name, e.life); n != nil && n.phase == dead {
		c.setState(n, topology.Suspected)
	}
	return nil
}

// noticed: it is agreed that a node is dead.
type noticed struct {
	name string
	life int
}

func (e noticed) apply(c *controller) error {
	n := c.alive(e.name, e.life)
	if n == nil || n.phase != dead {
		return nil
	}
	n.phase = failed
	c.setState(n, topology.Failed)
	if c.isPrimary(n) {
		c.halt(n.group)
	} else {
		c.replaceAfter(n, c.settings.ReplaceDelay)
	}
	return nil
}

// halt lets the replicas of a dead primary apply what has reached them, and no
// more: then it is clear which of them is the most advanced.
func (c *controller) halt(group string) {
	var names []string
	for _, n := range c.inGroup(group) {
		if n.phase.running() && !c.isPrimary(n) {
			names = append(names, n.name)
		}
	}
	c.do(haltNodes{names, halted{group}})
}

// halted: no replica of the group follows any more.
type halted struct{ group string }

func (e halted) apply(c *controller) error {
	if c.topo.ShardByGroup(e.group) < 0 {
		return nil
	}
	was := c.primary(e.group)
	if best := c.mostAdvanced(e.group); best != nil {
		c.takeOver(was, best)
	}
	c.replaceAfter(was, c.settings.ReplaceDelay)
	return nil
}

// mostAdvanced is the replica that has come furthest in the primary's log, nil
// if there is none that could take over.
func (c *controller) mostAdvanced(group string) (best *nodeState) {
	var most int64
	for _, n := range c.inGroup(group) {
		if n.phase != online || c.isPrimary(n) || !c.facts.whole(n.name) {
			continue
		}
		if offset := c.facts.offset(n.name); best == nil || offset > most {
			best, most = n, offset
		}
	}
	return best
}

// takeOver makes best the primary in place of one that is dead.
func (c *controller) takeOver(was, best *nodeState) {
	best.cut = false
	c.do(promoteNode{name: best.name, over: was.name, runID: c.newRunID(best)})
	c.topo = c.topo.WithPrimary(c.topo.NodeByName(best.name))
	c.show(best.name)
	c.tellGroup("Failover from primary node %s to replica node %s completed", was.name, best.name)
	c.followAll(best.group)
}

// newRunID names the history that begins when a node becomes primary.
func (c *controller) newRunID(n *nodeState) string {
	return hexID(c.settings.Seed, "history", n.id+"/"+itoa(int(c.topo.Version)))
}

// followAll lets the group's replicas follow its primary.
func (c *controller) followAll(group string) {
	for _, n := range c.inGroup(group) {
		c.follow(n)
	}
}

// follow lets a node follow its primary, if there is one and the two can meet.
func (c *controller) follow(n *nodeState) {
	p := c.primary(n.group)
	if n.cut || !n.phase.running() || p == n || p.phase != online {
		return
	}
	c.do(followNode{n.name, n.life, p.name})
}

// lostWrites: a failover has lost that many.
type lostWrites struct {
	name string
	n    int
}

func (e lostWrites) apply(c *controller) error {
	c.lost += e.n
	c.settings.Logger.Warn("writes that were not replicated are lost", "primary", e.name, "writes", e.n)
	return nil
}

// maxTests is how many node groups can be tested in 24 hours.
const maxTests = 15

// testFailover: the primary of a node group is to fail, at a user's wish.
type testFailover struct{ group string }

func (e testFailover) apply(c *controller) error {
	if c.topo.ShardByGroup(e.group) < 0 {
		return refuse(ErrUnknownShard, "there is no node group %q", e.group)
	}
	if c.modifying() {
		return ErrNotAvailable
	}
	if c.mostAdvanced(e.group) == nil {
		return refuse(ErrNoReplica, "node group %s has no replica to fail over to", e.group)
	}
	for len(c.tests) > 0 && c.now.Sub(c.tests[0]) >= 24*time.Hour {
		c.tests = c.tests[1:]
	}
	if len(c.tests) >= maxTests {
		return refuse(ErrQuota, "TestFailover is possible for %d node groups in 24 hours", maxTests)
	}
	c.tests = append(c.tests, c.now)
	c.tellGroup("Test Failover API called for node group %s", e.group)
	c.crash(c.primary(e.group))
	return nil
}
