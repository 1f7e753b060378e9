package node

import (
	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// Locks of the keyspace that a session holds. A stretch of a pipeline takes those
// of all its commands at once; commands of their own accord take theirs.

type lockedBy uint8

const (
	unlocked      lockedBy = iota
	lockedByOne            // command, on slot
	lockedByGroup          // of commands, all of one key each
)

type locked struct {
	by    lockedBy
	slot  slots.Slot
	group *engine.Group
	next  int // the group's command to be executed next
}

// lock takes the lock of a slot, or of all, unless the group has it already.
func (s *Session) lock(slot slots.Slot) {
	if s.locked.by == lockedByGroup {
		return
	}
	if slot == engine.AllSlots {
		s.node.ks.LockAll()
	} else {
		s.node.ks.Lock(slot)
	}
	s.locked.by, s.locked.slot = lockedByOne, slot
}

// unlock ends what lock has begun.
func (s *Session) unlock() {
	if s.locked.by == lockedByGroup {
		return
	}
	s.locked.by = unlocked
	if s.locked.slot == engine.AllSlots {
		s.node.ks.UnlockAll()
	} else {
		s.node.ks.Unlock(s.locked.slot)
	}
}

// groupSlot is the slot of the group's command in execution.
func (s *Session) groupSlot() slots.Slot { return s.locked.group.Slot(s.locked.next - 1) }

// Ahead takes the locks of commands that follow one another and are simple
// enough, and has what they look at fetched: protocol.Ahead.
func (n *Node) Ahead(c *protocol.Conn, pipelined [][][]byte) int {
	s := c.Session.(*Session)
	if !s.plain() {
		return 0
	}
	l := &s.locked
	if l.group == nil {
		l.group = new(engine.Group)
	}
	l.group.Reset()
	for _, args := range pipelined {
		cmd := s.lookup(args)
		if cmd == nil || !cmd.Simple() || !cmd.ArityOK(len(args), n.cfg.Version) {
			break
		}
		key := args[cmd.OneKey()]
		l.group.Add(n.ks, slots.Of(key), key)
	}
	if l.group.Len() < 2 {
		return 0
	}
	n.ks.LockGroup(l.group, s.ctx.DB)
	l.by, l.next = lockedByGroup, 0
	return l.group.Len()
}

// plain reports whether nothing keeps the session's next commands from being
// executed one after the other.
func (s *Session) plain() bool {
	n := s.node
	return s.authed && !s.tx.open && !n.loading.Load() && !n.stats.paused.Load() && n.ks.Settings().MaxMemory == 0 &&
		(!n.cfg.ClusterMode || n.view.Load().plain)
}

// Release gives back all locks that the session holds: protocol.Ahead.
func (n *Node) Release(c *protocol.Conn) {
	s, ok := c.Session.(*Session)
	if !ok {
		return
	}
	switch l := &s.locked; l.by {
	case lockedByGroup:
		l.by = unlocked
		n.ks.UnlockGroup(l.group)
	case lockedByOne:
		s.unlock()
	}
}
