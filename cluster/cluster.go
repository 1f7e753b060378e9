package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"elasticache-local/endpoint"
	"elasticache-local/node"
	"elasticache-local/protocol"
	"elasticache-local/topology"
)

// Cluster is a running replication group. Its methods may be called from several
// goroutines at once. Faults (Kill, Partition, …) have happened when their method
// returns. Changes (Upgrade, Reshard, …) have begun; wait for their end, and for
// what follows from a fault, with WaitStable.
type Cluster struct {
	settings *settings
	runner   *runner
	chooser  *chooser
	main     *front // configuration endpoint, or primary endpoint with cluster mode disabled
	reader   *front // nil with cluster mode enabled

	closing sync.Once
}

// Start makes a cluster and returns when every slot is served and every replica
// is in sync. What is wrong with cfg is told by a *ConfigError.
func Start(cfg Config) (*Cluster, error) {
	s, err := complete(cfg)
	if err != nil {
		return nil, err
	}
	r, err := newRunner(s)
	if err != nil {
		return nil, err
	}
	c := &Cluster{settings: s, runner: r, chooser: &chooser{views: &r.views, members: r.members}}
	if err = c.openFronts(); err == nil {
		err = r.found()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	c.main.serve()
	if c.reader != nil {
		c.reader.serve()
	}
	r.start()
	return c, nil
}

func newRunner(s *settings) (*runner, error) {
	h := &hub{announcer: announcer{host: s.AnnounceHost, own: s.Addresses != Ports, tls: s.TLS, names: s.names}, clusterMode: s.clusterMode}
	h.members.Store(&roll{byName: map[string]*member{}, byID: map[string]*member{}})
	r := &runner{
		settings: s, clock: newClock(), hub: h, members: &members{hub: h}, book: newAddressBook(s),
		parameters: node.DefaultParameters(), auth: node.NewAuth(),
		woken: make(chan struct{}, 1), closing: make(chan struct{}),
	}
	r.views.members, r.views.delay = r.members, s.TopologyDelay
	r.mu.controller = newController(s, r, r.clock.Now())
	r.mu.changed = make(chan struct{})
	if s.AuthToken != "" {
		r.auth.Set(s.AuthToken)
	}
	if s.TLS {
		certs, err := newCertificates(s)
		if err != nil {
			return nil, err
		}
		r.certs = certs
	}
	if s.Addresses != Memory {
		// One node is busy with one loop, as a real one is with one thread: a second
		// would only take the processor from its clients.
		r.loops = protocol.NewLoops(min(runtime.GOMAXPROCS(0), s.Shards*(1+s.Replicas)), r.clock.Mono)
	}
	return r, nil
}

// openFronts opens the endpoints, so that a port that is taken is found out
// before anything else is done.
func (c *Cluster) openFronts() (err error) {
	s := c.settings
	choose := c.chooser.any
	if !s.clusterMode {
		choose = c.chooser.primary
	}
	if s.Addresses == Memory {
		c.main = &front{choose: choose}
	} else if c.main, err = listenFront("port", s.Bind, s.Port, choose); err != nil {
		return err
	}
	switch {
	case s.clusterMode:
	case s.Addresses == Memory:
		c.reader = &front{choose: c.chooser.reader}
	default:
		c.reader, err = listenFront("reader-port", s.Bind, s.ReaderPort, c.chooser.reader)
	}
	return err
}

// Close ends the cluster: connections drop, ports are free, no goroutine is left.
func (c *Cluster) Close() {
	c.closing.Do(func() {
		for _, f := range []*front{c.main, c.reader} {
			if f != nil {
				f.close()
			}
		}
		c.runner.close()
	})
}

// post gives the controller an event.
func (c *Cluster) post(ev event) error { return c.runner.post(ev) }

// Kill lets a node die, as in a crash: its connections drop, what it has not
// replicated is lost. It is noticed after Config.FailoverDelay.
func (c *Cluster) Kill(node string) error { return c.runner.settled(killed{node}) }

// Restart reboots a node. A primary stays primary and comes back without keys.
func (c *Cluster) Restart(node string) error { return c.runner.settled(restarted{node}) }

// TestFailover lets the primary of a shard fail, as the service's call of that name.
func (c *Cluster) TestFailover(nodeGroup string) error { return c.post(testFailover{nodeGroup}) }

// FailZone lets every node of a zone die; they stay away until RestoreZone. The
// zone is written "a" or "us-east-1a".
func (c *Cluster) FailZone(zone string) error { return c.runner.settled(zoneFailed{c.zone(zone)}) }

// RestoreZone ends FailZone.
func (c *Cluster) RestoreZone(zone string) error { return c.post(zoneRestored{c.zone(zone)}) }

func (c *Cluster) zone(name string) string {
	if full, err := c.settings.zone(name); err == nil {
		return full
	}
	return name
}

// Partition cuts a replica off from its primary: it falls behind.
func (c *Cluster) Partition(replica string) error { return c.runner.settled(partitioned{replica}) }

// Heal ends Partition.
func (c *Cluster) Heal(replica string) error { return c.runner.settled(healed{replica}) }

// Upgrade raises the engine version, node by node. engine "" is the present one,
// version "" the highest.
func (c *Cluster) Upgrade(engine, version string) error { return c.post(upgraded{engine, version}) }

// Reshard adds or removes shards and deals the slots evenly.
func (c *Cluster) Reshard(plan Resharding) error { return c.post(resharded{plan}) }

// AddShards adds n shards.
func (c *Cluster) AddShards(n int) error {
	return c.Reshard(Resharding{Add: make([]NewShard, max(0, n))})
}

// RemoveShards removes shards, by node group id.
func (c *Cluster) RemoveShards(nodeGroups ...string) error {
	return c.Reshard(Resharding{Remove: nodeGroups})
}

// SetReplicas brings shards to numbers of replicas.
func (c *Cluster) SetReplicas(changes ...ReplicaChange) error { return c.post(setReplicas{changes}) }

// SetReplicaCount brings all shards to a number of replicas.
func (c *Cluster) SetReplicaCount(n int) error {
	var changes []ReplicaChange
	for _, s := range c.Status().Shards {
		changes = append(changes, ReplicaChange{NodeGroup: s.ID, Replicas: n})
	}
	return c.SetReplicas(changes...)
}

// Status describes the replication group as of now.
func (c *Cluster) Status() (s Status) {
	c.runner.ask(func(ctl *controller) { s = ctl.status() })
	return s
}

// Topology is the newest map of the cluster; a node's own may be older.
func (c *Cluster) Topology() *topology.Topology { return c.runner.views.latest.Load() }

// Events gives what is remembered, oldest first.
func (c *Cluster) Events() (list []Event) {
	c.runner.ask(func(ctl *controller) { list = slices.Clone(ctl.journal.list) })
	return list
}

// Health is nil when every slot is served and every replica is in sync, those
// that are partitioned excepted.
func (c *Cluster) Health() error {
	s := c.Status()
	for _, shard := range s.Shards {
		if err := c.shardHealth(shard); err != nil {
			return err
		}
	}
	if !s.Covered {
		return errors.New("some slots have no owner")
	}
	return nil
}

func (c *Cluster) shardHealth(s ShardStatus) error {
	var primary *member
	for _, n := range s.Nodes {
		m := c.runner.members.get(n.Name)
		switch {
		case m == nil || m.node.Dead():
			return fmt.Errorf("%s does not run", n.Name)
		case n.State != topology.Online.String():
			return fmt.Errorf("%s is %s", n.Name, n.State)
		case n.Primary:
			primary = m
		}
	}
	for _, n := range s.Nodes {
		m := c.runner.members.get(n.Name)
		if !n.Primary && !n.Cut && (m == nil || m.node.Source() != primary.node || !m.node.Linked() || !m.node.Synced()) {
			return fmt.Errorf("%s is not in sync with its primary", n.Name)
		}
	}
	return nil
}

// WaitStable waits until no change is under way, every node serves, and every
// replica that is not partitioned is in sync.
func (c *Cluster) WaitStable(ctx context.Context) error {
	for {
		c.runner.mu.Lock()
		m := &c.runner.mu
		changed, closed, busy := m.changed, m.closed, m.controller.modifying() || m.done < m.decided
		c.runner.mu.Unlock()
		if closed {
			return ErrClosed
		}
		pause := time.Hour
		if !busy {
			if c.Health() == nil {
				return nil
			}
			pause = handOverPause // a replica is about to get in touch: no event tells
		}
		if err := waitFor(ctx, changed, pause); err != nil {
			return err
		}
	}
}

func waitFor(ctx context.Context, changed <-chan struct{}, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-timer.C:
	}
	return nil
}

