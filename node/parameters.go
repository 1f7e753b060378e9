package node

import (
	"elasticache-local/engine"
	"elasticache-local/topology"
)

// Parameters are a node's configuration, what a parameter group holds. A value
// in force is never changed; a changed copy takes its place.
type Parameters struct {
	Engine                     engine.Settings
	MaxClients                 int
	ReplBacklogSize            int64
	RequireFullCoverage        bool
	AllowReadsWhenDown         bool
	AllowShardChannelsWhenDown bool
	PreferredEndpoint          topology.Endpoint
}

// DefaultParameters are those of default.redis7.cluster.on.
func DefaultParameters() *Parameters {
	return &Parameters{
		Engine: *engine.DefaultSettings(), MaxClients: 65000, ReplBacklogSize: 1 << 20,
		AllowShardChannelsWhenDown: true, PreferredEndpoint: topology.PreferHostname,
	}
}

// Parameters are those in force.
func (n *Node) Parameters() *Parameters { return n.params.Load() }

func (n *Node) setParameters(p *Parameters) {
	n.params.Store(p)
	set := p.Engine
	set.ClusterEnabled, set.Version = n.cfg.ClusterMode, n.cfg.Version
	n.ks.SetSettings(&set)
	n.slowlog.threshold.Store(10_000_000)
}
