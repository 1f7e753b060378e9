package cluster

import (
	"slices"
	"strings"
	"time"
)

// Statuses of groups, shards and nodes, as the service spells them.
const (
	StatusAvailable = "available"
	StatusCreating  = "creating"
	StatusModifying = "modifying"
	StatusRebooting = "rebooting cluster nodes"
)

// Status is the replication group as of one moment. Whoever gets one owns it.
type Status struct {
	ID          string
	Region      string
	Status      string
	Engine      string // during an upgrade the one that it leads to
	Version     string // MAJOR.MINOR.PATCH
	ClusterMode bool
	TLS         bool
	AuthToken   bool // clients must authenticate
	MultiAZ     bool
	Created     time.Time
	Shards      []ShardStatus // in the order of their ids

	Resharding bool    // slots are moving
	Progress   float64 // of a resharding, 0 to 100
	Epoch      uint64
	LostWrites int // writes that failovers have lost so far
	Covered    bool
}

// ShardStatus is a node group.
type ShardStatus struct {
	ID        string // "0001"
	Status    string
	Slots     string // ranges, "0-5461,6000"
	SlotCount int
	Nodes     []NodeStatus // by name
}

// NodeStatus is a node: a cache cluster with its only cache node.
type NodeStatus struct {
	Name      string // cache cluster id
	ID        string // in CLUSTER NODES
	Shard     string // node group id
	Status    string
	State     string // what the cluster thinks of it: online, loading, suspected, failed
	Running   bool   // it has a process
	Primary   bool
	Cut       bool // partitioned from its primary
	Zone      string
	Engine    string
	Version   string
	IP        string // where it listens, as this process reaches it
	Port      int
	Hostname  string // its endpoint's name
	Offset    int64  // of its replication log
	Life      int    // 1, and one more for each time that it was replaced
	CreatedAt time.Time
}

// status describes everything.
func (c *controller) status() Status {
	s := Status{
		ID: c.settings.ID, Region: c.settings.Region, Status: StatusAvailable,
		Engine: c.engine, Version: c.version.String(), ClusterMode: c.settings.clusterMode,
		TLS: c.settings.TLS, AuthToken: c.settings.AuthToken != "", MultiAZ: c.settings.multiAZ,
		Created: c.created, Epoch: c.topo.Epoch, LostWrites: c.lost, Covered: c.topo.Coverage().Full(),
	}
	if c.modifying() {
		s.Status = StatusModifying
	}
	if r, ok := c.change.(*reshard); ok {
		s.Resharding, s.Progress = true, r.progress()
	}
	for i := range c.topo.Shards {
		s.Shards = append(s.Shards, c.shardStatus(i))
	}
	return s
}

func (c *controller) shardStatus(shard int) ShardStatus {
	set := c.topo.Table.Slots(uint16(shard))
	s := ShardStatus{
		ID: c.topo.Shards[shard].NodeGroupID, Status: StatusAvailable,
		Slots: set.String(), SlotCount: set.Len(),
	}
	for i := range c.topo.Nodes {
		if c.topo.Nodes[i].Shard != shard {
			continue
		}
		n := c.nodeStatus(i)
		if n.Status != StatusAvailable {
			s.Status = StatusModifying
		}
		s.Nodes = append(s.Nodes, n)
	}
	if c.change != nil {
		s.Status = StatusModifying
	}
	slices.SortFunc(s.Nodes, func(a, b NodeStatus) int { return strings.Compare(a.Name, b.Name) })
	return s
}

func (c *controller) nodeStatus(i int) NodeStatus {
	t := &c.topo.Nodes[i]
	n := c.node(t.Name)
	s := NodeStatus{
		Name: n.name, ID: n.id, Shard: n.group, Status: StatusAvailable, State: t.State.String(),
		Running: n.phase.running(), Primary: c.topo.IsPrimary(i), Cut: n.cut, Zone: n.zone,
		Engine: n.engine, Version: n.version.String(), IP: t.IP, Port: t.Port, Hostname: t.Hostname,
		Life: n.life, CreatedAt: n.created,
	}
	if c.settings.TLS {
		s.Port = t.TLSPort
	}
	if s.Running {
		s.Offset = c.facts.offset(n.name)
	}
	if n.phase != online {
		s.Status = n.purpose.status()
	}
	return s
}

// status is what a node is called while it is not available.
func (p purpose) status() string {
	switch p {
	case creating:
		return StatusCreating
	case rebooting:
		return StatusRebooting
	}
	return StatusModifying
}
