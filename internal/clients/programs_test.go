package clients

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"elasticache-local/cluster"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long another program may take.
const patience = time.Minute

// program finds a program, or skips the test. The package is Debian's.
func program(t testing.TB, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed (Debian: %s)", name, pkg)
	}
	return path
}

// output runs a program to its end and gives what it wrote, errors included.
func output(t testing.TB, env []string, path string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run is output of a program that has to succeed.
func run(t testing.TB, path string, args ...string) string {
	t.Helper()
	out, err := output(t, nil, path, args...)
	require.NoError(t, err, "%s %v\n%s", filepath.Base(path), args, out)
	return out
}

// port is the port in host:port.
func port(t testing.TB, addr string) string {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	return p
}

// clusterClient is a go-redis client of a cluster, which lasts as long as the
// test. edit, if any, changes its options.
func clusterClient(t testing.TB, c *cluster.Cluster, edit ...func(*redis.ClusterOptions)) *redis.ClusterClient {
	t.Helper()
	o := &redis.ClusterOptions{Addrs: []string{c.ConfigurationEndpoint()}}
	for _, e := range edit {
		e(o)
	}
	rdb := redis.NewClusterClient(o)
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

// oneClient is a go-redis client of one address.
func oneClient(t testing.TB, addr string, edit ...func(*redis.Options)) *redis.Client {
	t.Helper()
	o := &redis.Options{Addr: addr}
	for _, e := range edit {
		e(o)
	}
	rdb := redis.NewClient(o)
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

// primaryOf is the name of a shard's primary.
func primaryOf(t testing.TB, c *cluster.Cluster, shard string) string {
	t.Helper()
	for _, s := range c.Status().Shards {
		for _, n := range s.Nodes {
			if s.ID == shard && n.Primary {
				return n.Name
			}
		}
	}
	t.Fatalf("shard %s has no primary", shard)
	return ""
}
