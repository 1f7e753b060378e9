package topology

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/slots"
)

// The expected lines are what redis-server 7.0.15 prints for such a cluster,
// but for the order of the nodes (there that of a hash table) and the bus port.

func TestNodesText(t *testing.T) {
	t.Parallel()
	topo := three(t).WithSlots(slots.SetOf(slots.Range{First: 3, Last: 3}), slots.None).
		WithMigration(5, 1).WithMigration(5463, 0).
		WithState(3, Suspected, 111).WithState(4, Failed, 222)
	want := []string{
		"00000000000000000000000000000000beef0001 10.0.0.1:6379@1122 myself,master - 0 1795345145000 1 connected 0-2 4-5461" +
			" [5->-00000000000000000000000000000000beef0101] [5463-<-00000000000000000000000000000000beef0101]",
		"00000000000000000000000000000000beef0002 10.0.0.2:6379@1122 slave 00000000000000000000000000000000beef0001 0 1795345145678 1 connected",
		"00000000000000000000000000000000beef0101 10.0.1.1:6379@1122 master - 0 1795345145678 2 connected 5462-10922",
		"00000000000000000000000000000000beef0102 10.0.1.2:6379@1122 slave,fail? 00000000000000000000000000000000beef0101 111 111 2 disconnected",
		"00000000000000000000000000000000beef0201 10.0.2.1:6379@1122 master,fail - 222 222 3 disconnected 10923-16383",
		"00000000000000000000000000000000beef0202 10.0.2.2:6379@1122 slave 00000000000000000000000000000000beef0201 0 1795345145678 3 connected",
	}
	got := topo.AppendNodes(nil, View{Self: 0, Now: 1795345145678})
	require.Equal(t, strings.Join(want, "\n")+"\n", string(got))

	secure := string(topo.AppendNodes(nil, View{Self: 3, TLS: true, Now: 1795345145678}))
	require.Contains(t, secure, " 10.0.1.2:6380@1122,local-0002-002.example.com myself,slave ")
	require.NotContains(t, secure, "->-", "only the slot's own primaries show migrations")
}

func TestReplicaLines(t *testing.T) {
	t.Parallel()
	topo := three(t)
	lines, err := topo.ReplicaLines(View{Self: 0, Now: 2001}, topo.Nodes[2].ID)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, "00000000000000000000000000000000beef0102 10.0.1.2:6379@1122 slave "+
		"00000000000000000000000000000000beef0101 0 2001 2 connected", string(lines[0]))
	_, err = topo.ReplicaLines(View{}, topo.Nodes[3].ID)
	require.ErrorIs(t, err, ErrNotPrimary)
	_, err = topo.ReplicaLines(View{}, "abc")
	require.ErrorIs(t, err, ErrUnknownNode)
}

func TestSlotsEntries(t *testing.T) {
	t.Parallel()
	topo := three(t).WithSlots(slots.SetOf(slots.Range{First: 100, Last: 100}), 2).
		WithState(1, Loading, 1).WithState(3, Failed, 1).WithState(4, Failed, 1)
	entries := topo.SlotsEntries(View{})
	require.Len(t, entries, 5)
	require.Equal(t, slots.Range{First: 101, Last: 5461}, entries[2].Range)
	require.Equal(t, []SlotsNode{{Host: "10.0.0.1", Port: 6379, ID: topo.Nodes[0].ID}}, entries[2].Nodes,
		"a replica without data is left out")
	require.Len(t, entries[3].Nodes, 1, "a failed replica is left out")
	require.Len(t, entries[4].Nodes, 2, "a failed primary is not")
	require.Equal(t, topo.Nodes[4].ID, entries[4].Nodes[0].ID)
}

func TestSlotsMetadataHoldsTheAddressesThatAreNotPreferred(t *testing.T) {
	t.Parallel()
	topo := three(t)
	node := func(v View) SlotsNode { return topo.SlotsEntries(v)[0].Nodes[0] }
	id, name := topo.Nodes[0].ID, "local-0001-001.example.com"
	ip, host := Field{"ip", "10.0.0.1"}, Field{"hostname", name}

	require.Equal(t, SlotsNode{Host: "10.0.0.1", Port: 6380, ID: id, Metadata: []Field{host}}, node(View{TLS: true}))
	require.Equal(t, SlotsNode{Host: name, Port: 6380, ID: id, Metadata: []Field{ip}},
		node(View{TLS: true, Endpoint: PreferHostname}))
	require.Equal(t, SlotsNode{HostNull: true, Port: 6380, ID: id, Metadata: []Field{ip, host}},
		node(View{TLS: true, Endpoint: PreferUnknown}))
	require.Equal(t, SlotsNode{Host: "?", Port: 6379, ID: id, Metadata: []Field{ip}},
		node(View{Endpoint: PreferHostname}), "without TLS a node announces no host name")
}

