// Package clustertest starts clusters for tests.
package clustertest

import (
	"context"
	"testing"
	"time"

	"elasticache-local/cluster"
)

// Run starts a cluster that lasts as long as the test, on free ports unless the
// configuration says otherwise. Without a configuration it has three shards with
// a replica each.
func Run(t testing.TB, cfg ...cluster.Config) *cluster.Cluster {
	t.Helper()
	c := cluster.Config{Shards: 3, Replicas: 1}
	switch len(cfg) {
	case 0:
	case 1:
		c = cfg[0]
	default:
		t.Fatal("clustertest: one configuration at most")
	}
	started, err := cluster.Start(c)
	if err != nil {
		t.Fatalf("clustertest: %v", err)
	}
	t.Cleanup(started.Close)
	return started
}

// Stable waits until the cluster is stable, for half a minute at most.
func Stable(t testing.TB, c *cluster.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := c.WaitStable(ctx); err != nil {
		t.Fatalf("clustertest: the cluster does not become stable: %v; %+v", err, c.Status())
	}
}
