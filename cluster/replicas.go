package cluster

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The number of replicas of a shard goes up and down while it serves.

// ReplicaChange brings one shard to a number of replicas.
type ReplicaChange struct {
	NodeGroup string
	Replicas  int      // 0 to 5
	Zones     []string // when adding: of all nodes afterwards, the primary's too; nil: spread
	Remove    []string // when removing: the replicas to remove, by name; nil: those furthest behind
}

// setReplicas: shards are to have another number of replicas.
type setReplicas struct{ changes []ReplicaChange }

func (e setReplicas) apply(c *controller) error {
	if c.modifying() {
		return ErrNotAvailable
	}
	total := len(c.nodes)
	seen := map[string]bool{}
	for _, ch := range e.changes {
		if err := c.checkReplicaChange(ch); err != nil {
			return err
		}
		if seen[ch.NodeGroup] {
			return refuse(ErrInvalid, "node group %s is named twice", ch.NodeGroup)
		}
		seen[ch.NodeGroup] = true
		total += ch.Replicas - (len(c.inGroup(ch.NodeGroup)) - 1)
	}
	if total > maxNodes {
		return refuse(ErrQuota, "these would be %d nodes: the service allows %d", total, maxNodes)
	}
	for _, ch := range e.changes {
		c.changeReplicas(ch)
	}
	c.change = &settling{}
	return nil
}

func (c *controller) checkReplicaChange(ch ReplicaChange) error {
	if c.topo.ShardByGroup(ch.NodeGroup) < 0 {
		return refuse(ErrUnknownShard, "there is no node group %q", ch.NodeGroup)
	}
	now := len(c.inGroup(ch.NodeGroup)) - 1
	switch {
	case ch.Replicas < 0 || ch.Replicas > maxReplicas:
		return refuse(ErrInvalid, "a shard cannot have %d replicas: write a number from 0 to %d", ch.Replicas, maxReplicas)
	case len(ch.Zones) > 0 && len(ch.Zones) != ch.Replicas+1:
		return refuse(ErrInvalid, "%d zones are named for the %d nodes of node group %s", len(ch.Zones), ch.Replicas+1, ch.NodeGroup)
	case len(ch.Remove) > 0 && len(ch.Remove) != now-ch.Replicas:
		return refuse(ErrInvalid, "%d replicas are named for removal, but %d of %d are to stay", len(ch.Remove), ch.Replicas, now)
	}
	for _, z := range ch.Zones {
		if err := c.checkZone(z); err != nil {
			return err
		}
	}
	for _, name := range ch.Remove {
		n := c.node(name)
		if n == nil || n.group != ch.NodeGroup || c.isPrimary(n) {
			return refuse(ErrInvalid, "%s is no replica of node group %s", name, ch.NodeGroup)
		}
	}
	return nil
}

// changeReplicas adds or removes what is too few or too many.
func (c *controller) changeReplicas(ch ReplicaChange) {
	now := len(c.inGroup(ch.NodeGroup)) - 1
	zones := c.zonesLeft(ch)
	for ; now < ch.Replicas; now++ {
		zone := ""
		if len(zones) > 0 {
			zone, zones = zones[0], zones[1:]
		}
		c.addReplica(ch.NodeGroup, zone)
	}
	for _, n := range c.leastUseful(ch.NodeGroup, now-ch.Replicas, ch.Remove) {
		c.removeReplica(n)
	}
}

// zonesLeft are the zones named for a group less those of the nodes it has.
func (c *controller) zonesLeft(ch ReplicaChange) []string {
	zones := slices.Clone(ch.Zones)
	for _, n := range c.inGroup(ch.NodeGroup) {
		if i := slices.Index(zones, n.zone); i >= 0 {
			zones = slices.Delete(zones, i, i+1)
		}
	}
	return zones
}

// addReplica makes a further replica; zone may be "".
func (c *controller) addReplica(group, zone string) {
	shard := shardNumber(group)
	if zone == "" {
		zone = c.zoneFor(group, shard-1)
	}
	n := c.newNode(group, zone, shard, c.freeMember(group))
	c.addNode(n)
	c.topo = c.topo.WithReplica(c.entry(n))
	c.do(startNode{n.spec()})
}

// freeMember is the lowest number that no node of the group has.
func (c *controller) freeMember(group string) int {
	taken := map[int]bool{}
	for _, n := range c.inGroup(group) {
		taken[memberNumber(n.name)] = true
	}
	free := 1
	for taken[free] {
		free++
	}
	return free
}

// leastUseful chooses the replicas to remove: those named; otherwise one that
// shares its zone with another node of the group before one that does not, the
// one that lags most before others, and of equals the last by name.
func (c *controller) leastUseful(group string, count int, named []string) []*nodeState {
	var gone []*nodeState
	for _, name := range named {
		gone = append(gone, c.node(name))
	}
	for len(gone) < count {
		left := slices.DeleteFunc(c.inGroup(group), func(n *nodeState) bool { return slices.Contains(gone, n) })
		inZone := map[string]int{}
		for _, n := range left {
			inZone[n.zone]++
		}
		replicas := slices.DeleteFunc(left, c.isPrimary)
		gone = append(gone, slices.MinFunc(replicas, func(a, b *nodeState) int {
			return cmp.Or(
				-compareBool(inZone[a.zone] > 1, inZone[b.zone] > 1),
				cmp.Compare(c.facts.offset(a.name), c.facts.offset(b.name)),
				-strings.Compare(a.name, b.name))
		}))
	}
	return gone
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// removeReplica takes a replica out of the cluster.
func (c *controller) removeReplica(n *nodeState) {
	c.topo = c.topo.WithoutReplica(c.topo.NodeByName(n.name))
	c.show()
	c.remove(n)
}

// remove stops a node for good. It is out of the topology already.
func (c *controller) remove(n *nodeState) {
	c.tellNode(n, "Removed cache nodes %s", cacheNodeID)
	c.tellNode(n, "Cache cluster deleted")
	c.do(stopNode{name: n.name, inOrder: true})
	c.do(forgetNode{n.name})
	i := slices.Index(c.nodes, n)
	c.nodes = slices.Delete(c.nodes, i, i+1)
}

// settling is a change that has done all it does at once and waits for the
// nodes that it has added.
type settling struct{}

func (*settling) advance(c *controller) bool { return c.allOnline() }

// shardNumber reads a node group id: 1 for 0001.
func shardNumber(group string) int {
	n, _ := strconv.Atoi(group)
	return n
}

// memberNumber reads the number of a node in its shard: 2 for local-0001-002.
func memberNumber(name string) int {
	n, _ := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
	return n
}
