package clients

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

func TestGoRedisRoutesInEveryWay(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 3, Replicas: 2})
	for name, edit := range map[string]func(*redis.ClusterOptions){
		"primaries":  func(*redis.ClusterOptions) {},
		"read only":  func(o *redis.ClusterOptions) { o.ReadOnly = true },
		"by latency": func(o *redis.ClusterOptions) { o.RouteByLatency = true },
		"randomly":   func(o *redis.ClusterOptions) { o.RouteRandomly = true },
		"RESP2":      func(o *redis.ClusterOptions) { o.Protocol = 2 },
		"RESP3":      func(o *redis.ClusterOptions) { o.Protocol = 3 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rdb := clusterClient(t, c, edit)
			for i := range 50 {
				key := fmt.Sprintf("%s:%d", name, i)
				require.NoError(t, rdb.Set(t.Context(), key, i, 0).Err())
				require.Eventually(t, func() bool { return rdb.Get(t.Context(), key).Val() == fmt.Sprint(i) }, patience, time.Millisecond)
			}
		})
	}
}

func TestGoRedisPipelinesAndTransactions(t *testing.T) {
	t.Parallel()
	rdb := clusterClient(t, clustertest.Run(t))
	ctx := t.Context()

	cmds, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range 300 {
			p.IncrBy(ctx, fmt.Sprintf("n:%d", i), int64(i))
		}
		return nil
	})
	require.NoError(t, err)
	for i, cmd := range cmds {
		require.Equal(t, int64(i), cmd.(*redis.IntCmd).Val())
	}

	cmds, err = rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "{tx}a", 1, 0)
		p.Incr(ctx, "{tx}a")
		p.RPush(ctx, "{tx}b", "x", "y")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, int64(2), cmds[1].(*redis.IntCmd).Val())

	increment := func(tx *redis.Tx) error {
		n, err := tx.Get(ctx, "{w}n").Int()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.Set(ctx, "{w}n", n+1, 0).Err() })
		return err
	}
	failed := make(chan error)
	const workers, each = 4, 10
	for range workers {
		go func() {
			for range each {
				var err error = redis.TxFailedErr
				for errors.Is(err, redis.TxFailedErr) {
					err = rdb.Watch(ctx, increment, "{w}n")
				}
				failed <- err
			}
		}()
	}
	for range workers * each {
		require.NoError(t, <-failed)
	}
	require.Equal(t, fmt.Sprint(workers*each), rdb.Get(ctx, "{w}n").Val())

	err = rdb.MSet(ctx, "a", 1, "b", 2).Err()
	require.ErrorContains(t, err, "CROSSSLOT")
}

// next is the next message of a subscription.
func next(t testing.TB, ps *redis.PubSub) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := ps.ReceiveMessage(ctx)
	require.NoError(t, err)
	return m.Payload
}

func subscribed(t testing.TB, ps *redis.PubSub) *redis.PubSub {
	t.Helper()
	t.Cleanup(func() { ps.Close() })
	_, err := ps.Receive(t.Context())
	require.NoError(t, err)
	return ps
}

func TestGoRedisHearsWhatIsPublishedAnywhere(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t)
	for _, proto := range []int{2, 3} {
		rdb := clusterClient(t, c, func(o *redis.ClusterOptions) { o.Protocol = proto })
		ctx := t.Context()
		channel := subscribed(t, rdb.Subscribe(ctx, "news"))
		pattern := subscribed(t, rdb.PSubscribe(ctx, "n?ws"))
		shard := subscribed(t, rdb.SSubscribe(ctx, "news"))
		for i, addr := range c.Addrs() { // whatever node it is told to
			one := oneClient(t, addr)
			require.NoError(t, one.Publish(ctx, "news", i).Err())
			require.Equal(t, fmt.Sprint(i), next(t, channel))
			require.Equal(t, fmt.Sprint(i), next(t, pattern))
		}
		require.NoError(t, rdb.SPublish(ctx, "news", "shard").Err())
		require.Equal(t, "shard", next(t, shard))
		for _, ps := range []*redis.PubSub{channel, pattern, shard} {
			require.NoError(t, ps.Close())
		}
	}
}

func TestGoRedisWaitsForElements(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t)
	rdb := clusterClient(t, c)
	ctx := t.Context()
	got := make(chan []string, 10)
	for i := range 10 {
		go func() { got <- rdb.BLPop(ctx, patience, fmt.Sprintf("queue:%d", i)).Val() }()
	}
	for i := range 10 {
		require.NoError(t, rdb.RPush(ctx, fmt.Sprintf("queue:%d", i), i).Err())
	}
	for range 10 {
		require.Len(t, <-got, 2)
	}
	n, err := oneClient(t, c.Addrs()[0]).Wait(ctx, 1, time.Second).Result()
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
}

// TestTwoClustersSideBySide have nothing in common.
func TestTwoClustersSideBySide(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{cluster.Ports, cluster.IPs} {
		a, b := clustertest.Run(t, cluster.Config{Addresses: kind}), clustertest.Run(t, cluster.Config{Addresses: kind})
		ra, rb := clusterClient(t, a), clusterClient(t, b)
		setAndGet(t, ra, 20)
		require.Zero(t, rb.DBSize(t.Context()).Val())
		a.Close()
		setAndGet(t, rb, 20)
	}
}
