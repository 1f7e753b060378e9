package control

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	failover = "Action=TestFailover&ReplicationGroupId="
	modify   = "Action=ModifyReplicationGroup&ReplicationGroupId="
	reshard  = "Action=ModifyReplicationGroupShardConfiguration&ApplyImmediately=true&ReplicationGroupId="
	increase = "Action=IncreaseReplicaCount&ApplyImmediately=true&ReplicationGroupId="
	decrease = "Action=DecreaseReplicaCount&ApplyImmediately=true&ReplicationGroupId="
)

func TestSecondChangeWhileModifyingIsRefused(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	s := serve(t, f)
	body := accepted(t, s, increase+"local&NewReplicaCount=2")
	require.Contains(t, body, "<IncreaseReplicaCountResult><ReplicationGroup><ReplicationGroupId>local</ReplicationGroupId>")
	require.Contains(t, body, "<Status>modifying</Status>")
	for _, second := range []string{
		failover + "local&NodeGroupId=0001", modify + "local&EngineVersion=7.1&ApplyImmediately=true", reshard + "local&NodeGroupCount=4",
		increase + "local&NewReplicaCount=3", decrease + "local&NewReplicaCount=0",
	} {
		refused(t, s, second, 400, "InvalidReplicationGroupState", "Replication group must be in available state to modify.<")
	}
	f.finish()
	require.Contains(t, accepted(t, s, "Action=DescribeReplicationGroups"), "<ClusterId>local-0003-003</ClusterId>")
	accepted(t, s, decrease+"local&NewReplicaCount=1")
	require.Equal(t, []string{"replicas [{0001 2 [] []} {0002 2 [] []} {0003 2 [] []}]", "replicas [{0001 1 [] []} {0002 1 [] []} {0003 1 [] []}]"}, f.begun)
}

func TestBackendsOwnStateCheckCounts(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	f.mu.broken = ErrNotAvailable
	s := serve(t, f)
	refused(t, s, failover+"local&NodeGroupId=0001", 400, "InvalidReplicationGroupState", "Replication group must be in available state to modify.<")
}

func TestTestFailover(t *testing.T) {
	t.Parallel()
	alone := single()
	alone.NodeGroups[0].Members = alone.NodeGroups[0].Members[:1]
	off := sharded()
	off.ID, off.AutomaticFailover = "off", false
	f := newFake(sharded(), alone, off)
	s := serve(t, f)
	refused(t, s, "Action=TestFailover&NodeGroupId=0001", 400, "MissingParameter", "The request must contain the parameter ReplicationGroupId")
	refused(t, s, failover+"&NodeGroupId=0001", 400, "InvalidParameterValue", "The parameter ReplicationGroupId must be provided and must not be blank.")
	refused(t, s, failover+"local", 400, "MissingParameter", "The request must contain the parameter NodeGroupId")
	refused(t, s, failover+"gone&NodeGroupId=0001", 404, "ReplicationGroupNotFoundFault", "ReplicationGroup gone not found.")
	refused(t, s, failover+"local&NodeGroupId=0009", 404, "NodeGroupNotFoundFault", "Node group 0009 not found")
	refused(t, s, failover+"cmd&NodeGroupId=0001", 400, "InvalidReplicationGroupState", "Node group 0001 has no replica")
	refused(t, s, failover+"off&NodeGroupId=0001", 400, "InvalidReplicationGroupState", "Automatic failover is not enabled")
	require.Contains(t, accepted(t, s, failover+"Local&NodeGroupId=0002"), "<TestFailoverResult><ReplicationGroup>")
	require.Equal(t, []string{"failover 0002"}, f.begun)
}

