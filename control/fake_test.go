package control

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"elasticache-local/endpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a Backend without nodes: a change takes effect at finish, or by
// itself once the groups have been looked at a number of times.
type fake struct {
	mu struct {
		sync.Mutex
		groups  []*ReplicationGroup
		events  []Event
		health  error
		broken  error // what the verbs fail with
		looks   int   // that a change still takes
		pending func()
	}
	begun []string // verbs that began a change, in order
}

// epoch is the present of the tests.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// endless is more looks than any test takes.
const endless = 1 << 30

func newFake(groups ...*ReplicationGroup) *fake {
	f := new(fake)
	f.mu.groups = groups
	f.mu.looks = endless
	return f
}

// sharded is an available group in cluster mode: 3 shards of 2 nodes.
func sharded() *ReplicationGroup {
	names := endpoint.For(endpoint.Group{ID: "local", ClusterMode: true})
	g := group("local", true)
	g.Configuration = Endpoint{names.Configuration(), 6379}
	for shard := 1; shard <= 3; shard++ {
		n := NodeGroup{ID: endpoint.NodeGroupID(shard), Status: StatusAvailable}
		for m := 1; m <= 2; m++ {
			n.Members = append(n.Members, member(g, names, shard, m))
		}
		g.NodeGroups = append(g.NodeGroups, n)
	}
	spread(g)
	return g
}

// single is an available group with cluster mode disabled and 3 nodes.
func single() *ReplicationGroup {
	names := endpoint.For(endpoint.Group{ID: "cmd"})
	g := group("cmd", false)
	g.Primary, g.Reader = Endpoint{names.Primary(), 6379}, Endpoint{names.Reader(), 6380}
	n := NodeGroup{ID: "0001", Status: StatusAvailable, SlotCount: totalSlots}
	for m := 1; m <= 3; m++ {
		n.Members = append(n.Members, member(g, names, 1, m))
	}
	g.NodeGroups = []NodeGroup{n}
	return g
}

func group(id string, clusterMode bool) *ReplicationGroup {
	return &ReplicationGroup{
		ID: id, Description: "a <group> & more", Region: "us-east-1", Status: StatusAvailable,
		Engine: EngineRedis, EngineVersion: "7.1.0", NodeType: "cache.r7g.large", CreateTime: epoch.Add(-time.Hour),
		ClusterMode: clusterMode, AutomaticFailover: true, MultiAZ: true,
	}
}

func member(g *ReplicationGroup, names endpoint.Names, shard, m int) Member {
	id := endpoint.CacheClusterID(g.ID, g.ClusterMode, shard, m)
	return Member{
		ID: id, Status: StatusAvailable, Primary: m == 1, Zone: "us-east-1" + string("abc"[(shard+m)%3]),
		Engine: g.Engine, EngineVersion: g.EngineVersion,
		Endpoint: Endpoint{names.Node(id), 6399 + m}, CreateTime: g.CreateTime,
	}
}

// spread gives the shards even, contiguous slots.
func spread(g *ReplicationGroup) {
	for i := range g.NodeGroups {
		from, to := i*totalSlots/len(g.NodeGroups), (i+1)*totalSlots/len(g.NodeGroups)
		g.NodeGroups[i].Slots = fmt.Sprintf("%d-%d", from, to-1)
		g.NodeGroups[i].SlotCount = to - from
	}
}

func (f *fake) ReplicationGroups() []ReplicationGroup {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.looks--; f.mu.looks <= 0 {
		f.finishLocked()
	}
	var groups []ReplicationGroup
	for _, g := range f.mu.groups {
		snapshot := *g
		snapshot.NodeGroups = slices.Clone(g.NodeGroups)
		for i := range snapshot.NodeGroups {
			snapshot.NodeGroups[i].Members = slices.Clone(g.NodeGroups[i].Members)
		}
		groups = append(groups, snapshot)
	}
	return groups
}

func (f *fake) Events() []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.mu.events)
}

func (f *fake) Health() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mu.health
}

// begin is the step to modifying that the verbs share.
func (f *fake) begin(id, verb string, finish func(*ReplicationGroup)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mu.broken != nil {
		return f.mu.broken
	}
	i := slices.IndexFunc(f.mu.groups, func(g *ReplicationGroup) bool { return g.ID == id })
	g := f.mu.groups[i]
	if g.Status != StatusAvailable {
		return ErrNotAvailable
	}
	f.begun = append(f.begun, verb)
	f.statusLocked(g, StatusModifying)
	f.mu.pending = func() {
		finish(g)
		g.Progress = nil
		f.statusLocked(g, StatusAvailable)
	}
	return nil
}

