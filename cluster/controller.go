package cluster

import (
	"cmp"
	"slices"
	"time"

	"elasticache-local/endpoint"
	"elasticache-local/engine"
	"elasticache-local/topology"
)

// controller decides what becomes of the replication group. It is pure: it is
// told the time and what happened, and answers what is to be done. Everything it
// asks of the world is in facts.
type controller struct {
	settings *settings
	facts    facts

	topo      *topology.Topology
	nodes     []*nodeState    // in the order of their names
	downZones map[string]bool // zones that are failed
	engine    string          // what the group is, or is being upgraded to
	version   engine.Version
	change    change // the change under way, nil if none
	tests     []time.Time
	journal   journal
	created   time.Time

	lost    int // writes that failovers have lost
	timers  []timer
	now     time.Time
	effects []effect
	shown   uint64 // version of the topology that was last shown
	atOnce  []string
}

// facts are what the controller may ask of running nodes.
type facts interface {
	// offset is the log offset of a node.
	offset(name string) int64
	// whole reports whether the node's keys are those of one moment.
	whole(name string) bool
}

// event is something that happened, or is asked for. An error refuses it, and
// then nothing is changed.
type event interface {
	apply(c *controller) error
}

// effect is something to be done. Effects are done in the order in which they
// were decided; what takes long is only begun.
type effect interface{}

type (
	// startNode brings a node to life; started or startFailed is the answer.
	startNode struct{ spec lifeSpec }
	// serveNode lets clients come to a node that has been started.
	serveNode struct{ name string }
	// stopNode ends a node's life: as a crash does, or in good order. If it is
	// back at once, connections to it are not refused but wait.
	stopNode struct {
		name    string
		inOrder bool
		brief   bool
	}
	// drainNode lets a node take no more clients and those that it has finish what
	// they are at; emptied is the answer.
	drainNode struct {
		name  string
		life  int
		brief bool // as in stopNode
	}
	// forgetNode gives up the place of a node that has been stopped.
	forgetNode struct{ name string }
	// haltNodes lets nodes follow nobody, and then answers.
	haltNodes struct {
		names []string
		then  event // nil: no answer
	}
	// promoteNode makes a replica a primary in its own right; over is the one
	// that it takes over from.
	promoteNode struct{ name, over, runID string }
	// followNode makes a node a replica of source; synced is the answer.
	followNode struct {
		name   string
		life   int
		source string
	}
	// showTopology gives the nodes a new view: at once to some, to the others
	// when the topology delay is over.
	showTopology struct {
		topo   *topology.Topology
		atOnce []string
	}
	// handOver lets a primary hand its slots to a replica, with no write lost;
	// drained or notDrained is the answer.
	handOver struct{ group, from, to string }
	// succeedNode lets a primary without replicas hand its slots to its own next
	// life; succeeded or notDrained is the answer.
	succeedNode struct {
		group string
		spec  lifeSpec
	}
)

// phase is how far a node is in its life.
type phase uint8

const (
	starting phase = iota // being started
	syncing               // copies its primary's keys
	online                // serves
	dead                  // has died, and nobody has noticed yet
	failed                // known to be dead; will be replaced
	leaving               // lets its clients go, to be stopped in good order
	away                  // stopped in good order; will be started again
)

// running reports whether a node in that phase has a process.
func (p phase) running() bool { return p == syncing || p == online }

// purpose is why a node that is not online is not, which decides on the events
// that are told.
type purpose uint8

const (
	creating   purpose = iota // it is new
	recovering                // it had failed
	patching                  // it gets another engine version
	rebooting                 // it was restarted
)

// nodeState is a node as the controller knows it.
type nodeState struct {
	name    string // cache cluster id
	group   string // node group id
	zone    string
	life    int    // counted from 1
	id      string // of this life
	engine  string
	version engine.Version
	phase   phase
	purpose purpose
	cut     bool      // partitioned from its primary
	demoted time.Time // when it handed its slots over
	created time.Time
}

func newController(s *settings, f facts, now time.Time) *controller {
	c := &controller{
		settings: s, facts: f, topo: topology.Empty(), downZones: map[string]bool{},
		engine: s.Engine, version: s.version, created: now, now: now,
	}
	return c
}

// step takes an event in and gives what is to be done.
func (c *controller) step(now time.Time, ev event) ([]effect, error) {
	c.now = now
	err := ev.apply(c)
	c.fire()
	c.advance()
	if c.topo.Version != c.shown {
		c.show()
	}
	out := c.effects
	c.effects = nil
	return out, err
}

// tick lets timers fire.
type tick struct{}

func (tick) apply(*controller) error { return nil }

// timer is an event that has not happened yet.
type timer struct {
	at time.Time
	ev event
}

