package dns

import (
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"elasticache-local/endpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const zone = "use1.cache.amazonaws.com"

// world is a set of groups that a test may exchange while a server runs.
type world struct{ atomic.Pointer[[]Group] }

func (w *world) groups() []Group { return *w.Load() }

func worldOf(groups ...Group) *world {
	w := new(world)
	w.Store(&groups)
	return w
}

// sharded is a group in cluster mode, every node at its own address 127.0.shard.member.
func sharded(id string, shards, members int) Group {
	g := Group{Names: endpoint.For(endpoint.Group{ID: id, ClusterMode: true})}
	for s := 1; s <= shards; s++ {
		for m := 1; m <= members; m++ {
			g.Nodes = append(g.Nodes, Node{
				ID:      endpoint.CacheClusterID(id, true, s, m),
				Addr:    netip.AddrFrom4([4]byte{127, 0, byte(s), byte(m)}),
				Primary: m == 1, Live: true,
			})
		}
	}
	return g
}

// single is a group with cluster mode disabled; its node n has address 10.0.0.n.
func single(id string, nodes int) Group {
	g := Group{Names: endpoint.For(endpoint.Group{ID: id})}
	for m := 1; m <= nodes; m++ {
		g.Nodes = append(g.Nodes, Node{
			ID:      endpoint.CacheClusterID(id, false, 1, m),
			Addr:    netip.AddrFrom4([4]byte{10, 0, 0, byte(m)}),
			Primary: m == 1, Live: true,
		})
	}
	return g
}

var nowhere = func() netip.Addr { return netip.MustParseAddr("192.0.2.1") }

// ask puts a question straight to a responder.
func ask(t *testing.T, r *responder, name string, qtype uint16, change ...func(*dns.Msg)) *dns.Msg {
	t.Helper()
	req := new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype)
	for _, c := range change {
		c(req)
	}
	packed, err := req.Pack()
	require.NoError(t, err)
	reply := new(dns.Msg)
	require.NoError(t, reply.Unpack(r.respond(packed, true, nowhere)))
	require.Equal(t, req.Id, reply.Id)
	require.True(t, reply.Response)
	return reply
}

func addresses(m *dns.Msg) []string {
	addrs := []string{}
	for _, rr := range m.Answer {
		switch rr := rr.(type) {
		case *dns.A:
			addrs = append(addrs, rr.A.String())
		case *dns.AAAA:
			addrs = append(addrs, rr.AAAA.String())
		}
	}
	return addrs
}

func TestNodeNameGivesTheNodesAddress(t *testing.T) {
	t.Parallel()
	g := sharded("local", 2, 2)
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	reply := ask(t, r, g.Names.Node("local-0002-001"), dns.TypeA)
	require.Equal(t, []string{"127.0.2.1"}, addresses(reply))
	require.True(t, reply.Authoritative)
	require.EqualValues(t, 5, reply.Answer[0].Header().Ttl)
	require.Empty(t, reply.Ns)
}

func TestConfigurationNameRotatesOverLiveNodes(t *testing.T) {
	t.Parallel()
	g := sharded("local", 2, 2)
	g.Nodes[1].Live = false
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	firsts := map[string]int{}
	for range 9 {
		addrs := addresses(ask(t, r, g.Names.Configuration(), dns.TypeA))
		require.ElementsMatch(t, []string{"127.0.1.1", "127.0.2.1", "127.0.2.2"}, addrs)
		firsts[addrs[0]]++
	}
	require.Equal(t, map[string]int{"127.0.1.1": 3, "127.0.2.1": 3, "127.0.2.2": 3}, firsts)
}

func TestConfigurationNameStaysWhenNoNodeLives(t *testing.T) {
	t.Parallel()
	g := sharded("local", 1, 2)
	g.Nodes[0].Live, g.Nodes[1].Live = false, false
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	require.Len(t, addresses(ask(t, r, g.Names.Configuration(), dns.TypeA)), 2)
}

