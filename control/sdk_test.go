package control

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"
)

// client is the SDK's own client, pointed at the server.
func client(t *testing.T, s *Server) *elasticache.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return elasticache.New(elasticache.Options{
		BaseEndpoint: aws.String("http://" + s.Addr().String()),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
		HTTPClient:   &http.Client{Transport: transport},
	})
}

func TestSDKUnderstandsTheDescriptions(t *testing.T) {
	t.Parallel()
	f := newFake(sharded(), single())
	f.event(time.Minute, "replication-group", "local", "Replication group local created")
	c := client(t, serve(t, f, func(c *Config) { c.RequireAuth = true }))

	groups, err := c.DescribeReplicationGroups(t.Context(), &elasticache.DescribeReplicationGroupsInput{})
	require.NoError(t, err)
	require.Len(t, groups.ReplicationGroups, 2)
	cmd, local := groups.ReplicationGroups[0], groups.ReplicationGroups[1]
	require.Equal(t, "primary", *cmd.NodeGroups[0].NodeGroupMembers[0].CurrentRole)
	require.EqualValues(t, 6380, *cmd.NodeGroups[0].ReaderEndpoint.Port)
	require.Equal(t, f.mu.groups[1].Primary.Address, *cmd.NodeGroups[0].PrimaryEndpoint.Address)
	require.Equal(t, "local", *local.ReplicationGroupId)
	require.Equal(t, "a <group> & more", *local.Description)
	require.Equal(t, types.ClusterModeEnabled, local.ClusterMode)
	require.Equal(t, types.AutomaticFailoverStatusEnabled, local.AutomaticFailover)
	require.Len(t, local.MemberClusters, 6)
	require.Len(t, local.NodeGroups, 3)
	require.Equal(t, "0-5460", *local.NodeGroups[0].Slots)
	require.Nil(t, local.NodeGroups[0].NodeGroupMembers[0].CurrentRole)
	require.EqualValues(t, 6379, *local.ConfigurationEndpoint.Port)
	require.True(t, epoch.Add(-time.Hour).Equal(*local.ReplicationGroupCreateTime))
	require.NotNil(t, local.PendingModifiedValues)
	require.Nil(t, local.PendingModifiedValues.Resharding)
	require.NotNil(t, local.LogDeliveryConfigurations)

	pages := elasticache.NewDescribeCacheClustersPaginator(c, &elasticache.DescribeCacheClustersInput{ShowCacheNodeInfo: aws.Bool(true)})
	seen := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, cluster := range page.CacheClusters {
			require.Len(t, cluster.CacheNodes, 1)
			require.NotEmpty(t, *cluster.CacheNodes[0].Endpoint.Address)
			require.Equal(t, "in-sync", *cluster.CacheParameterGroup.ParameterApplyStatus)
			seen++
		}
	}
	require.Equal(t, 9, seen)

	events, err := c.DescribeEvents(t.Context(), &elasticache.DescribeEventsInput{
		StartTime: aws.Time(epoch.Add(-2 * time.Minute)), SourceType: types.SourceTypeReplicationGroup,
	})
	require.NoError(t, err)
	require.Len(t, events.Events, 1)
	require.Equal(t, "Replication group local created", *events.Events[0].Message)
	require.True(t, epoch.Add(-time.Minute).Equal(*events.Events[0].Date))
}

