package topology

import (
	"fmt"
	"slices"

	"elasticache-local/slots"
)

// Each function here returns a new topology that differs from t in what its
// name says and in Version. A change that would break a rule of Validate is a
// fault of the caller and panics.

// edit returns a copy of t, one version on, whose slices may be written to.
func (t *Topology) edit() *Topology {
	next := *t
	next.Version++
	next.Shards = slices.Clone(t.Shards)
	next.Nodes = slices.Clone(t.Nodes)
	next.Migrations = slices.Clone(t.Migrations)
	next.counts = slices.Clone(t.counts)
	return &next
}

// checked panics if t breaks a rule.
func (t *Topology) checked() *Topology {
	if err := t.Validate(); err != nil {
		panic(err)
	}
	return t
}

// WithNode returns t with the node changed by change: another state, address,
// version, id. The node's shard must stay the same.
func (t *Topology) WithNode(node int, change func(*Node)) *Topology {
	next := t.edit()
	n := &next.Nodes[node]
	change(n)
	if n.Shard != t.Nodes[node].Shard {
		panic(fmt.Sprintf("topology: node %s changes its shard", n.Name))
	}
	if n.ID != t.Nodes[node].ID || n.Name != t.Nodes[node].Name {
		return next.checked()
	}
	return next
}

// WithState returns t with the node in another state, since when (Unix time in
// milliseconds). It returns t itself if the node is in that state already.
func (t *Topology) WithState(node int, state NodeState, when int64) *Topology {
	if t.Nodes[node].State == state {
		return t
	}
	return t.WithNode(node, func(n *Node) { n.State, n.Since = state, when })
}

// WithPrimary returns t with the node as its shard's primary, at a new epoch.
func (t *Topology) WithPrimary(node int) *Topology {
	next := t.edit()
	s := &next.Shards[next.Nodes[node].Shard]
	next.Epoch++
	s.Primary, s.ConfigEpoch = node, next.Epoch
	return next
}

// WithSlots returns t with the slots owned by shard, or by nobody if shard is
// slots.None. What migrations those slots were in are over. The shard gets a
// new epoch unless its own is the greatest already, as in Redis.
func (t *Topology) WithSlots(set slots.Set, shard uint16) *Topology {
	next := t.edit()
	next.Table = t.Table.With(set, shard)
	for slot := range set.All() {
		next.count(t.Table.Owner(slot), -1)
		next.count(shard, +1)
	}
	next.Migrations = slices.DeleteFunc(next.Migrations, func(m Migration) bool { return set.Has(m.Slot) })
	if shard != slots.None {
		next.bump(int(shard))
	}
	return next
}

// count changes the number of slots that a shard has.
func (t *Topology) count(shard uint16, by int) {
	if shard != slots.None {
		t.counts[shard] += by
	}
}

// bump makes the shard's epoch the only greatest one.
func (t *Topology) bump(shard int) {
	own := t.Shards[shard].ConfigEpoch
	same := func(s Shard) bool { return s.ConfigEpoch == own && s.ID != t.Shards[shard].ID }
	if own == 0 || own != t.Epoch || slices.ContainsFunc(t.Shards, same) {
		t.Epoch++
		t.Shards[shard].ConfigEpoch = t.Epoch
	}
}

// WithMigration returns t with the keys of slot on their way from its owner to
// shard to.
func (t *Topology) WithMigration(slot slots.Slot, to int) *Topology {
	next := t.edit()
	at, moving := slices.BinarySearchFunc(next.Migrations, slot,
		func(m Migration, s slots.Slot) int { return int(m.Slot) - int(s) })
	if moving {
		panic(fmt.Sprintf("topology: slot %d is migrating already", slot))
	}
	m := Migration{Slot: slot, From: int(t.Table.Owner(slot)), To: to}
	next.Migrations = slices.Insert(next.Migrations, at, m)
	if err := next.validateMigrations(); err != nil {
		panic(err)
	}
	return next
}

// WithoutMigration returns t with slot no longer on the move; its owner stays.
func (t *Topology) WithoutMigration(slot slots.Slot) *Topology {
	next := t.edit()
	next.Migrations = slices.DeleteFunc(next.Migrations, func(m Migration) bool { return m.Slot == slot })
	return next
}

// WithShard returns t with a further shard, without slots, that consists of
// nodes, the first of them its primary. The Shard and Primary fields in shard
// and nodes are filled in here, and a new epoch.
func (t *Topology) WithShard(shard Shard, nodes []Node) *Topology {
	next := t.edit()
	next.Epoch++
	shard.Primary, shard.ConfigEpoch = len(t.Nodes), next.Epoch
	for _, n := range nodes {
		n.Shard = len(t.Shards)
		next.Nodes = append(next.Nodes, n)
	}
	next.Shards = append(next.Shards, shard)
	next.counts = append(next.counts, 0)
	return next.checked()
}

// WithReplica returns t with a further node; n.Shard says where. It stands
// after the shard's other nodes.
func (t *Topology) WithReplica(n Node) *Topology {
	next := t.edit()
	at := len(next.Nodes)
	for i := range next.Nodes {
		if next.Nodes[i].Shard == n.Shard {
			at = i + 1
		}
	}
	next.Nodes = slices.Insert(next.Nodes, at, n)
	for i := range next.Shards {
		if next.Shards[i].Primary >= at {
			next.Shards[i].Primary++
		}
	}
	return next.checked()
}

// WithoutReplica returns t without that node. It panics if it is a primary.
func (t *Topology) WithoutReplica(node int) *Topology {
	if t.IsPrimary(node) {
		panic(fmt.Sprintf("topology: %s is a primary and cannot be removed", t.Nodes[node].Name))
	}
	next := t.edit()
	next.deleteNode(node)
	return next.checked()
}

// WithoutShard returns t without the shard and its nodes. The indexes of later
// shards and nodes move down. It panics if the shard still owns a slot or if a
// slot migrates to it.
func (t *Topology) WithoutShard(shard int) *Topology {
	next := t.edit()
	sets := make([]slots.Set, len(t.Shards))
	for i := range sets {
		sets[i] = t.Table.Slots(uint16(i))
	}
	if !sets[shard].Empty() {
		panic(fmt.Sprintf("topology: shard %s still owns %s", t.Shards[shard].NodeGroupID, sets[shard]))
	}
	for i := len(next.Nodes) - 1; i >= 0; i-- {
		if next.Nodes[i].Shard == shard {
			next.deleteNode(i)
		}
	}
	for i := range next.Nodes {
		next.Nodes[i].Shard = shiftedDown(next.Nodes[i].Shard, shard)
	}
	for i := range next.Migrations {
		m := &next.Migrations[i]
		if m.To == shard {
			panic(fmt.Sprintf("topology: slot %d migrates to the shard being removed", m.Slot))
		}
		m.From, m.To = shiftedDown(m.From, shard), shiftedDown(m.To, shard)
	}
	next.Shards = slices.Delete(next.Shards, shard, shard+1)
	next.counts = slices.Delete(next.counts, shard, shard+1)
	next.Table = slots.NewTable(slices.Delete(sets, shard, shard+1))
	return next.checked()
}

// deleteNode takes the node out of t and renumbers the primaries after it.
func (t *Topology) deleteNode(node int) {
	t.Nodes = slices.Delete(t.Nodes, node, node+1)
	for i := range t.Shards {
		t.Shards[i].Primary = shiftedDown(t.Shards[i].Primary, node)
	}
}

// shiftedDown returns what index becomes when the element at gone is removed.
func shiftedDown(index, gone int) int {
	if index > gone {
		return index - 1
	}
	return index
}
