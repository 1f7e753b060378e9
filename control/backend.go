package control

import "time"

// Backend is what the API manages. All methods may be called concurrently and
// return without waiting for anything slow.
//
// An error that is (or wraps) an *Error goes to the client as it is; any other
// becomes an InternalFailure.
type Backend interface {
	// ReplicationGroups gives every group as of one moment. The caller keeps
	// what it is given and modifies nothing.
	ReplicationGroups() []ReplicationGroup

	// Events gives what is remembered, oldest first, numbers ascending.
	Events() []Event

	// Health is nil when every slot is served and every replica in sync, else
	// the reason why not.
	Health() error

	// The verbs begin a change and return; ReplicationGroups shows its progress
	// and its end. The check that the group is available (else
	// ErrNotAvailable) and the step to modifying are one.

	// TestFailover fails the primary of a shard.
	TestFailover(group, nodeGroup string) error
	// Upgrade brings every node to an engine and version, one by one; nothing
	// happens if they are there. Refused with UnknownVersion or Downgrade.
	Upgrade(group string, engine, version string) error
	// Reshard adds or removes shards and spreads the slots evenly.
	Reshard(group string, plan Resharding) error
	// SetReplicas adds or removes replicas in the shards listed.
	SetReplicas(group string, changes []ReplicaChange) error
}

// Statuses of groups, shards and nodes, as the service spells them.
const (
	StatusAvailable = "available"
	StatusCreating  = "creating"
	StatusModifying = "modifying"
	StatusDeleting  = "deleting"
)

// Engines.
const (
	EngineRedis  = "redis"
	EngineValkey = "valkey"
)

// ReplicationGroup is a replication group as it is described.
type ReplicationGroup struct {
	ID                string // lower case
	Description       string
	Region, Account   string // for ARNs
	Status            string
	Engine            string // redis or valkey
	EngineVersion     string // in full, 7.1.0; during an upgrade the one it leads to
	NodeType          string // cache.r7g.large
	CreateTime        time.Time
	ClusterMode       bool
	TLS               bool
	AuthTokenSince    time.Time // zero: no token
	AutomaticFailover bool
	MultiAZ           bool

	Configuration Endpoint // with cluster mode enabled
	Primary       Endpoint // with cluster mode disabled
	Reader        Endpoint // with cluster mode disabled

	NodeGroups []NodeGroup // in order of their ids
	Progress   *float64    // of a resharding, 0 to 100; nil if there is none
}

// Endpoint is a name and a port.
type Endpoint struct {
	Address string
	Port    int
}

// NodeGroup is a shard.
type NodeGroup struct {
	ID        string // 0001
	Status    string
	Slots     string // ranges, 0-5461,6000; empty with cluster mode disabled
	SlotCount int
	Members   []Member // in order of their ids
}

// Member is a node of a shard, a cache cluster to the API.
type Member struct {
	ID            string // cache cluster id, lower case
	Status        string // of the cache cluster
	Primary       bool
	Zone          string // us-east-1a
	Engine        string
	EngineVersion string // of this node: differs from the group's during an upgrade
	Endpoint      Endpoint
	CreateTime    time.Time
}

// Event is something that happened. Seq numbers events; a later one has a
// higher number.
type Event struct {
	Seq        uint64
	Time       time.Time
	SourceType string // replication-group or cache-cluster
	SourceID   string
	Message    string
}

// Resharding says which shards to add and to remove: one of the two at most.
// With neither, the slots are only spread evenly.
type Resharding struct {
	Add    []NewNodeGroup
	Remove []string // node group ids
}

// NewNodeGroup is a shard to add.
type NewNodeGroup struct {
	ID    string   // empty: the backend chooses
	Zones []string // one for each node; empty: the backend chooses
}

// ReplicaChange brings one shard to a number of replicas.
type ReplicaChange struct {
	NodeGroupID string
	Replicas    int
	Zones       []string // when adding: of all nodes afterwards, primary included; empty: the backend chooses
	Remove      []string // when removing: the replicas to remove; empty: the backend chooses
}
