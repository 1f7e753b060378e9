package control

import (
	"slices"
	"strings"
)

// Bounds of a group. The service's default is 90 nodes in a cluster, raised to
// 500 on request.
const (
	maxNodeGroups = 500
	maxNodes      = 500
	totalSlots    = 16384
)

// shardRequest is what ModifyReplicationGroupShardConfiguration asks for.
type shardRequest struct {
	count          int
	remove, retain []string
	placement      []NewNodeGroup
}

func (s *Server) modifyShardConfiguration(c *call) (any, error) {
	id := c.id("ReplicationGroupId")
	want := c.readShardRequest()
	c.applyImmediately()
	return s.change(c, id, func(g *ReplicationGroup) error {
		plan, err := want.plan(g)
		if err != nil {
			return err
		}
		return s.cfg.Backend.Reshard(g.ID, plan)
	})
}

func (c *call) readShardRequest() shardRequest {
	want := shardRequest{
		remove: c.texts("NodeGroupsToRemove", "NodeGroupToRemove"),
		retain: c.texts("NodeGroupsToRetain", "NodeGroupToRetain"),
	}
	for _, shard := range c.structures("ReshardingConfiguration", "ReshardingConfiguration") {
		want.placement = append(want.placement, NewNodeGroup{
			ID:    shard.text("NodeGroupId"),
			Zones: shard.texts("PreferredAvailabilityZones", "AvailabilityZone"),
		})
	}
	if count := c.integer("NodeGroupCount"); count != nil {
		want.count = *count
	} else {
		c.fail(refuse(codeMissingParameter, textMissingParameter, "NodeGroupCount"))
	}
	return want
}

// plan checks the request against the group: more shards, fewer, or as many
// with their slots spread evenly.
func (want shardRequest) plan(g *ReplicationGroup) (Resharding, error) {
	present := len(g.NodeGroups)
	switch {
	case !g.ClusterMode:
		return Resharding{}, refuse(codeInvalidParameterValue, textClusterModeOnly)
	case want.count < 1:
		return Resharding{}, refuse(codeInvalidParameterValue, "Invalid value for node group count. Must be at least 1.")
	case want.count > maxNodeGroups:
		return Resharding{}, refuse(codeNodeGroupsQuota, "A replication group can have at most %d node groups.", maxNodeGroups)
	case want.count >= present && len(want.remove)+len(want.retain) > 0:
		return Resharding{}, refuse(codeInvalidParameterCombination,
			"NodeGroupsToRemove and NodeGroupsToRetain can only be specified if NodeGroupCount is less than the current number of node groups, %d.", present)
	case want.count <= present && len(want.placement) > 0:
		return Resharding{}, refuse(codeInvalidParameterCombination,
			"ReshardingConfiguration can only be specified if NodeGroupCount is greater than the current number of node groups, %d.", present)
	case want.count > present:
		return want.scaleOut(g)
	case want.count < present:
		return want.scaleIn(g)
	case evenly(g.NodeGroups):
		return Resharding{}, refuse(codeInvalidReplicationGroup, textNothingToReshard)
	default:
		return Resharding{}, nil
	}
}

// scaleOut adds shards, each with as many nodes as the smallest has. Those that
// the request does not place are left to the backend.
func (want shardRequest) scaleOut(g *ReplicationGroup) (Resharding, error) {
	nodes, smallest := 0, len(g.NodeGroups[0].Members)
	for _, shard := range g.NodeGroups {
		nodes += len(shard.Members)
		smallest = min(smallest, len(shard.Members))
	}
	add := make([]NewNodeGroup, want.count-len(g.NodeGroups))
	if nodes+len(add)*smallest > maxNodes {
		return Resharding{}, refuse(codeNodeQuotaForCustomer, textCustomerNodeQuota, maxNodes)
	}
	if len(want.placement) > len(add) {
		return Resharding{}, refuse(codeInvalidParameterCombination,
			"ReshardingConfiguration places %d node groups, but %d are to be added.", len(want.placement), len(add))
	}
	taken := ids(g.NodeGroups)
	var wrong []string
	for i, shard := range want.placement {
		if shard.ID != "" && (!nodeGroupID(shard.ID) || slices.Contains(taken, shard.ID)) {
			wrong = append(wrong, shard.ID)
		}
		if len(shard.Zones) != 0 && len(shard.Zones) != smallest {
			return Resharding{}, refuse(codeInvalidParameterValue,
				"PreferredAvailabilityZones names %d zones, but a node group has %d nodes.", len(shard.Zones), smallest)
		}
		taken = append(taken, shard.ID)
		add[i] = shard
	}
	if len(wrong) > 0 {
		return Resharding{}, invalidNodeGroups(wrong)
	}
	return Resharding{Add: add}, nil
}

// scaleIn removes the shards that the request names, or those that it does not
// want to retain.
func (want shardRequest) scaleIn(g *ReplicationGroup) (Resharding, error) {
	if (len(want.remove) > 0) == (len(want.retain) > 0) {
		return Resharding{}, refuse(codeInvalidParameterCombination,
			"To remove node groups specify either NodeGroupsToRemove or NodeGroupsToRetain.")
	}
	present, named := ids(g.NodeGroups), slices.Concat(want.remove, want.retain)
	wrong := slices.DeleteFunc(slices.Clone(named), func(id string) bool { return slices.Contains(present, id) })
	if len(wrong) > 0 {
		return Resharding{}, invalidNodeGroups(wrong)
	}
	listed := func(id string) bool { return slices.Contains(named, id) }
	remove := slices.DeleteFunc(present, func(id string) bool { return listed(id) == (len(want.retain) > 0) })
	if left := len(g.NodeGroups) - len(remove); left != want.count {
		return Resharding{}, refuse(codeInvalidParameterCombination,
			"NodeGroupCount is %d, but %d node groups would be left.", want.count, left)
	}
	return Resharding{Remove: remove}, nil
}

// evenly says whether no shard has two slots more than another.
func evenly(shards []NodeGroup) bool {
	share := totalSlots / len(shards)
	return !slices.ContainsFunc(shards, func(n NodeGroup) bool { return n.SlotCount < share || n.SlotCount > share+1 })
}

func ids(shards []NodeGroup) []string {
	list := make([]string, len(shards))
	for i, shard := range shards {
		list[i] = shard.ID
	}
	return list
}

// nodeGroupID says whether a new shard may have the id: 1 to 4 digits.
func nodeGroupID(id string) bool {
	return len(id) >= 1 && len(id) <= 4 && strings.Trim(id, "0123456789") == ""
}

func invalidNodeGroups(wrong []string) *Error {
	return refuse(codeInvalidParameterValue, textInvalidNodeGroups, clip(strings.Join(wrong, ", ")))
}
