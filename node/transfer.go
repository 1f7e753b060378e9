package node

import (
	"errors"
	"time"

	"elasticache-local/engine"
	"elasticache-local/replication"
	"elasticache-local/slots"
)

// Transfer carries one slot from a shard's primary to another's: as a whole
// (Follow, then Flip), or key by key (MoveKeys, then Flip).
//
// Whatever is moved has reached the replicas of the target before it is deleted
// at the source, and the deletion those of the source before a client can come
// in between. So each key is in one place, whichever of the nodes dies when.
type Transfer struct {
	slot           slots.Slot
	source, target *Node
	from, to       *engine.Ctx // to take keys out, and to put them in

	cursor *replication.Cursor // of Follow
	run    *replication.Follower
	apply  *engine.Ctx
	cmds   replication.Commands
}

// ErrDead: a node died before the move was complete.
var ErrDead = errors.New("node: dead")

// settlePatience is how long a slot stays locked for replicas that do not get on.
const settlePatience = time.Second

// NewTransfer prepares to move slot from source to target.
func NewTransfer(slot slots.Slot, source, target *Node) *Transfer {
	return &Transfer{slot: slot, source: source, target: target, from: source.newCtx(), to: target.newCtx()}
}

// LockBoth locks slots, which ascend, on two nodes. UnlockBoth releases them.
func LockBoth(a, b *Node, list ...slots.Slot) {
	if a.cfg.ID > b.cfg.ID { // one order for all, so that two moves cannot wait for each other
		a, b = b, a
	}
	for _, n := range []*Node{a, b} {
		for _, s := range list {
			n.ks.Lock(s)
		}
	}
}

// UnlockBoth releases what LockBoth has locked.
func UnlockBoth(a, b *Node, list ...slots.Slot) {
	for _, n := range []*Node{a, b} {
		for _, s := range list {
			n.ks.Unlock(s)
		}
	}
}

// Lock locks the slot on both nodes. Unlock releases it.
func (t *Transfer) Lock() {
	LockBoth(t.source, t.target, t.slot)
	t.setTime()
}

// Unlock releases what Lock has locked.
func (t *Transfer) Unlock() { UnlockBoth(t.source, t.target, t.slot) }

func (t *Transfer) setTime() {
	micros := t.source.cfg.Clock.Now().UnixMicro()
	for _, c := range []*engine.Ctx{t.from, t.to} {
		c.NowMicros, c.Now = micros, micros/1000
	}
}

// alive reports an error if one of the nodes is dead.
func (t *Transfer) alive() error {
	if t.source.dead.Load() || t.target.dead.Load() {
		return ErrDead
	}
	return nil
}

// settle waits until the node's replicas have what its log holds. It gives up
// on those that do not get on, as a failover would.
func (n *Node) settle() {
	offset := n.log.Offset()
	var late chan struct{}
	for wait := n.log.Settle(offset); wait != nil; wait = n.log.Settle(offset) {
		if late == nil {
			late = make(chan struct{})
			timer := n.cfg.Clock.AfterFunc(settlePatience, func() { close(late) })
			defer timer.Stop()
		}
		select {
		case <-wait:
		case <-late:
			return
		}
	}
}

// LeftLocked is how many keys are left at the source. The slot is locked.
func (t *Transfer) LeftLocked() int { return t.source.ks.CountSlotLocked(t.slot) }

// ClearLocked deletes what the target has in the slot: remains of an earlier
// move. The slot is locked.
func (t *Transfer) ClearLocked() {
	for t.target.ks.CountSlotLocked(t.slot) > 0 {
		dropKeys(t.to, t.slot)
	}
}

// keysPerDrop is how many keys one entry of the log deletes.
const keysPerDrop = 100

// dropKeys deletes some keys of a locked slot.
func dropKeys(c *engine.Ctx, slot slots.Slot) {
	c.Within(slot, func() {
		for _, key := range c.KS.KeysInSlotLocked(slot, keysPerDrop) {
			c.TakeKey(key)
		}
	})
}

// MoveKeysLocked moves at most n keys. The slot is locked on both nodes. After an
// error everything is as before.
func (t *Transfer) MoveKeysLocked(n int) (err error) {
	t.from.Within(t.slot, func() { // its deletions are logged at the end
		var moved []engine.Moved
		for _, key := range t.source.ks.KeysInSlotLocked(t.slot, n) {
			if m, ok := t.from.TakeKey(key); ok {
				moved = append(moved, m)
			}
		}
		t.to.Within(t.slot, func() {
			for _, m := range moved {
				t.to.PutKey(m)
			}
		})
		t.target.settle()
		if err = t.alive(); err != nil {
			t.putBack(moved)
		}
	})
	if err == nil {
		t.source.settle()
	}
	return err
}

