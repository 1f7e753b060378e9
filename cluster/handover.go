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
