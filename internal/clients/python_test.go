package clients

import (
	"bufio"
	"context"
	_ "embed"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster/clustertest"
)

// session is what redis-py does. It says "failover SHARD" when it wants one, and
// goes on when it is told that the cluster is stable again.
//
//go:embed session.py
var session string

func TestRedisPyGoesThroughFailovers(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // the one that Debian's python3-redis is for
	if out, err := exec.Command(python, "-c", "import redis.cluster").CombinedOutput(); err != nil {
		t.Skipf("redis-py is not installed (Debian: python3-redis): %s", out)
	}
	c := clustertest.Run(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-u", "-c", session, port(t, c.ConfigurationEndpoint()))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())

	failovers := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if shard, ok := strings.CutPrefix(lines.Text(), "failover "); ok {
			failovers++
			require.NoError(t, c.TestFailover(shard))
			stable(t, c)
			_, err := in.Write([]byte("stable\n"))
			require.NoError(t, err)
		}
	}
	require.NoError(t, cmd.Wait(), complaints.String())
	require.Equal(t, 3, failovers)
}
