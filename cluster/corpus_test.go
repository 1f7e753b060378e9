package cluster_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
	"elasticache-local/internal/corpus"
	"elasticache-local/slots"
)

// TestCorpus runs the transcripts against a live cluster of three shards with a
// replica each, at the node that serves the tag {t}, over RESP2 and RESP3.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, proto := range []int{2, 3} {
		t.Run(fmt.Sprintf("resp%d", proto), func(t *testing.T) {
			t.Parallel()
			corpus.Run(t, &corpus.Remote{
				Version: proto,
				Can: func(s *corpus.Script) bool {
					seesReplicas := s.Name == "server/basics" || s.Name == "connection/unblock" // ROLE, WAIT
					return !s.Standalone && len(s.Config) == 0 && !seesReplicas
				},
				Open: func(t testing.TB, _ *corpus.Script) (network, addr string) {
					c := clustertest.Run(t, cluster.Config{Shards: 3, Replicas: 1, Unrestricted: true, Seed: 1})
					t.Cleanup(func() { sameOnReplica(t, c) })
					return "tcp", addrOf(t, c, true)
				},
			})
		})
	}
}

// addrOf is the address of the primary or the replica of the tag {t}'s slot.
func addrOf(t testing.TB, c *cluster.Cluster, primary bool) string {
	t.Helper()
	shard := c.Topology().OwnerPrimary(slots.OfString("{t}")).Shard
	for _, n := range c.Status().Shards[shard].Nodes {
		if n.Primary == primary {
			return net.JoinHostPort(n.IP, strconv.Itoa(n.Port))
		}
	}
	require.Fail(t, "no such node")
	return ""
}

// sameOnReplica checks that the replica holds what its primary holds, once it
// has caught up.
func sameOnReplica(t testing.TB, c *cluster.Cluster) {
	ctx := context.Background()
	ask := func(addr string) *redis.Client {
		r := redis.NewClient(&redis.Options{Addr: addr, Protocol: 2})
		t.Cleanup(func() { r.Close() })
		return r
	}
	primary, replica := ask(addrOf(t, c, true)), ask(addrOf(t, c, false))
	require.Eventually(t, func() bool {
		want, err1 := primary.Do(ctx, "DEBUG", "DIGEST").Text()
		got, err2 := replica.Do(ctx, "DEBUG", "DIGEST").Text()
		return err1 == nil && err2 == nil && want == got
	}, 10*time.Second, time.Millisecond, "the replica differs from its primary")
}