// Names are the endpoint names of the group.
func (c *Cluster) Names() endpoint.Names { return c.settings.names }

// ConfigurationEndpoint is the address, host:port, from which cluster clients
// find all nodes; with cluster mode disabled it is "".
func (c *Cluster) ConfigurationEndpoint() string {
	if !c.settings.clusterMode {
		return ""
	}
	return c.addr(c.main)
}

// PrimaryEndpoint is the address that leads to the primary, with cluster mode
// disabled.
func (c *Cluster) PrimaryEndpoint() string {
	if c.settings.clusterMode {
		return ""
	}
	return c.addr(c.main)
}

// ReaderEndpoint is the address that leads to the replicas in turn, with cluster
// mode disabled.
func (c *Cluster) ReaderEndpoint() string {
	if c.settings.clusterMode {
		return ""
	}
	return c.addr(c.reader)
}

func (c *Cluster) addr(f *front) string {
	if c.settings.Addresses == Memory {
		host := c.settings.names.Configuration()
		switch {
		case !c.settings.clusterMode && f == c.reader:
			host = c.settings.names.Reader()
		case !c.settings.clusterMode:
			host = c.settings.names.Primary()
		}
		return net.JoinHostPort(host, strconv.Itoa(nodePort))
	}
	return net.JoinHostPort(hostOf(c.settings.Bind), strconv.Itoa(f.port()))
}

// Addrs are the addresses of all nodes, host:port, by name.
func (c *Cluster) Addrs() []string {
	var list []string
	for _, s := range c.Status().Shards {
		for _, n := range s.Nodes {
			list = append(list, net.JoinHostPort(n.IP, strconv.Itoa(n.Port)))
		}
	}
	return list
}

// CertificateAuthority is the PEM certificate that clients have to trust, nil
// without TLS.
func (c *Cluster) CertificateAuthority() []byte {
	if c.runner.certs == nil {
		return nil
	}
	return c.runner.certs.ca
}

// AnnounceHost is what clients are told in place of the address that they
// dialled, "" for nothing.
func (c *Cluster) AnnounceHost() string { return c.settings.AnnounceHost }
