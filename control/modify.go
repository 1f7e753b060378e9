package control

import (
	"maps"
	"slices"
	"strings"
)

// testFailover answers at once; DescribeEvents tells how it goes on.
func (s *Server) testFailover(c *call) (any, error) {
	id, shard := c.id("ReplicationGroupId"), c.required("NodeGroupId")
	return s.change(c, id, func(g *ReplicationGroup) error {
		i := slices.IndexFunc(g.NodeGroups, func(n NodeGroup) bool { return n.ID == shard })
		switch {
		case i < 0:
			return refuse(codeNodeGroupNotFound, "Node group %s not found in replication group %s.", clip(shard), g.ID)
		case !g.AutomaticFailover:
			return refuse(codeInvalidReplicationGroup, "Automatic failover is not enabled for replication group %s.", g.ID)
		case len(g.NodeGroups[i].Members) < 2:
			return refuse(codeInvalidReplicationGroup, "Node group %s has no replica to fail over to.", shard)
		}
		return s.cfg.Backend.TestFailover(g.ID, shard)
	})
}

// unsupported are the parameters of ModifyReplicationGroup that change nothing
// here yet, lists by their element. NodeGroupId is deprecated and without
// effect in the service too.
var (
	unsupported = []string{
		"AuthToken", "AuthTokenUpdateStrategy", "AutoMinorVersionUpgrade", "Durability", "IpDiscovery",
		"NotificationTopicArn", "NotificationTopicStatus", "PreferredMaintenanceWindow", "PrimaryClusterId", "RemoveUserGroups",
		"ReplicationGroupDescription", "SnapshotRetentionLimit", "SnapshotWindow", "SnapshottingClusterId",
	}
	unsupportedLists = map[string]string{
		"CacheSecurityGroupNames": "CacheSecurityGroupName", "SecurityGroupIds": "SecurityGroupId",
		"UserGroupIdsToAdd": "member", "UserGroupIdsToRemove": "member",
	}
)

// desired is what ModifyReplicationGroup asks for.
type desired struct {
	now             bool // ApplyImmediately
	engine, version string
	parameterGroup  string
	same            []sameOnly
}

// sameOnly is a property that can be stated, as it is, but not changed.
type sameOnly struct {
	name, value string
	actual      func(*ReplicationGroup) string
}

func (s *Server) modifyReplicationGroup(c *call) (any, error) {
	id := c.id("ReplicationGroupId")
	want := c.readDesired()
	return s.change(c, id, func(g *ReplicationGroup) error {
		if err := want.check(g); err != nil {
			return err
		}
		if want.engine == "" && want.version == "" {
			return nil
		}
		engine := want.engine
		if engine == "" {
			engine = g.Engine
		}
		return s.cfg.Backend.Upgrade(g.ID, engine, want.version)
	})
}

func (c *call) readDesired() desired {
	c.lookup("NodeGroupId")
	for _, name := range unsupported {
		if _, given := c.lookup(name); given {
			c.unsupported(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unsupportedLists)) {
		if len(c.texts(name, unsupportedLists[name])) > 0 {
			c.unsupported(name)
		}
	}
	for _, delivery := range c.structures("LogDeliveryConfigurations", "LogDeliveryConfigurationRequest") {
		delivery.ignore("DestinationDetails.CloudWatchLogsDetails.LogGroup", "DestinationDetails.KinesisFirehoseDetails.DeliveryStream",
			"DestinationType", "Enabled", "LogFormat", "LogType")
		c.unsupported("LogDeliveryConfigurations")
	}
	now := c.boolean("ApplyImmediately")
	want := desired{
		now:            now != nil && *now,
		engine:         strings.ToLower(c.text("Engine")),
		version:        c.text("EngineVersion"),
		parameterGroup: c.text("CacheParameterGroupName"),
	}
	c.stated(&want, "AutomaticFailoverEnabled", func(g *ReplicationGroup) string { return truth(g.AutomaticFailover) })
	c.stated(&want, "MultiAZEnabled", func(g *ReplicationGroup) string { return truth(g.MultiAZ) })
	c.stated(&want, "TransitEncryptionEnabled", func(g *ReplicationGroup) string { return truth(g.TLS) })
	c.stated(&want, "TransitEncryptionMode", transitEncryptionMode)
	c.stated(&want, "ClusterMode", clusterMode)
	c.stated(&want, "CacheNodeType", func(g *ReplicationGroup) string { return g.NodeType })
	return want
}

func (c *call) stated(want *desired, name string, actual func(*ReplicationGroup) string) {
	if value, given := c.lookup(name); given {
		want.same = append(want.same, sameOnly{name, value, actual})
	}
}

func (c *call) unsupported(name string) {
	c.fail(refuse(codeInvalidParameterValue, "The parameter %s is not supported by elasticache-local.", name))
}

// check compares what is asked for with the group as it is.
func (want desired) check(g *ReplicationGroup) error {
	for _, p := range want.same {
		if strings.EqualFold(p.value, p.actual(g)) {
			continue
		}
		if p.name == "AutomaticFailoverEnabled" && g.AutomaticFailover && g.ClusterMode {
			return refuse(codeInvalidParameterCombination, textFailoverStaysOn)
		}
		return refuse(codeInvalidParameterValue,
			"The parameter %s cannot be changed in elasticache-local: it is %s.", p.name, p.actual(g))
	}
	switch want.engine {
	case "", EngineRedis, EngineValkey:
	default:
		return refuse(codeInvalidParameterValue, "Invalid engine %s. Must be %s or %s.", clip(want.engine), EngineRedis, EngineValkey)
	}
	if want.engine != "" && want.engine != g.Engine && want.version == "" {
		return refuse(codeInvalidParameterCombination, "To change the engine to %s specify EngineVersion too.", want.engine)
	}
	if want.version != "" && !want.now {
		return refuse(codeInvalidParameterCombination,
			"There is no maintenance window in elasticache-local to wait for: specify ApplyImmediately=true to change the engine version.")
	}
	return want.checkParameterGroup(g)
}

// checkParameterGroup takes the default group of the engine that the request
// leads to, because an upgrade to a new family has to name one.
func (want desired) checkParameterGroup(g *ReplicationGroup) error {
	if want.parameterGroup == "" {
		return nil
	}
	engine, version := g.Engine, g.EngineVersion
	if want.engine != "" {
		engine = want.engine
	}
	if want.version != "" {
		version = want.version
	}
	if want.parameterGroup == defaultParameterGroup(engine, version, g.ClusterMode) {
		return nil
	}
	family, isDefault := strings.CutPrefix(strings.TrimSuffix(want.parameterGroup, clusterOn), "default.")
	expected := parameterFamily(engine, version)
	switch {
	case !isDefault:
		return refuse(codeParameterGroupNotFound, "CacheParameterGroup %s not found.", clip(want.parameterGroup))
	case family != expected:
		return refuse(codeInvalidParameterCombination, textParameterFamily, expected, clip(family))
	default:
		return refuse(codeInvalidParameterCombination, "The cache parameter group %s does not fit cluster mode %s.",
			clip(want.parameterGroup), clusterMode(g))
	}
}