func TestModifyReplicationGroup(t *testing.T) {
	t.Parallel()
	f := newFake(sharded(), single())
	s := serve(t, f)
	accepted(t, s, modify+"local")
	require.Empty(t, f.begun, "nothing asked, nothing changed")
	accepted(t, s, modify+"local&AutomaticFailoverEnabled=true&MultiAZEnabled=true&TransitEncryptionEnabled=false&ClusterMode=enabled&CacheNodeType=cache.r7g.large&NodeGroupId=0001")
	accepted(t, s, modify+"local&CacheParameterGroupName=default.redis7.cluster.on")
	require.Empty(t, f.begun, "stated as they are")

	refused(t, s, modify+"local&EngineVersion=7.1", 400, "InvalidParameterCombination", "There is no maintenance window")
	now := "&ApplyImmediately=true"
	refused(t, s, modify+"local&EngineVersion=7.4"+now, 400, "InvalidParameterCombination", "Cannot find version 7.4 for redis<")
	refused(t, s, modify+"local&EngineVersion=7.0"+now, 400, "InvalidParameterCombination", "Cannot change redis 7.1 to redis 7.0")
	refused(t, s, modify+"local&Engine=memcached&EngineVersion=1.6"+now, 400, "InvalidParameterValue", "Invalid engine memcached.")
	refused(t, s, modify+"local&Engine=valkey"+now, 400, "InvalidParameterCombination", "To change the engine to valkey specify EngineVersion too.")
	refused(t, s, modify+"local&AutomaticFailoverEnabled=false", 400, "InvalidParameterCombination",
		"Turning off automatic failover for replication group with cluster mode enabled is not supported.<")
	refused(t, s, modify+"cmd&AutomaticFailoverEnabled=false", 400, "InvalidParameterValue", "The parameter AutomaticFailoverEnabled cannot be changed in elasticache-local: it is true.")
	refused(t, s, modify+"local&CacheNodeType=cache.t4g.micro", 400, "InvalidParameterValue", "The parameter CacheNodeType cannot be changed in elasticache-local: it is cache.r7g.large.")
	refused(t, s, modify+"local&SnapshotWindow=05:00-06:00", 400, "InvalidParameterValue", "The parameter SnapshotWindow is not supported by elasticache-local.")
	refused(t, s, modify+"local&UserGroupIdsToAdd.member.1=x", 400, "InvalidParameterValue", "The parameter UserGroupIdsToAdd is not supported")
	refused(t, s, modify+"local&CacheParameterGroupName=mine", 404, "CacheParameterGroupNotFound", "CacheParameterGroup mine not found.")
	refused(t, s, modify+"local&CacheParameterGroupName=default.redis7", 400, "InvalidParameterCombination", "The cache parameter group default.redis7 does not fit cluster mode enabled.")
	refused(t, s, modify+"local&Engine=valkey&EngineVersion=8.0&CacheParameterGroupName=default.redis7.cluster.on"+now, 400, "InvalidParameterCombination",
		"Expected a parameter group of family valkey8 but found one of family redis7<")
	require.Empty(t, f.begun)

	require.Contains(t, accepted(t, s, modify+"local&Engine=Valkey&EngineVersion=8.0&CacheParameterGroupName=default.valkey8.cluster.on"+now),
		"<Status>modifying</Status>")
	f.finish()
	accepted(t, s, modify+"local&EngineVersion=8.1"+now)
	require.Equal(t, []string{"upgrade valkey 8.0", "upgrade valkey 8.1"}, f.begun)
	f.finish()
	nodes := accepted(t, s, "Action=DescribeCacheClusters&CacheClusterId=local-0001-001")
	require.Contains(t, nodes, "<Engine>valkey</Engine><EngineVersion>8.1.0</EngineVersion>")
	require.Contains(t, nodes, "<CacheParameterGroupName>default.valkey8.cluster.on</CacheParameterGroupName>")
}

