package topology

import (
	"fmt"
	"strings"

	"elasticache-local/slots"
)

// idLength is the number of hexadecimal digits in the id of a node or shard.
const idLength = 40

// New returns a topology, version 1, in which shard i owns sets[i]. Slots in
// no set are unassigned. Epoch becomes the greatest epoch of a shard.
func New(sets []slots.Set, shards []Shard, nodes []Node) (*Topology, error) {
	if len(sets) != len(shards) {
		return nil, fmt.Errorf("topology: %d slot sets for %d shards", len(sets), len(shards))
	}
	t := &Topology{
		Version: 1,
		Table:   slots.NewTable(sets),
		Shards:  append([]Shard(nil), shards...),
		Nodes:   append([]Node(nil), nodes...),
	}
	for i := range t.Shards {
		t.Epoch = max(t.Epoch, t.Shards[i].ConfigEpoch)
		t.counts = append(t.counts, sets[i].Len())
	}
	return t, t.Validate()
}

// Validate returns an error that names the first rule that t breaks: ids are
// 40 hexadecimal digits and unique, names are unique, every node is in a
// shard, every shard's primary is a node of it, slots and migrations name
// existing shards, and no shard's epoch exceeds the cluster's.
func (t *Topology) Validate() error {
	ids := make(map[string]bool)
	for i := range t.Shards {
		if err := t.validateShard(i, ids); err != nil {
			return fmt.Errorf("topology: shard %d: %w", i, err)
		}
	}
	names := make(map[string]bool)
	for i := range t.Nodes {
		if err := t.validateNode(i, ids, names); err != nil {
			return fmt.Errorf("topology: node %d: %w", i, err)
		}
	}
	for slot := range slots.Count {
		if o := t.Table.Owner(slots.Slot(slot)); o != slots.None && int(o) >= len(t.Shards) {
			return fmt.Errorf("topology: slot %d belongs to shard %d of %d", slot, o, len(t.Shards))
		}
	}
	return t.validateMigrations()
}

func (t *Topology) validateShard(i int, ids map[string]bool) error {
	s := &t.Shards[i]
	switch {
	case !isID(s.ID):
		return fmt.Errorf("id %q is not %d hexadecimal digits", s.ID, idLength)
	case ids[s.ID]:
		return fmt.Errorf("id %s is not unique", s.ID)
	case t.ShardByGroup(s.NodeGroupID) != i:
		return fmt.Errorf("node group id %q is not unique", s.NodeGroupID)
	case s.Primary < 0 || s.Primary >= len(t.Nodes):
		return fmt.Errorf("primary is node %d of %d", s.Primary, len(t.Nodes))
	case t.Nodes[s.Primary].Shard != i:
		return fmt.Errorf("primary %s is of shard %d", t.Nodes[s.Primary].Name, t.Nodes[s.Primary].Shard)
	case s.ConfigEpoch > t.Epoch:
		return fmt.Errorf("epoch %d is beyond the cluster's %d", s.ConfigEpoch, t.Epoch)
	}
	ids[s.ID] = true
	return nil
}

func (t *Topology) validateNode(i int, ids, names map[string]bool) error {
	n := &t.Nodes[i]
	switch {
	case !isID(n.ID):
		return fmt.Errorf("id %q is not %d hexadecimal digits", n.ID, idLength)
	case ids[n.ID]:
		return fmt.Errorf("id %s is not unique", n.ID)
	case n.Name == "" || names[n.Name]:
		return fmt.Errorf("name %q is not unique", n.Name)
	case n.Shard < 0 || n.Shard >= len(t.Shards):
		return fmt.Errorf("is of shard %d of %d", n.Shard, len(t.Shards))
	}
	ids[n.ID], names[n.Name] = true, true
	return nil
}

func (t *Topology) validateMigrations() error {
	last := -1
	for _, m := range t.Migrations {
		switch {
		case int(m.Slot) <= last:
			return fmt.Errorf("topology: migration of slot %d out of order", m.Slot)
		case int(t.Table.Owner(m.Slot)) != m.From:
			return fmt.Errorf("topology: slot %d migrates from shard %d, which does not own it", m.Slot, m.From)
		case m.To < 0 || m.To >= len(t.Shards) || m.To == m.From:
			return fmt.Errorf("topology: slot %d migrates from shard %d to %d", m.Slot, m.From, m.To)
		}
		last = int(m.Slot)
	}
	return nil
}

func isID(id string) bool {
	return len(id) == idLength && strings.Trim(id, "0123456789abcdef") == ""
}