// after lets an event happen in a while; at once is within this step.
func (c *controller) after(d time.Duration, ev event) {
	t := timer{c.now.Add(max(0, d)), ev}
	i, _ := slices.BinarySearchFunc(c.timers, t, func(a, b timer) int {
		return cmp.Or(a.at.Compare(b.at), -1) // behind those of the same time
	})
	c.timers = slices.Insert(c.timers, i, t)
}

// fire applies the timers that are due. A timer's event cannot be refused.
func (c *controller) fire() {
	for len(c.timers) > 0 && !c.timers[0].at.After(c.now) {
		ev := c.timers[0].ev
		c.timers = slices.Delete(c.timers, 0, 1)
		_ = ev.apply(c)
	}
}

// wake gives when the next timer is due.
func (c *controller) wake() (at time.Time, ok bool) {
	if len(c.timers) == 0 {
		return time.Time{}, false
	}
	return c.timers[0].at, true
}

func (c *controller) do(e effect) { c.effects = append(c.effects, e) }

// show lets the nodes see the topology as it is now, those named at once.
func (c *controller) show(atOnce ...string) {
	c.do(showTopology{c.topo, append(c.atOnce, atOnce...)})
	c.shown, c.atOnce = c.topo.Version, nil
}

// change is something that takes many steps: an upgrade, a resharding, another
// number of replicas. Only one is under way at a time.
type change interface {
	// advance looks at what there is and does what can be done next. It is
	// called after every event, and reports whether nothing is left to do.
	advance(c *controller) (done bool)
}

func (c *controller) advance() {
	for c.change != nil && c.change.advance(c) {
		c.change = nil
	}
}

// modifying reports whether a change is under way or a node is not there.
func (c *controller) modifying() bool {
	return c.change != nil || !c.allOnline()
}

func (c *controller) allOnline() bool {
	return !slices.ContainsFunc(c.nodes, func(n *nodeState) bool { return n.phase != online })
}

// node finds a node by its name.
func (c *controller) node(name string) *nodeState {
	i, found := slices.BinarySearchFunc(c.nodes, name, func(n *nodeState, name string) int { return cmp.Compare(n.name, name) })
	if !found {
		return nil
	}
	return c.nodes[i]
}

// alive finds a node that is still in that life.
func (c *controller) alive(name string, life int) *nodeState {
	if n := c.node(name); n != nil && n.life == life {
		return n
	}
	return nil
}

func (c *controller) addNode(n *nodeState) {
	i, _ := slices.BinarySearchFunc(c.nodes, n.name, func(o *nodeState, name string) int { return cmp.Compare(o.name, name) })
	c.nodes = slices.Insert(c.nodes, i, n)
}

// inGroup gives the nodes of a node group, by name.
func (c *controller) inGroup(group string) []*nodeState {
	var list []*nodeState
	for _, n := range c.nodes {
		if n.group == group {
			list = append(list, n)
		}
	}
	return list
}

// primary gives the primary of a node group, dead or alive.
func (c *controller) primary(group string) *nodeState {
	shard := c.topo.ShardByGroup(group)
	return c.node(c.topo.Nodes[c.topo.Shards[shard].Primary].Name)
}

func (c *controller) isPrimary(n *nodeState) bool {
	i := c.topo.NodeByName(n.name)
	return i >= 0 && c.topo.IsPrimary(i)
}

// setState tells what the cluster thinks of a node.
func (c *controller) setState(n *nodeState, state topology.NodeState) {
	c.topo = c.topo.WithState(c.topo.NodeByName(n.name), state, c.now.UnixMilli())
}

// entry is the node as it stands in the topology; place and state come later.
func (c *controller) entry(n *nodeState) topology.Node {
	return topology.Node{
		ID: n.id, Name: n.name, Shard: c.topo.ShardByGroup(n.group), Zone: n.zone,
		BusPort: topology.BusPort, Hostname: c.settings.names.Node(n.name),
		Version: n.version.String(), State: topology.Loading, Since: c.now.UnixMilli(),
	}
}

// newNode makes the state of a node that does not exist yet.
func (c *controller) newNode(group, zone string, shard, member int) *nodeState {
	n := &nodeState{
		name:  endpoint.CacheClusterID(c.settings.ID, c.settings.clusterMode, shard, member),
		group: group, zone: zone, engine: c.engine, version: c.version,
		phase: starting, purpose: creating, created: c.now,
	}
	c.reborn(n)
	return n
}

// reborn gives a node its next life.
func (c *controller) reborn(n *nodeState) {
	n.life++
	n.cut = false
	n.id = hexID(c.settings.Seed, "node", n.name+"/"+itoa(n.life))
}

func (n *nodeState) spec() lifeSpec {
	return lifeSpec{name: n.name, life: n.life, id: n.id, engine: n.engine, version: n.version}
}
