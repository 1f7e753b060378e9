package node

import (
	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// maxQueuedBytes bounds what one transaction may hold, in bytes.
const maxQueuedBytes = 1 << 30

// transaction is a session's MULTI.
type transaction struct {
	open      bool
	broken    bool        // a command was refused: EXEC will fail
	flags     engine.Flag // of all queued commands
	queue     []queued
	bytes     int
	watch     engine.Watch
	postponed [][]byte // a command that waits for the end of a pause
}

type queued struct {
	cmd  *engine.Command
	args [][]byte
}

func txCommands() []*engine.Command {
	const group = "transactions"
	flags := engine.Session | engine.NoScript | engine.Loading | engine.Stale | engine.AllowBusy
	return []*engine.Command{
		{Name: "multi", Arity: 1, Flags: flags | engine.Fast, Group: group, Since: engine.V(1, 2, 0),
			Complexity: "O(1)", Summary: "Starts a transaction.", Run: session((*Session).multi)},
		{Name: "exec", Arity: 1, Flags: flags&^engine.AllowBusy | engine.SkipSlowlog, Group: group, Since: engine.V(1, 2, 0),
			Complexity: "Depends on commands in the transaction", Summary: "Runs the queued commands as one.", Run: session((*Session).exec)},
		{Name: "discard", Arity: 1, Flags: flags | engine.Fast, Group: group, Since: engine.V(2, 0, 0),
			Complexity: "O(N), when N is the number of queued commands", Summary: "Drops the queued commands.", Run: session((*Session).discardCmd)},
		{Name: "watch", Arity: -2, Flags: flags | engine.Fast, Group: group, Since: engine.V(2, 2, 0),
			Keys:       []engine.KeySpec{engine.KeyRange(1, -1, 1, engine.RO)},
			Complexity: "O(1) for every key.", Summary: "Makes the next EXEC depend on keys staying as they are.", Run: session((*Session).watchCmd)},
		{Name: "unwatch", Arity: 1, Flags: flags | engine.Fast, Group: group, Since: engine.V(2, 2, 0),
			Complexity: "O(1)", Summary: "Forgets the watched keys.", Run: session((*Session).unwatchCmd)},
	}
}

// runsInMulti reports whether a command runs at once inside MULTI.
func runsInMulti(cmd *engine.Command) bool {
	switch cmd.Name {
	case "exec", "discard", "multi", "watch", "quit", "reset":
		return true
	}
	return false
}

func (s *Session) multi() {
	if s.tx.open {
		s.ctx.W.Error(protocol.ErrNestedMulti)
		return
	}
	s.tx.open = true
	s.shared.multi.Store(0)
	s.ctx.W.OK()
}

func (s *Session) enqueue(cmd *engine.Command, args [][]byte) {
	for _, a := range args {
		s.tx.bytes += len(a)
	}
	if s.tx.bytes > maxQueuedBytes {
		s.tx.broken = true
		s.ctx.W.Error(protocol.ErrOOM)
		return
	}
	s.tx.queue = append(s.tx.queue, queued{cmd, copyArgs(args)})
	s.tx.flags |= cmd.Flags
	s.shared.multi.Store(int32(len(s.tx.queue)))
	s.ctx.W.Simple("QUEUED")
}

// discard ends the transaction and forgets the watched keys.
func (s *Session) discard() {
	s.tx.open, s.tx.broken, s.tx.flags = false, false, 0
	s.tx.queue, s.tx.bytes = nil, 0
	s.shared.multi.Store(-1)
	s.unwatch()
}

func (s *Session) unwatch() {
	if !s.tx.watch.Empty() {
		s.node.ks.Unwatch(&s.tx.watch)
	}
}

func (s *Session) discardCmd() {
	if !s.tx.open {
		s.ctx.W.Error(protocol.ErrDiscardNoMulti)
		return
	}
	s.discard()
	s.ctx.W.OK()
}

func (s *Session) watchCmd() {
	if s.tx.open {
		s.ctx.W.Error(protocol.ErrWatchInMulti)
		return
	}
	for _, key := range s.ctx.Args[1:] {
		slot := slots.Of(key)
		s.node.ks.Lock(slot)
		s.ctx.WatchLocked(&s.tx.watch, key, slot)
		s.node.ks.Unlock(slot)
	}
	s.ctx.W.OK()
}

func (s *Session) unwatchCmd() {
	if !s.ctx.InTx { // EXEC, which holds the locks, forgets them anyway
		s.unwatch()
	}
	s.ctx.W.OK()
}

func (s *Session) exec() {
	switch {
	case !s.tx.open:
		s.ctx.W.Error(protocol.ErrExecNoMulti)
		return
	case s.tx.broken:
		s.discard()
		s.ctx.W.Error(protocol.ErrExecAbort)
		return
	}
	s.runTx()
	s.discard()
}

// runTx runs the queued commands under the lock of their slot, or of the whole
// keyspace when one of them goes beyond a slot.
func (s *Session) runTx() {
	n := s.node
	scope := s.txScope()
	if scope.cross {
		s.ctx.W.Error(protocol.ErrCrossSlot)
		return
	}
	switch {
	case scope.all:
		n.ks.LockAll()
		defer n.ks.UnlockAll()
	case scope.any:
		n.ks.Lock(scope.slot)
		defer n.ks.Unlock(scope.slot)
	}
	v := n.view.Load()
	if v.gone && (scope.any || scope.all) {
		s.ctx.W.Error(s.leave())
		return
	}
	s.ctx.Replica = v.flags&slots.Replica != 0
	if msg := s.refuseTx(v, scope); msg != "" {
		s.ctx.W.Error(msg)
		return
	}
	if s.tx.watch.Dirty() || s.ctx.ExpiredSince(&s.tx.watch) {
		s.ctx.W.NullArray()
		return
	}
	slot := scope.slot
	if scope.all {
		slot = engine.AllSlots
	}
	s.runQueue(slot)
}

// scope is what a transaction touches.
type scope struct {
	slot  slots.Slot
	any   bool // it has keys, or watches some
	all   bool // it needs every slot's lock
	cross bool // its keys are in several slots, in cluster mode
	keys  bool // it has keys of its own
	flags slots.Flags
}

func (s *Session) txScope() (sc scope) {
	n := s.node
	add := func(slot slots.Slot) {
		switch {
		case !sc.any:
			sc.slot, sc.any = slot, true
		case slot != sc.slot && !n.ks.Single():
			sc.all = true
		}
	}
	for i := range s.tx.queue {
		q := &s.tx.queue[i]
		if q.cmd.Flags&engine.Write != 0 {
			sc.flags |= slots.Write
		}
		slot, flags, any := s.slotOf(q.cmd, q.args)
		switch {
		case any && q.cmd.Flags&engine.PubSub == 0:
			sc.cross = sc.cross || n.cfg.ClusterMode && (flags&slots.KeysCrossSlots != 0 || sc.keys && slot != sc.slot)
			if !sc.keys && sc.any {
				sc.all = true
			}
			add(slot)
			sc.keys = true
		case !any && touchesKeyspace(q.cmd):
			sc.all = true
		}
	}
	for _, slot := range s.tx.watch.Slots() {
		add(slot)
	}
	if n.ks.Single() {
		sc.any = true
	}
	return sc
}

// touchesKeyspace reports whether a command without keys looks at them, or at
// who waits for them.
func touchesKeyspace(cmd *engine.Command) bool {
	return cmd.Flags&engine.Session == 0 || cmd.Group == "cluster" || cmd.Group == "server" || cmd.Name == "client|unblock"
}

func (s *Session) refuseTx(v *view, sc scope) string {
	if s.node.cfg.ClusterMode {
		if !sc.keys {
			return ""
		}
		q := slots.Query{Owner: v.owner(sc.slot), State: v.state(sc.slot), Flags: sc.flags | v.flags | slots.SeveralKeys}
		if s.readOnly {
			q.Flags |= slots.ReadOnly
		}
		if s.asking {
			q.Flags |= slots.Asking
		}
		if q.State != slots.Stable {
			q.Presence = s.txPresence(sc.slot)
		}
		return s.verdictErrorIn(v, slots.Decide(q), sc.slot)
	}
	if s.ctx.Replica && sc.flags&slots.Write != 0 {
		return protocol.ErrReadOnly
	}
	return ""
}

func (s *Session) txPresence(slot slots.Slot) slots.Presence {
	have, of := 0, 0
	for _, q := range s.tx.queue {
		pos, _ := q.cmd.AppendKeys(s.keyPos[:0], q.args)
		s.keyPos = pos
		for _, p := range pos {
			of++
			if s.node.ks.HasKeyLocked(slot, q.args[p]) {
				have++
			}
		}
	}
	return presenceOf(have, of)
}

func (s *Session) runQueue(slot slots.Slot) {
	c := s.ctx
	c.W.Array(len(s.tx.queue))
	c.BeginTx(slot)
	for _, q := range s.tx.queue {
		c.Args = q.args
		mark := c.W.Len()
		if q.cmd.Flags&engine.Session != 0 {
			q.cmd.Run(c)
		} else {
			c.Call(q.cmd, slot)
		}
		s.account(q.cmd, mark)
	}
	c.EndTx()
	s.woff = s.node.log.Offset()
}
