package cluster_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

// writers let clients count keys up until stop is called, which reports how far
// each key was counted.
func writers(t testing.TB, rdb redis.UniversalClient, clients, keys int) (stop func() map[string]int64) {
	var done atomic.Bool
	var all sync.WaitGroup
	require.NoError(t, rdb.Ping(context.Background()).Err(), "a client finds the nodes before it is disturbed")
	counts := make([]map[string]int64, clients)
	for w := range clients {
		counts[w] = map[string]int64{}
		all.Go(func() {
			for i := 0; !done.Load(); i++ {
				key := fmt.Sprintf("counter:%d:%d", w, i%keys)
				n, err := rdb.Incr(context.Background(), key).Result()
				if !assert.NoError(t, err) {
					return
				}
				counts[w][key]++
				assert.Equal(t, counts[w][key], n, "%s was counted wrongly", key)
			}
		})
	}
	return func() map[string]int64 {
		done.Store(true)
		all.Wait()
		total := map[string]int64{}
		for _, m := range counts {
			for k, v := range m {
				total[k] = v
			}
		}
		return total
	}
}

// checkCounts reads all counters back.
func checkCounts(t testing.TB, rdb redis.UniversalClient, counts map[string]int64) {
	t.Helper()
	if cc, ok := rdb.(*redis.ClusterClient); ok {
		cc.ReloadState(context.Background())
	}
	total := int64(0)
	for key, want := range counts {
		total += want
		got, err := rdb.Get(context.Background(), key).Int64()
		require.NoError(t, err, key)
		require.Equal(t, want, got, key)
	}
	t.Logf("%d keys, counted %d times", len(counts), total)
}

func TestShardsComeAndGoWhileClientsWrite(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 2, Replicas: 1})
	rdb := client(t, c)
	stop := writers(t, rdb, 4, 500)
	require.NoError(t, c.AddShards(1))
	require.ErrorIs(t, c.AddShards(1), cluster.ErrNotAvailable)
	clustertest.Stable(t, c)
	require.Equal(t, []int{5462, 5461, 5461}, slotCounts(c))
	require.ErrorIs(t, c.Reshard(cluster.Resharding{}), cluster.ErrEven)
	require.NoError(t, c.RemoveShards("0001"))
	clustertest.Stable(t, c)
	require.Equal(t, []int{8192, 8192}, slotCounts(c))
	checkCounts(t, rdb, stop())
	for _, s := range c.Status().Shards {
		require.Len(t, s.Nodes, 2)
	}
}

func TestSlotsAreDealtEvenlyWhileClientsWrite(t *testing.T) {
	t.Parallel()
	for _, mover := range []string{cluster.MoverKey, cluster.MoverSlot} {
		t.Run(mover, func(t *testing.T) {
			t.Parallel()
			c := clustertest.Run(t, cluster.Config{Slots: []string{"0-8491", "8492-16383"}, Replicas: 1, Mover: mover})
			rdb := client(t, c)
			stop := writers(t, rdb, 4, 500)
			require.NoError(t, c.Reshard(cluster.Resharding{}))
			clustertest.Stable(t, c)
			require.Equal(t, []int{8192, 8192}, slotCounts(c))
			require.Equal(t, "300-8491", c.Status().Shards[0].Slots, "the first ones go")
			checkCounts(t, rdb, stop())
		})
	}
}

func slotCounts(c *cluster.Cluster) (counts []int) {
	for _, s := range c.Status().Shards {
		counts = append(counts, s.SlotCount)
	}
	return counts
}
