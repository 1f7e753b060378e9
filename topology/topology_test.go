package topology

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/slots"
)

// three returns 3 shards with a replica each: node i of shard s has the id
// made of the digit s and i+1.
func three(t testing.TB) *Topology {
	t.Helper()
	var shards []Shard
	var nodes []Node
	for s := range 3 {
		shards = append(shards, newShard(s, len(nodes)))
		nodes = append(nodes, newNode(s, 1), newNode(s, 2))
	}
	topo, err := New(slots.Even(3), shards, nodes)
	require.NoError(t, err)
	return topo
}

func newShard(s, primary int) Shard {
	return Shard{
		ID:          fmt.Sprintf("%038x%02x", 0xface, s),
		NodeGroupID: fmt.Sprintf("%04d", s+1),
		Primary:     primary,
		ConfigEpoch: uint64(s + 1),
	}
}

func newNode(s, n int) Node {
	return Node{
		ID:       fmt.Sprintf("%036x%02x%02x", 0xbeef, s, n),
		Name:     fmt.Sprintf("local-%04d-%03d", s+1, n),
		Shard:    s,
		IP:       fmt.Sprintf("10.0.%d.%d", s, n),
		Port:     6379,
		TLSPort:  6380,
		BusPort:  BusPort,
		Hostname: fmt.Sprintf("local-%04d-%03d.example.com", s+1, n),
		Version:  "7.1.0",
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	topo := three(t)
	require.Equal(t, 3, topo.NodeByName("local-0002-002"))
	require.Equal(t, -1, topo.NodeByName("local-0009-001"))
	require.Equal(t, 3, topo.NodeByID(topo.Nodes[3].ID))
	require.Equal(t, -1, topo.NodeByID("x"))
	require.Equal(t, 1, topo.ShardByGroup("0002"))
	require.Equal(t, -1, topo.ShardByGroup("2"))
	require.True(t, topo.IsPrimary(2))
	require.False(t, topo.IsPrimary(3))
	require.Equal(t, 2, topo.PrimaryOf(3))
	require.Equal(t, []int{4, 5}, topo.Members(2))
	require.Equal(t, "local-0002-001", topo.OwnerPrimary(5462).Name)
	require.EqualValues(t, 3, topo.Epoch)

	none := topo.WithSlots(slots.SetOf(slots.Range{First: 7, Last: 7}), slots.None)
	require.Nil(t, none.OwnerPrimary(7))
	require.NotNil(t, topo.OwnerPrimary(7), "the topology before the change stays as it was")
}

func TestNewRefusesWhatIsInconsistent(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*[]Shard, *[]Node){
		"short id":            func(s *[]Shard, n *[]Node) { (*n)[0].ID = "abc" },
		"upper case id":       func(s *[]Shard, n *[]Node) { (*s)[0].ID = "ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD" },
		"same node id":        func(s *[]Shard, n *[]Node) { (*n)[0].ID = (*n)[1].ID },
		"node has shard's id": func(s *[]Shard, n *[]Node) { (*n)[0].ID = (*s)[1].ID },
		"same name":           func(s *[]Shard, n *[]Node) { (*n)[0].Name = (*n)[1].Name },
		"no name":             func(s *[]Shard, n *[]Node) { (*n)[0].Name = "" },
		"same group":          func(s *[]Shard, n *[]Node) { (*s)[0].NodeGroupID = (*s)[1].NodeGroupID },
		"no such primary":     func(s *[]Shard, n *[]Node) { (*s)[0].Primary = 6 },
		"primary elsewhere":   func(s *[]Shard, n *[]Node) { (*s)[0].Primary = 2 },
		"no such shard":       func(s *[]Shard, n *[]Node) { (*n)[1].Shard = 3 },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := three(t)
			spoil(&good.Shards, &good.Nodes)
			_, err := New(slots.Even(3), good.Shards, good.Nodes)
			require.Error(t, err)
		})
	}
	good := three(t)
	_, err := New(slots.Even(2), good.Shards, good.Nodes)
	require.Error(t, err)
}
