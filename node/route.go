package node

import (
	"strconv"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// route runs a data command: keys → slot → lock → verdict → execution → log.
func (s *Session) route(cmd *engine.Command) {
	n := s.node
	switch {
	case cmd.Flags&engine.WholeKeyspace != 0:
		s.lock(engine.AllSlots)
		s.call(cmd, engine.AllSlots)
		s.unlock()
	case !n.cfg.ClusterMode:
		s.lock(0)
		s.call(cmd, 0)
		s.unlock()
	default:
		s.routeSlot(cmd)
	}
}

func (s *Session) routeSlot(cmd *engine.Command) {
	var slot slots.Slot
	var flags slots.Flags
	if i := cmd.OneKey(); i > 0 && i < len(s.ctx.Args) {
		slot = slots.Of(s.ctx.Args[i])
	} else {
		var any bool
		slot, flags, any = s.slotOf(cmd, s.ctx.Args)
		if !any { // SCAN, KEYS, DBSIZE: they lock what they visit
			s.ctx.Replica = s.node.IsReplica()
			s.callUnlocked(cmd)
			return
		}
	}
	s.lock(slot)
	s.serve(cmd, slot, flags)
	s.unlock()
}

// serve runs a command whose slot is locked, or says who does.
func (s *Session) serve(cmd *engine.Command, slot slots.Slot, flags slots.Flags) {
	v := s.node.view.Load()
	if v.plain && flags&slots.KeysCrossSlots == 0 && v.topo.Table.Owner(slot) == v.shard {
		s.ctx.Replica = false
		s.callLocked(cmd, slot)
	} else if verdict := s.decide(v, slot, flags|commandFlags(cmd), cmd); verdict == slots.Serve {
		s.ctx.Replica = v.flags&slots.Replica != 0
		s.callLocked(cmd, slot)
	} else {
		s.ctx.W.Error(s.verdictErrorIn(v, verdict, slot))
	}
}

// call runs a command with its lock held, outside cluster mode or on every slot.
func (s *Session) call(cmd *engine.Command, slot slots.Slot) {
	v := s.node.view.Load()
	if v.gone {
		s.ctx.W.Error(s.leave())
		return
	}
	s.ctx.Replica = v.flags&slots.Replica != 0
	if s.ctx.Replica && cmd.Flags&engine.Write != 0 {
		s.ctx.W.Error(protocol.ErrReadOnly)
		return
	}
	s.callLocked(cmd, slot)
}

func (s *Session) callLocked(cmd *engine.Command, slot slots.Slot) {
	s.ctx.Call(cmd, slot)
	switch {
	case cmd.Flags&engine.Write == 0:
	case s.locked.by == lockedByGroup:
		s.locked.wrote = true // its effects come into the log with the group's
	default:
		s.woff = s.node.log.Offset()
	}
	if w := s.ctx.TakeWaiter(); w != nil {
		s.waitForKey(w)
	}
}

// callUnlocked runs a command that locks slots on its own, one after the other.
func (s *Session) callUnlocked(cmd *engine.Command) { s.ctx.Call(cmd, engine.NoSlot) }

// slotOf finds the slot of a command's keys. any is false when there are none;
// flags says what the verdict must know about them.
func (s *Session) slotOf(cmd *engine.Command, args [][]byte) (slot slots.Slot, flags slots.Flags, any bool) {
	pos, _ := cmd.AppendRouted(s.keyPos[:0], args)
	s.keyPos = pos
	if len(pos) == 0 {
		return 0, 0, false
	}
	first := args[pos[0]]
	slot = slots.Of(first)
	for _, p := range pos[1:] {
		if string(args[p]) != string(first) {
			flags |= slots.SeveralKeys
		}
		if slots.Of(args[p]) != slot {
			flags |= slots.KeysCrossSlots
		}
	}
	return slot, flags, true
}

// decide asks for the verdict. With cmd given, the slot is locked and the
// presence of the command's keys is looked up when it matters.
func (s *Session) decide(v *view, slot slots.Slot, flags slots.Flags, cmd *engine.Command) slots.Verdict {
	q := slots.Query{Owner: v.owner(slot), State: v.state(slot), Flags: flags | v.flags}
	if s.readOnly {
		q.Flags |= slots.ReadOnly
	}
	if s.asking {
		q.Flags |= slots.Asking
	}
	if q.State != slots.Stable && cmd != nil {
		q.Presence = s.presence(cmd, slot)
	}
	return slots.Decide(q)
}

func (s *Session) presence(cmd *engine.Command, slot slots.Slot) slots.Presence {
	pos, _ := cmd.AppendKeys(s.keyPos[:0], s.ctx.Args)
	s.keyPos = pos
	have := 0
	for _, p := range pos {
		if s.node.ks.HasKeyLocked(slot, s.ctx.Args[p]) {
			have++
		}
	}
	return presenceOf(have, len(pos))
}

func presenceOf(have, of int) slots.Presence {
	switch have {
	case of:
		return slots.AllPresent
	case 0:
		return slots.NonePresent
	}
	return slots.SomePresent
}

// leave ends the connection of a client that has come to a node whose successor
// serves already. The error that it gives is not sent.
func (s *Session) leave() string {
	s.conn.HangUp()
	return protocol.ErrClusterDown
}

// verdictErrorIn gives the error of a verdict, "" for Serve.
func (s *Session) verdictErrorIn(v *view, verdict slots.Verdict, slot slots.Slot) string {
	switch {
	case verdict == slots.Serve:
		return ""
	case v.gone:
		return s.leave()
	}
	switch verdict {
	case slots.Moved:
		return protocol.ErrMoved(int(slot), s.address(v, v.topo.OwnerPrimary(slot).ID))
	case slots.Ask:
		m, _ := v.topo.Migration(slot)
		return protocol.ErrAsk(int(slot), s.address(v, v.topo.Nodes[v.topo.Shards[m.To].Primary].ID))
	case slots.TryAgain:
		return protocol.ErrTryAgain
	case slots.CrossSlot:
		return protocol.ErrCrossSlot
	case slots.ClusterDownUnbound:
		return protocol.ErrSlotNotServed
	case slots.ClusterDownReadOnly:
		return protocol.ErrClusterDownWrites
	}
	return protocol.ErrClusterDown
}

// address is host:port of a node as this client reaches it.
func (s *Session) address(v *view, id string) string {
	host, port := s.topologyView(v).Redirect(&v.topo.Nodes[v.topo.NodeByID(id)])
	return host + ":" + strconv.Itoa(port)
}
