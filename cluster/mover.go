package cluster

import (
	"elasticache-local/engine"
	"elasticache-local/node"
	"elasticache-local/slots"
	"elasticache-local/topology"
)

// The mover carries slots from shard to shard, one after the other, while
// clients read and write. How a slot moves depends on the engine version: key by
// key up to Valkey 8, where clients are sent after keys that have left already
// (ASK), or as a whole from Valkey 9 on, where they see MOVED and nothing else.

// keysPerStep is how many keys move while a slot is locked, as many as
// redis-cli puts in one MIGRATE.
const keysPerStep = 10

// atomicSlots is the first engine version that moves slots as a whole.
var atomicSlots = engine.V(9, 0, 0)

func (r *runner) moveSlots(moves []move) {
	var err error
	for len(moves) > 0 && err == nil {
		var n int
		if n, err = r.moveEmpty(moves); n == 0 && err == nil {
			n, err = 1, r.moveSlot(moves[0])
		}
		moves = moves[n:]
		if d := r.settings.MoveDelay; d > 0 && !r.sleep(d) {
			err = ErrClosed
		}
	}
	_ = r.post(movesEnded{err})
}

// emptySlots is how many slots without keys move in one step.
const emptySlots = 64

// moveEmpty moves the first slots that have no keys, all in one step: most slots
// of a small cluster are empty. It gives their number.
func (r *runner) moveEmpty(moves []move) (n int, err error) {
	var list []slots.Slot
	for i, m := range moves {
		if i == emptySlots || m.from != moves[0].from || m.to != moves[0].to || i > 0 && m.slot < list[i-1] {
			break
		}
		list = append(list, m.slot)
	}
	if r.settings.MoveDelay > 0 {
		list = list[:1]
	}
	source, target, err := r.sides(moves[0])
	if err != nil {
		return 0, err
	}
	set, err := r.flipEmpty(moves[0], source, target, list)
	if err == nil && !set.Empty() {
		source.node.LostSlots(set)
	}
	return set.Len(), err
}

func (r *runner) flipEmpty(m move, source, target *member, list []slots.Slot) (set slots.Set, err error) {
	node.LockBoth(source.node, target.node, list...)
	defer node.UnlockBoth(source.node, target.node, list...)
	for _, s := range list {
		if source.node.Keyspace().CountSlotLocked(s)+target.node.Keyspace().CountSlotLocked(s) > 0 {
			break
		}
		set.Add(s)
	}
	if set.Empty() {
		return set, nil
	}
	t := &transfer{move: m, source: source, target: target, runner: r}
	return set, t.flip(set)
}

// transfer is a move with the members that it is between.
type transfer struct {
	move
	source, target *member
	*node.Transfer
	runner *runner
}

func (r *runner) moveSlot(m move) error {
	select {
	case <-r.closing:
		return ErrClosed
	default:
	}
	source, target, err := r.sides(m)
	if err != nil {
		return err
	}
	t := &transfer{move: m, source: source, target: target, runner: r,
		Transfer: node.NewTransfer(m.slot, source.node, target.node)}
	defer t.End()
	if r.asWhole(source) {
		err = t.asWhole()
	} else {
		err = t.keyByKey()
	}
	if err == nil {
		source.node.LostSlots(only(m.slot))
	}
	return err
}

// sides gives the primaries of the two shards.
func (r *runner) sides(m move) (source, target *member, err error) {
	t := r.views.latest.Load()
	for _, side := range []struct {
		group  string
		member **member
	}{{m.from, &source}, {m.to, &target}} {
		shard := t.ShardByGroup(side.group)
		if shard < 0 {
			return nil, nil, refuse(ErrUnknownShard, "there is no node group %q", side.group)
		}
		if *side.member = r.members.get(t.Nodes[t.Shards[shard].Primary].Name); *side.member == nil {
			return nil, nil, refuse(ErrUnknownNode, "node group %s has no primary", side.group)
		}
	}
	return source, target, nil
}

func (r *runner) asWhole(source *member) bool {
	switch r.settings.Mover {
	case MoverSlot:
		return true
	case MoverKey:
		return false
	}
	return source.node.Version() >= atomicSlots
}

// asWhole lets the target follow the slot, and flips it.
func (t *transfer) asWhole() error {
	if err := t.Follow(); err != nil {
		return err
	}
	defer t.UnlockSource()
	if err := t.LockSource(); err != nil {
		return err
	}
	if err := t.flip(only(t.slot)); err != nil {
		return err
	}
	t.DropLocked()
	return nil
}

// keyByKey marks the slot as migrating, moves its keys a few at a time, and
// flips it when none is left.
func (t *transfer) keyByKey() error {
	for begun := false; ; {
		done, err := t.keyStep(&begun)
		if done || err != nil {
			return err
		}
		if d := t.runner.settings.MoveDelay; d > 0 && !t.runner.sleep(d) {
			return ErrClosed
		}
	}
}

// keyStep is what happens while the slot is locked once.
func (t *transfer) keyStep(begun *bool) (done bool, err error) {
	t.Lock()
	defer t.Unlock()
	if !*begun {
		if _, again := t.source.node.Topology().Migration(t.slot); !again {
			t.ClearLocked()
		}
	}
	switch {
	case t.LeftLocked() == 0:
		return true, t.flip(only(t.slot))
	case !*begun:
		*begun = true
		if err := t.runner.flip(migrating{t.move, t.source.name, t.target.name}, t.show); err != nil {
			return false, err
		}
	}
	return false, t.MoveKeysLocked(keysPerStep)
}

// only is the set of one slot.
func only(s slots.Slot) slots.Set { return slots.SetOf(slots.Range{First: s, Last: s}) }

// flip makes slots the target's.
func (t *transfer) flip(set slots.Set) error {
	return t.runner.flip(slotsMoved{t.from, t.to, set, t.source.name, t.target.name}, t.show)
}

// show gives both sides the new view before the slot's lock is released. The
// target comes first: it refuses nothing that the source does not serve any more.
func (t *transfer) show(topo *topology.Topology) {
	t.target.node.SetTopology(topo)
	t.source.node.SetTopology(topo)
	t.runner.views.reached(topo)
}