func TestReshardingOutInAndEven(t *testing.T) {
	t.Parallel()
	f := newFake(sharded())
	s := serve(t, f)
	body := accepted(t, s, reshard+"local&NodeGroupCount=5&ReshardingConfiguration.ReshardingConfiguration.1.NodeGroupId=0007"+
		"&ReshardingConfiguration.ReshardingConfiguration.1.PreferredAvailabilityZones.AvailabilityZone.1=us-east-1a"+
		"&ReshardingConfiguration.ReshardingConfiguration.1.PreferredAvailabilityZones.AvailabilityZone.2=us-east-1b")
	require.Contains(t, body, "<Status>modifying</Status><PendingModifiedValues><Resharding><SlotMigration><ProgressPercentage>12.5</ProgressPercentage></SlotMigration></Resharding></PendingModifiedValues>")
	f.finish()
	require.Contains(t, accepted(t, s, "Action=DescribeReplicationGroups"), "<PendingModifiedValues></PendingModifiedValues>")
	accepted(t, s, reshard+"local&NodeGroupCount=4&NodeGroupsToRemove.NodeGroupToRemove.1=0002")
	f.finish()
	accepted(t, s, reshard+"local&NodeGroupCount=2&NodeGroupsToRetain.member.1=0001&NodeGroupsToRetain.member.2=0003")
	f.finish()
	refused(t, s, reshard+"local&NodeGroupCount=2", 400, "InvalidReplicationGroupState", "Slots in the replication group are uniformly distributed. Nothing to do.<")
	f.mu.Lock()
	f.mu.groups[0].NodeGroups[0].SlotCount -= 10
	f.mu.groups[0].NodeGroups[1].SlotCount += 10
	f.mu.Unlock()
	accepted(t, s, reshard+"local&NodeGroupCount=2")
	require.Equal(t, []string{
		"reshard +[{0007 [us-east-1a us-east-1b]} { []}] -[]", "reshard +[] -[0002]", "reshard +[] -[0004 0005]", "reshard +[] -[]",
	}, f.begun)
}

func TestReshardingRefusals(t *testing.T) {
	t.Parallel()
	f := newFake(sharded(), single())
	s := serve(t, f)
	refused(t, s, reshard+"cmd&NodeGroupCount=2", 400, "InvalidParameterValue", "Operation is only applicable for cluster mode enabled replication groups.<")
	refused(t, s, reshard+"local", 400, "MissingParameter", "The request must contain the parameter NodeGroupCount")
	refused(t, s, strings.Replace(reshard, "true", "false", 1)+"local&NodeGroupCount=4", 400, "InvalidParameterValue", "ApplyImmediately=false is not supported")
	refused(t, s, "Action=ModifyReplicationGroupShardConfiguration&ReplicationGroupId=local&NodeGroupCount=4", 400, "MissingParameter", "The request must contain the parameter ApplyImmediately")
	refused(t, s, reshard+"local&NodeGroupCount=0", 400, "InvalidParameterValue", "Invalid value for node group count.")
	refused(t, s, reshard+"local&NodeGroupCount=501", 400, "NodeGroupsPerReplicationGroupQuotaExceeded", "A replication group can have at most 500 node groups.")
	refused(t, s, reshard+"local&NodeGroupCount=251", 400, "NodeQuotaForCustomerExceeded", "Customer node quota exceeded. You can have at most 500 nodes in this region")
	refused(t, s, reshard+"local&NodeGroupCount=2", 400, "InvalidParameterCombination", "To remove node groups specify either")
	refused(t, s, reshard+"local&NodeGroupCount=2&NodeGroupsToRemove.member.1=0001&NodeGroupsToRetain.member.1=0002", 400, "InvalidParameterCombination", "To remove node groups specify either")
	refused(t, s, reshard+"local&NodeGroupCount=2&NodeGroupsToRemove.member.1=0010", 400, "InvalidParameterValue", "The following node group ids are invalid: [0010]<")
	refused(t, s, reshard+"local&NodeGroupCount=1&NodeGroupsToRemove.member.1=0001", 400, "InvalidParameterCombination", "NodeGroupCount is 1, but 2 node groups would be left.")
	refused(t, s, reshard+"local&NodeGroupCount=1&NodeGroupsToRemove.member.1=0001&NodeGroupsToRemove.member.2=0001", 400, "InvalidParameterCombination", "NodeGroupCount is 1, but 2")
	refused(t, s, reshard+"local&NodeGroupCount=4&NodeGroupsToRemove.member.1=0001", 400, "InvalidParameterCombination", "NodeGroupsToRemove and NodeGroupsToRetain can only")
	const place = "&ReshardingConfiguration.ReshardingConfiguration."
	refused(t, s, reshard+"local&NodeGroupCount=2"+place+"1.NodeGroupId=0009", 400, "InvalidParameterCombination", "ReshardingConfiguration can only")
	refused(t, s, reshard+"local&NodeGroupCount=4"+place+"1.NodeGroupId=0003", 400, "InvalidParameterValue", "The following node group ids are invalid: [0003]")
	refused(t, s, reshard+"local&NodeGroupCount=5"+place+"1.NodeGroupId=x"+place+"2.NodeGroupId=12345", 400, "InvalidParameterValue", "The following node group ids are invalid: [x, 12345]")
	refused(t, s, reshard+"local&NodeGroupCount=5"+place+"1.NodeGroupId=0009"+place+"2.NodeGroupId=0009", 400, "InvalidParameterValue", "The following node group ids are invalid: [0009]")
	refused(t, s, reshard+"local&NodeGroupCount=4"+place+"1.NodeGroupId=0008"+place+"2.NodeGroupId=0009", 400, "InvalidParameterCombination", "ReshardingConfiguration places 2 node groups, but 1")
	refused(t, s, reshard+"local&NodeGroupCount=4"+place+"1.PreferredAvailabilityZones.AvailabilityZone.1=us-east-1a", 400, "InvalidParameterValue", "PreferredAvailabilityZones names 1 zones, but a node group has 2 nodes.")
	require.Empty(t, f.begun)
}

