package control

import (
	"strconv"
	"strings"

	"elasticache-local/endpoint"
)

// The shapes of the answers; the fields have the names of the elements. What a
// group without windows, snapshots and logs has to say is constant.
const (
	maintenanceWindow = "sun:03:00-sun:04:00"
	snapshotWindow    = "05:00-06:00"
	subnetGroup       = "default"
	landingPage       = "https://console.aws.amazon.com/elasticache/home#client-download:"
	clusterOn         = ".cluster.on"
)

type replicationGroupXML struct {
	ReplicationGroupID         string `xml:"ReplicationGroupId"`
	Description                string
	GlobalReplicationGroupInfo struct{}
	Status                     string
	PendingModifiedValues      pendingXML
	MemberClusters             list[string]
	NodeGroups                 list[nodeGroupXML]
	AutomaticFailover          string
	MultiAZ                    string
	ConfigurationEndpoint      *endpointXML
	SnapshotRetentionLimit     int
	SnapshotWindow             string
	ClusterEnabled             bool
	CacheNodeType              string
	AuthTokenEnabled           bool
	AuthTokenLastModifiedDate  *timestamp
	TransitEncryptionEnabled   bool
	AtRestEncryptionEnabled    bool
	ARN                        string
	LogDeliveryConfigurations  list[struct{}]
	ReplicationGroupCreateTime timestamp
	DataTiering                string
	AutoMinorVersionUpgrade    bool
	NetworkType                string
	IPDiscovery                string `xml:"IpDiscovery"`
	TransitEncryptionMode      string `xml:",omitempty"`
	ClusterMode                string
	Engine                     string
}

type pendingXML struct {
	Resharding *reshardingXML
}

type reshardingXML struct {
	SlotMigration slotMigrationXML
}

type slotMigrationXML struct {
	ProgressPercentage float64
}

type nodeGroupXML struct {
	NodeGroupID      string `xml:"NodeGroupId"`
	Status           string
	PrimaryEndpoint  *endpointXML
	ReaderEndpoint   *endpointXML
	Slots            string `xml:",omitempty"`
	NodeGroupMembers list[memberXML]
}

type memberXML struct {
	CacheClusterID            string `xml:"CacheClusterId"`
	CacheNodeID               string `xml:"CacheNodeId"`
	ReadEndpoint              *endpointXML
	PreferredAvailabilityZone string
	CurrentRole               string `xml:",omitempty"`
}

type endpointXML struct {
	Address string
	Port    int
}

type cacheClusterXML struct {
	CacheClusterID                     string `xml:"CacheClusterId"`
	ClientDownloadLandingPage          string
	CacheNodeType                      string
	Engine                             string
	EngineVersion                      string
	CacheClusterStatus                 string
	NumCacheNodes                      int
	PreferredAvailabilityZone          string
	CacheClusterCreateTime             timestamp
	PreferredMaintenanceWindow         string
	PendingModifiedValues              struct{}
	CacheSecurityGroups                list[struct{}]
	CacheParameterGroup                parameterGroupXML
	CacheSubnetGroupName               string
	CacheNodes                         *list[cacheNodeXML]
	AutoMinorVersionUpgrade            bool
	SecurityGroups                     list[struct{}]
	ReplicationGroupID                 string `xml:"ReplicationGroupId"`
	SnapshotRetentionLimit             int
	SnapshotWindow                     string
	AuthTokenEnabled                   bool
	AuthTokenLastModifiedDate          *timestamp
	TransitEncryptionEnabled           bool
	AtRestEncryptionEnabled            bool
	ARN                                string
	ReplicationGroupLogDeliveryEnabled bool
	LogDeliveryConfigurations          list[struct{}]
	NetworkType                        string
	IPDiscovery                        string `xml:"IpDiscovery"`
	TransitEncryptionMode              string `xml:",omitempty"`
}

