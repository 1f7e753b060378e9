package cluster

import (
	"time"

	"elasticache-local/topology"
)

// The engine version rises node by node: the replicas of all shards first, then
// the primaries, one shard at a time: each hands its slots to a replica that has
// the new version already and is then replaced as a replica itself. Every node
// comes back under its own name.

// upgraded: the group is to have another engine or version.
type upgraded struct {
	engine  string
	version string
}

func (e upgraded) apply(c *controller) error {
	to := e.engine
	if to == "" {
		to = c.engine
	}
	version, err := ParseVersion(to, e.version)
	if err != nil {
		return err
	}
	switch {
	case to == c.engine && version < c.version, to == Redis && c.engine == Valkey:
		return refuse(ErrDowngrade, "%s %s cannot become %s %s: versions only rise, and Valkey does not become Redis",
			c.engine, c.version, to, version)
	case c.modifying():
		return ErrNotAvailable
	case to == c.engine && version == c.version:
		return nil
	}
	c.engine, c.version = to, version
	c.change = &upgrade{}
	return nil
}

// upgrade is the change under way: all nodes are to become what the controller's
// engine and version say.
type upgrade struct {
	handing string // the node group whose primary hands its slots over
}

// demotionGrace is how long a node stays after it has handed its slots over, so
// that clients who come to it learn from it where the slots are.
const demotionGrace = 100 * time.Millisecond

func (u *upgrade) advance(c *controller) (done bool) {
	if u.handing != "" {
		return false
	}
	if waiting := u.replicas(c); waiting {
		return false
	}
	for i := range c.topo.Shards {
		if p := c.primary(c.topo.Shards[i].NodeGroupID); c.outdated(p) {
			u.handOver(c, p)
			return false
		}
	}
	return true
}

func (c *controller) outdated(n *nodeState) bool {
	return n.engine != c.engine || n.version != c.version
}

// replicas replaces outdated replicas, one of a shard at a time, and reports
// whether there is still something to wait for.
func (u *upgrade) replicas(c *controller) (waiting bool) {
	for i := range c.topo.Shards {
		if u.replica(c, c.topo.Shards[i].NodeGroupID) {
			waiting = true
		}
	}
	return waiting
}

func (u *upgrade) replica(c *controller, group string) (waiting bool) {
	nodes := c.inGroup(group)
	for _, n := range nodes {
		if n.phase != online {
			return true
		}
	}
	for _, n := range nodes {
		if c.isPrimary(n) || !c.outdated(n) {
			continue
		}
		if left := demotionGrace - c.now.Sub(n.demoted); left > 0 && !n.demoted.IsZero() {
			c.after(left, tick{})
			return true
		}
		c.patch(n)
		return true
	}
	return false
}

// patch lets a replica go and come back with the group's engine version.
func (c *controller) patch(n *nodeState) {
	c.tellNode(n, "Cache node %s shutdown", cacheNodeID)
	c.setState(n, topology.Failed)
	c.show()
	n.phase, n.purpose, n.demoted = leaving, patching, time.Time{}
	c.do(drainNode{n.name, n.life, c.settings.ReplaceDelay == 0})
}

// emptied: a node that is to be stopped in good order has let its clients go.
type emptied struct {
	name string
	life int
}

func (e emptied) apply(c *controller) error {
	n := c.alive(e.name, e.life)
	if n == nil || n.phase != leaving {
		return nil
	}
	n.phase = away
	n.engine, n.version = c.engine, c.version
	c.do(stopNode{name: n.name, inOrder: true, brief: c.settings.ReplaceDelay == 0})
	c.replaceAfter(n, c.settings.ReplaceDelay)
	return nil
}

// handOver lets an outdated primary hand its slots to the replica that is most
// advanced.
func (u *upgrade) handOver(c *controller, p *nodeState) {
	best := c.mostAdvanced(p.group)
	if best == nil {
		u.alone(c, p)
		return
	}
	u.handing = p.group
	c.do(handOver{p.group, p.name, best.name})
}

// alone upgrades a primary without replicas: its next life copies the keys
// before this one ends.
func (u *upgrade) alone(c *controller, p *nodeState) {
	if len(c.inGroup(p.group)) > 1 { // there are some, but none can take over now
		c.after(retryHandOver, tick{})
		return
	}
	u.handing = p.group
	next := *p
	c.reborn(&next)
	next.engine, next.version = c.engine, c.version
	c.do(succeedNode{group: p.group, spec: next.spec()})
}

// succeeded: the next life of a node has everything that the present one has,
// whose slots are locked.
type succeeded struct {
	group string
	spec  lifeSpec
	ip    string
	port  int
}

func (e succeeded) apply(c *controller) error {
	n := c.alive(e.spec.name, e.spec.life-1)
	if n == nil || n.phase != online || !c.isPrimary(n) || len(c.inGroup(e.group)) > 1 {
		return refuse(ErrInvalid, "%s cannot be succeeded any more", e.spec.name)
	}
	c.tellNode(n, "Cache node %s shutdown", cacheNodeID)
	c.reborn(n)
	n.engine, n.version = e.spec.engine, e.spec.version
	c.settle(n, e.ip, e.port)
	c.setState(n, topology.Online)
	c.topo = c.topo.WithPrimary(c.topo.NodeByName(n.name))
	c.show(n.name)
	c.tellNode(n, "Cache node %s restarted", cacheNodeID)
	c.tellNode(n, "Cache cluster patched")
	return nil
}

// drained: a replica has everything that its primary has, whose slots are
// locked: this is the moment to flip. An error keeps things as they are.
type drained struct{ group, from, to string }

func (e drained) apply(c *controller) error {
	from, to := c.node(e.from), c.node(e.to)
	if from == nil || to == nil || from.phase != online || to.phase != online || !c.isPrimary(from) {
		return refuse(ErrInvalid, "%s cannot hand its slots to %s any more", e.from, e.to)
	}
	from.demoted = c.now
	c.topo = c.topo.WithPrimary(c.topo.NodeByName(to.name))
	c.show(from.name, to.name)
	c.tellGroup("Failover to replica node %s completed", to.name)
	c.tellGroup("Failover from master node %s to replica node %s completed", from.name, to.name)
	c.tellNode(to, "Failover from master node %s to replica node %s completed", from.name, to.name)
	c.followAll(e.group)
	return handedOver{}.apply(c)
}

// notDrained: a hand-over did not come about.
type notDrained struct {
	group string
	err   error
}

func (e notDrained) apply(c *controller) error {
	c.settings.Logger.Warn("a hand-over did not come about", "node group", e.group, "error", e.err)
	if c.topo.ShardByGroup(e.group) >= 0 {
		c.followAll(e.group)
	}
	c.after(retryHandOver, handedOver{})
	return nil
}

// retryHandOver is the pause after a hand-over that did not come about.
const retryHandOver = 100 * time.Millisecond

// handedOver: a hand-over is through, or can be tried again.
type handedOver struct{}

func (handedOver) apply(c *controller) error {
	if u, ok := c.change.(*upgrade); ok {
		u.handing = ""
	}
	return nil
}
