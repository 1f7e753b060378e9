package cluster_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

func names(s cluster.ShardStatus) (list []string) {
	for _, n := range s.Nodes {
		list = append(list, n.Name)
	}
	return list
}

func TestReplicasComeAndGo(t *testing.T) {
	simulated(t, cluster.Config{Shards: 2}, func(t *testing.T, c *cluster.Cluster) {
		ask(t, c, "local-0002-001", "SET", "a", "1")
		require.ErrorIs(t, c.SetReplicaCount(6), cluster.ErrInvalid)
		require.NoError(t, c.SetReplicaCount(2))
		require.ErrorIs(t, c.SetReplicaCount(1), cluster.ErrNotAvailable)
		require.Equal(t, cluster.StatusCreating, node(t, c, "local-0001-003").Status)
		clustertest.Stable(t, c)
		require.Equal(t, []string{"local-0002-001", "local-0002-002", "local-0002-003"}, names(c.Status().Shards[1]))
		require.Equal(t, "1", ask(t, c, "local-0002-003", "DBSIZE"))
		zones := map[string]bool{}
		for _, n := range c.Status().Shards[0].Nodes {
			zones[n.Zone] = true
		}
		require.Len(t, zones, 3)

		require.ErrorIs(t, c.SetReplicas(cluster.ReplicaChange{NodeGroup: "0001", Replicas: 1, Remove: []string{"local-0001-001"}}), cluster.ErrInvalid)
		require.ErrorIs(t, c.SetReplicas(cluster.ReplicaChange{NodeGroup: "0007", Replicas: 1}), cluster.ErrUnknownShard)
		require.NoError(t, c.SetReplicas(cluster.ReplicaChange{NodeGroup: "0001", Replicas: 1, Remove: []string{"local-0001-002"}}))
		clustertest.Stable(t, c)
		require.Equal(t, []string{"local-0001-001", "local-0001-003"}, names(c.Status().Shards[0]))
		require.Contains(t, ask(t, c, "local-0001-002", "PING"), "no such host")
		require.NoError(t, c.SetReplicas(cluster.ReplicaChange{NodeGroup: "0001", Replicas: 2}))
		clustertest.Stable(t, c)
		require.Equal(t, []string{"local-0001-001", "local-0001-002", "local-0001-003"}, names(c.Status().Shards[0]))
		require.Equal(t, []string{"Removed cache nodes 0001", "Cache cluster deleted"}, messages(c, "local-0001-002"))
	})
}

func TestTheReplicaFurthestBehindGoesFirst(t *testing.T) {
	simulated(t, cluster.Config{Shards: 1, Replicas: 2}, func(t *testing.T, c *cluster.Cluster) {
		require.NoError(t, c.Partition("local-0001-002"))
		ask(t, c, "local-0001-001", "SET", "a", "1")
		replicated()
		require.NoError(t, c.SetReplicaCount(1))
		clustertest.Stable(t, c)
		require.Equal(t, []string{"local-0001-001", "local-0001-003"}, names(c.Status().Shards[0]))
	})
}

func TestASpreadOverZonesIsKeptWhenReplicasGo(t *testing.T) {
	simulated(t, cluster.Config{Shards: 1, Replicas: 3}, func(t *testing.T, c *cluster.Cluster) {
		// Four nodes in three zones: the two that share one are 001 and 004.
		require.Equal(t, node(t, c, "local-0001-001").Zone, node(t, c, "local-0001-004").Zone)
		require.NoError(t, c.Partition("local-0001-002"))
		ask(t, c, "local-0001-001", "SET", "a", "1")
		replicated()
		require.NoError(t, c.SetReplicaCount(2))
		clustertest.Stable(t, c)
		require.Equal(t, []string{"local-0001-001", "local-0001-002", "local-0001-003"}, names(c.Status().Shards[0]))
	})
}

func TestANewReplicaIsListedWhenItIsInSync(t *testing.T) {
	cfg := cluster.Config{Shards: 1}
	simulated(t, cfg, func(t *testing.T, c *cluster.Cluster) {
		for range 20 {
			ask(t, c, "local-0001-001", "RPUSH", "list", "x")
		}
		require.NoError(t, c.SetReplicaCount(1))
		clustertest.Stable(t, c)
		require.Contains(t, ask(t, c, "local-0001-001", "CLUSTER", "SLOTS"), node(t, c, "local-0001-002").ID)
		require.Equal(t, "1", ask(t, c, "local-0001-001", "WAIT", "1", "100"))
		time.Sleep(time.Minute)
		require.NoError(t, c.Health())
	})
}
