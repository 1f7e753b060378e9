package cluster_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

func TestADeadPrimaryIsNoticedThenReplaced(t *testing.T) {
	cfg := cluster.Config{Shards: 3, Replicas: 1, FailoverDelay: 10 * time.Second, ReplaceDelay: time.Minute}
	simulated(t, cfg, func(t *testing.T, c *cluster.Cluster) {
		// "a" is in slot 15495, of the third shard.
		require.Equal(t, "OK", ask(t, c, "local-0003-001", "SET", "a", "1"))
		replicated()
		require.NoError(t, c.Kill("local-0003-001"))
		synctest.Wait()
		dead := node(t, c, "local-0003-001")
		require.False(t, dead.Running)
		require.Equal(t, "online", dead.State, "nobody knows yet")
		require.Equal(t, "MOVED 15495 172.31.0.4:6379", ask(t, c, "local-0001-001", "GET", "a"), "to the dead node")
		require.Equal(t, "MOVED 15495 172.31.0.4:6379", ask(t, c, "local-0003-002", "GET", "a"))
		require.Contains(t, ask(t, c, "local-0003-001", "PING"), "connection refused")

		time.Sleep(6 * time.Second)
		require.Contains(t, ask(t, c, "local-0001-001", "CLUSTER", "NODES"), "master,fail? -")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.Equal(t, "1", ask(t, c, "local-0003-002", "GET", "a"), "the replica has taken over")
		require.Equal(t, "MOVED 15495 172.31.0.7:6379", ask(t, c, "local-0001-001", "GET", "a"))
		require.Contains(t, ask(t, c, "local-0001-001", "CLUSTER", "NODES"), "slave,fail")
		require.Equal(t, cluster.StatusModifying, c.Status().Status)
		require.EqualError(t, c.TestFailover("0001"), cluster.ErrNotAvailable.Error())

		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, cluster.StatusAvailable, c.Status().Status)
		require.NoError(t, c.Health())
		back := node(t, c, "local-0003-001")
		require.False(t, back.Primary)
		require.Equal(t, 2, back.Life)
		require.NotEqual(t, dead.ID, back.ID)
		require.NotEqual(t, dead.IP, back.IP, "under its name, at another address")
		require.Equal(t, node(t, c, "local-0003-002").Offset, back.Offset)
		require.Equal(t, []string{"Failover from primary node local-0003-001 to replica node local-0003-002 completed"}, messages(c, "local"))
		require.Equal(t, []string{"Recovering cache nodes 0001", "Finished recovery for cache nodes 0001"}, messages(c, "local-0003-001"))
	})
}

func TestTestFailoverTellsWhatTheServiceTells(t *testing.T) {
	simulated(t, cluster.Config{Shards: 2, Replicas: 1}, func(t *testing.T, c *cluster.Cluster) {
		require.ErrorIs(t, c.TestFailover("0009"), cluster.ErrUnknownShard)
		for i := range 15 {
			require.NoError(t, c.TestFailover("0002"), i)
			clustertest.Stable(t, c)
		}
		require.ErrorIs(t, c.TestFailover("0001"), cluster.ErrQuota)
		require.Equal(t, []string{
			"Test Failover API called for node group 0002",
			"Failover from primary node local-0002-001 to replica node local-0002-002 completed",
		}, messages(c, "local")[:2])
		require.Equal(t, []string{"Recovering cache nodes 0001", "Finished recovery for cache nodes 0001"}, messages(c, "local-0002-001")[:2])
	})
}

func TestFailoverPromotesTheMostAdvancedReplica(t *testing.T) {
	simulated(t, cluster.Config{Shards: 1, Replicas: 2}, func(t *testing.T, c *cluster.Cluster) {
		require.NoError(t, c.Partition("local-0001-002"))
		synctest.Wait()
		for range 10 {
			ask(t, c, "local-0001-001", "INCR", "n")
		}
		replicated()
		require.Less(t, node(t, c, "local-0001-002").Offset, node(t, c, "local-0001-003").Offset)
		require.NoError(t, c.Kill("local-0001-001"))
		synctest.Wait()
		require.True(t, node(t, c, "local-0001-003").Primary)
		require.NoError(t, c.Heal("local-0001-002"))
		clustertest.Stable(t, c)
		require.Equal(t, "10", ask(t, c, "local-0001-003", "GET", "n"))
		require.Zero(t, c.Status().LostWrites)
		replicated()
		require.Equal(t, node(t, c, "local-0001-002").Offset, node(t, c, "local-0001-003").Offset)
		require.Contains(t, ask(t, c, "local-0001-003", "INFO", "stats"), "sync_partial_ok:1")
	})
}

func TestWritesThatWereNotReplicatedAreLostAndCounted(t *testing.T) {
	cfg := cluster.Config{Shards: 1, Replicas: 1, ReplicationDelay: time.Second}
	simulated(t, cfg, func(t *testing.T, c *cluster.Cluster) {
		for range 3 {
			ask(t, c, "local-0001-001", "INCR", "n")
		}
		time.Sleep(2 * time.Second)
		for range 4 {
			ask(t, c, "local-0001-001", "INCR", "n")
		}
		require.NoError(t, c.Kill("local-0001-001"))
		clustertest.Stable(t, c)
		require.Equal(t, "3", ask(t, c, "local-0001-002", "GET", "n"))
		require.Equal(t, 4, c.Status().LostWrites)
	})
}