func TestNodesBehindOneAddressAreOneRecord(t *testing.T) {
	t.Parallel()
	g := sharded("local", 3, 2)
	for i := range g.Nodes {
		g.Nodes[i].Addr = netip.MustParseAddr("127.0.0.1")
	}
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	require.Equal(t, []string{"127.0.0.1"}, addresses(ask(t, r, g.Names.Configuration(), dns.TypeA)))
}

func TestPrimaryNameMovesWithAFailover(t *testing.T) {
	t.Parallel()
	before, after := single("local", 3), single("local", 3)
	after.Nodes[0].Primary, after.Nodes[2].Primary = false, true
	w := worldOf(before)
	r := newResponder(zone, defaultTTL, w.groups)
	require.Equal(t, []string{"10.0.0.1"}, addresses(ask(t, r, before.Names.Primary(), dns.TypeA)))
	w.Store(&[]Group{after})
	require.Equal(t, []string{"10.0.0.3"}, addresses(ask(t, r, before.Names.Primary(), dns.TypeA)))
}

func TestReaderNameRotatesOverReplicasOneAtATime(t *testing.T) {
	t.Parallel()
	g := single("local", 3)
	w := worldOf(g)
	r := newResponder(zone, defaultTTL, w.groups)
	seen := map[string]int{}
	for range 4 {
		addrs := addresses(ask(t, r, g.Names.Reader(), dns.TypeA))
		require.Len(t, addrs, 1)
		seen[addrs[0]]++
	}
	require.Equal(t, map[string]int{"10.0.0.2": 2, "10.0.0.3": 2}, seen)

	alone := single("local", 1)
	w.Store(&[]Group{alone})
	require.Equal(t, []string{"10.0.0.1"}, addresses(ask(t, r, g.Names.Reader(), dns.TypeA)), "no replica: the primary")
}

func TestTLSNames(t *testing.T) {
	t.Parallel()
	g := single("local", 2)
	g.Names = endpoint.For(endpoint.Group{ID: "local", TLS: true})
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	require.Equal(t, []string{"10.0.0.1"}, addresses(ask(t, r, g.Names.Primary(), dns.TypeA)))
	require.Equal(t, []string{"10.0.0.2"}, addresses(ask(t, r, g.Names.Reader(), dns.TypeA)))
	require.Equal(t, []string{"10.0.0.2"}, addresses(ask(t, r, g.Names.Node("local-002"), dns.TypeA)))
}

func TestIPv6NodesHaveAAAA(t *testing.T) {
	t.Parallel()
	g := single("local", 1)
	g.Nodes[0].Addr = netip.MustParseAddr("::1")
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	require.Equal(t, []string{"::1"}, addresses(ask(t, r, g.Names.Primary(), dns.TypeAAAA)))
	require.Equal(t, []string{"::1"}, addresses(ask(t, r, g.Names.Primary(), dns.TypeANY)))
	empty := ask(t, r, g.Names.Primary(), dns.TypeA)
	require.Equal(t, dns.RcodeSuccess, empty.Rcode)
	require.Empty(t, empty.Answer)
}

func TestNodeWithoutAddressIsWhereTheClientReachedUs(t *testing.T) {
	t.Parallel()
	g := single("local", 2)
	g.Nodes[0].Addr, g.Nodes[1].Addr = netip.Addr{}, netip.IPv4Unspecified()
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	require.Equal(t, []string{"192.0.2.1"}, addresses(ask(t, r, g.Names.Primary(), dns.TypeA)))
	require.Equal(t, []string{"192.0.2.1"}, addresses(ask(t, r, g.Names.Node("local-002"), dns.TypeA)))
}

