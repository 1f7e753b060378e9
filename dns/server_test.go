package dns

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"
)

func start(t *testing.T, addr string, w *world) *Server {
	t.Helper()
	s, err := Listen(Config{Addr: addr, Zone: zone, Groups: w.groups})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestUDPAndTCPShareAPort(t *testing.T) {
	t.Parallel()
	g := sharded("local", 2, 2)
	s := start(t, "127.0.0.1:0", worldOf(g))
	require.NotZero(t, s.Addr().Port())
	for _, network := range []string{"udp", "tcp"} {
		client := dns.Client{Net: network}
		reply, _, err := client.Exchange(new(dns.Msg).SetQuestion(dns.Fqdn(g.Names.Node("local-0002-002")), dns.TypeA), s.Addr().String())
		require.NoError(t, err, network)
		require.Equal(t, []string{"127.0.2.2"}, addresses(reply), network)
	}
}

func TestTruncatedAnswerIsCompleteOverTCP(t *testing.T) {
	t.Parallel()
	g := sharded("local", 200, 2)
	s := start(t, "127.0.0.1:0", worldOf(g))
	question := new(dns.Msg).SetQuestion(dns.Fqdn(g.Names.Configuration()), dns.TypeA)
	udp, _, err := (&dns.Client{}).Exchange(question, s.Addr().String())
	require.NoError(t, err)
	require.True(t, udp.Truncated)
	tcp, _, err := (&dns.Client{Net: "tcp"}).Exchange(question, s.Addr().String())
	require.NoError(t, err)
	require.False(t, tcp.Truncated)
	require.Len(t, tcp.Answer, 400)
}

func TestGoResolverFollowsTheNames(t *testing.T) {
	t.Parallel()
	g := sharded("local", 3, 1)
	s := start(t, "127.0.0.1:0", worldOf(g))
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Addr().String())
	}}
	addrs, err := resolver.LookupHost(t.Context(), g.Names.Configuration())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"127.0.1.1", "127.0.2.1", "127.0.3.1"}, addrs)
	_, err = resolver.LookupHost(t.Context(), "gone."+zone)
	var missing *net.DNSError
	require.ErrorAs(t, err, &missing)
	require.True(t, missing.IsNotFound)
}

func TestWildcardBindAnswersWithTheAddressReached(t *testing.T) {
	t.Parallel()
	g := single("local", 1)
	g.Nodes[0].Addr = netip.Addr{}
	s := start(t, "0.0.0.0:0", worldOf(g))
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(s.Addr().Port())))
	for _, network := range []string{"udp", "tcp"} {
		reply, _, err := (&dns.Client{Net: network}).Exchange(new(dns.Msg).SetQuestion(dns.Fqdn(g.Names.Primary()), dns.TypeA), at)
		require.NoError(t, err, network)
		require.Equal(t, []string{"127.0.0.1"}, addresses(reply), network)
	}
}

func TestListenNamesATakenPort(t *testing.T) {
	t.Parallel()
	s := start(t, "127.0.0.1:0", worldOf())
	_, err := Listen(Config{Addr: s.Addr().String(), Zone: zone, Groups: worldOf().groups})
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	require.ErrorContains(t, err, s.Addr().String())

	// A port of which only the UDP half is taken, too.
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer udp.Close()
	_, err = Listen(Config{Addr: udp.LocalAddr().String(), Zone: zone, Groups: worldOf().groups})
	require.ErrorIs(t, err, syscall.EADDRINUSE)

	_, err = Listen(Config{Addr: "nonsense", Zone: zone})
	require.Error(t, err)
}

func TestTCPClientsAreBounded(t *testing.T) {
	t.Parallel()
	g := single("local", 1)
	s := start(t, "127.0.0.1:0", worldOf(g))
	query, err := new(dns.Msg).SetQuestion(dns.Fqdn(g.Names.Primary()), dns.TypeA).Pack()
	require.NoError(t, err)
	framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(query))), query...)
	exchange := func(conn net.Conn) {
		_, err := conn.Write(framed)
		require.NoError(t, err)
		var size [2]byte
		_, err = io.ReadFull(conn, size[:])
		require.NoError(t, err)
		_, err = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint16(size[:])))
		require.NoError(t, err)
	}
	conns := make([]net.Conn, maxTCPClients)
	for i := range conns {
		conns[i], err = net.Dial("tcp", s.Addr().String())
		require.NoError(t, err)
		defer conns[i].Close()
		exchange(conns[i])
	}
	require.Len(t, s.slots, maxTCPClients)
	late, err := net.Dial("tcp", s.Addr().String()) // the kernel's backlog takes it, the server does not yet
	require.NoError(t, err)
	defer late.Close()
	exchange(conns[0]) // the others are served on
	s.mu.Lock()
	require.Len(t, s.mu.conns, maxTCPClients)
	s.mu.Unlock()
	require.NoError(t, conns[0].Close())
	exchange(late)
}

func TestTooLongTCPQueryEndsTheConnection(t *testing.T) {
	t.Parallel()
	s := start(t, "127.0.0.1:0", worldOf())
	conn, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte{0xFF, 0xFF})
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

func TestCloseEndsEverythingAndMayBeRepeated(t *testing.T) {
	t.Parallel()
	s, err := Listen(Config{Addr: "127.0.0.1:0", Zone: zone, Groups: worldOf().groups})
	require.NoError(t, err)
	conn, err := net.Dial("tcp", s.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { require.NoError(t, s.Close()) })
	}
	both.Wait()
	_, err = conn.Read(make([]byte, 1))
	require.Error(t, err)
}

func TestCloseFreesThePort(t *testing.T) {
	t.Parallel()
	// A free port may go to anybody in between, so a few are tried.
	for attempt := 1; ; attempt++ {
		s, err := Listen(Config{Addr: "127.0.0.1:0", Zone: zone, Groups: worldOf().groups})
		require.NoError(t, err)
		require.NoError(t, s.Close())
		again, err := Listen(Config{Addr: s.Addr().String(), Zone: zone, Groups: worldOf().groups})
		if err == nil {
			require.NoError(t, again.Close())
			return
		}
		require.Less(t, attempt, 10, "never free again: %v", err)
	}
}

func TestDig(t *testing.T) {
	t.Parallel()
	dig, err := exec.LookPath("dig")
	if err != nil {
		t.Skip("dig is not installed (Debian: bind9-dnsutils)")
	}
	g := sharded("local", 3, 2)
	s := start(t, "127.0.0.1:0", worldOf(g))
	run := func(args ...string) string {
		args = append([]string{"@127.0.0.1", "-p", strconv.Itoa(int(s.Addr().Port())), "+tries=1"}, args...)
		out, err := exec.CommandContext(t.Context(), dig, args...).CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	require.Equal(t, "127.0.3.2\n", run("+short", g.Names.Node("local-0003-002")))
	require.Len(t, strings.Fields(run("+short", g.Names.Configuration())), 6)
	unknown := run("+tcp", "gone."+zone)
	require.Contains(t, unknown, "status: NXDOMAIN")
	require.Contains(t, unknown, "SOA")
	require.NotContains(t, unknown, "WARNING: Message parser")
	require.Contains(t, run("example.com"), "status: REFUSED")
}
