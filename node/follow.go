package node

import (
	"context"
	"sync"
	"time"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/replication"
	"elasticache-local/slots"
)

// follower is the replica's side of a node: it keeps the keyspace equal to a
// primary's.
type follower struct {
	mu     sync.Mutex
	source *Node
	cursor *replication.Cursor
	stop   context.CancelFunc
	done   chan struct{}
	synced bool  // holds all the keys
	since  int64 // unix milliseconds of the last change of the link
	ctx    *engine.Ctx
	cmds   replication.Commands
}

// Follow makes the node a replica of source, in place of whomever it followed:
// a partial sync where the logs allow it, a full one otherwise. It returns at
// once; Synced tells when the keys are there.
func (n *Node) Follow(source *Node) {
	n.StopFollowing()
	f := &n.follow
	f.mu.Lock()
	defer f.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	f.source, f.stop, f.done, f.synced = source, cancel, make(chan struct{}), false
	cursor, partial := source.log.Follow(n.cfg.ID, n.log.ID(), n.log.Offset())
	cursor.SetDelay(n.cfg.ReplicationDelay.Milliseconds())
	f.cursor = cursor
	var run *replication.Follower
	if partial {
		n.log.Shift(source.log.ID())
		run = replication.Resume(cursor, n.log, n)
		f.synced = true
	} else {
		n.loading.Store(true)
		n.log.Reset(source.log.ID(), cursor.Offset())
		run = replication.Sync(cursor, n.log, n)
	}
	source.stats.countSync(partial)
	go n.run(ctx, f.done, run, cursor, source, partial)
}

// StopFollowing ends following and waits until the last entry is applied.
func (n *Node) StopFollowing() {
	f := &n.follow
	f.mu.Lock()
	stop, done, cursor := f.stop, f.done, f.cursor
	f.source, f.stop, f.done, f.cursor = nil, nil, nil, nil
	f.since = n.cfg.Clock.Now().UnixMilli()
	f.mu.Unlock()
	if stop == nil {
		return
	}
	stop()
	<-done
	cursor.Close()
	n.loading.Store(false)
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

// Synced reports whether the node, a replica, holds all its primary's keys.
func (n *Node) Synced() bool {
	n.follow.mu.Lock()
	defer n.follow.mu.Unlock()
	return n.follow.synced
}

// ackEvery is how often an idle replica shows that it is alive, in
// milliseconds: once a second, as in Redis.
const ackEvery = 1000

// run follows until the context ends or the log loses the place; then it
// starts over with a full sync.
func (n *Node) run(ctx context.Context, done chan struct{}, f *replication.Follower, cursor *replication.Cursor, source *Node, synced bool) {
	defer close(done)
	if !synced && n.copyAll(ctx, f, source) != nil {
		go n.refollow(ctx, source)
		return
	}
	ready := cursor.Ready()
	for ctx.Err() == nil {
		now := n.cfg.Clock.Now().UnixMilli()
		applied, wake, err := f.Step(now)
		if err != nil {
			go n.refollow(ctx, source)
			return
		}
		if !synced && f.Synced() {
			synced = true
			cursor.SetOnline(f.Offset(), now)
			n.setSynced()
		}
		if applied == 0 {
			n.pauseUntil(ctx, ready, min(wake, now+ackEvery), now)
			f.Ack(n.cfg.Clock.Now().UnixMilli())
		}
	}
}

func (n *Node) setSynced() {
	n.loading.Store(false)
	n.follow.mu.Lock()
	n.follow.synced = true
	n.follow.mu.Unlock()
}

// refollow begins again after the follower fell out of the log.
func (n *Node) refollow(ctx context.Context, source *Node) {
	if ctx.Err() == nil {
		n.Follow(source)
	}
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
	return n.CopySlotFrom(source, s), nil
}

// CopySlotFrom replaces this node's keys in slot s by those of source and gives
// the offset of source's log at that moment.
func (n *Node) CopySlotFrom(source *Node, s slots.Slot) (offset int64) {
	source.ks.Lock(s)
	offset = source.log.Offset()
	c := source.ks.CopySlotLocked(s)
	source.ks.Unlock(s)
	n.installSlot(s, c)
	return offset
}

func (n *Node) installSlot(s slots.Slot, c engine.SlotCopy) {
	n.ks.Lock(s)
	n.ks.InstallSlotLocked(s, c)
	n.ks.Unlock(s)
}

// Apply executes an entry of a primary's log: replication.Target. It is called
// by one goroutine at a time.
func (n *Node) Apply(e *replication.Entry, only func(slots.Slot) bool) {
	if e.Slot == replication.NoSlot {
		return
	}
	f := &n.follow
	if f.ctx == nil {
		f.ctx = n.newCtx()
		f.ctx.Applying, f.ctx.Replica = true, true
	}
	c := f.ctx
	c.DB, c.Now, c.NowMicros = max(0, e.DB), e.At, e.At*1000
	slot := engine.AllSlots
	if e.Slot != replication.AllSlots {
		slot = e.Slot
		n.ks.Lock(slot)
		defer n.ks.Unlock(slot)
	} else {
		n.ks.LockAll()
		defer n.ks.UnlockAll()
	}
	c.Only = only
	for f.cmds.Reset(e.Payload); f.cmds.Next(); {
		n.applyOne(c, f.cmds.Args(), slot)
	}
	c.Only = nil
}

func (n *Node) applyOne(c *engine.Ctx, args [][]byte, slot slots.Slot) {
	c.W.Reset()
	c.Args = args
	switch cmd := commands.Lookup(args[0]); {
	case cmd == nil:
		panic("node: effect of an unknown command " + string(args[0]))
	case cmd.Name == "select":
		db, _ := engine.ParseInt(args[1])
		c.DB = int(db)
	case cmd.Flags&engine.Session != 0: // MULTI, EXEC: the entry is atomic as it is
	default:
		c.Call(cmd, slot)
		if out := c.W.Bytes(); len(out) > 0 && out[0] == '-' {
			panic("node: effect " + string(args[0]) + " failed on a replica: " + string(out))
		}
		_ = c.TakeWaiter()
	}
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
