package cluster

import (
	"elasticache-local/topology"
)

// found makes the nodes of a new cluster. Nobody has written anything yet, so
// its replicas are in sync from the beginning and nothing needs to be decided.
func (r *runner) found() error {
	r.mu.Lock() // followers report that they are in sync
	defer r.mu.Unlock()
	c := r.mu.controller
	c.plan()
	var list []*member
	for _, n := range c.foundingOrder() {
		at, err := r.book.open(n.name)
		if err != nil {
			r.members.set(list...)
			return err
		}
		list = append(list, r.newMember(n.spec(), at))
	}
	r.members.set(list...)
	c.founded(func(name string) place { return r.members.get(name).place })
	r.followFresh(c)
	r.views.reached(c.topo)
	r.views.give(c.topo)
	for _, m := range list {
		m.serve()
	}
	c.shown = c.topo.Version
	return nil
}

// followFresh lets the replicas follow their primaries, with nothing to copy.
func (r *runner) followFresh(c *controller) {
	for i := range c.topo.Shards {
		members := c.topo.Members(i)
		primary := r.members.get(c.topo.Nodes[members[0]].Name)
		if len(members) > 1 {
			primary.node.StartLog()
		}
		for _, at := range members[1:] {
			m := r.members.get(c.topo.Nodes[at].Name)
			m.node.Adopt(primary.node)
			m.node.Follow(primary.node, r.onSynced(m))
		}
	}
}

// onSynced tells the controller when a member has all its primary's keys.
func (r *runner) onSynced(m *member) func() {
	name, life := m.name, m.life
	return func() { _ = r.post(synced{name, life}) }
}

// plan makes the states of all nodes of a new cluster.
func (c *controller) plan() {
	s := c.settings
	for shard := 1; shard <= s.Shards; shard++ {
		group := nodeGroupID(shard)
		for member := 1; member <= 1+s.Replicas; member++ {
			n := c.newNode(group, "", shard, member)
			n.zone = c.zoneFor(group, shard-1)
			c.addNode(n)
		}
	}
}

// foundingOrder is the order in which the nodes get their ports: primaries first.
func (c *controller) foundingOrder() []*nodeState {
	var order []*nodeState
	for member := 1; member <= 1+c.settings.Replicas; member++ {
		for _, n := range c.nodes {
			if memberNumber(n.name) == member {
				order = append(order, n)
			}
		}
	}
	return order
}

// founded makes the first topology and tells of the birth.
func (c *controller) founded(at func(name string) place) {
	var shards []topology.Shard
	var nodes []topology.Node
	for _, n := range c.nodes {
		shard := shardNumber(n.group) - 1
		if shard == len(shards) {
			shards = append(shards, topology.Shard{
				ID: hexID(c.settings.Seed, "shard", n.group), NodeGroupID: n.group,
				Primary: len(nodes), ConfigEpoch: uint64(shard + 1),
			})
		}
		e := c.entry(n)
		e.Shard, e.State = shard, topology.Online
		p := at(n.name)
		e.IP = p.ip
		if c.settings.TLS {
			e.TLSPort = p.port
		} else {
			e.Port = p.port
		}
		nodes = append(nodes, e)
		n.phase = online
	}
	t, err := topology.New(c.settings.sets, shards, nodes)
	if err != nil {
		panic("cluster: first topology: " + err.Error())
	}
	c.topo = t
	for _, n := range c.nodes {
		c.tellNode(n, "Cache cluster created")
		c.tellNode(n, "Added cache node %s in availability zone %s", cacheNodeID, n.zone)
	}
	if c.settings.Replicas > 0 || c.settings.clusterMode {
		c.tellGroup("Automatic failover has been turned on for replication group %s", c.settings.ID)
	}
	c.tellGroup("Replication group %s created", c.settings.ID)
}