func TestReplicaCounts(t *testing.T) {
	t.Parallel()
	const shard = "&ReplicaConfiguration.ConfigureShard."
	for _, c := range []struct{ query, begun string }{
		{increase + "local&NewReplicaCount=5", "replicas [{0001 5 [] []} {0002 5 [] []} {0003 5 [] []}]"},
		{increase + "local" + shard + "1.NodeGroupId=0002" + shard + "1.NewReplicaCount=2" + shard + "2.NodeGroupId=0003" + shard + "2.NewReplicaCount=1", "replicas [{0002 2 [] []}]"},
		{increase + "local" + shard + "1.NodeGroupId=0002" + shard + "1.NewReplicaCount=2" + shard + "1.PreferredAvailabilityZones.PreferredAvailabilityZone.1=a" +
			shard + "1.PreferredAvailabilityZones.PreferredAvailabilityZone.2=b" + shard + "1.PreferredAvailabilityZones.PreferredAvailabilityZone.3=c", "replicas [{0002 2 [a b c] []}]"},
		{decrease + "cmd&NewReplicaCount=1", "replicas [{0001 1 [] []}]"},
		{decrease + "cmd&ReplicasToRemove.member.1=CMD-003", "replicas [{0001 1 [] [cmd-003]}]"},
		{decrease + "cmd&NewReplicaCount=1&ReplicasToRemove.member.1=cmd-002", "replicas [{0001 1 [] [cmd-002]}]"},
	} {
		f := newFake(sharded(), single())
		accepted(t, serve(t, f), c.query)
		require.Equal(t, []string{c.begun}, f.begun, c.query)
	}
}

