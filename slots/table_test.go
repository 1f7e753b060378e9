package slots

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEvenDealsLikeElastiCache(t *testing.T) {
	t.Parallel()
	for shards, want := range map[int][]string{
		1: {"0-16383"},
		2: {"0-8191", "8192-16383"},
		3: {"0-5461", "5462-10922", "10923-16383"},
		5: {"0-3276", "3277-6553", "6554-9830", "9831-13107", "13108-16383"},
	} {
		var got []string
		for _, s := range Even(shards) {
			got = append(got, s.String())
		}
		require.Equal(t, want, got)
	}
	for _, shards := range []int{1, 2, 3, 7, 90, 500, Count} {
		require.NoError(t, Partition(Even(shards)))
	}
	require.Panics(t, func() { Even(0) })
	require.Panics(t, func() { Even(Count + 1) })
}

func TestPartitionNamesMissingAndDoubleSlots(t *testing.T) {
	t.Parallel()
	sets := Even(3)
	sets[1].Remove(6000)
	sets[2].AddRange(0, 1)
	require.EqualError(t, Partition(sets), "slots 6000 in no set; 0-1 in more than one set")
	require.EqualError(t, Partition(nil), "slots 0-16383 in no set")
	require.EqualError(t, Partition([]Set{Full(), SetOf(Range{5, 9})}), "slots 5-9 in more than one set")
}

func TestTableKnowsTheOwnerOfEverySlot(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 3, 90, 500} {
		sets := Even(shards)
		table := NewTable(sets)
		require.True(t, table.Covered())
		for i, set := range sets {
			require.True(t, table.Slots(uint16(i)).Equal(set))
			for slot := range set.All() {
				if got := table.Owner(slot); got != uint16(i) {
					t.Fatalf("Owner(%d) = %d, want %d", slot, got, i)
				}
			}
		}
		require.True(t, table.Slots(None).Empty())
		require.Equal(t, None, table.Owner(Count))
	}
}

func TestTableWithChangesACopy(t *testing.T) {
	t.Parallel()
	before := NewTable(Even(2))
	moved := SetOf(Range{100, 199})
	after := before.With(moved, 1)
	require.Equal(t, uint16(0), before.Owner(100))
	require.Equal(t, uint16(1), after.Owner(100))
	require.Equal(t, "0-99,200-8191", after.Slots(0).String())
	require.Equal(t, "100-199,8192-16383", after.Slots(1).String())
	require.True(t, after.Covered())

	unbound := after.With(moved, None)
	require.False(t, unbound.Covered())
	require.Equal(t, "100-199", unbound.Slots(None).String())
	require.True(t, unbound.With(moved, 0).Covered())
}

func TestTableOfIncompleteSets(t *testing.T) {
	t.Parallel()
	table := NewTable([]Set{SetOf(Range{0, 9}), {}})
	require.False(t, table.Covered())
	require.Equal(t, None, table.Owner(10))
	require.Equal(t, 10, table.Slots(0).Len())
	require.False(t, NewTable(nil).Covered())
	require.PanicsWithValue(t, "slots: table with two owners of 0-9", func() {
		NewTable([]Set{Full(), SetOf(Range{0, 9})})
	})
}
