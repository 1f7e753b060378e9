package engine

import "elasticache-local/slots"

// Call runs a command whose slot is locked (slot is AllSlots when every slot
// is), serves the clients that were waiting for what it wrote, and hands its
// effects to the sink. It reports whether the command asked to wait: then
// nothing was replied and the caller owns the waiter (see Ctx.TakeWaiter).
func (c *Ctx) Call(cmd *Command, slot slots.Slot) {
	c.enter(slot)
	c.run(cmd)
	switch {
	case c.InTx:
	case len(c.ready) > 0 || c.effects.commands > 0 || cap(c.scratch) > maxKeptEffects:
		c.leave()
	default:
		c.exit()
	}
}

// BeginTx starts a group of calls that are one for followers and for waiters:
// a transaction. All run under the lock that the caller holds.
func (c *Ctx) BeginTx(slot slots.Slot) {
	c.enter(slot)
	c.InTx, c.DenyBlocking = true, true
}

// EndTx ends the group.
func (c *Ctx) EndTx() {
	c.InTx, c.DenyBlocking = false, false
	c.leave()
}

// Within runs f as a command on slot, whose lock the caller holds.
func (c *Ctx) Within(slot slots.Slot, f func()) {
	c.enter(slot)
	f()
	c.leave()
}

func (c *Ctx) enter(slot slots.Slot) {
	c.slot = slot
	c.allLocked, c.slotLocked = slot == AllSlots, slot < slots.Count
}

func (c *Ctx) exit() { c.allLocked, c.slotLocked = false, false }

func (c *Ctx) run(cmd *Command) {
	c.cmd, c.dirty, c.explicit = cmd, 0, false
	cmd.Run(c)
	c.views.drop()
	if c.dirty > 0 && !c.explicit {
		c.effect(c.DB, c.Args...)
	}
}

// leave ends a call or a transaction: waiters first, then the log, because what
// the waiters took is part of the same atomic step.
func (c *Ctx) leave() {
	if len(c.ready) > 0 {
		c.Flush() // who is served hears of it at once
		c.serveReady()
	}
	c.commit(c.slot)
	c.exit()
	if cap(c.scratch) > maxKeptEffects {
		c.scratch = nil
	}
}

// withSlot runs f with slot s locked, for commands that visit many slots one
// after the other (SCAN, KEYS, RANDOMKEY). Where the caller already holds the
// lock, f just runs. Effects of f (expired keys) are committed for that slot.
//
// While the lock of another slot is held (a script that calls SCAN) waiting
// could be a deadlock: then f runs only if s is free at this moment, sees
// expired keys as absent and deletes nothing. withSlot reports whether f ran.
func (c *Ctx) withSlot(s slots.Slot, f func(t *table)) bool {
	sl := &c.KS.dbs[c.DB].slots[s]
	switch {
	case c.KS.single || c.allLocked || c.slotLocked && c.slot == s:
		f(sl.t)
		return true
	case c.slotLocked:
		if !sl.mu.TryLock() {
			return false
		}
		was, replica := c.slot, c.Replica
		c.slot, c.Replica = s, true
		f(sl.t)
		c.slot, c.Replica = was, replica
		sl.mu.Unlock()
		return true
	}
	c.slot = s
	sl.mu.Lock()
	f(sl.t)
	c.commit(s)
	sl.mu.Unlock()
	return true
}