func TestReplicaCountRefusals(t *testing.T) {
	t.Parallel()
	oneZone := sharded()
	oneZone.ID, oneZone.MultiAZ = "onezone", false
	f := newFake(oneZone, sharded(), single())
	s := serve(t, f)
	const shard = "&ReplicaConfiguration.ConfigureShard.1."
	for _, verb := range []string{increase, decrease} {
		refused(t, s, verb+"local&NewReplicaCount=1", 400, "NoOperationFault", "Requested new replica count already matches current number of replicas.<")
		refused(t, s, verb+"local", 400, "InvalidParameterCombination", "Either NewReplicaCount or ReplicaConfiguration must be specified.")
		refused(t, s, verb+"local&NewReplicaCount=6", 400, "InvalidParameterValue", "Invalid value for new replica count. Must be between 0 and 5")
		refused(t, s, verb+"local&NewReplicaCount=-1", 400, "InvalidParameterValue", "Invalid value for new replica count. Must be between 0 and 5")
		refused(t, s, verb+"gone&NewReplicaCount=1", 404, "ReplicationGroupNotFoundFault", "ReplicationGroup gone not found.")
		refused(t, s, verb+"local"+shard+"NodeGroupId=0009"+shard+"NewReplicaCount=2", 400, "InvalidParameterValue", "The following node group ids are invalid: [0009]")
		refused(t, s, verb+"local"+shard+"NewReplicaCount=2", 400, "MissingParameter", "The request must contain the parameter ReplicaConfiguration.ConfigureShard.1.NodeGroupId")
		refused(t, s, verb+"local"+shard+"NodeGroupId=0001", 400, "MissingParameter", "The request must contain the parameter ReplicaConfiguration.ConfigureShard.1.NewReplicaCount")
		refused(t, s, verb+"local&NewReplicaCount=2"+shard+"NodeGroupId=0001"+shard+"NewReplicaCount=2", 400, "InvalidParameterCombination", "NewReplicaCount and ReplicaConfiguration cannot be combined.")
		refused(t, s, strings.Replace(verb, "true", "false", 1)+"local&NewReplicaCount=2", 400, "InvalidParameterValue", "ApplyImmediately=false is not supported")
	}
	refused(t, s, increase+"local&NewReplicaCount=0", 400, "InvalidParameterValue", "Node group 0001 has 1 replicas: an increase to 0 is not possible.")
	refused(t, s, decrease+"local&NewReplicaCount=2", 400, "InvalidParameterValue", "Node group 0001 has 1 replicas: a decrease to 2 is not possible.")
	refused(t, s, increase+"local"+shard+"NodeGroupId=0001"+shard+"NewReplicaCount=2"+shard+"PreferredAvailabilityZones.PreferredAvailabilityZone.1=a", 400,
		"InvalidParameterValue", "PreferredAvailabilityZones of node group 0001 must name 3 zones")
	refused(t, s, decrease+"cmd&NewReplicaCount=0", 400, "InvalidParameterValue", "Must have at least 1 replica when cluster mode is disabled with auto failover enabled.<")
	refused(t, s, decrease+"local&NewReplicaCount=0", 400, "InvalidParameterValue", "Must have at least 1 replica for Multi-AZ enabled Replication Group<")
	refused(t, s, decrease+"cmd&ReplicasToRemove.member.1=cmd-001", 400, "InvalidParameterValue", "cmd-001 is the primary of node group 0001 and cannot be removed.")
	refused(t, s, decrease+"cmd&ReplicasToRemove.member.1=cmd-009", 400, "InvalidParameterValue", "ReplicasToRemove must name different replicas of replication group cmd.")
	refused(t, s, decrease+"cmd&ReplicasToRemove.member.1=cmd-002&ReplicasToRemove.member.2=cmd-002", 400, "InvalidParameterValue", "ReplicasToRemove must name different replicas")
	refused(t, s, decrease+"cmd&NewReplicaCount=0&ReplicasToRemove.member.1=cmd-002", 400, "InvalidParameterCombination", "NewReplicaCount is 0, but ReplicasToRemove would leave 1 in node group 0001.")
	require.Empty(t, f.begun)
	accepted(t, s, decrease+"onezone&NewReplicaCount=0")
}
