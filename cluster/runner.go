package cluster

import (
	"sync"
	"sync/atomic"
	"time"

	"elasticache-local/node"
	"elasticache-local/protocol"
	"elasticache-local/topology"
)

// runner does what the controller decides: one goroutine carries out the
// effects in their order, further ones what takes long. It owns the members.
type runner struct {
	settings   *settings
	clock      *clock
	hub        *hub
	members    *members
	book       *addressBook
	certs      *certificates   // nil without TLS
	loops      *protocol.Loops // nil in a cluster that lives in memory
	parameters *node.Parameters
	auth       *node.Auth

	mu struct {
		sync.Mutex
		controller *controller
		queue      []effect
		decided    uint64 // how many effects there have been
		done       uint64 // how many of them are carried out
		closed     bool
		changed    chan struct{} // closed and replaced when something has happened
	}
	woken   chan struct{} // holds a token while there is something to do
	closing chan struct{}
	running sync.WaitGroup // every goroutine of the runner's

	views views
	pipes atomic.Int64 // how many connections there have been in memory
}

// start lets the runner's goroutines begin.
func (r *runner) start() {
	r.running.Go(r.run)
	r.running.Go(r.heartbeat)
}

// post gives the controller an event. The error is the controller's refusal.
func (r *runner) post(ev event) error { return r.flip(ev, nil) }

// flip gives the controller an event and, if it is not refused, calls done
// before any effect is carried out.
func (r *runner) flip(ev event, done func(*topology.Topology)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mu.closed {
		return ErrClosed
	}
	effects, err := r.mu.controller.step(r.clock.Now(), ev)
	if err == nil && done != nil {
		done(r.mu.controller.topo)
	}
	r.mu.queue = append(r.mu.queue, effects...)
	r.mu.decided += uint64(len(effects))
	r.changedLocked()
	r.wake()
	return err
}

// settled posts an event and waits until everything that was decided by then is
// carried out. It is not for the runner's own goroutines.
func (r *runner) settled(ev event) error {
	if err := r.post(ev); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for until := r.mu.decided; r.mu.done < until && !r.mu.closed; {
		changed := r.mu.changed
		r.mu.Unlock()
		<-changed
		r.mu.Lock()
	}
	return nil
}

// changedLocked wakes those who wait for something to happen.
func (r *runner) changedLocked() {
	close(r.mu.changed)
	r.mu.changed = make(chan struct{})
}

// wake gives the runner's goroutine a turn.
func (r *runner) wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// run is the life of the runner's goroutine.
func (r *runner) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		for e, ok := r.next(); ok; e, ok = r.next() {
			r.carryOut(e)
			r.carriedOut()
		}
		timer.Reset(r.untilTimer())
		select {
		case <-r.closing:
			return
		case <-r.woken:
		case <-timer.C:
			_ = r.post(tick{})
		}
	}
}

// next takes the next effect from the queue.
func (r *runner) next() (effect, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mu.closed || len(r.mu.queue) == 0 {
		return nil, false
	}
	e := r.mu.queue[0]
	r.mu.queue = r.mu.queue[1:]
	return e, true
}

// carriedOut takes note that an effect is done.
func (r *runner) carriedOut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mu.done++; r.mu.done == r.mu.decided {
		r.changedLocked()
	}
}

// untilTimer is how long the controller has nothing to do on its own.
func (r *runner) untilTimer() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.mu.controller.wake(); ok {
		return max(0, at.Sub(r.clock.Now()))
	}
	return time.Hour
}

// ask lets f look at the controller.
func (r *runner) ask(f func(c *controller)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(r.mu.controller)
}

// carryOut does one effect.
func (r *runner) carryOut(e effect) {
	switch e := e.(type) {
	case startNode:
		r.startNode(e.spec)
	case serveNode:
		r.members.get(e.name).serve()
	case stopNode:
		r.stopNode(e)
	case drainNode:
		r.running.Go(func() { r.drainNode(e) })
	case forgetNode:
		r.members.drop(e.name)
		r.book.forget(e.name)
	case haltNodes:
		r.haltNodes(e)
	case promoteNode:
		r.promoteNode(e)
	case followNode:
		r.followNode(e)
	case showTopology:
		r.views.show(e.topo, e.atOnce)
	case handOver:
		r.running.Go(func() { r.handOver(e) })
	case succeedNode:
		r.running.Go(func() { r.succeedNode(e) })
	case moveSlots:
		r.running.Go(func() { r.moveSlots(e.moves) })
	default:
		panic("cluster: effect of an unknown kind")
	}
}

func (r *runner) startNode(spec lifeSpec) {
	at, err := r.book.open(spec.name)
	if err != nil {
		_ = r.post(startFailed{spec.name, spec.life, err})
		return
	}
	r.members.set(r.newMember(spec, at))
	_ = r.post(started{spec.name, spec.life, at.ip, at.port})
}

// patience is how long a node that is stopped in good order waits for commands
// in execution.
const patience = time.Second

func (r *runner) stopNode(e stopNode) {
	m := r.members.get(e.name)
	if m == nil {
		return
	}
	if m.place.door != nil && r.settings.comesBack() {
		m.place.door.ajar.Store(e.brief)
	}
	if e.inOrder {
		m.retire(patience)
	} else {
		m.kill()
	}
	r.book.left(m.place)
}

func (r *runner) drainNode(e drainNode) {
	m := r.members.get(e.name)
	if m.life != e.life {
		return
	}
	if m.place.door != nil && r.settings.comesBack() {
		m.place.door.ajar.Store(e.brief)
	}
	m.drain()
	_ = r.post(emptied{e.name, e.life})
}

func (r *runner) haltNodes(e haltNodes) {
	for _, name := range e.names {
		if m := r.members.get(name); m != nil {
			m.node.StopFollowing()
		}
	}
	if e.then != nil {
		_ = r.post(e.then)
	}
}

func (r *runner) promoteNode(e promoteNode) {
	m := r.members.get(e.name)
	offset := m.node.Log().Offset()
	m.node.Promote(e.runID)
	if over := r.members.get(e.over); over != nil {
		if lost, known := over.node.Log().EntriesAfter(offset); known && lost > 0 {
			_ = r.post(lostWrites{e.over, lost})
		}
	}
}

func (r *runner) followNode(e followNode) {
	m, source := r.members.get(e.name), r.members.get(e.source)
	if m == nil || source == nil || m.life != e.life {
		return
	}
	m.node.Follow(source.node, func() { _ = r.post(synced{e.name, e.life}) })
}

// offset and whole are the facts that the controller asks for.
func (r *runner) offset(name string) int64 {
	if m := r.members.get(name); m != nil {
		return m.node.Log().Offset()
	}
	return 0
}

func (r *runner) whole(name string) bool {
	m := r.members.get(name)
	return m != nil && m.node.Whole()
}

// close ends everything that the runner has begun, and all members.
func (r *runner) close() {
	r.mu.Lock()
	r.mu.closed = true
	r.mu.queue = nil
	r.changedLocked()
	r.mu.Unlock()
	close(r.closing)
	r.running.Wait()
	r.views.close()
	for _, m := range r.members.all() {
		if !m.node.Dead() {
			m.kill()
		}
		if m.place.door != nil {
			m.place.door.remove()
		}
	}
	r.book.close()
	if r.loops != nil {
		r.loops.Close()
	}
}
