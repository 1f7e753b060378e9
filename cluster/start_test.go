package cluster_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client gives a go-redis client of a cluster that lasts as long as the test.
func client(t testing.TB, c *cluster.Cluster) *redis.ClusterClient {
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{c.ConfigurationEndpoint()}, Dialer: c.Dialer()})
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

func TestAClusterServesFromTheStart(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t)
	require.NoError(t, c.Health())
	rdb := client(t, c)
	ctx := context.Background()
	for i := range 100 {
		key := fmt.Sprintf("key:%d", i)
		require.NoError(t, rdb.Set(ctx, key, i, 0).Err())
		got, err := rdb.Get(ctx, key).Int()
		require.NoError(t, err)
		require.Equal(t, i, got)
	}
}

func TestATestFailoverIsShort(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t)
	rdb := client(t, c)
	ctx := context.Background()
	require.NoError(t, rdb.Set(ctx, "a", 1, 0).Err())
	require.NoError(t, c.TestFailover("0003"))
	begin := time.Now()
	err := rdb.Set(ctx, "a", 2, 0).Err()
	t.Log("outage", time.Since(begin))
	for _, e := range c.Events() {
		t.Log(e.Time.Format("15:04:05.000"), e.SourceID, e.Message)
	}
	require.NoError(t, err)
	clustertest.Stable(t, c)
	for _, e := range c.Events() {
		t.Log(e.Time.Format("15:04:05.000"), e.SourceID, e.Message)
	}
}
