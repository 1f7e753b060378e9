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
	group *prepared
	next  int  // the group's command to be executed next
	wrote bool // one of the group's commands may have written
}

// prepared is a stretch of a pipeline whose commands have been admitted and whose
// slots are locked.
type prepared struct {
	engine.Group
	commands [engine.GroupSize]*engine.Command
}

// lock takes the lock of a slot, or of all.
func (s *Session) lock(slot slots.Slot) {
	if slot == engine.AllSlots {
		s.node.ks.LockAll()
	} else {
		s.node.ks.Lock(slot)
	}
	s.locked.by, s.locked.slot = lockedByOne, slot
}

// unlock ends what lock has begun.
func (s *Session) unlock() {
	s.locked.by = unlocked
	if s.locked.slot == engine.AllSlots {
		s.node.ks.UnlockAll()
	} else {
		s.node.ks.Unlock(s.locked.slot)
	}
}

// Ahead takes the locks of commands that follow one another and are simple
// enough, and has what they look at fetched: protocol.Ahead. It admits them too:
// what the checks in front of a command look at does not change between them.
func (n *Node) Ahead(c *protocol.Conn, pipelined [][][]byte) int {
	s := c.Session.(*Session)
	if !s.plain() {
		return 0
	}
	l := &s.locked
	if l.group == nil {
		l.group = new(prepared)
	}
	g := l.group
	g.Reset()
	writable := n.cfg.ClusterMode || !n.IsReplica()
	for i, args := range pipelined {
		cmd := s.lookup(args)
		if cmd == nil || !cmd.Simple() || !cmd.ArityOK(len(args), n.cfg.Version) || cmd.Flags&engine.Write != 0 && !writable {
			break
		}
		key := args[cmd.OneKey()]
		g.commands[i] = cmd
		g.Add(n.ks, slots.Of(key), key)
	}
	if g.Len() < 2 {
		return 0
	}
	n.ks.LockGroup(&g.Group, s.ctx.DB)
	s.ctx.Hold()
	l.by, l.next, l.wrote = lockedByGroup, 0, false
	return g.Len()
}

// runPrepared runs the group's next command.
func (s *Session) runPrepared(args [][]byte) {
	l := &s.locked
	i := l.next
	l.next++
	cmd := l.group.commands[i]
	c := s.ctx
	c.Args = args
	mark := c.W.Len()
	c.Know(&l.group.Group, i, args[cmd.OneKey()])
	if s.node.cfg.ClusterMode {
		s.serve(cmd, l.group.Slot(i), 0)
	} else {
		s.call(cmd, 0)
	}
	s.account(cmd, mark)
	if s.shared.lastCmd.Load() != cmd {
		s.shared.lastCmd.Store(cmd)
	}
}

// plain reports whether nothing keeps the session's next commands from being
// executed one after the other.
func (s *Session) plain() bool {
	n := s.node
	return s.authed && !s.tx.open && !s.asking && s.quiet == replyOn && s.subTotal() == 0 &&
		!n.loading.Load() && !n.stats.paused.Load() && n.ks.Settings().MaxMemory == 0 && n.Parameters().MinReplicas == 0 &&
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
		s.ctx.Forget()
		s.ctx.Flush()
		if l.wrote {
			s.woff = n.log.Offset()
		}
		n.ks.UnlockGroup(&l.group.Group)
	case lockedByOne:
		s.unlock()
	}
}
