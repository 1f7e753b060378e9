package control

import (
	"maps"
	"slices"
	"strings"
)

// operations is the API: an operation is added here and nowhere else. The
// result is encoded as the content of <NameResult>.
var operations = map[string]func(*Server, *call) (any, error){
	"DecreaseReplicaCount":                     (*Server).decreaseReplicaCount,
	"DescribeCacheClusters":                    (*Server).describeCacheClusters,
	"DescribeEvents":                           (*Server).describeEvents,
	"DescribeReplicationGroups":                (*Server).describeReplicationGroups,
	"IncreaseReplicaCount":                     (*Server).increaseReplicaCount,
	"ModifyReplicationGroup":                   (*Server).modifyReplicationGroup,
	"ModifyReplicationGroupShardConfiguration": (*Server).modifyShardConfiguration,
	"TestFailover":                             (*Server).testFailover,
}

// do carries out a call.
func (s *Server) do(c *call) (any, error) {
	run, ok := operations[c.action]
	if !ok {
		return nil, refuse(codeInvalidAction, textNoOperation+": it does not exist in elasticache-local, which has %s.",
			clip(c.action), apiVersion, strings.Join(slices.Sorted(maps.Keys(operations)), ", "))
	}
	return run(s, c)
}

// group finds a replication group by its id.
func (s *Server) group(id string) (*ReplicationGroup, error) {
	groups := s.cfg.Backend.ReplicationGroups()
	i := slices.IndexFunc(groups, func(g ReplicationGroup) bool { return g.ID == id })
	if i < 0 {
		return nil, refuse(codeReplicationGroupNotFound, textGroupNotFound, clip(id))
	}
	return &groups[i], nil
}

// changed is the result of the operations that change a group: the group as it
// is now.
type changed struct {
	ReplicationGroup replicationGroupXML
}

// change is the frame of such an operation: it finds the group, sees that it is
// available, lets begin check the rest against it and start the change, and
// answers with the group. One change is decided at a time, so that begin decides
// on what it sees; the Backend's own check stands against everybody else.
func (s *Server) change(c *call, id string, begin func(g *ReplicationGroup) error) (any, error) {
	if err := c.failed(); err != nil {
		return nil, err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	g, err := s.group(id)
	if err != nil {
		return nil, err
	}
	if g.Status != StatusAvailable {
		return nil, ErrNotAvailable
	}
	if err := begin(g); err != nil {
		return nil, err
	}
	if g, err = s.group(id); err != nil {
		return nil, err
	}
	return changed{encodeReplicationGroup(g)}, nil
}

// applyImmediately reads the parameter of that name of an operation that knows
// no other way.
func (c *call) applyImmediately() {
	now := c.boolean("ApplyImmediately")
	switch {
	case now == nil:
		c.fail(refuse(codeMissingParameter, textMissingParameter, "ApplyImmediately"))
	case !*now:
		c.fail(refuse(codeInvalidParameterValue, "ApplyImmediately=false is not supported: the only permitted value is true."))
	}
}