func TestShardsEntries(t *testing.T) {
	t.Parallel()
	topo := three(t).WithShard(newShard(3, 0), []Node{newNode(3, 1)}).
		WithPrimary(1).WithState(0, Failed, 1).WithState(3, Loading, 1)
	entries := topo.ShardsEntries(View{TLS: true, Endpoint: PreferHostname, Offset: func(n int) int64 { return int64(n) * 10 }})
	require.Len(t, entries, 4)
	require.Equal(t, []slots.Range{{First: 0, Last: 5461}}, entries[0].Slots)
	require.Empty(t, entries[3].Slots)
	name := "local-0001-002.example.com"
	require.Equal(t, ShardsNode{
		ID: topo.Nodes[1].ID, TLSPort: 6380, IP: "10.0.0.2", Endpoint: name, Hostname: name,
		Role: "master", Offset: 10, Health: "online",
	}, entries[0].Nodes[0])
	require.Equal(t, "fail", entries[0].Nodes[1].Health)
	require.Equal(t, "replica", entries[0].Nodes[1].Role)
	require.Equal(t, "loading", entries[1].Nodes[1].Health)

	plain := topo.ShardsEntries(View{})[0].Nodes[0]
	require.Equal(t, 6379, plain.Port)
	require.Zero(t, plain.TLSPort)
	require.Empty(t, plain.Hostname)
}

func TestAddressesDependOnWhoAsks(t *testing.T) {
	t.Parallel()
	topo := three(t)
	v := View{Announce: func(n *Node) Address { return Address{IP: "192.168.1.5", Port: 6400 + n.Shard} }}
	host, port := v.Redirect(topo.OwnerPrimary(16383))
	require.Equal(t, "192.168.1.5", host)
	require.Equal(t, 6402, port)
	require.Contains(t, string(topo.AppendNodes(nil, v)), " 192.168.1.5:6402@1122 ")
}

func TestRedirectDoesNotAllocate(t *testing.T) { // not parallel: AllocsPerRun counts the whole process
	topo := three(t)
	v := View{Announce: func(n *Node) Address { return Address{IP: "192.168.1.5", Port: 6400 + n.Shard} }}
	allocs := testing.AllocsPerRun(100, func() { v.Redirect(topo.OwnerPrimary(0)) })
	require.Zero(t, allocs)
}

func TestInfoCountsSlotsByTheStateOfTheirPrimary(t *testing.T) {
	t.Parallel()
	topo := three(t).WithSlots(slots.SetOf(slots.Range{First: 0, Last: 9}), slots.None).
		WithState(2, Suspected, 1).WithState(4, Failed, 1)
	c := topo.Coverage()
	require.Equal(t, Coverage{Assigned: 16374, OK: 5452, Suspected: 5461, Failed: 5461, Size: 3, Reachable: 1}, c)
	require.Equal(t, "cluster_state:fail\r\ncluster_slots_assigned:16374\r\ncluster_slots_ok:5452\r\n"+
		"cluster_slots_pfail:5461\r\ncluster_slots_fail:5461\r\ncluster_known_nodes:6\r\ncluster_size:3\r\n"+
		"cluster_current_epoch:3\r\ncluster_my_epoch:2\r\ncluster_stats_messages_sent:0\r\n"+
		"cluster_stats_messages_received:0\r\ntotal_cluster_links_buffer_limit_exceeded:0\r\n",
		string(topo.AppendInfo(nil, View{Self: 3}, c.Up(false))))
}

func TestClusterStateFollowsQuorumAndCoverage(t *testing.T) {
	t.Parallel()
	topo := three(t)
	require.True(t, topo.Coverage().Up(true))
	oneDown := topo.WithState(0, Failed, 1).Coverage()
	require.True(t, oneDown.Up(false))
	require.False(t, oneDown.Up(true))
	suspected := topo.WithState(0, Suspected, 1).Coverage()
	require.True(t, suspected.Up(true), "a suspicion does not uncover slots")
	twoDown := topo.WithState(0, Suspected, 1).WithState(2, Failed, 1).Coverage()
	require.False(t, twoDown.Up(false), "most primaries are unreachable")
	empty := topo.WithShard(newShard(3, 0), []Node{newNode(3, 1)}).WithState(6, Failed, 1)
	require.True(t, empty.Coverage().Up(true), "a shard without slots does not matter")
}
