package cluster

import (
	"time"

	"elasticache-local/topology"
)

// A node that is gone comes back under its own name: empty, as a replica if its
// shard has a primary by then. In ips mode it has another address.

// replaceAfter lets a node that has gone come back in a while.
func (c *controller) replaceAfter(n *nodeState, d time.Duration) {
	c.after(d, replaceable{n.name, n.life})
}

// replaceable: a node has been away for long enough.
type replaceable struct {
	name string
	life int
}

func (e replaceable) apply(c *controller) error {
	n := c.alive(e.name, e.life)
	if n == nil || n.phase != failed && n.phase != away || c.downZones[n.zone] {
		return nil // what is in a zone that is down comes back with the zone
	}
	if n.purpose == recovering {
		c.tellNode(n, "Recovering cache nodes %s", cacheNodeID)
	}
	c.reborn(n)
	n.phase = starting
	c.do(startNode{n.spec()})
	return nil
}

// started: a node listens at its place.
type started struct {
	name string
	life int
	ip   string
	port int
}

func (e started) apply(c *controller) error {
	n := c.alive(e.name, e.life)
	if n == nil || n.phase != starting {
		return nil
	}
	n.phase = syncing
	c.settle(n, e.ip, e.port)
	if n.purpose == patching || n.purpose == rebooting {
		c.tellNode(n, "Cache node %s restarted", cacheNodeID)
	}
	if c.isPrimary(n) { // nobody took its place: it begins anew, without keys
		c.arrived(n)
		c.enter(n)
		c.followAll(n.group)
		return nil
	}
	c.enter(n)
	c.follow(n)
	return nil
}

// enter lets clients come to a node that knows the cluster.
func (c *controller) enter(n *nodeState) {
	c.show(n.name)
	c.do(serveNode{n.name})
}

// settle enters a node's new life, and where it listens, in the topology.
func (c *controller) settle(n *nodeState, ip string, port int) {
	fresh := c.entry(n)
	fresh.IP = ip
	if c.settings.TLS {
		fresh.TLSPort = port
	} else {
		fresh.Port = port
	}
	c.topo = c.topo.WithNode(c.topo.NodeByName(n.name), func(t *topology.Node) { *t = fresh })
}

// retryStart is how long a node that could not be started stays away.
const retryStart = time.Second

// startFailed: a node could not be started, for want of its place.
type startFailed struct {
	name string
	life int
	err  error
}

func (e startFailed) apply(c *controller) error {
	n := c.alive(e.name, e.life)
	if n == nil || n.phase != starting {
		return nil
	}
	c.settings.Logger.Error("a node cannot be started", "node", n.name, "error", e.err, "again in", retryStart)
	n.phase = away
	c.replaceAfter(n, retryStart)
	return nil
}

// synced: a replica has all its primary's keys.
type synced struct {
	name string
	life int
}

func (e synced) apply(c *controller) error {
	if n := c.alive(e.name, e.life); n != nil && n.phase == syncing {
		c.arrived(n)
	}
	return nil
}

// arrived: the node serves.
func (c *controller) arrived(n *nodeState) {
	n.phase = online
	c.setState(n, topology.Online)
	switch n.purpose {
	case recovering:
		c.tellNode(n, "Finished recovery for cache nodes %s", cacheNodeID)
	case patching:
		c.tellNode(n, "Cache cluster patched")
	case creating:
		c.tellNode(n, "Cache cluster created")
		c.tellNode(n, "Added cache node %s in availability zone %s", cacheNodeID, n.zone)
	}
}

// restarted: a user reboots a node. A primary stays primary and loses its keys,
// and its replicas lose theirs with it.
type restarted struct{ name string }

func (e restarted) apply(c *controller) error {
	n := c.node(e.name)
	switch {
	case n == nil:
		return refuse(ErrUnknownNode, "there is no node %q", e.name)
	case n.phase != online:
		return ErrNotAvailable
	}
	c.tellNode(n, "Cache node %s shutdown", cacheNodeID)
	c.do(stopNode{name: n.name, brief: true})
	c.reborn(n)
	n.phase, n.purpose = starting, rebooting
	c.do(startNode{n.spec()})
	return nil
}