func (f *fake) statusLocked(g *ReplicationGroup, status string) {
	g.Status = status
	for i := range g.NodeGroups {
		g.NodeGroups[i].Status = status
	}
}

func (f *fake) finishLocked() {
	if f.mu.pending != nil {
		f.mu.pending()
		f.mu.pending, f.mu.looks = nil, endless
	}
}

// finish ends the change under way.
func (f *fake) finish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finishLocked()
}

// event records an event some time ago.
func (f *fake) event(ago time.Duration, sourceType, source, message string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.events = append(f.mu.events, Event{uint64(len(f.mu.events) + 1), epoch.Add(-ago), sourceType, source, message})
}

func (f *fake) TestFailover(id, shard string) error {
	return f.begin(id, "failover "+shard, func(g *ReplicationGroup) {
		for i := range g.NodeGroups {
			if members := g.NodeGroups[i].Members; g.NodeGroups[i].ID == shard {
				members[0].Primary, members[1].Primary = members[1].Primary, members[0].Primary
			}
		}
	})
}

// versions that the fake knows, in order, by engine.
var versions = map[string][]string{EngineRedis: {"7.0", "7.1"}, EngineValkey: {"7.2", "8.0", "8.1"}}

func (f *fake) Upgrade(id, engine, version string) error {
	if !slices.Contains(versions[engine], version) && version != "" {
		return UnknownVersion(engine, version)
	}
	if engine == EngineRedis && version == "7.0" {
		return Downgrade(EngineRedis, "7.1", engine, version)
	}
	return f.begin(id, "upgrade "+engine+" "+version, func(g *ReplicationGroup) {
		g.Engine, g.EngineVersion = engine, version+".0"
		for i := range g.NodeGroups {
			for j := range g.NodeGroups[i].Members {
				g.NodeGroups[i].Members[j].Engine, g.NodeGroups[i].Members[j].EngineVersion = engine, version+".0"
			}
		}
	})
}

func (f *fake) Reshard(id string, plan Resharding) error {
	err := f.begin(id, fmt.Sprintf("reshard +%v -%v", plan.Add, plan.Remove), func(g *ReplicationGroup) {
		g.NodeGroups = slices.DeleteFunc(g.NodeGroups, func(n NodeGroup) bool { return slices.Contains(plan.Remove, n.ID) })
		names := endpoint.For(endpoint.Group{ID: g.ID, ClusterMode: true})
		for range plan.Add {
			shard := len(g.NodeGroups) + 1
			g.NodeGroups = append(g.NodeGroups, NodeGroup{ID: endpoint.NodeGroupID(shard), Status: StatusAvailable,
				Members: []Member{member(g, names, shard, 1), member(g, names, shard, 2)}})
		}
		spread(g)
	})
	if err == nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		half := 12.5
		f.mu.groups[0].Progress = &half
	}
	return err
}

func (f *fake) SetReplicas(id string, changes []ReplicaChange) error {
	return f.begin(id, "replicas "+fmt.Sprint(changes), func(g *ReplicationGroup) {
		for _, c := range changes {
			i := slices.IndexFunc(g.NodeGroups, func(n NodeGroup) bool { return n.ID == c.NodeGroupID })
			n := &g.NodeGroups[i]
			n.Members = slices.DeleteFunc(n.Members, func(m Member) bool { return slices.Contains(c.Remove, m.ID) })
			for len(n.Members) > c.Replicas+1 {
				n.Members = n.Members[:len(n.Members)-1]
			}
			for len(n.Members) < c.Replicas+1 {
				m := n.Members[0]
				m.ID = strings.TrimSuffix(m.ID, "001") + fmt.Sprintf("%03d", len(n.Members)+1)
				m.Primary = false
				n.Members = append(n.Members, m)
			}
		}
	})
}

// serve starts a server over the fake.
func serve(t *testing.T, f *fake, change ...func(*Config)) *Server {
	t.Helper()
	cfg := Config{Addr: "127.0.0.1:0", Backend: f, Now: func() time.Time { return epoch }}
	for _, c := range change {
		c(&cfg)
	}
	s, err := Listen(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
