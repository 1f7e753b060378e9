package cluster_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

func TestNoCommandFailsDuringARollingUpgrade(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 3, Replicas: 1})
	rdb := client(t, c)
	stop := writers(t, rdb, 4, 100)
	require.NoError(t, c.Upgrade(cluster.Valkey, "8.1"))
	require.ErrorIs(t, c.Upgrade(cluster.Valkey, "8.1"), cluster.ErrNotAvailable)
	clustertest.Stable(t, c)
	checkCounts(t, rdb, stop())
	for _, s := range c.Status().Shards {
		for _, n := range s.Nodes {
			require.Equal(t, "8.1.0", n.Version)
			require.Equal(t, cluster.Valkey, n.Engine)
			require.Equal(t, 2, n.Life)
		}
	}
	require.ErrorIs(t, c.Upgrade(cluster.Valkey, "8.0"), cluster.ErrDowngrade)
	require.ErrorIs(t, c.Upgrade(cluster.Redis, "7.1"), cluster.ErrDowngrade)
	require.ErrorIs(t, c.Upgrade(cluster.Valkey, "6"), cluster.ErrUnknownVersion)
	require.NoError(t, c.Upgrade("", "8.1"), "nothing to do")
}

func TestAPrimaryAloneKeepsItsKeysInAnUpgrade(t *testing.T) {
	t.Parallel()
	for _, addresses := range []string{cluster.Ports, cluster.IPs, cluster.FixedIPs} {
		t.Run(addresses, func(t *testing.T) {
			t.Parallel()
			c := clustertest.Run(t, cluster.Config{Shards: 2, EngineVersion: "7.0", Addresses: addresses})
			rdb := client(t, c)
			before := c.Addrs()
			stop := writers(t, rdb, 2, 50)
			require.NoError(t, c.Upgrade("", "7.1"))
			clustertest.Stable(t, c)
			checkCounts(t, rdb, stop())
			if addresses == cluster.IPs {
				require.NotEqual(t, before, c.Addrs())
			} else {
				require.Equal(t, before, c.Addrs())
			}
		})
	}
}

// TestAPrimaryAloneKeepsItsKeysInAnUpgradeWithClusterModeDisabled, where no slot
// tells a client that the node is not the one any more.
func TestAPrimaryAloneKeepsItsKeysInAnUpgradeWithClusterModeDisabled(t *testing.T) {
	t.Parallel()
	for _, addresses := range []string{cluster.Ports, cluster.IPs, cluster.FixedIPs} {
		t.Run(addresses, func(t *testing.T) {
			t.Parallel()
			c := clustertest.Run(t, cluster.Config{ClusterMode: cluster.Disabled, EngineVersion: "7.0", Addresses: addresses})
			rdb := redis.NewClient(&redis.Options{Addr: c.PrimaryEndpoint(), Dialer: c.Dialer()})
			t.Cleanup(func() { rdb.Close() })
			stop := writers(t, rdb, 2, 50)
			require.NoError(t, c.Upgrade("", "7.1"))
			clustertest.Stable(t, c)
			checkCounts(t, rdb, stop())
		})
	}
}

func TestAnUpgradeWithClusterModeDisabled(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{ClusterMode: cluster.Disabled, Replicas: 2})
	rdb := redis.NewClient(&redis.Options{Addr: c.PrimaryEndpoint(), Dialer: c.Dialer()})
	t.Cleanup(func() { rdb.Close() })
	stop := writers(t, rdb, 2, 50)
	require.NoError(t, c.Upgrade(cluster.Valkey, "7.2"))
	clustertest.Stable(t, c)
	checkCounts(t, rdb, stop())
	info, err := rdb.Info(context.Background(), "replication").Result()
	require.NoError(t, err)
	require.Contains(t, info, "role:master")
	require.Contains(t, info, "connected_slaves:2")
}
