package slots

// A Verdict is what a node does with a command whose keys are in one slot.
type Verdict uint8

// The first three are in the order of Owner's values: they are what becomes of
// a command if nothing but the owner matters.
const (
	// Serve: execute the command here.
	Serve Verdict = iota
	// Moved: send -MOVED with the slot and its owner's primary.
	Moved
	// ClusterDownUnbound: the slot has no owner, "CLUSTERDOWN Hash slot not
	// served".
	ClusterDownUnbound
	// ClusterDown: "CLUSTERDOWN The cluster is down".
	ClusterDown
	// ClusterDownReadOnly: "CLUSTERDOWN The cluster is down and only accepts
	// read commands".
	ClusterDownReadOnly
	// CrossSlot: the keys are in different slots.
	CrossSlot
	// Ask: send -ASK with the slot and the shard that it migrates to.
	Ask
	// TryAgain: some keys are here, some are on the other side of a migration.
	TryAgain
)

// String returns the verdict's name.
func (v Verdict) String() string {
	names := [...]string{
		"Serve", "Moved", "ClusterDownUnbound", "ClusterDown",
		"ClusterDownReadOnly", "CrossSlot", "Ask", "TryAgain",
	}
	if int(v) < len(names) {
		return names[v]
	}
	return "Verdict(?)"
}

// An Owner tells whose a slot is in a node's view of the topology.
type Owner uint8

const (
	Mine   Owner = iota // the node's own shard: the node itself or its primary
	Other               // another shard
	Nobody              // unassigned
)

// A State is what the node does with a slot apart from serving it.
type State uint8

const (
	Stable    State = iota
	Migrating       // this node's slot; its keys are moving to another shard
	Importing       // another shard's slot; its keys are moving here
)

// A Presence tells which of the command's keys exist on this node. It matters
// only while a slot is migrating or importing, so in a stable one it need not
// be found out. Keys that are past their expiry time count as existing until
// they are removed.
type Presence uint8

const (
	AllPresent Presence = iota
	SomePresent
	NonePresent
)

// Flags are the yes-or-no facts of a Query. Those of the node, the connection
// and the command are disjoint, so each of the three can keep its own ready
// and a query's are their OR.
type Flags uint16

const (
	// Replica: the node is a replica.
	Replica Flags = 1 << iota
	// FailState: the node sees the cluster as failed, say because it cannot
	// reach the majority of the primaries.
	FailState
	// Uncovered: some slot of the cluster has no owner that works.
	Uncovered
	// RequireFullCoverage is the parameter cluster-require-full-coverage: an
	// uncovered slot fails the whole cluster. ElastiCache: no.
	RequireFullCoverage
	// AllowReadsWhenDown is the parameter cluster-allow-reads-when-down.
	// ElastiCache: no.
	AllowReadsWhenDown
	// AllowShardChannelsWhenDown is the parameter
	// cluster-allow-pubsubshard-when-down. ElastiCache: yes.
	AllowShardChannelsWhenDown

	// Asking: the connection sent ASKING before this command, or the command
	// implies it (RESTORE-ASKING).
	Asking
	// ReadOnly: the connection is in READONLY mode.
	ReadOnly

	// Write: the command may change a key; for EXEC, one of the queued ones.
	Write
	// ShardChannels: the command's "keys" are names of shard channels
	// (SSUBSCRIBE, SUNSUBSCRIBE, SPUBLISH).
	ShardChannels
	// SeveralKeys: not all of the command's keys are the same key.
	SeveralKeys
	// KeysCrossSlots: not all of the command's keys are in the slot of the
	// first one. The rest of the query is then about that first slot.
	KeysCrossSlots
)

// A Query is what a node knows at the moment when it has to say whether it
// serves a command. A command without keys is always served and needs no query.
type Query struct {
	Owner    Owner
	State    State
	Presence Presence
	Flags    Flags
}

// Decide returns what Redis 7.0 does in the same situation (its function
// getNodeByQuery).
func Decide(q Query) Verdict {
	// Nearly always nothing is the matter and only the owner counts.
	const matters = Replica | FailState | Uncovered | KeysCrossSlots
	if q.State == Stable && q.Flags&matters == 0 {
		return Verdict(q.Owner)
	}
	return q.decide()
}

func (q Query) decide() Verdict {
	switch {
	case q.Owner == Nobody:
		return ClusterDownUnbound
	case q.has(KeysCrossSlots):
		return CrossSlot
	}
	if v := q.whenDown(); v != Serve {
		return v
	}
	primary := q.Owner == Mine && !q.has(Replica)
	missing := q.Presence != AllPresent && !q.has(ShardChannels)
	switch {
	case primary && q.State == Migrating && missing:
		if q.Presence == SomePresent {
			return TryAgain
		}
		return Ask
	case q.State == Importing && q.has(Asking):
		if missing && q.has(SeveralKeys) {
			return TryAgain
		}
		return Serve
	case primary, q.readableOnReplica():
		return Serve
	}
	return Moved
}

// whenDown returns Serve unless the state of the whole cluster forbids it.
func (q Query) whenDown() Verdict {
	switch {
	case !q.has(FailState) && !q.has(Uncovered|RequireFullCoverage):
		return Serve
	case q.has(ShardChannels):
		if q.has(AllowShardChannelsWhenDown) {
			return Serve
		}
		return ClusterDown
	case !q.has(AllowReadsWhenDown):
		return ClusterDown
	case q.has(Write):
		return ClusterDownReadOnly
	}
	return Serve
}

// readableOnReplica tells whether the node is a replica of the slot's owner
// and the command may be served by one.
func (q Query) readableOnReplica() bool {
	return q.Owner == Mine && q.has(Replica) && !q.has(Write) &&
		(q.has(ReadOnly) || q.has(ShardChannels))
}

// has tells whether all of the flags are set.
func (q Query) has(f Flags) bool { return q.Flags&f == f }
