package node

import (
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/replication"
	"elasticache-local/slots"
	"elasticache-local/topology"
)

// Clock is the time as a node sees it. Nothing below this interface asks the
// operating system.
type Clock interface {
	Now() time.Time
	// Mono is a monotonic reading in nanoseconds, for durations; cheaper than Now.
	Mono() int64
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a call that has not happened yet.
type Timer interface{ Stop() bool }

// Cluster is what a node asks of the cluster it is part of.
type Cluster interface {
	// Publish hands a message to the nodes that subscribers may be connected
	// to: all of them with cluster mode enabled, the replicas otherwise.
	Publish(from *Node, channel, message []byte)
	// PublishShard hands a shard channel's message to the node's shard.
	PublishShard(from *Node, channel, message []byte)
	// Offset is the replication offset of a node of the topology.
	Offset(t *topology.Topology, node int) int64
	// Announce is the address under which a client that dialled local, and said
	// name in its TLS handshake, reaches n.
	Announce(local, name string, n *topology.Node) topology.Address
}

// Config is what a node is made with and never changes.
type Config struct {
	ID          string // 40 hexadecimal digits
	Name        string // cache cluster id, "local-0001-001"
	ClusterMode bool
	Databases   int    // 1 with cluster mode enabled, 16 otherwise
	Engine      string // "redis" or "valkey"
	Version     engine.Version
	TLS         bool
	Seed        uint64
	// HashSeed is the same on all nodes of a cluster: a slot's table is handed
	// from node to node as it is.
	HashSeed         uint64
	Unrestricted     bool // allow what ElastiCache hides
	Clock            Clock
	Cluster          Cluster
	Parameters       *Parameters // shared by the nodes of a cluster unless CONFIG SET parts them
	Auth             *Auth       // nil: no password
	ReplicationDelay time.Duration
	// IdleTimeout tells the node's server the parameter `timeout`; may be nil.
	IdleTimeout func(time.Duration)
	// Traffic are the bytes that came in and went out, of the node's server; may be nil.
	Traffic func() (in, out int64)
	Logger  *slog.Logger
	RunID   string // 40 hexadecimal digits, new for each start
}

// Node is one node. Make it with New, give it a topology, then connections.
type Node struct {
	cfg     Config
	ks      *engine.Keyspace
	log     *replication.Log
	allowed []bool // by Command.ID: exists on this engine version and is not hidden
	limits  *protocol.Limits
	started time.Time

	view atomic.Pointer[view]

	params    atomic.Pointer[Parameters]
	sessions  registry
	pubsub    pubsub
	pause     pauseState
	slowlog   slowlog
	stats     stats
	follow    follower
	followers nodeList
	loading   atomic.Bool
	dead      atomic.Bool // closed: serves nobody any more

	background *engine.Ctx // runs expiry cycles
}

// view is what a node reads on every command: one topology and what follows
// from it for this node. It never changes.
type view struct {
	topo  *topology.Topology
	self  int         // index in topo.Nodes, -1 when not in it
	shard uint16      // index in topo.Shards
	flags slots.Flags // of the node: Replica, FailState, …
	gone  bool        // see Succeeded
	plain bool        // primary, nothing migrating, nothing failed: own slots are served
}

// New makes a node. It serves nothing until SetTopology was called.
func New(cfg Config) *Node {
	n := &Node{cfg: cfg, started: cfg.Clock.Now(), limits: protocol.NewLimits()}
	n.ks = engine.NewKeyspace(cfg.Databases, !cfg.ClusterMode, cfg.HashSeed)
	n.allowed = make([]bool, len(commands.All()))
	for _, cmd := range commands.All() {
		n.allowed[cmd.ID] = n.allows(cmd)
	}
	n.sessions.init()
	n.pubsub.init()
	n.setParameters(cfg.Parameters)
	n.log = replication.NewLog(cfg.RunID, n.Parameters().ReplBacklogSize, replication.DefaultMaxLag)
	n.view.Store(&view{topo: topology.Empty(), self: -1, shard: slots.None, flags: slots.FailState})
	n.background = n.newCtx()
	return n
}

func (n *Node) allows(cmd *engine.Command) bool {
	if cmd.Since > n.cfg.Version && cmd.Since.Major() >= 7 && (cmd.Since.Major() > n.cfg.Version.Major() || cmd.Since.Minor() > n.cfg.Version.Minor()) {
		return false
	}
	return n.cfg.Unrestricted || cmd.Flags&engine.Restricted == 0
}

// newCtx makes a context for commands on this node's keys.
func (n *Node) newCtx() *engine.Ctx {
	seed := n.cfg.Seed + n.stats.contexts.Add(1)
	return &engine.Ctx{KS: n.ks, Host: n, Sink: untimely{n}, W: new(protocol.Writer), Rand: rand.New(rand.NewPCG(seed, n.cfg.Seed))}
}

// ID is the node's id, 40 hexadecimal digits.
func (n *Node) ID() string { return n.cfg.ID }

// Name is the cache cluster id.
func (n *Node) Name() string { return n.cfg.Name }

// Version is the engine version.
func (n *Node) Version() engine.Version { return n.cfg.Version }

// Keyspace is what the node stores.
func (n *Node) Keyspace() *engine.Keyspace { return n.ks }

// Log is the node's replication log: its own when it is a primary, a mirror of
// its primary's otherwise.
func (n *Node) Log() *replication.Log { return n.log }

// Limits bound what the node's clients may send and leave unread.
func (n *Node) Limits() *protocol.Limits { return n.limits }

// Topology is the node's view of the cluster.
func (n *Node) Topology() *topology.Topology { return n.view.Load().topo }

// IsReplica reports the node's role in its own view.
func (n *Node) IsReplica() bool { return n.view.Load().flags&slots.Replica != 0 }

// SetTopology gives the node a newer view. A change of ownership of slots that
// this node or its shard serves is made with those slots locked, see Flip.
func (n *Node) SetTopology(t *topology.Topology) {
	for {
		old := n.view.Load()
		if old.topo.Version > t.Version {
			return // a delayed, older view
		}
		if n.view.CompareAndSwap(old, n.newView(t, old.self)) {
			return
		}
	}
}

// Succeeded tells the node that its next life serves under its address: whoever
// asks it for keys gets no answer but the end of the connection, and will find the
// successor. The caller holds all locks of the keyspace.
func (n *Node) Succeeded() {
	n.view.Store(&view{topo: topology.Empty(), self: -1, shard: slots.None, flags: slots.FailState, gone: true})
}

// newView looks at t from this node, which was number last in its view before.
func (n *Node) newView(t *topology.Topology, last int) *view {
	v := &view{topo: t, self: last, shard: slots.None}
	if last < 0 || last >= len(t.Nodes) || t.Nodes[last].ID != n.cfg.ID {
		v.self = t.NodeByID(n.cfg.ID)
	}
	p := n.Parameters()
	switch {
	case len(t.Nodes) == 0: // nothing is known yet
		v.flags |= slots.FailState
		return v
	case v.self < 0: // removed: it serves nothing, writes nothing of its own and tells who serves
		v.flags |= slots.Replica
	default:
		v.shard = uint16(t.Nodes[v.self].Shard)
		if !t.IsPrimary(v.self) {
			v.flags |= slots.Replica
		}
	}
	cov := t.Coverage()
	if !cov.Quorum() {
		v.flags |= slots.FailState
	}
	if !cov.Full() {
		v.flags |= slots.Uncovered
	}
	if p.RequireFullCoverage {
		v.flags |= slots.RequireFullCoverage
	}
	if p.AllowReadsWhenDown {
		v.flags |= slots.AllowReadsWhenDown
	}
	if p.AllowShardChannelsWhenDown {
		v.flags |= slots.AllowShardChannelsWhenDown
	}
	v.plain = v.self >= 0 && v.flags&(slots.Replica|slots.FailState|slots.Uncovered) == 0 && len(t.Migrations) == 0
	return v
}

// owner tells whose slot s is.
func (v *view) owner(s slots.Slot) slots.Owner {
	o := v.topo.Table.Owner(s)
	switch {
	case o == v.shard && o != slots.None:
		return slots.Mine
	case o == slots.None || v.topo.Nodes[v.topo.Shards[o].Primary].State == topology.Failed:
		return slots.Nobody
	}
	return slots.Other
}

// state tells whether slot s is on the move to or from this node.
func (v *view) state(s slots.Slot) slots.State {
	if len(v.topo.Migrations) == 0 {
		return slots.Stable
	}
	m, moving := v.topo.Migration(s)
	switch {
	case !moving || v.flags&slots.Replica != 0:
		return slots.Stable
	case m.From == int(v.shard):
		return slots.Migrating
	case m.To == int(v.shard):
		return slots.Importing
	}
	return slots.Stable
}

func (n *Node) traffic() (in, out int64) {
	if n.cfg.Traffic == nil {
		return 0, 0
	}
	return n.cfg.Traffic()
}

// Recording reports whether effects are wanted: engine.Sink. A primary that
// nobody ever followed records nothing. A replica's log is its primary's, so
// what a command that began before the node became one still deletes (keys that
// have expired) is left to the primary.
func (n *Node) Recording() bool { return n.log.Recording() && !n.IsReplica() }

// Append takes the effects of commands that belong to a turn: engine.Sink. Their slots' locks
// are held. Replicas learn of them when the turn is done.
func (n *Node) Append(effects []engine.Effect) {
	if n.IsReplica() {
		return // it became one just now
	}
	changes := make([]replication.Change, 0, engine.GroupSize)
	for _, e := range effects {
		changes = append(changes, replication.Change(e))
	}
	n.log.AppendAll(n.stats.now.Load(), changes)
}

// untimely is the engine.Sink of what belongs to no turn of clients.
type untimely struct{ *Node }

func (n untimely) Append(effects []engine.Effect) {
	n.Node.Append(effects)
	n.log.Wake()
}

// Notify publishes a keyspace event: engine.Host.
func (n *Node) Notify(db int, on engine.NotifyClass, event string, key []byte) {
	n.pubsub.notifyEvent(n, db, on, event, key)
}
