package clients

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

func TestOneShardHasSixteenDatabases(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{ClusterMode: cluster.Disabled, Replicas: 1})
	for db := range 16 {
		rdb := oneClient(t, c.PrimaryEndpoint(), func(o *redis.Options) { o.DB = db })
		require.NoError(t, rdb.Set(t.Context(), "db", db, 0).Err())
	}
	for db := range 16 {
		rdb := oneClient(t, c.PrimaryEndpoint(), func(o *redis.Options) { o.DB = db })
		require.Equal(t, fmt.Sprint(db), rdb.Get(t.Context(), "db").Val())
		require.NoError(t, rdb.MSet(t.Context(), "a", 1, "b", 2).Err(), "keys of any slots together")
	}
	rdb := oneClient(t, c.PrimaryEndpoint(), func(o *redis.Options) { o.DB, o.MaxRetries = 16, -1 })
	require.ErrorContains(t, rdb.Ping(t.Context()).Err(), "DB index is out of range")
	require.EqualError(t, oneClient(t, c.PrimaryEndpoint()).ClusterInfo(t.Context()).Err(), "ERR This instance has cluster support disabled")
}

// role asks whom a new connection to an endpoint leads to.
func role(t testing.TB, addr string) (role, runID string) {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close()
	info, err := rdb.Info(t.Context(), "server", "replication").Result()
	require.NoError(t, err)
	for line := range strings.Lines(info) {
		line = strings.TrimSpace(line)
		if v, ok := strings.CutPrefix(line, "role:"); ok {
			role = v
		}
		if v, ok := strings.CutPrefix(line, "tcp_port:"); ok && runID == "" {
			runID = v
		}
		if v, ok := strings.CutPrefix(line, "run_id:"); ok {
			runID = v
		}
	}
	return role, runID
}

func TestThePrimaryEndpointFollowsThePrimary(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{ClusterMode: cluster.Disabled, Replicas: 2})
	rdb := oneClient(t, c.PrimaryEndpoint())
	for i := range 3 {
		kind, was := role(t, c.PrimaryEndpoint())
		require.Equal(t, "master", kind)
		require.NoError(t, rdb.Set(t.Context(), "k", i, 0).Err())
		require.NoError(t, c.TestFailover("0001"))
		stable(t, c)
		kind, is := role(t, c.PrimaryEndpoint())
		require.Equal(t, "master", kind)
		require.NotEqual(t, was, is)
		require.Equal(t, fmt.Sprint(i), rdb.Get(t.Context(), "k").Val())
		require.NoError(t, rdb.Set(t.Context(), "k", i, 0).Err())
	}
}

func TestTheReaderEndpointLeadsToTheReplicasInTurn(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{ClusterMode: cluster.Disabled, Replicas: 3})
	seen := map[string]int{}
	for range 9 {
		kind, id := role(t, c.ReaderEndpoint())
		require.Equal(t, "slave", kind)
		seen[id]++
	}
	require.Len(t, seen, 3)
	for id, n := range seen {
		require.Equal(t, 3, n, id)
	}
	rdb := oneClient(t, c.ReaderEndpoint())
	require.EqualError(t, rdb.Set(t.Context(), "a", 1, 0).Err(), "READONLY You can't write against a read only replica.")
	alone := clustertest.Run(t, cluster.Config{ClusterMode: cluster.Disabled})
	kind, _ := role(t, alone.ReaderEndpoint())
	require.Equal(t, "master", kind, "without a replica the primary is read from")
}
