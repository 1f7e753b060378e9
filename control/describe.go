package control

import (
	"cmp"
	"slices"
	"strings"
)

type describeReplicationGroupsResult struct {
	Marker            string `xml:",omitempty"`
	ReplicationGroups list[replicationGroupXML]
}

func (s *Server) describeReplicationGroups(c *call) (any, error) {
	id := strings.ToLower(c.text("ReplicationGroupId"))
	page := c.page()
	if err := c.failed(); err != nil {
		return nil, err
	}
	groups := slices.Clone(s.cfg.Backend.ReplicationGroups())
	if id != "" {
		g, err := s.group(id)
		if err != nil {
			return nil, err
		}
		groups = []ReplicationGroup{*g}
	}
	slices.SortFunc(groups, func(a, b ReplicationGroup) int { return cmp.Compare(a.ID, b.ID) })
	groups, marker := cut(page, groups, func(g ReplicationGroup) string { return g.ID })
	result := describeReplicationGroupsResult{Marker: marker, ReplicationGroups: listOf[replicationGroupXML]("ReplicationGroup")}
	for i := range groups {
		result.ReplicationGroups.add(encodeReplicationGroup(&groups[i]))
	}
	return result, nil
}

type describeCacheClustersResult struct {
	Marker        string `xml:",omitempty"`
	CacheClusters list[cacheClusterXML]
}

// node is a member with the group it belongs to.
type node struct {
	group  *ReplicationGroup
	member *Member
}

func (s *Server) describeCacheClusters(c *call) (any, error) {
	id := strings.ToLower(c.text("CacheClusterId"))
	showNodes := c.boolean("ShowCacheNodeInfo")
	onlyOutside := c.boolean("ShowCacheClustersNotInReplicationGroups")
	page := c.page()
	if err := c.failed(); err != nil {
		return nil, err
	}
	nodes := s.nodes()
	if id != "" {
		nodes = slices.DeleteFunc(nodes, func(n node) bool { return n.member.ID != id })
		if len(nodes) == 0 {
			return nil, refuse(codeCacheClusterNotFound, textClusterNotFound, clip(id))
		}
	}
	if onlyOutside != nil && *onlyOutside {
		nodes = nil // every cache cluster here belongs to a replication group
	}
	nodes, marker := cut(page, nodes, func(n node) string { return n.member.ID })
	result := describeCacheClustersResult{Marker: marker, CacheClusters: listOf[cacheClusterXML]("CacheCluster")}
	for _, n := range nodes {
		result.CacheClusters.add(encodeCacheCluster(n.group, n.member, showNodes != nil && *showNodes))
	}
	return result, nil
}

// nodes lists the nodes of all groups by id.
func (s *Server) nodes() []node {
	var nodes []node
	groups := s.cfg.Backend.ReplicationGroups()
	for i := range groups {
		for _, shard := range groups[i].NodeGroups {
			for j := range shard.Members {
				nodes = append(nodes, node{&groups[i], &shard.Members[j]})
			}
		}
	}
	slices.SortFunc(nodes, func(a, b node) int { return cmp.Compare(a.member.ID, b.member.ID) })
	return nodes
}
