package endpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

// The account and region of a group that names none.
const (
	DefaultAccount = "000000000000"
	DefaultRegion  = "us-east-1"
)

// Group is what the names of a replication group depend on.
type Group struct {
	ID          string // replication group id, see ValidateGroupID
	Account     string // twelve digits; empty is DefaultAccount
	Region      string // empty is DefaultRegion
	TLS         bool   // transit encryption gives other names
	ClusterMode bool   // cluster mode enabled
}

// Names are the endpoint names of one group. The zero value has none; make
// one with For. A Names is immutable and may be copied and shared.
//
// The forms, for group RG, hash HASH, region code use1:
//
//	                          no TLS                     TLS
//	cluster mode enabled
//	  configuration           RG.HASH.clustercfg.use1…   clustercfg.RG.HASH.use1…
//	  node                    RG-0001-001.HASH.0001.use1… RG-0001-001.RG.HASH.use1…
//	cluster mode disabled
//	  primary                 RG.HASH.ng.0001.use1…      master.RG.HASH.use1…
//	  reader                  RG-ro.HASH.ng.0001.use1…   replica.RG.HASH.use1…
//	  node                    RG-001.HASH.0001.use1…     RG-001.RG.HASH.use1…
//	single node (no group)    ID.HASH.0001.use1…
type Names struct {
	group       string // lower case
	hash        string
	zone        string // use1.cache.amazonaws.com
	tls         bool
	clusterMode bool
}

// For gives the names of the group.
func For(g Group) Names {
	region := g.Region
	if region == "" {
		region = DefaultRegion
	}
	return Names{
		group:       strings.ToLower(g.ID),
		hash:        Hash(g.Account, region),
		zone:        Zone(region),
		tls:         g.TLS,
		clusterMode: g.ClusterMode,
	}
}

// Zone is the domain that holds every name of a region.
func Zone(region string) string {
	return RegionCode(region) + "." + Suffix(region)
}

// Hash is the six characters [a-z0-9] that an account has in a region. The
// service's own derivation is unknown; this one is stable for ever, so that
// names may be written into configuration files.
func Hash(account, region string) string {
	if account == "" {
		account = DefaultAccount
	}
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	sum := sha256.Sum256([]byte(account + "/" + strings.ToLower(region)))
	n := binary.BigEndian.Uint64(sum[:])
	var hash [6]byte
	for i := range hash {
		hash[i] = alphabet[n%uint64(len(alphabet))]
		n /= uint64(len(alphabet))
	}
	return string(hash[:])
}

// Zone is the domain that holds all names of the group's region.
func (n Names) Zone() string { return n.zone }

// Configuration is the one endpoint of a group in cluster mode. Empty with
// cluster mode disabled.
func (n Names) Configuration() string {
	switch {
	case n.zone == "" || !n.clusterMode:
		return ""
	case n.tls:
		return "clustercfg." + n.group + "." + n.hash + "." + n.zone
	default:
		return n.group + "." + n.hash + ".clustercfg." + n.zone
	}
}

// Primary is the endpoint that follows the primary of a group with cluster
// mode disabled. Empty in cluster mode.
func (n Names) Primary() string {
	switch {
	case n.zone == "" || n.clusterMode:
		return ""
	case n.tls:
		return "master." + n.group + "." + n.hash + "." + n.zone
	default:
		return n.group + "." + n.hash + ".ng.0001." + n.zone
	}
}

// Reader is the endpoint that rotates over the replicas of a group with
// cluster mode disabled. Empty in cluster mode.
func (n Names) Reader() string {
	switch {
	case n.zone == "" || n.clusterMode:
		return ""
	case n.tls:
		return "replica." + n.group + "." + n.hash + "." + n.zone
	default:
		return n.group + "-ro." + n.hash + ".ng.0001." + n.zone
	}
}

// Node is the endpoint of one node, given its cache cluster id (CacheClusterID).
// A cache cluster outside of any replication group has the name without TLS,
// with its own id as the group's.
func (n Names) Node(cacheClusterID string) string {
	if n.zone == "" || cacheClusterID == "" {
		return ""
	}
	id := strings.ToLower(cacheClusterID)
	if n.tls {
		return id + "." + n.group + "." + n.hash + "." + n.zone
	}
	return id + "." + n.hash + ".0001." + n.zone
}

// Wildcards are the patterns that cover every name of the group: what a
// certificate for it must carry.
func (n Names) Wildcards() []string {
	switch {
	case n.zone == "":
		return nil
	case n.tls:
		return []string{"*." + n.group + "." + n.hash + "." + n.zone}
	case n.clusterMode:
		return []string{"*." + n.hash + ".clustercfg." + n.zone, "*." + n.hash + ".0001." + n.zone}
	default:
		return []string{"*." + n.hash + ".ng.0001." + n.zone, "*." + n.hash + ".0001." + n.zone}
	}
}

// Kind says what a name stands for.
type Kind uint8

const (
	NotAName      Kind = iota // none of the group's names
	Configuration             // every live node
	Primary                   // the primary
	Reader                    // one of the replicas
	Node                      // one node, by its cache cluster id
)

// Parse reads a name of the group back; id is a node's cache cluster id, in
// lower case, and empty for the other kinds. Case does not matter, nor does a
// trailing dot. Whether such a node exists is for the caller to find out.
func (n Names) Parse(name string) (kind Kind, id string) {
	if n.zone == "" {
		return NotAName, ""
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	switch name {
	case "":
		return NotAName, ""
	case n.Configuration():
		return Configuration, ""
	case n.Primary():
		return Primary, ""
	case n.Reader():
		return Reader, ""
	}
	id, rest, _ := strings.Cut(name, ".")
	if id == "" || strings.TrimPrefix(n.Node(id), id+".") != rest {
		return NotAName, ""
	}
	return Node, id
}
