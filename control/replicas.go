package control

import (
	"slices"
	"strings"
)

// maxReplicas is how many a shard may have.
const maxReplicas = 5

// replicaRequest is what IncreaseReplicaCount and DecreaseReplicaCount ask
// for: one number for all shards, or one for each shard named, or (decrease)
// the replicas to remove.
type replicaRequest struct {
	count  *int
	shards []ReplicaChange // from ReplicaConfiguration
	remove []string        // cache cluster ids, lower case
}

func (s *Server) increaseReplicaCount(c *call) (any, error) {
	return s.changeReplicas(c, false)
}

func (s *Server) decreaseReplicaCount(c *call) (any, error) {
	return s.changeReplicas(c, true)
}

func (s *Server) changeReplicas(c *call, decrease bool) (any, error) {
	id := c.id("ReplicationGroupId")
	want := c.readReplicaRequest(decrease)
	c.applyImmediately()
	return s.change(c, id, func(g *ReplicationGroup) error {
		changes, err := want.changes(g)
		if err != nil {
			return err
		}
		if changes, err = checkReplicas(g, changes, decrease); err != nil {
			return err
		}
		return s.cfg.Backend.SetReplicas(g.ID, changes)
	})
}

func (c *call) readReplicaRequest(decrease bool) replicaRequest {
	want := replicaRequest{count: c.integer("NewReplicaCount")}
	for _, shard := range c.structures("ReplicaConfiguration", "ConfigureShard") {
		change := ReplicaChange{
			NodeGroupID: shard.required("NodeGroupId"),
			Zones:       shard.texts("PreferredAvailabilityZones", "PreferredAvailabilityZone"),
		}
		if len(shard.texts("PreferredOutpostArns", "PreferredOutpostArn")) > 0 {
			c.unsupported("PreferredOutpostArns")
		}
		if count := shard.integer("NewReplicaCount"); count != nil {
			change.Replicas = *count
		} else {
			c.fail(refuse(codeMissingParameter, textMissingParameter, shard.prefix+"NewReplicaCount"))
		}
		want.shards = append(want.shards, change)
	}
	if decrease {
		for _, id := range c.texts("ReplicasToRemove", "member") {
			want.remove = append(want.remove, strings.ToLower(id))
		}
	}
	switch {
	case want.count != nil && len(want.shards) > 0:
		c.fail(refuse(codeInvalidParameterCombination, "NewReplicaCount and ReplicaConfiguration cannot be combined."))
	case len(want.shards) > 0 && len(want.remove) > 0:
		c.fail(refuse(codeInvalidParameterCombination, "ReplicaConfiguration and ReplicasToRemove cannot be combined."))
	case want.count == nil && len(want.shards) == 0 && len(want.remove) == 0:
		c.fail(refuse(codeInvalidParameterCombination, "Either NewReplicaCount or ReplicaConfiguration must be specified."))
	}
	return want
}

// changes spells the request out for every shard that it concerns.
func (want replicaRequest) changes(g *ReplicationGroup) ([]ReplicaChange, error) {
	switch {
	case len(want.remove) > 0:
		return want.removals(g)
	case len(want.shards) > 0:
		return want.shards, checkShardsNamed(g, want.shards)
	}
	changes := make([]ReplicaChange, len(g.NodeGroups))
	for i, shard := range g.NodeGroups {
		changes[i] = ReplicaChange{NodeGroupID: shard.ID, Replicas: *want.count}
	}
	return changes, nil
}

// removals groups the replicas to remove by shard. A NewReplicaCount beside
// them has to be what is left.
func (want replicaRequest) removals(g *ReplicationGroup) ([]ReplicaChange, error) {
	var changes []ReplicaChange
	found := 0
	for _, shard := range g.NodeGroups {
		change := ReplicaChange{NodeGroupID: shard.ID, Replicas: len(shard.Members) - 1}
		for _, m := range shard.Members {
			if !slices.Contains(want.remove, m.ID) {
				continue
			}
			if m.Primary {
				return nil, refuse(codeInvalidParameterValue, "%s is the primary of node group %s and cannot be removed.", m.ID, shard.ID)
			}
			change.Remove = append(change.Remove, m.ID)
			change.Replicas--
			found++
		}
		if want.count != nil && change.Replicas != *want.count {
			return nil, refuse(codeInvalidParameterCombination,
				"NewReplicaCount is %d, but ReplicasToRemove would leave %d in node group %s.", *want.count, change.Replicas, shard.ID)
		}
		if len(change.Remove) > 0 {
			changes = append(changes, change)
		}
	}
	if found != len(want.remove) {
		return nil, refuse(codeInvalidParameterValue,
			"ReplicasToRemove must name different replicas of replication group %s.", g.ID)
	}
	return changes, nil
}

// checkShardsNamed sees that each shard named exists and is named once.
func checkShardsNamed(g *ReplicationGroup, changes []ReplicaChange) error {
	left := ids(g.NodeGroups)
	var wrong []string
	for _, change := range changes {
		if i := slices.Index(left, change.NodeGroupID); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			wrong = append(wrong, change.NodeGroupID)
		}
	}
	if len(wrong) > 0 {
		return invalidNodeGroups(wrong)
	}
	return nil
}

// checkReplicas sees that all changes go one way and end within the bounds, and
// drops those that change nothing.
func checkReplicas(g *ReplicationGroup, changes []ReplicaChange, decrease bool) ([]ReplicaChange, error) {
	nodes := 0
	present := make(map[string]int)
	for _, shard := range g.NodeGroups {
		nodes += len(shard.Members)
		present[shard.ID] = len(shard.Members) - 1
	}
	var real []ReplicaChange
	for _, change := range changes {
		now := present[change.NodeGroupID]
		switch {
		case change.Replicas < 0 || change.Replicas > maxReplicas:
			return nil, refuse(codeInvalidParameterValue, "Invalid value for new replica count. Must be between 0 and %d", maxReplicas)
		case len(change.Zones) != 0 && len(change.Zones) != change.Replicas+1:
			return nil, refuse(codeInvalidParameterValue, "PreferredAvailabilityZones of node group %s must name %d zones, one for each node.",
				change.NodeGroupID, change.Replicas+1)
		case change.Replicas == now:
			continue
		case decrease && change.Replicas > now:
			return nil, refuse(codeInvalidParameterValue, "Node group %s has %d replicas: a decrease to %d is not possible.", change.NodeGroupID, now, change.Replicas)
		case !decrease && change.Replicas < now:
			return nil, refuse(codeInvalidParameterValue, "Node group %s has %d replicas: an increase to %d is not possible.", change.NodeGroupID, now, change.Replicas)
		case change.Replicas == 0 && !g.ClusterMode && g.AutomaticFailover:
			return nil, refuse(codeInvalidParameterValue, textFailoverNeedsOne)
		case change.Replicas == 0 && g.MultiAZ:
			return nil, refuse(codeInvalidParameterValue, textMultiAZNeedsOne)
		}
		nodes += change.Replicas - now
		real = append(real, change)
	}
	if len(real) == 0 {
		return nil, refuse(codeNoOperation, textReplicasAlready)
	}
	if nodes > maxNodes {
		return nil, refuse(codeNodeQuotaForCustomer, textCustomerNodeQuota, maxNodes)
	}
	return real, nil
}