func (t *Transfer) putBack(moved []engine.Moved) {
	t.to.Within(t.slot, func() {
		for i := range moved {
			if m, ok := t.to.TakeKey(moved[i].Key()); ok {
				t.from.PutKey(m)
			}
		}
	})
}

// Follow copies the slot to the target, while the source goes on serving it, and
// lets the target follow the source's log until they are close. End has to be
// called in any case.
func (t *Transfer) Follow() error {
	t.cursor = t.source.log.Tail(t.target.cfg.ID)
	t.run = replication.SyncSlot(t.cursor, t.slot, t)
	t.apply = t.target.newApplyingCtx()
	if _, err := t.run.CopyNext(); err != nil {
		return err
	}
	for range maxFollowSteps {
		n, _, err := t.run.Step(t.now())
		if err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// maxFollowSteps bounds how long the target catches up before the slot is locked.
const maxFollowSteps = 1000

func (t *Transfer) now() int64 { return t.source.cfg.Clock.Now().UnixMilli() }

// End gives up the place in the source's log.
func (t *Transfer) End() {
	if t.cursor != nil {
		t.cursor.Close()
	}
}

// LockSource locks the slot where it is served; the target applies what is left,
// and so do its replicas. UnlockSource releases it.
func (t *Transfer) LockSource() error {
	t.source.ks.Lock(t.slot)
	t.setTime()
	if err := t.run.Drain(t.source.log.Offset(), t.now()); err != nil {
		return err
	}
	t.target.settle()
	return t.alive()
}

// UnlockSource releases what LockSource has locked, whatever that returned.
func (t *Transfer) UnlockSource() { t.source.ks.Unlock(t.slot) }

// DropLocked deletes what is left at the source, after the flip. The slot is
// locked there.
func (t *Transfer) DropLocked() {
	for t.source.ks.CountSlotLocked(t.slot) > 0 {
		dropKeys(t.from, t.slot)
	}
	t.source.settle()
}

// CopySlot puts a copy of the source's slot in the target's, and what makes it
// anew in the target's log: replication.Target.
func (t *Transfer) CopySlot(s slots.Slot) (offset int64, err error) {
	t.source.ks.Lock(s)
	offset = t.source.log.Offset()
	c := t.source.ks.CopySlotLocked(s)
	t.source.ks.Unlock(s)

	t.target.ks.Lock(s)
	defer t.target.ks.Unlock(s)
	t.setTime()
	t.ClearLocked()
	t.target.ks.InstallSlotLocked(s, c)
	t.logSlotLocked()
	return offset, t.alive()
}

// logSlotLocked appends what makes the slot's keys anew to the target's log.
func (t *Transfer) logSlotLocked() {
	t.target.ks.RebuildSlotLocked(t.slot, func(db int, payload []byte) {
		t.target.log.Append(t.slot, db, t.to.Now, payload)
	})
}

// Apply executes an entry of the source's log at the target, and repeats it in
// the target's log: replication.Target.
func (t *Transfer) Apply(e *replication.Entry, only func(slots.Slot) bool) {
	n := t.target
	if e.Slot != replication.AllSlots {
		n.ks.Lock(e.Slot)
		defer n.ks.Unlock(e.Slot)
		n.applyLocked(t.apply, &t.cmds, e, e.Slot)
		n.log.Append(e.Slot, e.DB, e.At, e.Payload)
		return
	}
	n.ks.LockAll() // such an entry is about other slots too: what it did to this one is logged
	defer n.ks.UnlockAll()
	t.apply.Only = only
	before := n.ks.CopySlotLocked(t.slot)
	n.applyLocked(t.apply, &t.cmds, e, engine.AllSlots)
	after := n.ks.CopySlotLocked(t.slot)
	t.apply.Only = nil
	t.setTime()
	n.ks.InstallSlotLocked(t.slot, before)
	t.ClearLocked()
	n.ks.InstallSlotLocked(t.slot, after)
	t.logSlotLocked()
}

// LostSlots ends what clients have in slots that went to another shard: waits
// for keys and subscriptions to shard channels. The node's view is the new one.
func (n *Node) LostSlots(lost slots.Set) {
	v := n.view.Load()
	n.Unblock(lost, func(s *Session, slot slots.Slot) string {
		return s.verdictErrorIn(v, slots.Moved, slot)
	})
	n.DropShardSubscribers(lost)
}
