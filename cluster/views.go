package cluster

import (
	"sync"
	"sync/atomic"
	"time"

	"elasticache-local/topology"
)

// views brings topologies to the nodes: at once, or when the topology delay is
// over, which makes their views stale.
type views struct {
	members *members
	delay   time.Duration

	latest atomic.Pointer[topology.Topology] // what the controller knows

	mu      sync.Mutex
	pending []laterView // in the order of their times
	timer   *time.Timer
	closed  bool
}

type laterView struct {
	at   time.Time
	topo *topology.Topology
}

// show gives a topology to the members named, and to the others in a while.
func (v *views) show(t *topology.Topology, atOnce []string) {
	v.reached(t)
	if v.delay == 0 {
		v.give(t)
		return
	}
	for _, name := range atOnce {
		if m := v.members.get(name); m != nil {
			m.node.SetTopology(t)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return
	}
	v.pending = append(v.pending, laterView{time.Now().Add(v.delay), t})
	if v.timer == nil {
		v.timer = time.AfterFunc(v.delay, v.due)
	}
}

// reached takes note of the newest topology.
func (v *views) reached(t *topology.Topology) {
	for old := v.latest.Load(); old == nil || old.Version < t.Version; old = v.latest.Load() {
		if v.latest.CompareAndSwap(old, t) {
			return
		}
	}
}

// give gives a topology to all members. Who has a newer one keeps it.
func (v *views) give(t *topology.Topology) {
	for _, m := range v.members.all() {
		m.node.SetTopology(t)
	}
}

// due gives the newest of the topologies whose time has come.
func (v *views) due() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.timer = nil
	now := time.Now()
	var newest *topology.Topology
	for len(v.pending) > 0 && !v.pending[0].at.After(now) {
		newest = v.pending[0].topo
		v.pending = v.pending[1:]
	}
	if v.closed {
		return
	}
	if newest != nil {
		v.give(newest)
	}
	if len(v.pending) > 0 {
		v.timer = time.AfterFunc(v.pending[0].at.Sub(now), v.due)
	}
}

func (v *views) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	if v.timer != nil {
		v.timer.Stop()
	}
}
