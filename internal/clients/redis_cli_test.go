package clients

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
)

// redirected is what redis-cli tells of a redirection.
var redirected = regexp.MustCompile(`(?m)^-> Redirected .*\n`)

func TestRedisCLIFollowsRedirectionsToEveryShard(t *testing.T) {
	t.Parallel()
	cli := program(t, "redis-cli", "redis-tools")
	c := clustertest.Run(t, cluster.Config{Shards: 4, Replicas: 1})
	const keys = 40
	var script, want strings.Builder
	for i := range keys {
		fmt.Fprintf(&script, "set key:%d value:%d\nget key:%d\n", i, i, i)
		fmt.Fprintf(&want, "OK\nvalue:%d\n", i)
	}
	cmd := exec.CommandContext(t.Context(), cli, "-c", "-p", port(t, c.ConfigurationEndpoint()))
	cmd.Stdin = strings.NewReader(script.String())
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "-> Redirected to slot")
	require.Equal(t, want.String(), redirected.ReplaceAllString(string(out), ""))

	size := 0
	for _, addr := range c.Addrs() {
		var n int
		_, err := fmt.Sscan(run(t, cli, "-p", port(t, addr), "dbsize"), &n)
		require.NoError(t, err)
		require.NotZero(t, n, "%s has no keys", addr)
		size += n
	}
	require.Equal(t, 2*keys, size, "every key is on a primary and its replica")
}

func TestRedisCLIFindsTheClusterInOrder(t *testing.T) {
	t.Parallel()
	cli := program(t, "redis-cli", "redis-tools")
	c := clustertest.Run(t, cluster.Config{Slots: []string{"0-99,16000-16383", "100-15999"}, Replicas: 2})
	for _, addr := range []string{c.ConfigurationEndpoint(), c.Addrs()[0], c.Addrs()[5]} {
		out := run(t, cli, "--cluster", "check", addr)
		require.Contains(t, out, "[OK] All nodes agree about slots configuration.")
		require.Contains(t, out, "[OK] All 16384 slots covered.")
		require.Equal(t, 2, strings.Count(out, "2 additional replica(s)"), out)
	}
}

func TestRedisBenchmarkRunsOverTheCluster(t *testing.T) {
	t.Parallel()
	bench := program(t, "redis-benchmark", "redis-tools")
	c := clustertest.Run(t)
	for _, addr := range []string{c.ConfigurationEndpoint(), c.Addrs()[0]} {
		out := run(t, bench, "--cluster", "-p", port(t, addr), "-q", "-n", "2000", "-c", "10", "-r", "1000", "-t", "set,get")
		require.Contains(t, out, "Cluster has 3 master nodes")
		require.NotContains(t, strings.ToLower(out), "error")
		for _, test := range []string{"SET", "GET"} {
			require.Contains(t, out, test)
		}
	}
}

// TestRedisCLIOverTLS does what the README says for clients without its names.
func TestRedisCLIOverTLS(t *testing.T) {
	t.Parallel()
	cli := program(t, "redis-cli", "redis-tools")
	if out, _ := exec.Command(cli, "--help").CombinedOutput(); !strings.Contains(string(out), "--cacert") {
		t.Skip("this redis-cli has no TLS")
	}
	c := clustertest.Run(t, cluster.Config{Shards: 3, TLS: true, AuthToken: token})
	ca := t.TempDir() + "/ca.pem"
	require.NoError(t, os.WriteFile(ca, c.CertificateAuthority(), 0o600))
	tls := []string{"--tls", "--cacert", ca, "--no-auth-warning", "-a", token, "-p", port(t, c.ConfigurationEndpoint())}
	for i := range 6 {
		key := fmt.Sprintf("key:%d", i)
		require.Equal(t, "OK\n", run(t, cli, append(tls, "-c", "set", key, "v")...))
		require.Equal(t, "v\n", run(t, cli, append(tls, "-c", "get", key)...))
	}
	out, _ := output(t, nil, cli, "--tls", "--cacert", ca, "-p", port(t, c.ConfigurationEndpoint()), "get", "a")
	require.Contains(t, out, "NOAUTH Authentication required.")
}