func TestAnswersWithoutRecords(t *testing.T) {
	t.Parallel()
	g := sharded("local", 1, 1)
	hash := endpoint.Hash("", "us-east-1")
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	for _, c := range []struct {
		name  string
		qtype uint16
		rcode int
		soa   bool
	}{
		{g.Names.Configuration(), dns.TypeTXT, dns.RcodeSuccess, true},
		{g.Names.Configuration(), dns.TypeAAAA, dns.RcodeSuccess, true},
		{"clustercfg." + zone, dns.TypeA, dns.RcodeSuccess, true}, // a name above ours exists
		{hash + ".clustercfg." + zone, dns.TypeA, dns.RcodeSuccess, true},
		{zone, dns.TypeA, dns.RcodeSuccess, true},
		{"other." + hash + ".clustercfg." + zone, dns.TypeA, dns.RcodeNameError, true},
		{g.Names.Node("local-0001-002"), dns.TypeA, dns.RcodeNameError, true},
		{"a." + g.Names.Configuration(), dns.TypeA, dns.RcodeNameError, true},
		{"local.lustercfg." + zone, dns.TypeA, dns.RcodeNameError, true},
		{"cache.amazonaws.com", dns.TypeA, dns.RcodeRefused, false},
		{"x.euw1.cache.amazonaws.com", dns.TypeA, dns.RcodeRefused, false},
		{"example.com", dns.TypeA, dns.RcodeRefused, false},
		{".", dns.TypeNS, dns.RcodeRefused, false},
		{zone, dns.TypeAXFR, dns.RcodeRefused, false},
	} {
		reply := ask(t, r, c.name, c.qtype)
		require.Equal(t, dns.RcodeToString[c.rcode], dns.RcodeToString[reply.Rcode], c.name)
		require.Equal(t, c.rcode != dns.RcodeRefused, reply.Authoritative, c.name)
		require.Empty(t, reply.Answer, c.name)
		if c.soa {
			require.Len(t, reply.Ns, 1, c.name)
			require.Equal(t, zone+".", reply.Ns[0].(*dns.SOA).Hdr.Name)
		} else {
			require.Empty(t, reply.Ns, c.name)
		}
	}
	require.Len(t, ask(t, r, zone, dns.TypeSOA).Answer, 1)
	require.Len(t, ask(t, r, zone, dns.TypeNS).Answer, 1)
	require.Len(t, ask(t, r, zone, dns.TypeANY).Answer, 2)
}

func TestSpellingOfTheQuestionIsKept(t *testing.T) {
	t.Parallel()
	g := sharded("local", 1, 1)
	r := newResponder(strings.ToUpper(zone), defaultTTL, worldOf(g).groups)
	odd := "LoCaL" + strings.TrimPrefix(g.Names.Configuration(), "local") + "."
	reply := ask(t, r, odd, dns.TypeA)
	require.Equal(t, odd, reply.Question[0].Name)
	require.Equal(t, odd, reply.Answer[0].Header().Name)
}

func TestEDNS(t *testing.T) {
	t.Parallel()
	g := sharded("local", 90, 1)
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	name := g.Names.Configuration()

	plain := ask(t, r, name, dns.TypeA)
	require.True(t, plain.Truncated)
	require.Nil(t, plain.IsEdns0())
	plain.Compress = true
	require.LessOrEqual(t, plain.Len(), minUDPBytes)

	large := ask(t, r, name, dns.TypeA, func(m *dns.Msg) { m.SetEdns0(4096, true) })
	require.True(t, large.Truncated)
	require.Greater(t, len(large.Answer), len(plain.Answer))
	require.EqualValues(t, maxUDPBytes, large.IsEdns0().UDPSize())
	require.True(t, large.IsEdns0().Do())
	large.Compress = true
	require.LessOrEqual(t, large.Len(), maxUDPBytes)

	tiny := ask(t, r, name, dns.TypeA, func(m *dns.Msg) { m.SetEdns0(1, false) })
	tiny.Compress = true
	require.NotEmpty(t, tiny.Answer, "less than 512 means 512")
	require.LessOrEqual(t, tiny.Len(), minUDPBytes)

	badVersion := ask(t, r, name, dns.TypeA, func(m *dns.Msg) { m.SetEdns0(1232, false).IsEdns0().SetVersion(1) })
	require.Equal(t, dns.RcodeBadVers, badVersion.Rcode)
	require.Empty(t, badVersion.Answer)

	twice := ask(t, r, name, dns.TypeA, func(m *dns.Msg) { m.SetEdns0(1232, false).SetEdns0(1232, false) })
	require.Equal(t, dns.RcodeFormatError, twice.Rcode)
}

