package cluster_test

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

func TestWhatIsWrongWithAConfigurationIsSaid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		setting string
		says    string
		cfg     cluster.Config
	}{
		{"id", "not a valid identifier", cluster.Config{ID: "a--b"}},
		{"region", "write something like us-east-1", cluster.Config{Region: "US East"}},
		{"region", "write something like us-east-1", cluster.Config{Region: "us"}},
		{"engine", "write redis or valkey", cluster.Config{Engine: "memcached"}},
		{"engine-version", "7.0.7, 7.1.0", cluster.Config{EngineVersion: "6.2"}},
		{"engine-version", "write one of 7.2", cluster.Config{Engine: cluster.Valkey, EngineVersion: "7.1"}},
		{"cluster-mode", "write enabled or disabled", cluster.Config{ClusterMode: "on"}},
		{"shards", "from 1 to 500", cluster.Config{Shards: 501}},
		{"shards", "write --shards 1 or --cluster-mode enabled", cluster.Config{Shards: 2, ClusterMode: cluster.Disabled}},
		{"shards", "600 nodes", cluster.Config{Shards: 100, Replicas: 5}},
		{"replicas", "from 0 to 5", cluster.Config{Replicas: 6}},
		{"slots", "1 range lists for 2 shards", cluster.Config{Shards: 2, Slots: []string{"0-16383"}}},
		{"slots", "in no set", cluster.Config{Slots: []string{"0-5", "7-16383"}}},
		{"slots", "above 16383", cluster.Config{Slots: []string{"0-16384"}}},
		{"slots", "--cluster-mode enabled", cluster.Config{Slots: []string{"0-16383"}, ClusterMode: cluster.Disabled}},
		{"addresses", "write ports or ips or fixed-ips", cluster.Config{Addresses: "names"}},
		{"bind", "write 127.0.0.1", cluster.Config{Bind: "localhost"}},
		{"announce-host", "leave it out", cluster.Config{AnnounceHost: "h", Addresses: cluster.IPs}},
		{"announce-host", "neither", cluster.Config{AnnounceHost: "a b"}},
		{"node-port", "every node listens on port 6379", cluster.Config{NodePort: 7000, Addresses: cluster.IPs}},
		{"port", "one of the nodes' ports, 6400 to 6405", cluster.Config{Port: 6403, NodePort: 6400, Replicas: 1}},
		{"port", "from 0", cluster.Config{Port: 70000}},
		{"node-port", "write at most 65530", cluster.Config{NodePort: 65535, Replicas: 1}},
		{"reader-port", "write another", cluster.Config{Port: 6379, ReaderPort: 6379, ClusterMode: cluster.Disabled}},
		{"zones", "no zone of us-east-1", cluster.Config{Zones: []string{"eu-west-1a"}}},
		{"zones", "given twice", cluster.Config{Zones: []string{"a", "us-east-1a"}}},
		{"auth-token", "add --tls", cluster.Config{AuthToken: "0123456789abcdef"}},
		{"auth-token", "has 3 characters", cluster.Config{AuthToken: "abc", TLS: true}},
		{"auth-token", "not allowed", cluster.Config{AuthToken: "0123456789abcdef@", TLS: true}},
		{"tls-cert", "belong together", cluster.Config{TLS: true, TLSCert: "x"}},
		{"tls-cert", "add --tls", cluster.Config{TLSCert: "x", TLSKey: "y"}},
		{"tls-cert", "write PEM files", cluster.Config{TLS: true, TLSCert: "/nowhere", TLSKey: "/nowhere"}},
		{"failover-delay", "is negative", cluster.Config{FailoverDelay: -time.Second}},
		{"mover", "write auto or key or slot", cluster.Config{Mover: "fast"}},
	} {
		c, err := cluster.Start(test.cfg)
		if err == nil {
			c.Close()
		}
		var wrong *cluster.ConfigError
		require.ErrorAs(t, err, &wrong, "%+v", test.cfg)
		require.Equal(t, test.setting, wrong.Setting, wrong.Problem)
		require.Contains(t, wrong.Error(), test.says)
	}
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	taken := ln.Addr().(*net.TCPAddr).Port
	for setting, cfg := range map[string]cluster.Config{
		"port":        {Port: taken},
		"reader-port": {ReaderPort: taken, ClusterMode: cluster.Disabled},
		"node-port":   {NodePort: taken, Shards: 1},
	} {
		_, err := cluster.Start(cfg)
		require.EqualError(t, err, setting+": port "+strconv.Itoa(taken)+" is taken by another program: stop that one or write another --"+setting)
	}
}

func TestNodesTakeConsecutivePortsPrimariesFirst(t *testing.T) {
	t.Parallel()
	c, base := startOnConsecutivePorts(t, cluster.Config{Shards: 3, Replicas: 1})
	for i, name := range []string{"local-0001-001", "local-0002-001", "local-0003-001", "local-0001-002", "local-0002-002", "local-0003-002"} {
		require.Equal(t, base+i, node(t, c, name).Port, name)
	}
	require.NoError(t, c.SetReplicaCount(2))
	clustertest.Stable(t, c)
	require.Equal(t, base+6, node(t, c, "local-0001-003").Port)
}

// startOnConsecutivePorts starts a cluster at ports that are free.
func startOnConsecutivePorts(t *testing.T, cfg cluster.Config) (c *cluster.Cluster, base int) {
	t.Helper()
	for {
		base = freePorts(t, cfg.Shards*(1+cfg.Replicas))
		cfg.NodePort = base
		c, err := cluster.Start(cfg)
		if errors.Is(err, syscall.EADDRINUSE) {
			continue // somebody was quicker
		}
		require.NoError(t, err)
		t.Cleanup(c.Close)
		return c, base
	}
}

// freePorts finds some consecutive ports that are free now, with some more behind them.
func freePorts(t *testing.T, n int) int {
	t.Helper()
search:
	for range 100 {
		base := 21000 + rand.IntN(9000) // not where the same test of another checkout begins
		for p := base; p < base+2*n; p++ {
			ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
			if err != nil {
				continue search
			}
			ln.Close()
		}
		return base
	}
	t.Skip("no consecutive ports are free")
	return 0
}

func TestZonesAreSpread(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 3, Replicas: 1})
	primaries := map[string]int{}
	for _, s := range c.Status().Shards {
		require.NotEqual(t, s.Nodes[0].Zone, s.Nodes[1].Zone)
		primaries[s.Nodes[0].Zone]++
	}
	require.Len(t, primaries, 3, "not all primaries are in one zone")
}
