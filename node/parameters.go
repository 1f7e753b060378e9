package node

import (
	"time"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/replication"
	"elasticache-local/topology"
)

// Parameters are a node's configuration, what a parameter group holds: the
// values as text by name, and the typed form that the node runs on. A value in
// force is never changed; a changed copy takes its place.
type Parameters struct {
	values map[string]string

	Engine                     engine.Settings
	MaxClients                 int
	ReplBacklogSize            int64 // bytes
	RequireFullCoverage        bool
	AllowReadsWhenDown         bool
	AllowShardChannelsWhenDown bool
	PreferredEndpoint          topology.Endpoint
	CloseOnReplicaWrite        bool
	MinReplicas                int   // min-replicas-to-write
	MinReplicasMaxLag          int64 // seconds
	SlowlogSlowerThan          int64 // microseconds, negative: off
	SlowlogMaxLen              int
	Timeout                    int64 // seconds, 0: none
	QueryBufferLimit           int64 // bytes
	PubSubHard                 int64 // bytes
	PubSubSoft                 int64
	PubSubSoftSeconds          int64
	NormalHard                 int64
	NormalSoft                 int64
	NormalSoftSeconds          int64
}

// DefaultParameters are those of ElastiCache's default parameter groups.
func DefaultParameters() *Parameters {
	p := &Parameters{values: make(map[string]string, len(parameterTable))}
	p.Engine = *engine.DefaultSettings()
	for i := range parameterTable {
		row := &parameterTable[i]
		if problem := row.set(p, row.Default); problem != "" {
			panic("node: default of " + row.Name + ": " + problem)
		}
	}
	return p
}

// With gives a copy with one parameter changed. problem says in Redis' words
// why the value is not possible, "" if it is.
func (p *Parameters) With(name, value string) (changed *Parameters, problem string) {
	row := findParameter(name)
	if row == nil {
		return nil, "unknown parameter"
	}
	c := *p
	c.values = make(map[string]string, len(p.values))
	for k, v := range p.values {
		c.values[k] = v
	}
	if problem := row.set(&c, value); problem != "" {
		return nil, problem
	}
	return &c, ""
}

// Value is a parameter's value as CONFIG GET shows it.
func (p *Parameters) Value(name string) string { return p.values[name] }

// Parameters are those in force.
func (n *Node) Parameters() *Parameters { return n.params.Load() }

// SetParameters puts other parameters in force.
func (n *Node) SetParameters(p *Parameters) {
	n.setParameters(p)
	n.log.SetLimits(p.ReplBacklogSize, replication.DefaultMaxLag)
	n.SetTopology(n.Topology()) // the view depends on some of them
}

func (n *Node) setParameters(p *Parameters) {
	n.params.Store(p)
	set := p.Engine
	set.ClusterEnabled, set.Version = n.cfg.ClusterMode, n.cfg.Version
	n.ks.SetSettings(&set)
	n.slowlog.configure(p.SlowlogSlowerThan, p.SlowlogMaxLen)
	n.limits.MaxBulkBytes.Store(p.Engine.ProtoMaxBulk)
	n.limits.QueryBytes.Store(p.QueryBufferLimit)
	n.limits.Output[protocol.ClassNormal].Set(p.NormalHard, p.NormalSoft, p.NormalSoftSeconds)
	n.limits.Output[protocol.ClassPubSub].Set(p.PubSubHard, p.PubSubSoft, p.PubSubSoftSeconds)
	if n.cfg.IdleTimeout != nil {
		n.cfg.IdleTimeout(time.Duration(p.Timeout) * time.Second)
	}
}
