package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/replication"
	"elasticache-local/slots"
)

// follower is the replica's side of a node: it keeps the keyspace equal to a
// primary's. One goroutine does so, from Follow to StopFollowing; while it has nothing to
// do, threads that have written at the primary do it in passing.
type follower struct {
	// step is held by who applies entries. The goroutine lets go of it only when everything
	// is applied; attended says that others may take steps then. Before mu.
	step     sync.Mutex
	attended bool

	mu     sync.Mutex
	source *Node // nil: follows nobody
	run    *replication.Follower
	cursor *replication.Cursor
	stop   context.CancelFunc
	done   chan struct{} // closed when the goroutine has ended
	linked bool          // the source's log can be read
	since  int64         // unix milliseconds of the last change of the link
	synced bool          // holds all the source's keys

	// torn: a full sync was begun and not finished, so the keys are of no
	// single moment and can neither be served nor followed on from.
	torn bool

	ctx  *engine.Ctx                                 // of who holds step
	cmds [replication.GroupSize]replication.Commands // of the entries that are being applied

	group engine.Group // of entries that are being applied

	cmd     *engine.Command // the last one applied, with the name it was found by
	cmdName []byte
	keyPos  []int // see mayTouch
}

// Follow makes the node a replica of source, in place of whomever it followed:
// a partial sync where the logs allow it, a full one otherwise. It returns at
// once; synced (may be nil) is called on another goroutine whenever the keys
// are complete, and must not wait for this node.
func (n *Node) Follow(source *Node, synced func()) {
	n.StopFollowing()
	f := &n.follow
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	f.mu.Lock()
	f.source, f.stop, f.done = source, cancel, done
	f.mu.Unlock()
	source.followers.add(n)
	err := n.attach(source)
	go func() {
		defer close(done)
		for err == nil {
			if err = n.keepUp(ctx, source, synced); errors.Is(err, replication.ErrLost) {
				err = n.attach(source)
			}
		}
		f.mu.Lock()
		f.linked = false
		f.mu.Unlock()
	}()
}

// Adopt makes a new, empty node look like a replica that is in sync with source,
// new and empty too, so that Follow has nothing to copy. Nobody may have written
// to either.
func (n *Node) Adopt(source *Node) {
	n.log.Reset(source.log.ID(), source.log.Offset())
}

// StartLog lets a new primary's log begin, as if a replica had come already.
func (n *Node) StartLog() { n.log.Reset(n.log.ID(), n.log.Offset()) }

// attach takes a place in the source's log.
func (n *Node) attach(source *Node) error {
	f := &n.follow
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cursor != nil {
		f.cursor.Close()
	}
	id := n.log.ID()
	if f.torn {
		id = ""
	}
	cursor, partial := source.log.Follow(n.cfg.ID, id, n.log.Offset())
	f.cursor = cursor
	if err := cursor.Err(); err != nil {
		return err
	}
	cursor.SetDelay(n.cfg.ReplicationDelay.Milliseconds())
	if partial {
		if to := source.log.ID(); to != id {
			n.log.Shift(to)
		}
		f.run = replication.Resume(cursor, n.log, n)
	} else {
		f.torn = true
		n.loading.Store(true)
		n.log.Reset(source.log.ID(), cursor.Offset())
		f.run = replication.Sync(cursor, n.log, n)
	}
	f.linked, f.synced = true, partial
	source.stats.countSync(partial)
	return nil
}

// ackEvery is how often an idle replica shows that it is alive, in
// milliseconds: once a second, as in Redis.
const ackEvery = 1000

// pace tells when a replica lets entries gather for a millisecond. Under load,
// waking it for each entry costs the primary more than the entry did; otherwise
// an entry is applied at once.
type pace struct {
	at      int64 // the current millisecond
	steps   int   // how often entries were applied in it
	resting bool
}

const (
	restMillis = 1
	// busySteps is how many entries in a millisecond are a load.
	busySteps = 16
)

func (p *pace) rests(now int64, applied int) bool {
	switch {
	case p.resting:
		p.resting = applied >= busySteps
	case now != p.at:
		p.at, p.steps = now, 1
	default:
		p.steps++
		p.resting = p.steps >= busySteps
	}
	return p.resting
}

// keepUp copies what is missing and applies the source's log until the context
// ends or the log loses the place.
func (n *Node) keepUp(ctx context.Context, source *Node, synced func()) error {
	f := &n.follow
	f.step.Lock()
	defer f.step.Unlock()
	run, cursor := f.run, f.cursor
	if !run.Synced() {
		if err := n.copyAll(ctx, run, source); err != nil {
			return err
		}
	}
	var pace pace
	for told := false; ctx.Err() == nil; {
		now := n.cfg.Clock.Now().UnixMilli()
		applied, wake, err := run.Step(now)
		if err != nil {
			return err
		}
		if !told && run.Synced() {
			told = true
			n.setSynced()
			if synced != nil {
				synced()
			}
		}
		switch {
		case applied == 0:
			f.attended = told && n.cfg.ReplicationDelay == 0
			f.step.Unlock()
			n.pauseUntil(ctx, cursor.Ready(), min(wake, now+ackEvery), now)
			f.step.Lock()
			f.attended = false
			run.Ack(n.cfg.Clock.Now().UnixMilli())
		case pace.rests(now, applied) && cursor.AtEnd(): // unless a client waits for it
			n.pauseUntil(ctx, cursor.Ready(), now+restMillis, now)
		}
	}
	return ctx.Err()
}

