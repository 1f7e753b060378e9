package node

import (
	"bytes"

	"elasticache-local/engine"
	"elasticache-local/replication"
	"elasticache-local/slots"
)

// Apply executes an entry of a primary's log: replication.Target. It is called
// by one goroutine at a time.
func (n *Node) Apply(e *replication.Entry, only func(slots.Slot) bool) {
	if e.Slot == replication.NoSlot {
		return
	}
	f := &n.follow
	if f.ctx == nil {
		f.ctx = n.newApplyingCtx()
	}
	slot := engine.AllSlots
	if e.Slot != replication.AllSlots {
		slot = e.Slot
		n.ks.Lock(slot)
		defer n.ks.Unlock(slot)
	} else {
		n.ks.LockAll()
		defer n.ks.UnlockAll()
	}
	f.ctx.Only = only
	n.applyLocked(f.ctx, &f.cmds[0], e, slot)
	f.ctx.Only = nil
}

// ApplyGroup executes entries of one slot each: replication.GroupTarget. It is
// called by one goroutine at a time.
func (n *Node) ApplyGroup(entries []replication.Entry) {
	f := &n.follow
	if f.ctx == nil {
		f.ctx = n.newApplyingCtx()
	}
	f.group.Reset()
	for i := range entries {
		cmds := &f.cmds[i]
		cmds.Reset(entries[i].Payload)
		cmds.Next()
		key, slot := firstKey(cmds.Args()), entries[i].Slot
		if n.ks.Single() {
			slot = slots.Of(key)
		}
		f.group.Add(n.ks, slot, key)
	}
	n.ks.LockGroup(&f.group, max(0, entries[0].DB))
	defer n.ks.UnlockGroup(&f.group)
	defer f.ctx.Forget()
	for i := range entries {
		e, cmds := &entries[i], &f.cmds[i]
		f.ctx.Know(&f.group, i, firstKey(cmds.Args()))
		at(f.ctx, e)
		for more := true; more; more = cmds.Next() {
			n.applyOne(f.ctx, cmds.Args(), e.Slot)
		}
	}
}

// firstKey is what is mostly a command's key, and in most entries the only one.
func firstKey(args [][]byte) []byte { return args[min(1, len(args)-1)] }

// at sets the database and the time in which an entry's commands run.
func at(c *engine.Ctx, e *replication.Entry) {
	c.DB, c.Now, c.NowMicros = max(0, e.DB), e.At, e.At*1000
}

func (n *Node) newApplyingCtx() *engine.Ctx {
	c := n.newCtx()
	c.Applying, c.Replica = true, true
	return c
}

// applyLocked executes the commands of an entry; its slot is locked.
func (n *Node) applyLocked(c *engine.Ctx, cmds *replication.Commands, e *replication.Entry, slot slots.Slot) {
	at(c, e)
	for cmds.Reset(e.Payload); cmds.Next(); {
		n.applyOne(c, cmds.Args(), slot)
	}
}

func (n *Node) applyOne(c *engine.Ctx, args [][]byte, slot slots.Slot) {
	c.W.Reset()
	c.Args = args
	switch cmd := n.follow.lookup(args[0]); {
	case cmd == nil:
		panic("node: effect of an unknown command " + string(args[0]))
	case cmd.Name == "select":
		db, _ := engine.ParseInt(args[1])
		c.DB = int(db)
	case cmd.Flags&engine.Session != 0: // MULTI, EXEC: the entry is atomic as it is
	case c.Only != nil && !n.follow.mayTouch(c.Only, cmd, args):
	default:
		c.Call(cmd, slot)
		if out := c.W.Bytes(); len(out) > 0 && out[0] == '-' {
			panic("node: effect " + string(args[0]) + " failed on a replica: " + string(out))
		}
		_ = c.TakeWaiter()
	}
}

// mayTouch reports whether an effect is about a slot that it may touch; one
// without keys is about all of them and looks at Ctx.Only itself. The keys of an
// effect are of one slot, but with cluster mode disabled, where all slots were
// copied at one moment and only says the same of each.
func (f *follower) mayTouch(only func(slots.Slot) bool, cmd *engine.Command, args [][]byte) bool {
	f.keyPos, _ = cmd.AppendKeys(f.keyPos[:0], args)
	return len(f.keyPos) == 0 || only(slots.Of(args[f.keyPos[0]]))
}

// lookup finds an effect's command. The last one is tried first.
func (f *follower) lookup(name []byte) *engine.Command {
	if !bytes.Equal(f.cmdName, name) {
		f.cmd = commands.Lookup(name)
		f.cmdName = append(f.cmdName[:0], name...)
	}
	return f.cmd
}