func TestAHandOverLosesNothingWhateverTheReplicationDelay(t *testing.T) {
	cfg := cluster.Config{Shards: 1, Replicas: 1, ReplicationDelay: time.Hour, EngineVersion: "7.0"}
	simulated(t, cfg, func(t *testing.T, c *cluster.Cluster) {
		for range 7 {
			ask(t, c, "local-0001-001", "INCR", "n")
		}
		require.NoError(t, c.Upgrade("", ""))
		clustertest.Stable(t, c)
		require.Equal(t, "7", ask(t, c, "local-0001-002", "GET", "n"))
		require.Zero(t, c.Status().LostWrites)
		require.Equal(t, []string{
			"Failover to replica node local-0001-002 completed",
			"Failover from master node local-0001-001 to replica node local-0001-002 completed",
		}, messages(c, "local"))
		require.Equal(t, []string{"Cache node 0001 shutdown", "Cache node 0001 restarted", "Cache cluster patched"}, messages(c, "local-0001-001"))
	})
}

func TestWithoutAReplicaTheSlotsAreDownAndTheNodeComesBackEmpty(t *testing.T) {
	cfg := cluster.Config{Shards: 3, FailoverDelay: time.Second, ReplaceDelay: time.Second}
	simulated(t, cfg, func(t *testing.T, c *cluster.Cluster) {
		ask(t, c, "local-0003-001", "SET", "a", "1")
		require.NoError(t, c.Kill("local-0003-001"))
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, "CLUSTERDOWN Hash slot not served", ask(t, c, "local-0001-001", "GET", "a"))
		require.Equal(t, "OK", ask(t, c, "local-0001-001", "SET", "b", "1"), "the others serve")
		require.Error(t, c.Health())
		time.Sleep(time.Second)
		clustertest.Stable(t, c)
		require.Equal(t, "nil", ask(t, c, "local-0003-001", "GET", "a"))
		require.Equal(t, "0", ask(t, c, "local-0003-001", "DBSIZE"))
	})
}

func TestARebootedPrimaryStaysPrimaryAndLosesItsKeys(t *testing.T) {
	simulated(t, cluster.Config{Shards: 1, Replicas: 1}, func(t *testing.T, c *cluster.Cluster) {
		ask(t, c, "local-0001-001", "SET", "a", "1")
		replicated()
		require.NoError(t, c.Restart("local-0001-001"))
		clustertest.Stable(t, c)
		require.True(t, node(t, c, "local-0001-001").Primary)
		require.Equal(t, "0", ask(t, c, "local-0001-001", "DBSIZE"))
		require.Equal(t, "0", ask(t, c, "local-0001-002", "DBSIZE"))
		require.Equal(t, []string{"Cache node 0001 shutdown", "Cache node 0001 restarted"}, messages(c, "local-0001-001"))
		require.ErrorIs(t, c.Restart("nobody"), cluster.ErrUnknownNode)
		require.ErrorIs(t, c.Kill("nobody"), cluster.ErrUnknownNode)
	})
}

func TestAZoneFailsAndIsRestored(t *testing.T) {
	cfg := cluster.Config{Shards: 3, Replicas: 2, FailoverDelay: time.Second}
	simulated(t, cfg, func(t *testing.T, c *cluster.Cluster) {
		for _, s := range c.Status().Shards {
			zones := map[string]bool{}
			for _, n := range s.Nodes {
				zones[n.Zone] = true
			}
			require.Len(t, zones, 3, "a shard's nodes are spread over the zones")
		}
		require.ErrorIs(t, c.FailZone("x"), cluster.ErrUnknownZone)
		require.NoError(t, c.FailZone("a"))
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, s := range c.Status().Shards {
			for _, n := range s.Nodes {
				require.Equal(t, n.Zone != "us-east-1a", n.Running, n.Name)
				require.False(t, n.Primary && !n.Running, "%s is down and primary", n.Name)
			}
		}
		require.NoError(t, c.RestoreZone("us-east-1a"))
		clustertest.Stable(t, c)
	})
}

func TestAReplicaThatWasCutOffGoesOnWhereItStopped(t *testing.T) {
	simulated(t, cluster.Config{Shards: 1, Replicas: 1}, func(t *testing.T, c *cluster.Cluster) {
		require.ErrorIs(t, c.Partition("local-0001-001"), cluster.ErrInvalid)
		require.NoError(t, c.Partition("local-0001-002"))
		synctest.Wait()
		require.Contains(t, ask(t, c, "local-0001-002", "INFO", "replication"), "master_link_status:down")
		ask(t, c, "local-0001-001", "SET", "a", "1")
		replicated()
		require.Equal(t, "0", ask(t, c, "local-0001-002", "DBSIZE"))
		require.NoError(t, c.Heal("local-0001-002"))
		clustertest.Stable(t, c)
		replicated()
		require.Equal(t, "1", ask(t, c, "local-0001-002", "DBSIZE"))
		require.Contains(t, ask(t, c, "local-0001-001", "INFO", "stats"), "sync_full:0")
	})
}

func TestTheTopologyDelayMakesViewsStale(t *testing.T) {
	cfg := cluster.Config{Shards: 2, Replicas: 1, TopologyDelay: time.Minute}
	simulated(t, cfg, func(t *testing.T, c *cluster.Cluster) {
		require.NoError(t, c.TestFailover("0002"))
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, "OK", ask(t, c, "local-0002-002", "SET", "a", "1"), "who took over knows")
		require.Equal(t, "MOVED 15495 172.31.0.3:6379", ask(t, c, "local-0001-001", "GET", "a"), "others do not")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, "MOVED 15495 172.31.0.5:6379", ask(t, c, "local-0001-001", "GET", "a"))
	})
}
