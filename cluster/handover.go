package cluster

import (
	"fmt"
	"time"

	"elasticache-local/topology"
)

// A hand-over in good order. The replica first catches up while the primary
// goes on serving; then all slots of the primary are locked, the replica applies
// what is left, and both get the new view before the locks are released. A
// command that waited for a lock finds the new view and is redirected. So no
// write that was acknowledged is lost, however large the replication delay is.

// Bounds of catching up before the locks are taken.
const (
	handOverLag    = 64 << 10 // bytes that may be left to apply under the locks
	handOverRounds = 200
	handOverPause  = time.Millisecond
)

func (r *runner) handOver(e handOver) {
	if err := r.tryHandOver(e); err != nil {
		_ = r.post(notDrained{e.group, err})
	}
}

func (r *runner) tryHandOver(e handOver) error {
	from, to := r.members.get(e.from), r.members.get(e.to)
	if from == nil || to == nil || to.node.Source() != from.node {
		return fmt.Errorf("%s does not follow %s", e.to, e.from)
	}
	if err := r.catchUp(from, to); err != nil {
		return err
	}
	if err := r.flipPrimary(e, from, to); err != nil {
		return err
	}
	from.node.Demoted()
	return nil
}

// catchUp lets a replica come close to its primary without regard to the
// replication delay.
func (r *runner) catchUp(from, to *member) error {
	for range handOverRounds {
		to.node.Hurry()
		if from.node.Log().Offset()-to.node.Log().Offset() <= handOverLag && to.node.Synced() {
			return nil
		}
		if !r.sleep(handOverPause) {
			return ErrClosed
		}
	}
	return fmt.Errorf("%s does not catch up with %s", to.name, from.name)
}

func (r *runner) flipPrimary(e handOver, from, to *member) error {
	ks := from.node.Keyspace()
	ks.LockAll()
	defer ks.UnlockAll()
	if err := to.node.Drain(); err != nil {
		return err
	}
	return r.flip(drained(e), func(t *topology.Topology) {
		to.node.Promote(hexID(r.settings.Seed, "history", to.node.ID()+"/"+itoa(int(t.Version))))
		to.node.SetTopology(t)
		from.node.SetTopology(t)
		r.views.reached(t)
	})
}

// succeedNode lets a primary's next life follow it and take its place.
func (r *runner) succeedNode(e succeedNode) {
	if err := r.trySucceed(e); err != nil {
		_ = r.post(notDrained{e.group, err})
	}
}

func (r *runner) trySucceed(e succeedNode) error {
	old := r.members.get(e.spec.name)
	at := old.place
	if !r.settings.comesBack() {
		var err error
		if at, err = r.book.open(e.spec.name); err != nil {
			return err
		}
	}
	m := r.newMember(e.spec, at)
	m.node.Follow(old.node, nil)
	err := r.catchUp(old, m)
	if err == nil {
		err = r.flipLife(e, old, m)
	}
	if err != nil {
		m.node.Kill()
		if !r.settings.comesBack() {
			r.book.left(at)
		}
		return err
	}
	if !r.settings.comesBack() { // both can be there for a while
		m.serve()
		_ = r.post(handedOver{})
		r.sleep(removalGrace)
		old.retire(patience)
		r.book.left(old.place)
		return nil
	}
	old.retire(patience)
	if err := at.door.open(); err != nil {
		r.settings.Logger.Error("a node lost its port", "node", m.name, "error", err)
	}
	m.serve()
	return r.post(handedOver{})
}

func (r *runner) flipLife(e succeedNode, old, m *member) error {
	ks := old.node.Keyspace()
	ks.LockAll()
	defer ks.UnlockAll()
	if err := m.node.Drain(); err != nil {
		return err
	}
	return r.flip(succeeded{e.group, e.spec, m.place.ip, m.place.port}, func(t *topology.Topology) {
		m.node.Promote(hexID(r.settings.Seed, "history", m.node.ID()+"/"+itoa(int(t.Version))))
		m.node.SetTopology(t)
		r.members.set(m)
		if r.settings.comesBack() { // it cannot send clients to its own address; new ones wait
			m.place.door.ajar.Store(true)
			old.server.Refuse()
			old.node.Succeeded()
		} else {
			old.node.SetTopology(t) // it is not in there any more: it sends clients to its successor
		}
		r.views.reached(t)
	})
}

// sleep waits, and reports false if the cluster is closed meanwhile.
func (r *runner) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.closing:
		return false
	}
}
