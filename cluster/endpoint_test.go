package cluster_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

func TestWithClusterModeDisabledThePrimaryEndpointFollowsThePrimary(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{ClusterMode: cluster.Disabled, Replicas: 2})
	require.Empty(t, c.ConfigurationEndpoint())
	ctx := context.Background()
	rdb := redis.NewClient(&redis.Options{Addr: c.PrimaryEndpoint(), DB: 3})
	defer rdb.Close()
	require.NoError(t, rdb.MSet(ctx, "a", 1, "b", 2).Err(), "keys of several slots, in database 3")
	require.NoError(t, rdb.Wait(ctx, 2, time.Second).Err())
	require.Equal(t, "local-001", c.Status().Shards[0].Nodes[0].Name)

	require.NoError(t, c.TestFailover("0001"))
	clustertest.Stable(t, c)
	require.False(t, c.Status().Shards[0].Nodes[0].Primary)
	got, err := rdb.MGet(ctx, "a", "b").Result()
	require.NoError(t, err)
	require.Equal(t, []any{"1", "2"}, got)
	require.NoError(t, rdb.Set(ctx, "a", 3, 0).Err())

	seen := map[string]bool{}
	for range 4 {
		reader := redis.NewClient(&redis.Options{Addr: c.ReaderEndpoint()})
		role, err := reader.Do(ctx, "ROLE").Slice()
		require.NoError(t, err)
		require.Equal(t, "slave", role[0])
		err = reader.Set(ctx, "a", 1, 0).Err()
		require.ErrorContains(t, err, "READONLY")
		info, err := reader.Info(ctx, "server").Result()
		require.NoError(t, err)
		for _, line := range strings.Split(info, "\r\n") {
			if strings.HasPrefix(line, "run_id:") {
				seen[line] = true
			}
		}
		reader.Close()
	}
	require.Len(t, seen, 2, "the reader endpoint leads to all replicas in turn")
}

func TestClientsAreToldTheAddressThatTheyDialled(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 2, Bind: "0.0.0.0"})
	_, port, _ := strings.Cut(c.ConfigurationEndpoint(), ":")
	for _, host := range []string{"127.0.0.1", "127.0.0.2"} {
		w, err := dial(c, host+":"+port)
		require.NoError(t, err)
		nodes, err := w.do("CLUSTER", "SLOTS")
		require.NoError(t, err)
		require.Equal(t, 2, strings.Count(nodes, host+" "), nodes)
		w.close()
	}

	c = clustertest.Run(t, cluster.Config{Shards: 2, AnnounceHost: "host.docker.internal"})
	w, err := dial(c, c.ConfigurationEndpoint())
	require.NoError(t, err)
	defer w.close()
	nodes, err := w.do("CLUSTER", "NODES")
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(nodes, " host.docker.internal:"), nodes)
	require.Equal(t, 2, strings.Count(nodes, "@1122 "), nodes)
}

func TestEveryNodeHasAnAddressOfItsOwn(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 2, Replicas: 1, Addresses: cluster.IPs})
	other := clustertest.Run(t, cluster.Config{Shards: 1, Addresses: cluster.IPs, ID: "other"})
	for _, addr := range append(c.Addrs(), other.Addrs()...) {
		require.Regexp(t, `^127\.31\.\d+\.\d+:6379$`, addr)
		require.Equal(t, 1, strings.Count(strings.Join(append(c.Addrs(), other.Addrs()...), " "), addr))
	}
	rdb := client(t, c)
	ctx := context.Background()
	require.NoError(t, rdb.Set(ctx, "a", 1, 0).Err())
	before := node(t, c, "local-0002-001")
	require.NoError(t, c.TestFailover("0002"))
	clustertest.Stable(t, c)
	after := node(t, c, "local-0002-001")
	require.NotEqual(t, before.IP, after.IP)
	require.Equal(t, before.Hostname, after.Hostname)
	rdb.ReloadState(ctx)
	require.NoError(t, rdb.Set(ctx, "a", 2, 0).Err())
}

// TestANodeComesBackAtTheAddressThatItHad, so that a client which reloads its view
// of the cluster only when it is redirected finds the new primary there.
func TestANodeComesBackAtTheAddressThatItHad(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 2, Replicas: 1, EngineVersion: "7.0", Addresses: cluster.FixedIPs})
	rdb := client(t, c)
	ctx := context.Background()
	require.NoError(t, rdb.Set(ctx, "a", 1, 0).Err())
	before := c.Addrs()
	require.Regexp(t, `^127\.31\.\d+\.\d+:6379$`, before[0])

	require.NoError(t, c.Kill("local-0002-001"))
	clustertest.Stable(t, c)
	require.False(t, node(t, c, "local-0002-001").Primary)
	require.NoError(t, rdb.Set(ctx, "a", 2, 0).Err(), "redirected by the node that was primary")
	require.Equal(t, before, c.Addrs())

	require.NoError(t, c.Upgrade("", "7.1"))
	clustertest.Stable(t, c)
	require.NoError(t, rdb.Set(ctx, "a", 3, 0).Err())
	require.Equal(t, before, c.Addrs())
}

func TestTLSCertificatesMatchTheNames(t *testing.T) {
	t.Parallel()
	const token = "correct-horse-battery"
	c := clustertest.Run(t, cluster.Config{Shards: 2, Replicas: 1, TLS: true, AuthToken: token})
	ctx := context.Background()
	rdb := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{c.Names().Configuration() + ":6379"}, Password: token, Dialer: c.Dialer(),
	})
	defer rdb.Close()
	for _, key := range []string{"a", "b", "c", "d"} {
		require.NoError(t, rdb.Set(ctx, key, 1, 0).Err())
	}
	nodes, err := rdb.ClusterNodes(ctx).Result()
	require.NoError(t, err)
	require.Contains(t, nodes, ","+c.Names().Node("local-0002-001"))

	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(c.CertificateAuthority()))
	plain := redis.NewClient(&redis.Options{Addr: c.ConfigurationEndpoint(), Password: token, TLSConfig: &tls.Config{RootCAs: roots}})
	defer plain.Close()
	require.NoError(t, plain.Ping(ctx).Err(), "by address, without the dialer")

	anonymous := redis.NewClient(&redis.Options{Addr: c.ConfigurationEndpoint(), TLSConfig: &tls.Config{RootCAs: roots}})
	defer anonymous.Close()
	require.ErrorContains(t, anonymous.Ping(ctx).Err(), "NOAUTH")
	_, err = tls.Dial("tcp", c.ConfigurationEndpoint(), &tls.Config{RootCAs: roots, ServerName: "elsewhere.example"})
	require.Error(t, err)
}

func TestMessagesReachAllNodes(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t)
	ctx := context.Background()
	rdb := client(t, c)
	for i, addr := range c.Addrs() {
		one := redis.NewClient(&redis.Options{Addr: addr})
		sub := one.Subscribe(ctx, "news")
		_, err := sub.Receive(ctx)
		require.NoError(t, err)
		require.NoError(t, rdb.Publish(ctx, "news", i).Err())
		msg, err := sub.ReceiveMessage(ctx)
		require.NoError(t, err)
		require.Equal(t, "news", msg.Channel)
		sub.Close()
		one.Close()
	}
}