func (n *Node) setSynced() {
	f := &n.follow
	f.mu.Lock()
	f.synced, f.torn = true, false
	f.mu.Unlock()
	n.loading.Store(false)
}

// StopFollowing ends following and waits until the last entry is applied. The
// keys stay, and so does the place in the history, for a later Follow.
func (n *Node) StopFollowing() {
	n.haltFollowing()
	f := &n.follow
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cursor != nil {
		f.cursor.Close()
	}
	if f.source != nil {
		f.source.followers.remove(n)
	}
	f.source, f.cursor, f.run = nil, nil, nil
	f.linked, f.synced, f.since = false, false, n.cfg.Clock.Now().UnixMilli()
	n.loading.Store(f.torn)
}

// haltFollowing ends the goroutine that follows and leaves the cursor where it is.
func (n *Node) haltFollowing() {
	f := &n.follow
	f.mu.Lock()
	stop, done := f.stop, f.done
	f.stop, f.done = nil, nil
	f.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}

// Hurry lets the node apply what its source's log holds by now without the
// replication delay.
func (n *Node) Hurry() {
	n.follow.mu.Lock()
	defer n.follow.mu.Unlock()
	if n.follow.linked {
		n.follow.cursor.Hurry(n.follow.source.log.Offset())
	}
}

// Drain applies the rest of the source's log, whose keys the caller has locked,
// without any delay. The node follows no more from then on, whatever the result.
func (n *Node) Drain() error {
	n.haltFollowing()
	f := &n.follow
	f.mu.Lock()
	source, run, synced := f.source, f.run, f.synced
	f.mu.Unlock()
	if source == nil || !synced {
		n.StopFollowing()
		return fmt.Errorf("node: %s is not in sync with the node that it follows", n.cfg.Name)
	}
	err := run.Drain(source.log.Offset(), n.cfg.Clock.Now().UnixMilli())
	n.StopFollowing()
	return err
}

// linkDownSeconds is how long the replica has had no primary in sync.
func (n *Node) linkDownSeconds(now int64) int64 {
	n.follow.mu.Lock()
	defer n.follow.mu.Unlock()
	return max(0, (now-n.follow.since)/1000)
}

// Source is the node that this one follows, nil if none.
func (n *Node) Source() *Node {
	n.follow.mu.Lock()
	defer n.follow.mu.Unlock()
	return n.follow.source
}

// Linked reports whether the node, a replica, can read its primary's log.
func (n *Node) Linked() bool {
	n.follow.mu.Lock()
	defer n.follow.mu.Unlock()
	return n.follow.linked
}

// Synced reports whether the node, a replica, holds all its primary's keys.
func (n *Node) Synced() bool {
	n.follow.mu.Lock()
	defer n.follow.mu.Unlock()
	return n.follow.synced
}

// Whole reports whether the node's keys are those of one moment: it is or was
// a primary, or a replica in sync. Others must not be promoted.
func (n *Node) Whole() bool {
	n.follow.mu.Lock()
	defer n.follow.mu.Unlock()
	return !n.follow.torn
}

// copyAll copies all slots: one after the other where entries are about one
// slot, at one moment where they may span several.
func (n *Node) copyAll(ctx context.Context, f *replication.Follower, source *Node) error {
	if !n.cfg.ClusterMode {
		source.ks.LockAll()
		offset := source.log.Offset()
		for s := range slots.Slot(slots.Count) {
			n.installSlot(s, source.ks.CopySlotLocked(s))
		}
		source.ks.UnlockAll()
		f.CopiedAll(offset)
		return nil
	}
	for more := true; more && ctx.Err() == nil; {
		var err error
		if more, err = f.CopyNext(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// pauseUntil waits for something to do.
func (n *Node) pauseUntil(ctx context.Context, ready <-chan struct{}, wake, now int64) {
	due := make(chan struct{})
	t := n.cfg.Clock.AfterFunc(max(1, time.Duration(wake-now))*time.Millisecond, func() { close(due) })
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-ready:
	case <-due:
	}
}

// CopySlot copies one slot of the followed node: replication.Target.
func (n *Node) CopySlot(s slots.Slot) (offset int64, err error) {
	source := n.Source()
	if source == nil || source.dead.Load() {
		return 0, replication.ErrClosed
	}
	source.ks.Lock(s)
	offset = source.log.Offset()
	if source.ks.CountSlotLocked(s) == 0 {
		source.ks.Unlock(s)
		n.ks.Lock(s)
		n.ks.EmptySlotLocked(s)
		n.ks.Unlock(s)
		return offset, nil
	}
	c := source.ks.CopySlotLocked(s)
	source.ks.Unlock(s)
	n.installSlot(s, c)
	return offset, nil
}

func (n *Node) installSlot(s slots.Slot, c engine.SlotCopy) {
	n.ks.Lock(s)
	n.ks.InstallSlotLocked(s, c)
	n.ks.Unlock(s)
}

// Promote makes the node a primary in its own right: it stops following and its
// log gets a new history id. The caller gives it a topology in which it is one.
func (n *Node) Promote(newID string) {
	n.StopFollowing()
	n.log.Shift(newID)
}

// Demoted ends what only a primary has: waits for keys.
func (n *Node) Demoted() {
	n.Unblock(slots.Full(), func(*Session, slots.Slot) string { return protocol.ErrUnblockedByChange })
}