func TestOddQueries(t *testing.T) {
	t.Parallel()
	g := sharded("local", 1, 1)
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	name := g.Names.Configuration()
	require.Equal(t, dns.RcodeRefused, ask(t, r, name, dns.TypeA, func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }).Rcode)
	require.Equal(t, dns.RcodeNotImplemented, ask(t, r, name, dns.TypeA, func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify }).Rcode)
	require.Equal(t, dns.RcodeFormatError, ask(t, r, name, dns.TypeA, func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }).Rcode)
	require.Equal(t, dns.RcodeFormatError, ask(t, r, name, dns.TypeA, func(m *dns.Msg) { m.Question = nil }).Rcode)

	query, err := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA).Pack()
	require.NoError(t, err)
	require.Nil(t, r.respond(query[:11], true, nowhere), "too short for a header")
	broken := r.respond(query[:len(query)-1], true, nowhere)
	require.Len(t, broken, headerBytes)
	require.EqualValues(t, dns.RcodeFormatError, broken[3]&0xF)
	require.Equal(t, query[:2], broken[:2])
	require.EqualValues(t, 0x81, broken[2], "response, recursion desired kept")
	require.EqualValues(t, dns.RcodeFormatError, r.respond(make([]byte, maxQueryBytes+1), false, nowhere)[3]&0xF)
	answer := append([]byte(nil), query...)
	answer[2] |= 0x80
	require.Nil(t, r.respond(answer, true, nowhere), "an answer is not answered")
}

func FuzzRespond(f *testing.F) {
	g := sharded("local", 3, 2)
	g.Nodes[0].Addr = netip.Addr{}
	w := worldOf(g, single("other", 2))
	for _, name := range []string{g.Names.Configuration(), g.Names.Node("local-0001-001"), zone, "x." + zone, "example.com"} {
		m := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA)
		packed, err := m.Pack()
		require.NoError(f, err)
		f.Add(packed, true)
		packed, err = m.SetEdns0(4096, true).Pack()
		require.NoError(f, err)
		f.Add(packed, false)
	}
	f.Fuzz(func(t *testing.T, query []byte, overUDP bool) {
		r := newResponder(zone, defaultTTL, w.groups)
		reply := r.respond(query, overUDP, nowhere)
		if reply == nil {
			return
		}
		require.Equal(t, query[:2], reply[:2])
		if overUDP {
			require.LessOrEqual(t, len(reply), maxUDPBytes)
		}
		require.NoError(t, new(dns.Msg).Unpack(reply))
	})
}

func TestHostsLines(t *testing.T) {
	t.Parallel()
	g := single("local", 2)
	g.Nodes[1].Addr = netip.Addr{}
	hash := endpoint.Hash("", "us-east-1")
	require.Equal(t, strings.ReplaceAll(`10.0.0.1	local.HASH.ng.0001.use1.cache.amazonaws.com
127.0.0.9	local-ro.HASH.ng.0001.use1.cache.amazonaws.com
10.0.0.1	local-001.HASH.0001.use1.cache.amazonaws.com
127.0.0.9	local-002.HASH.0001.use1.cache.amazonaws.com
`, "HASH", hash), Hosts([]Group{g}, netip.MustParseAddr("127.0.0.9")))
	require.Contains(t, Hosts([]Group{sharded("c", 1, 1)}, netip.Addr{}), fmt.Sprintf("127.0.1.1\tc.%s.clustercfg.%s\n", hash, zone))
}

func BenchmarkRespond(b *testing.B) {
	g := sharded("local", 90, 1)
	r := newResponder(zone, defaultTTL, worldOf(g).groups)
	query, err := new(dns.Msg).SetQuestion(dns.Fqdn(g.Names.Node("local-0045-001")), dns.TypeA).Pack()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		r.respond(query, true, nowhere)
	}
}
