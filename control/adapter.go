package control

import (
	"errors"
	"net"
	"strconv"

	"elasticache-local/cluster"
	"elasticache-local/endpoint"
)

// ForCluster is the Backend that manages one cluster.
func ForCluster(c *cluster.Cluster) Backend { return &clusterBackend{c} }

type clusterBackend struct{ c *cluster.Cluster }

// nodeType is the node type that every group claims to have.
const nodeType = "cache.r7g.large"

func (b *clusterBackend) Health() error { return b.c.Health() }

func (b *clusterBackend) ReplicationGroups() []ReplicationGroup {
	s := b.c.Status()
	g := ReplicationGroup{
		ID: s.ID, Description: "local replication group " + s.ID, Region: s.Region, Account: endpoint.DefaultAccount,
		Status: s.Status, Engine: s.Engine, EngineVersion: s.Version, NodeType: nodeType, CreateTime: s.Created,
		ClusterMode: s.ClusterMode, TLS: s.TLS, MultiAZ: s.MultiAZ,
		AutomaticFailover: s.ClusterMode || len(s.Shards[0].Nodes) > 1,
	}
	if s.AuthToken {
		g.AuthTokenSince = s.Created
	}
	if s.Resharding {
		progress := s.Progress
		g.Progress = &progress
	}
	names := b.c.Names()
	if s.ClusterMode {
		g.Configuration = b.endpoint(names.Configuration(), portOf(b.c.ConfigurationEndpoint()))
	} else {
		g.Primary = b.endpoint(names.Primary(), portOf(b.c.PrimaryEndpoint()))
		g.Reader = b.endpoint(names.Reader(), portOf(b.c.ReaderEndpoint()))
	}
	for _, shard := range s.Shards {
		g.NodeGroups = append(g.NodeGroups, b.nodeGroup(shard, s.ClusterMode))
	}
	return []ReplicationGroup{g}
}

// endpoint is the service's name, unless the cluster was told to announce
// another host.
func (b *clusterBackend) endpoint(name string, port int) Endpoint {
	if host := b.c.AnnounceHost(); host != "" {
		name = host
	}
	return Endpoint{name, port}
}

// portOf is the port of host:port.
func portOf(addr string) int {
	_, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return n
}

func (b *clusterBackend) nodeGroup(shard cluster.ShardStatus, clusterMode bool) NodeGroup {
	g := NodeGroup{ID: shard.ID, Status: shard.Status}
	if clusterMode {
		g.Slots, g.SlotCount = shard.Slots, shard.SlotCount
	}
	for _, n := range shard.Nodes {
		g.Members = append(g.Members, Member{
			ID: n.Name, Status: n.Status, Primary: n.Primary, Zone: n.Zone, Engine: n.Engine, EngineVersion: n.Version,
			Endpoint: b.endpoint(n.Hostname, n.Port), CreateTime: n.CreatedAt,
		})
	}
	return g
}

func (b *clusterBackend) Events() []Event {
	var out []Event
	for _, e := range b.c.Events() {
		out = append(out, Event{Seq: e.Seq, Time: e.Time, SourceType: e.SourceType, SourceID: e.SourceID, Message: e.Message})
	}
	return out
}

func (b *clusterBackend) TestFailover(_, nodeGroup string) error {
	err := b.c.TestFailover(nodeGroup)
	switch {
	case errors.Is(err, cluster.ErrUnknownShard):
		return refuse(codeNodeGroupNotFound, "Node group %s not found.", clip(nodeGroup))
	case errors.Is(err, cluster.ErrNoReplica):
		return refuse(codeTestFailoverNotAvailable, "%s", err)
	}
	return translate(err)
}

func (b *clusterBackend) Upgrade(_, engine, version string) error {
	s := b.c.Status()
	if engine == "" {
		engine = s.Engine
	}
	err := b.c.Upgrade(engine, version)
	switch {
	case errors.Is(err, cluster.ErrUnknownVersion):
		return UnknownVersion(engine, version)
	case errors.Is(err, cluster.ErrDowngrade):
		return Downgrade(s.Engine, s.Version, engine, version)
	}
	return translate(err)
}

func (b *clusterBackend) Reshard(_ string, plan Resharding) error {
	p := cluster.Resharding{Remove: plan.Remove}
	for _, shard := range plan.Add {
		p.Add = append(p.Add, cluster.NewShard{ID: shard.ID, Zones: shard.Zones})
	}
	return translate(b.c.Reshard(p))
}

func (b *clusterBackend) SetReplicas(_ string, changes []ReplicaChange) error {
	var list []cluster.ReplicaChange
	for _, ch := range changes {
		list = append(list, cluster.ReplicaChange{NodeGroup: ch.NodeGroupID, Replicas: ch.Replicas, Zones: ch.Zones, Remove: ch.Remove})
	}
	return translate(b.c.SetReplicas(list...))
}

// translate gives the service's error for one of the cluster's.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, cluster.ErrNotAvailable):
		return ErrNotAvailable
	case errors.Is(err, cluster.ErrEven):
		return refuse(codeInvalidReplicationGroup, textNothingToReshard)
	case errors.Is(err, cluster.ErrUnknownZone):
		return refuse(codeInvalidParameterValue, "%s", err)
	case errors.Is(err, cluster.ErrQuota):
		return refuse(codeNodeQuotaForCustomer, "%s", err)
	case errors.Is(err, cluster.ErrUnknownShard), errors.Is(err, cluster.ErrUnknownNode), errors.Is(err, cluster.ErrInvalid):
		return refuse(codeInvalidParameterValue, "%s", err)
	}
	return err
}
