package clients

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
	"elasticache-local/control"
	"elasticache-local/dns"
	"elasticache-local/endpoint"
)

// awsCLI gives a function that runs `aws elasticache …` against the API of a
// cluster, away from the user's own configuration. into, if not nil, takes what
// it answers.
func awsCLI(t *testing.T, c *cluster.Cluster) func(into any, args ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("the aws CLI takes seconds a call")
	}
	aws := program(t, "aws", "awscli")
	api, err := control.Listen(control.Config{Addr: "127.0.0.1:0", Backend: control.ForCluster(c), Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { api.Close() })
	nowhere := filepath.Join(t.TempDir(), "none")
	env := []string{
		"AWS_CONFIG_FILE=" + nowhere, "AWS_SHARED_CREDENTIALS_FILE=" + nowhere, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER=", "NO_PROXY=127.0.0.1",
	}
	return func(into any, args ...string) {
		t.Helper()
		args = append([]string{"elasticache", "--endpoint-url", "http://" + api.Addr().String(), "--output", "json"}, args...)
		out, err := output(t, env, aws, args...)
		require.NoError(t, err, "%v\n%s", args, out)
		if into != nil {
			require.NoError(t, json.Unmarshal([]byte(out), into), out)
		}
	}
}

type groupsAnswer struct {
	ReplicationGroups []struct {
		Status     string
		NodeGroups []struct {
			NodeGroupId      string
			NodeGroupMembers []struct{ CacheClusterId string }
		}
	}
}

// shape is the number of nodes of each shard.
func (g groupsAnswer) shape() (nodes []int) {
	for _, s := range g.ReplicationGroups[0].NodeGroups {
		nodes = append(nodes, len(s.NodeGroupMembers))
	}
	return nodes
}

// TestTheAWSCLIManagesACluster takes one cluster through every operation; its keys
// are there afterwards.
func TestTheAWSCLIManagesACluster(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 2, Replicas: 1, Engine: cluster.Valkey, EngineVersion: "7.2"})
	aws := awsCLI(t, c)
	setAndGet(t, clusterClient(t, c), 50)
	const group = "--replication-group-id=local"
	aws(nil, "increase-replica-count", group, "--new-replica-count", "2", "--apply-immediately")
	stable(t, c)
	aws(nil, "modify-replication-group-shard-configuration", group, "--node-group-count", "3", "--apply-immediately")
	stable(t, c) // the CLI's own way of waiting looks every 15 seconds
	aws(nil, "wait", "replication-group-available", group)
	var groups groupsAnswer
	aws(&groups, "describe-replication-groups", group)
	require.Equal(t, "available", groups.ReplicationGroups[0].Status)
	require.Equal(t, []int{3, 3, 3}, groups.shape())

	aws(nil, "modify-replication-group", group, "--engine-version", "8.1", "--apply-immediately")
	stable(t, c)
	was := primaryOf(t, c, "0002")
	aws(nil, "test-failover", group, "--node-group-id", "0002")
	stable(t, c)
	require.NotEqual(t, was, primaryOf(t, c, "0002"))

	aws(nil, "modify-replication-group-shard-configuration", group, "--node-group-count", "1", "--node-groups-to-remove", "0001", "0003", "--apply-immediately")
	stable(t, c)
	aws(nil, "decrease-replica-count", group, "--new-replica-count", "1", "--apply-immediately")
	stable(t, c)
	var nodes struct {
		CacheClusters []struct {
			CacheClusterId, EngineVersion string
			CacheNodes                    []struct{ Endpoint struct{ Port int } }
		}
	}
	aws(&nodes, "describe-cache-clusters", "--show-cache-node-info")
	require.Len(t, nodes.CacheClusters, 2)
	for _, n := range nodes.CacheClusters {
		require.True(t, strings.HasPrefix(n.EngineVersion, "8.1"), n.EngineVersion)
		require.NotZero(t, n.CacheNodes[0].Endpoint.Port)
		require.True(t, strings.HasPrefix(n.CacheClusterId, "local-0002-"), n.CacheClusterId)
	}
	var events struct{ Events []struct{ Message string } }
	aws(&events, "describe-events", "--duration", "60")
	require.True(t, slices.ContainsFunc(events.Events, func(e struct{ Message string }) bool {
		return e.Message == "Test Failover API called for node group 0002"
	}))
	rdb := clusterClient(t, c) // the first one's map of the cluster is of nodes that are gone
	for i := range 50 {
		got, err := rdb.Get(t.Context(), fmt.Sprintf("key:%d", i)).Int()
		require.NoError(t, err)
		require.Equal(t, i, got)
	}
}

func TestDigFollowsAFailover(t *testing.T) {
	t.Parallel()
	dig := program(t, "dig", "dnsutils")
	c := clustertest.Run(t, cluster.Config{ClusterMode: cluster.Disabled, Replicas: 1, Addresses: cluster.IPs})
	server, err := dns.Listen(dns.Config{
		Addr: "127.0.0.1:0", Zone: endpoint.Zone("us-east-1"), Groups: dns.ForCluster(c), Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	host, at, err := net.SplitHostPort(server.Addr().String())
	require.NoError(t, err)
	ask := func(name string, flags ...string) string {
		t.Helper()
		return strings.TrimSpace(run(t, dig, append([]string{"@" + host, "-p", at, "+short", name}, flags...)...))
	}
	node := func(name string) string {
		for _, n := range c.Status().Shards[0].Nodes {
			if n.Name == name {
				return n.IP
			}
		}
		return "none"
	}

	names := c.Names()
	was := primaryOf(t, c, "0001")
	require.Equal(t, node(was), ask(names.Primary()))
	require.Equal(t, node(was), ask(names.Node(was)))
	require.NotEqual(t, node(was), ask(names.Reader()))

	require.NoError(t, c.TestFailover("0001"))
	stable(t, c)
	is := primaryOf(t, c, "0001")
	require.NotEqual(t, was, is)
	require.Equal(t, node(is), ask(names.Primary(), "+tcp"))
	require.Equal(t, node(was), ask(names.Node(was)), "the name of a node that was replaced leads to its new address")
	require.Equal(t, node(was), ask(names.Reader()))
	require.Contains(t, run(t, dig, "@"+host, "-p", at, "nobody."+names.Zone()), "NXDOMAIN")
}
