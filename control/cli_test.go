package control

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// awsCLI gives a function that runs the real aws CLI against the server, away
// from the user's own configuration.
func awsCLI(t *testing.T, s *Server) func(args ...string) (string, error) {
	t.Helper()
	if testing.Short() {
		t.Skip("the aws CLI takes seconds a call")
	}
	program, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the aws CLI is not installed (Debian: awscli)")
	}
	home := t.TempDir()
	env := append(os.Environ(),
		"HOME="+home, "AWS_CONFIG_FILE="+filepath.Join(home, "none"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(home, "none"),
		"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1", "NO_PROXY=127.0.0.1")
	return func(args ...string) (string, error) {
		args = append([]string{"elasticache", "--endpoint-url", "http://" + s.Addr().String(), "--output", "json"}, args...)
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if strings.Contains(string(out), "ModuleNotFoundError") || strings.Contains(string(out), "command not found") {
			t.Skipf("the aws CLI does not work here: %s", out)
		}
		return string(out), err
	}
}

func TestAWSCLI(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	f.event(time.Minute, "replication-group", "local", "Replication group local created")
	aws := awsCLI(t, serve(t, f, func(c *Config) { c.RequireAuth = true }))

	out, err := aws("describe-replication-groups")
	require.NoError(t, err, out)
	var groups struct {
		ReplicationGroups []struct {
			ReplicationGroupId, Status, ARN string
			PendingModifiedValues           map[string]any
			MemberClusters                  []string
			LogDeliveryConfigurations       []any
			NodeGroups                      []struct{ Slots string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &groups))
	require.Len(t, groups.ReplicationGroups, 1)
	g := groups.ReplicationGroups[0]
	require.Equal(t, "local available arn:aws:elasticache:us-east-1:000000000000:replicationgroup:local", strings.Join([]string{g.ReplicationGroupId, g.Status, g.ARN}, " "))
	require.NotNil(t, g.PendingModifiedValues)
	require.NotNil(t, g.LogDeliveryConfigurations)
	require.Equal(t, "local-0003-002", g.MemberClusters[5])
	require.Equal(t, "0-5460", g.NodeGroups[0].Slots)

	out, err = aws("describe-cache-clusters", "--cache-cluster-id", "local-0001-002", "--show-cache-node-info", "--query", "CacheClusters[0].CacheNodes[0].Endpoint.Port")
	require.NoError(t, err, out)
	require.Equal(t, "6401", strings.TrimSpace(out))

	out, err = aws("increase-replica-count", "--replication-group-id", "local", "--apply-immediately", "--replica-configuration",
		"NodeGroupId=0002,NewReplicaCount=2,PreferredAvailabilityZones=us-east-1a,us-east-1b,us-east-1c", "--query", "ReplicationGroup.Status")
	require.NoError(t, err, out)
	require.Equal(t, `"modifying"`, strings.TrimSpace(out))

	out, err = aws("test-failover", "--replication-group-id", "local", "--node-group-id", "0001")
	require.Error(t, err)
	require.Contains(t, out, "An error occurred (InvalidReplicationGroupState) when calling the TestFailover operation: Replication group must be in available state to modify.")
	f.finish()

	out, err = aws("modify-replication-group-shard-configuration", "--replication-group-id", "local", "--apply-immediately", "--node-group-count", "2",
		"--node-groups-to-remove", "0003", "--query", "ReplicationGroup.PendingModifiedValues.Resharding.SlotMigration.ProgressPercentage")
	require.NoError(t, err, out)
	require.Equal(t, "12.5", strings.TrimSpace(out))
	f.mu.Lock()
	f.mu.looks = 1
	f.mu.Unlock()
	out, err = aws("wait", "replication-group-available", "--replication-group-id", "local")
	require.NoError(t, err, out)

	out, err = aws("describe-events", "--source-type", "replication-group", "--start-time", "2026-01-02T03:00:00Z", "--end-time", "2026-01-02T04:00:00Z", "--query", "Events[0].Message")
	require.NoError(t, err, out)
	require.Equal(t, `"Replication group local created"`, strings.TrimSpace(out))
	require.Equal(t, []string{"replicas [{0002 2 [us-east-1a us-east-1b us-east-1c] []}]", "reshard +[] -[0003]"}, f.begun)
}
