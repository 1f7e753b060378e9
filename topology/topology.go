package topology

import "elasticache-local/slots"

// BusPort is the port of the cluster bus that ElastiCache nodes announce. No
// client connects to it.
const BusPort = 1122

// A Topology is one state of the cluster. It is immutable: nobody writes to it
// or to the slices in it after it has been made.
type Topology struct {
	// Version rises by one with every change of whatever kind, so of two
	// topologies of a cluster the one with the greater Version is the newer.
	Version uint64
	// Epoch is the cluster's current epoch: the greatest configuration epoch
	// that was ever given to a shard.
	Epoch uint64
	// Table tells for each slot the index in Shards of its owner.
	Table *slots.Table
	// Shards in the order of their node group ids.
	Shards []Shard
	// Nodes, shard by shard, in the order of their names.
	Nodes []Node
	// Migrations are the slots whose keys are being moved one by one, in
	// ascending order of the slot. A slot that moves as a whole never appears.
	Migrations []Migration

	counts []int // how many slots each shard has
}

// A Shard is a primary with its replicas; ElastiCache says node group.
type Shard struct {
	ID          string // 40 hexadecimal digits, what CLUSTER MYSHARDID answers
	NodeGroupID string // "0001"
	Primary     int    // index in Topology.Nodes
	ConfigEpoch uint64 // the epoch at which it last won a slot or an election
}

// A Node is a member of a shard. Whether it is the primary is the shard's
// knowledge, see Topology.IsPrimary.
type Node struct {
	ID       string // 40 hexadecimal digits; a replaced node gets another one
	Name     string // cache cluster id, "local-0001-001"; survives replacement
	Shard    int    // index in Topology.Shards
	Zone     string // availability zone, "us-east-1a"
	IP       string // address that the node listens on
	Port     int    // port for plain connections, 0 if there is none
	TLSPort  int    // port for TLS connections, 0 if there is none
	BusPort  int
	Hostname string // its endpoint's name, without a port
	Version  string // engine version, "7.1.0"
	State    NodeState
	Since    int64 // when it came into State, Unix time in milliseconds
}

// A NodeState is what the cluster thinks of a node.
type NodeState uint8

const (
	Online    NodeState = iota // serving; a replica is in sync
	Loading                    // up, but its data is not complete yet
	Suspected                  // not answering, not yet agreed upon: "fail?"
	Failed                     // agreed to be down: "fail"
)

// String returns the state's name.
func (s NodeState) String() string {
	names := [...]string{"online", "loading", "suspected", "failed"}
	if int(s) < len(names) {
		return names[s]
	}
	return "NodeState(?)"
}

// Up tells whether a node in that state answers, as far as the cluster knows.
func (s NodeState) Up() bool { return s == Online || s == Loading }

// A Migration is a slot whose keys are on their way to another shard one by
// one. The slot belongs to From until the last key has arrived.
type Migration struct {
	Slot     slots.Slot
	From, To int // indexes in Topology.Shards
}

// NodeByID returns the index of the node with that id, or -1.
func (t *Topology) NodeByID(id string) int {
	for i := range t.Nodes {
		if t.Nodes[i].ID == id {
			return i
		}
	}
	return -1
}

// NodeByName returns the index of the node with that cache cluster id, or -1.
func (t *Topology) NodeByName(name string) int {
	for i := range t.Nodes {
		if t.Nodes[i].Name == name {
			return i
		}
	}
	return -1
}

// ShardByGroup returns the index of the shard with that node group id, or -1.
func (t *Topology) ShardByGroup(nodeGroupID string) int {
	for i := range t.Shards {
		if t.Shards[i].NodeGroupID == nodeGroupID {
			return i
		}
	}
	return -1
}

// IsPrimary tells whether the node is its shard's primary.
func (t *Topology) IsPrimary(node int) bool {
	return t.Shards[t.Nodes[node].Shard].Primary == node
}

// PrimaryOf returns the primary of the node's shard: the node itself if it is
// one.
func (t *Topology) PrimaryOf(node int) int { return t.Shards[t.Nodes[node].Shard].Primary }

// Members returns the nodes of a shard, the primary first.
func (t *Topology) Members(shard int) []int {
	members := []int{t.Shards[shard].Primary}
	return append(members, t.Replicas(shard)...)
}

// Replicas returns the replicas of a shard.
func (t *Topology) Replicas(shard int) []int {
	var replicas []int
	for i := range t.Nodes {
		if t.Nodes[i].Shard == shard && i != t.Shards[shard].Primary {
			replicas = append(replicas, i)
		}
	}
	return replicas
}

// OwnerPrimary returns the primary that serves slot, or nil if the slot is
// assigned to no shard. It does not allocate.
func (t *Topology) OwnerPrimary(slot slots.Slot) *Node {
	owner := t.Table.Owner(slot)
	if owner == slots.None {
		return nil
	}
	return &t.Nodes[t.Shards[owner].Primary]
}

// Migration returns the move that slot is in, if any. It does not allocate.
func (t *Topology) Migration(slot slots.Slot) (m Migration, moving bool) {
	for _, m := range t.Migrations {
		if m.Slot == slot {
			return m, true
		}
	}
	return Migration{}, false
}

// SlotRanges returns for each shard its slots as ranges.
func (t *Topology) SlotRanges() [][]slots.Range {
	ranges := make([][]slots.Range, len(t.Shards))
	for first := 0; first < slots.Count; {
		owner, end := t.run(first)
		if owner != slots.None {
			r := slots.Range{First: slots.Slot(first), Last: slots.Slot(end - 1)}
			ranges[owner] = append(ranges[owner], r)
		}
		first = end
	}
	return ranges
}

// run returns the owner of the slot first and the end of the run of slots from
// there on that have the same owner.
func (t *Topology) run(first int) (owner uint16, end int) {
	owner = t.Table.Owner(slots.Slot(first))
	end = first + 1
	for end < slots.Count && t.Table.Owner(slots.Slot(end)) == owner {
		end++
	}
	return owner, end
}

// Empty returns a topology without shards and nodes, version 0: what a node
// knows before it is told anything.
func Empty() *Topology { return empty }

var empty = &Topology{Table: slots.NewTable(nil)}
