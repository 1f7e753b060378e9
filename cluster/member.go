package cluster

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"elasticache-local/engine"
	"elasticache-local/node"
	"elasticache-local/protocol"
)

// member is one life of a node: from its start, under some address and with some
// engine version, to its end. A replaced node goes on as another member.
type member struct {
	name   string
	life   int // which of the node's lives this is, from 1
	node   *node.Node
	server *protocol.Server
	place  place
	tls    *tls.Config // nil: plain connections

	serving sync.WaitGroup
}

// lifeSpec says what a node is to be in its next life.
type lifeSpec struct {
	name    string
	life    int
	id      string // 40 hexadecimal digits
	engine  string
	version engine.Version
}

// newMember makes a node and its server. It serves nobody yet.
func (r *runner) newMember(spec lifeSpec, at place) *member {
	s := r.settings
	m := &member{name: spec.name, life: spec.life, place: at}
	if r.certs != nil {
		m.tls = r.certs.config
	}
	m.node = node.New(node.Config{
		ID:               spec.id,
		Name:             spec.name,
		ClusterMode:      s.clusterMode,
		Databases:        databases(s.clusterMode),
		Engine:           spec.engine,
		Version:          spec.version,
		TLS:              s.TLS,
		Seed:             seedOf(s.Seed, spec.id),
		HashSeed:         s.Seed,
		Unrestricted:     s.Unrestricted,
		Clock:            r.clock,
		Cluster:          r.hub,
		Parameters:       r.parameters,
		Auth:             r.auth,
		ReplicationDelay: s.ReplicationDelay,
		IdleTimeout:      func(d time.Duration) { m.setIdleTimeout(d) },
		Traffic:          m.traffic,
		Logger:           s.Logger,
		RunID:            hexID(s.Seed, "run", spec.id),
	})
	carrier := protocol.CarrierAuto
	if r.loops == nil {
		carrier = protocol.CarrierGoroutine
	}
	m.server = protocol.NewServer(m.node, protocol.Config{Limits: m.node.Limits(), Carrier: carrier, Loops: r.loops})
	return m
}

func databases(clusterMode bool) int {
	if clusterMode {
		return 1
	}
	return databasesWithoutClusterMode
}

func (m *member) setIdleTimeout(d time.Duration) {
	if m.server != nil {
		m.server.SetIdleTimeout(d)
	}
}

func (m *member) traffic() (in, out int64) {
	if m.server == nil {
		return 0, 0
	}
	st := m.server.Stats()
	return st.NetIn, st.NetOut
}

// serve lets the member accept connections at its place.
func (m *member) serve() {
	if m.place.door == nil {
		return
	}
	ln := m.place.door.listener()
	m.serving.Go(func() {
		if m.tls != nil {
			m.server.ServeTLS(ln, m.tls)
		} else {
			m.server.Serve(ln)
		}
	})
}

// take serves a connection that was accepted elsewhere.
func (m *member) take(nc net.Conn) error {
	if m.tls != nil {
		nc = tls.Server(nc, m.tls)
	}
	return m.server.ServeConn(nc)
}

// kill ends the member as a crash does: connections drop, what was not
// replicated stays so. Keys and log remain readable to this process.
func (m *member) kill() {
	m.server.Close()
	m.serving.Wait()
	m.node.Kill()
}

// Bounds of letting clients go.
const (
	leaveQuiet = 100 * time.Millisecond // a client silent for so long has nothing under way
	leaveBound = 500 * time.Millisecond // then the others are disconnected all the same
)

// drain takes no more clients and lets those who are there finish what they are
// at. The member goes on answering meanwhile.
func (m *member) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), leaveBound)
	defer cancel()
	m.server.Drain(ctx, leaveQuiet)
}

// retire ends the member in good order: commands in execution are answered.
func (m *member) retire(patience time.Duration) {
	m.node.Demoted()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m.server.Shutdown(ctx)
	m.serving.Wait()
	m.node.Kill()
}
