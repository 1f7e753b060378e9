package topology

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elasticache-local/slots"
)

func TestWithPrimarySwapsRolesAtANewEpoch(t *testing.T) {
	t.Parallel()
	topo := three(t)
	next := topo.WithPrimary(3)
	require.True(t, next.IsPrimary(3))
	require.False(t, next.IsPrimary(2))
	require.EqualValues(t, 4, next.Epoch)
	require.EqualValues(t, 4, next.Shards[1].ConfigEpoch)
	require.True(t, topo.IsPrimary(2))
}

func TestWithSlotsRaisesTheEpochOncePerShard(t *testing.T) {
	t.Parallel()
	topo := three(t)
	one := topo.WithSlots(slots.SetOf(slots.Range{First: 0, Last: 0}), 1)
	require.EqualValues(t, 4, one.Shards[1].ConfigEpoch)
	two := one.WithSlots(slots.SetOf(slots.Range{First: 1, Last: 1}), 1)
	require.EqualValues(t, 4, two.Epoch, "the receiving shard had the greatest epoch already")
	three := two.WithSlots(slots.SetOf(slots.Range{First: 0, Last: 1}), 0)
	require.EqualValues(t, 5, three.Shards[0].ConfigEpoch)
}

func TestAMigrationEndsWhenItsSlotIsFlipped(t *testing.T) {
	t.Parallel()
	topo := three(t).WithMigration(9, 1).WithMigration(5, 2).WithMigration(7, 1)
	require.Equal(t, []Migration{{5, 0, 2}, {7, 0, 1}, {9, 0, 1}}, topo.Migrations)
	m, moving := topo.Migration(7)
	require.True(t, moving)
	require.Equal(t, Migration{7, 0, 1}, m)

	flipped := topo.WithSlots(slots.SetOf(slots.Range{First: 7, Last: 7}), 1)
	_, moving = flipped.Migration(7)
	require.False(t, moving)
	require.Len(t, flipped.WithoutMigration(5).Migrations, 1)
	require.NoError(t, flipped.Validate())

	require.Panics(t, func() { topo.WithMigration(7, 2) })
	require.Panics(t, func() { topo.WithMigration(8, 0) })
}

func TestWithoutShardMovesIndexesDown(t *testing.T) {
	t.Parallel()
	topo := three(t)
	require.Panics(t, func() { topo.WithoutShard(0) }, "a shard with slots stays")
	next := topo.WithSlots(topo.Table.Slots(0), 2).WithoutShard(0)
	require.Equal(t, "0002", next.Shards[0].NodeGroupID)
	require.Equal(t, "local-0003-001", next.OwnerPrimary(0).Name)
	require.Equal(t, []int{0, 1}, next.Members(0))
	require.Equal(t, 0, next.NodeByName("local-0002-001"))
}

func TestWithReplicaKeepsTheNodesOfAShardTogether(t *testing.T) {
	t.Parallel()
	topo := three(t).WithReplica(newNode(0, 3))
	require.Equal(t, []int{0, 1, 2}, topo.Members(0))
	require.Equal(t, []int{3, 4}, topo.Members(1))
	require.Equal(t, "local-0003-001", topo.OwnerPrimary(16383).Name)
	back := topo.WithoutReplica(2)
	require.Equal(t, three(t).Nodes, back.Nodes)
	require.Equal(t, three(t).Shards, back.Shards)
	require.Panics(t, func() { topo.WithoutReplica(0) })
}

func TestWithNodeMayReplaceItButNotMoveIt(t *testing.T) {
	t.Parallel()
	topo := three(t)
	next := topo.WithNode(1, func(n *Node) { n.ID, n.IP = newNode(7, 7).ID, "10.9.9.9" })
	require.Equal(t, "10.9.9.9", next.Nodes[1].IP)
	require.Equal(t, "10.0.0.2", topo.Nodes[1].IP)
	require.Panics(t, func() { topo.WithNode(1, func(n *Node) { n.Shard = 2 }) })
	require.Panics(t, func() { topo.WithNode(1, func(n *Node) { n.ID = topo.Nodes[0].ID }) })
	require.Same(t, topo, topo.WithState(1, Online, 5))
}

// Whatever sequence of changes is made, every topology on the way is valid,
// names each node's shard and each slot's owner consistently, and has a
// greater version than the one before, which stays as it was.
func TestAnySequenceOfChangesStaysValid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		topo := Topology{Table: slots.NewTable(nil)}
		current := topo.WithShard(newShard(0, 0), []Node{newNode(0, 1)})
		owner := make(map[slots.Slot]string) // of a few slots, by node group
		made := 1
		any := func(n int, label string) int { return rapid.IntRange(0, n-1).Draw(t, label) }
		t.Repeat(map[string]func(*rapid.T){
			"add shard": func(*rapid.T) {
				current = current.WithShard(newShard(made, 0), []Node{newNode(made, 1), newNode(made, 2)})
				made++
			},
			"remove shard": func(t *rapid.T) {
				if s := any(len(current.Shards), "shard"); current.Table.Slots(uint16(s)).Empty() &&
					len(current.Shards) > 1 && len(current.Migrations) == 0 {
					current = current.WithoutShard(s)
				}
			},
			"add replica": func(t *rapid.T) {
				n := newNode(made, 1)
				n.Shard = any(len(current.Shards), "shard")
				current = current.WithReplica(n)
				made++
			},
			"remove replica": func(t *rapid.T) {
				if n := any(len(current.Nodes), "node"); !current.IsPrimary(n) {
					current = current.WithoutReplica(n)
				}
			},
			"promote": func(t *rapid.T) {
				n := any(len(current.Nodes), "node")
				current = current.WithPrimary(n)
				require.Equal(t, current.Epoch, current.Shards[current.Nodes[n].Shard].ConfigEpoch)
			},
			"flip": func(t *rapid.T) {
				slot, s := slots.Slot(any(8, "slot")), any(len(current.Shards), "shard")
				current = current.WithSlots(slots.SetOf(slots.Range{First: slot, Last: slot}), uint16(s))
				owner[slot] = current.Shards[s].NodeGroupID
			},
			"migrate": func(t *rapid.T) {
				slot, s := slots.Slot(any(8, "slot")), any(len(current.Shards), "shard")
				_, moving := current.Migration(slot)
				if from := current.Table.Owner(slot); from != slots.None && int(from) != s && !moving {
					current = current.WithMigration(slot, s)
				}
			},
			"fail": func(t *rapid.T) {
				current = current.WithState(any(len(current.Nodes), "node"), NodeState(any(4, "state")), 1)
			},
			"": func(t *rapid.T) {
				require.NoError(t, current.Validate())
				for slot, group := range owner {
					shard := current.Table.Owner(slot)
					require.Equal(t, group, current.Shards[shard].NodeGroupID, fmt.Sprint("slot ", slot))
				}
			},
		})
	})
}