type parameterGroupXML struct {
	CacheParameterGroupName string
	ParameterApplyStatus    string
	CacheNodeIDsToReboot    list[string] `xml:"CacheNodeIdsToReboot"`
}

type cacheNodeXML struct {
	CacheNodeID              string `xml:"CacheNodeId"`
	CacheNodeStatus          string
	CacheNodeCreateTime      timestamp
	Endpoint                 endpointXML
	ParameterGroupStatus     string
	CustomerAvailabilityZone string
}

type eventXML struct {
	SourceIdentifier string
	SourceType       string
	Message          string
	Date             timestamp
}

func encodeReplicationGroup(g *ReplicationGroup) replicationGroupXML {
	x := replicationGroupXML{
		ReplicationGroupID:         g.ID,
		Description:                g.Description,
		Status:                     g.Status,
		MemberClusters:             listOf[string]("ClusterId"),
		NodeGroups:                 listOf[nodeGroupXML]("NodeGroup"),
		AutomaticFailover:          enabled(g.AutomaticFailover),
		MultiAZ:                    enabled(g.MultiAZ),
		SnapshotWindow:             snapshotWindow,
		ClusterEnabled:             g.ClusterMode,
		CacheNodeType:              g.NodeType,
		AuthTokenEnabled:           !g.AuthTokenSince.IsZero(),
		AuthTokenLastModifiedDate:  authTokenDate(g),
		TransitEncryptionEnabled:   g.TLS,
		ARN:                        arn(g, "replicationgroup", g.ID),
		LogDeliveryConfigurations:  listOf[struct{}]("LogDeliveryConfiguration"),
		ReplicationGroupCreateTime: timestamp{g.CreateTime},
		DataTiering:                "disabled",
		AutoMinorVersionUpgrade:    true,
		NetworkType:                "ipv4",
		IPDiscovery:                "ipv4",
		TransitEncryptionMode:      transitEncryptionMode(g),
		ClusterMode:                clusterMode(g),
		Engine:                     g.Engine,
	}
	if g.ClusterMode {
		x.ConfigurationEndpoint = (*endpointXML)(&g.Configuration)
	}
	if g.Progress != nil {
		x.PendingModifiedValues.Resharding = &reshardingXML{slotMigrationXML{*g.Progress}}
	}
	for i := range g.NodeGroups {
		x.NodeGroups.add(encodeNodeGroup(g, &g.NodeGroups[i]))
		for _, m := range g.NodeGroups[i].Members {
			x.MemberClusters.add(m.ID)
		}
	}
	return x
}

// encodeNodeGroup tells roles and read endpoints only with cluster mode
// disabled: with cluster mode enabled clients learn both from the nodes.
func encodeNodeGroup(g *ReplicationGroup, shard *NodeGroup) nodeGroupXML {
	x := nodeGroupXML{
		NodeGroupID:      shard.ID,
		Status:           shard.Status,
		NodeGroupMembers: listOf[memberXML]("NodeGroupMember"),
	}
	if g.ClusterMode {
		x.Slots = shard.Slots
	} else {
		x.PrimaryEndpoint, x.ReaderEndpoint = (*endpointXML)(&g.Primary), (*endpointXML)(&g.Reader)
	}
	for i := range shard.Members {
		m := &shard.Members[i]
		member := memberXML{CacheClusterID: m.ID, CacheNodeID: endpoint.CacheNodeID, PreferredAvailabilityZone: m.Zone}
		if !g.ClusterMode {
			member.ReadEndpoint = (*endpointXML)(&m.Endpoint)
			member.CurrentRole = "replica"
			if m.Primary {
				member.CurrentRole = "primary"
			}
		}
		x.NodeGroupMembers.add(member)
	}
	return x
}