func TestSDKWaitersSeeAChangeThrough(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	c := client(t, serve(t, f))
	out, err := c.ModifyReplicationGroupShardConfiguration(t.Context(), &elasticache.ModifyReplicationGroupShardConfigurationInput{
		ReplicationGroupId: aws.String("local"), NodeGroupCount: aws.Int32(4), ApplyImmediately: aws.Bool(true),
	})
	require.NoError(t, err)
	require.Equal(t, "modifying", *out.ReplicationGroup.Status)
	require.InDelta(t, 12.5, *out.ReplicationGroup.PendingModifiedValues.Resharding.SlotMigration.ProgressPercentage, 0)
	f.mu.Lock()
	f.mu.looks = 3 // then it is over
	f.mu.Unlock()

	group, err := elasticache.NewReplicationGroupAvailableWaiter(c, func(o *elasticache.ReplicationGroupAvailableWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	}).WaitForOutput(t.Context(), &elasticache.DescribeReplicationGroupsInput{ReplicationGroupId: aws.String("local")}, time.Minute)
	require.NoError(t, err)
	require.Len(t, group.ReplicationGroups[0].NodeGroups, 4)

	require.NoError(t, elasticache.NewCacheClusterAvailableWaiter(c, func(o *elasticache.CacheClusterAvailableWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, time.Millisecond
	}).Wait(t.Context(), &elasticache.DescribeCacheClustersInput{CacheClusterId: aws.String("local-0004-001")}, time.Minute))
	require.NoError(t, elasticache.NewReplicationGroupDeletedWaiter(c).Wait(t.Context(),
		&elasticache.DescribeReplicationGroupsInput{ReplicationGroupId: aws.String("gone")}, time.Minute), "ends on the not-found code")
	require.NoError(t, elasticache.NewCacheClusterDeletedWaiter(c).Wait(t.Context(),
		&elasticache.DescribeCacheClustersInput{CacheClusterId: aws.String("gone")}, time.Minute))
}

func TestSDKSeesTypedErrors(t *testing.T) {
	t.Parallel()
	c := client(t, serve(t, newFake(sharded(), single())))
	check := func(err error, want any, status int, message string) {
		t.Helper()
		require.ErrorAs(t, err, want)
		api := smithy.APIError(nil)
		require.ErrorAs(t, err, &api)
		require.Equal(t, message, api.ErrorMessage())
		response := new(smithyhttp.ResponseError)
		require.ErrorAs(t, err, &response)
		require.Equal(t, status, response.HTTPStatusCode())
	}
	_, err := c.TestFailover(t.Context(), &elasticache.TestFailoverInput{ReplicationGroupId: aws.String("gone"), NodeGroupId: aws.String("0001")})
	check(err, new(*types.ReplicationGroupNotFoundFault), 404, "ReplicationGroup gone not found.")
	_, err = c.TestFailover(t.Context(), &elasticache.TestFailoverInput{ReplicationGroupId: aws.String("local"), NodeGroupId: aws.String("0009")})
	check(err, new(*types.NodeGroupNotFoundFault), 404, "Node group 0009 not found in replication group local.")
	_, err = c.IncreaseReplicaCount(t.Context(), &elasticache.IncreaseReplicaCountInput{
		ReplicationGroupId: aws.String("local"), NewReplicaCount: aws.Int32(1), ApplyImmediately: aws.Bool(true)})
	check(err, new(*types.NoOperationFault), 400, textReplicasAlready)
	_, err = c.DecreaseReplicaCount(t.Context(), &elasticache.DecreaseReplicaCountInput{ReplicationGroupId: aws.String("cmd"), ApplyImmediately: aws.Bool(true),
		ReplicaConfiguration: []types.ConfigureShard{{NodeGroupId: aws.String("0001"), NewReplicaCount: aws.Int32(0)}}})
	check(err, new(*types.InvalidParameterValueException), 400, textFailoverNeedsOne)
	_, err = c.DescribeCacheClusters(t.Context(), &elasticache.DescribeCacheClustersInput{CacheClusterId: aws.String("gone")})
	check(err, new(*types.CacheClusterNotFoundFault), 404, "CacheCluster not found: gone")
	_, err = c.ModifyReplicationGroup(t.Context(), &elasticache.ModifyReplicationGroupInput{
		ReplicationGroupId: aws.String("local"), EngineVersion: aws.String("7.4"), ApplyImmediately: aws.Bool(true)})
	check(err, new(*types.InvalidParameterCombinationException), 400, "Cannot find version 7.4 for redis")
	_, err = c.TestFailover(t.Context(), &elasticache.TestFailoverInput{ReplicationGroupId: aws.String("local"), NodeGroupId: aws.String("0001")})
	require.NoError(t, err)
	_, err = c.TestFailover(t.Context(), &elasticache.TestFailoverInput{ReplicationGroupId: aws.String("local"), NodeGroupId: aws.String("0001")})
	check(err, new(*types.InvalidReplicationGroupStateFault), 400, "Replication group must be in available state to modify.")

	_, err = c.DescribeUsers(t.Context(), &elasticache.DescribeUsersInput{})
	api := smithy.APIError(nil)
	require.True(t, errors.As(err, &api))
	require.Equal(t, "InvalidAction", api.ErrorCode())
}