func encodeCacheCluster(g *ReplicationGroup, m *Member, showNodes bool) cacheClusterXML {
	x := cacheClusterXML{
		CacheClusterID:             m.ID,
		ClientDownloadLandingPage:  landingPage,
		CacheNodeType:              g.NodeType,
		Engine:                     m.Engine,
		EngineVersion:              m.EngineVersion,
		CacheClusterStatus:         m.Status,
		NumCacheNodes:              1,
		PreferredAvailabilityZone:  m.Zone,
		CacheClusterCreateTime:     timestamp{m.CreateTime},
		PreferredMaintenanceWindow: maintenanceWindow,
		CacheSecurityGroups:        listOf[struct{}]("CacheSecurityGroup"),
		CacheParameterGroup: parameterGroupXML{
			CacheParameterGroupName: defaultParameterGroup(m.Engine, m.EngineVersion, g.ClusterMode),
			ParameterApplyStatus:    "in-sync",
			CacheNodeIDsToReboot:    listOf[string]("CacheNodeId"),
		},
		CacheSubnetGroupName:      subnetGroup,
		AutoMinorVersionUpgrade:   true,
		SecurityGroups:            listOf[struct{}]("member"),
		ReplicationGroupID:        g.ID,
		SnapshotWindow:            snapshotWindow,
		AuthTokenEnabled:          !g.AuthTokenSince.IsZero(),
		AuthTokenLastModifiedDate: authTokenDate(g),
		TransitEncryptionEnabled:  g.TLS,
		ARN:                       arn(g, "cluster", m.ID),
		LogDeliveryConfigurations: listOf[struct{}]("LogDeliveryConfiguration"),
		NetworkType:               "ipv4",
		IPDiscovery:               "ipv4",
		TransitEncryptionMode:     transitEncryptionMode(g),
	}
	if showNodes {
		nodes := listOf("CacheNode", cacheNodeXML{
			CacheNodeID:              endpoint.CacheNodeID,
			CacheNodeStatus:          nodeStatus(m.Status),
			CacheNodeCreateTime:      timestamp{m.CreateTime},
			Endpoint:                 endpointXML(m.Endpoint),
			ParameterGroupStatus:     "in-sync",
			CustomerAvailabilityZone: m.Zone,
		})
		x.CacheNodes = &nodes
	}
	return x
}

// nodeStatus is a cache node's status under its cache cluster's: it has fewer.
func nodeStatus(clusterStatus string) string {
	switch clusterStatus {
	case StatusCreating, StatusDeleting:
		return clusterStatus
	default:
		return StatusAvailable
	}
}

// arn names a resource of the group's account and region.
func arn(g *ReplicationGroup, kind, id string) string {
	account := g.Account
	if account == "" {
		account = endpoint.DefaultAccount
	}
	return "arn:" + endpoint.Partition(g.Region) + ":elasticache:" + g.Region + ":" + account + ":" + kind + ":" + id
}

// parameterFamily is the family of an engine version's parameter groups:
// redis7, valkey8; before 6 with the minor version, for 6 with an x.
func parameterFamily(engine, version string) string {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	switch n, _ := strconv.Atoi(major); {
	case engine == EngineRedis && n == 6:
		return engine + "6.x"
	case engine == EngineRedis && n < 6:
		return engine + major + "." + minor
	default:
		return engine + major
	}
}

func defaultParameterGroup(engine, version string, clusterMode bool) string {
	name := "default." + parameterFamily(engine, version)
	if clusterMode {
		name += clusterOn
	}
	return name
}

func authTokenDate(g *ReplicationGroup) *timestamp {
	if g.AuthTokenSince.IsZero() {
		return nil
	}
	return &timestamp{g.AuthTokenSince}
}

func transitEncryptionMode(g *ReplicationGroup) string {
	if g.TLS {
		return "required"
	}
	return ""
}

func clusterMode(g *ReplicationGroup) string { return enabled(g.ClusterMode) }

func enabled(on bool) string {
	if on {
		return "enabled"
	}
	return "disabled"
}

func truth(on bool) string { return strconv.FormatBool(on) }
