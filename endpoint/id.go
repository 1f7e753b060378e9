package endpoint

import (
	"errors"
	"fmt"
)

// Bounds of the service. CacheNodeID is what the only node of a Redis or
// Valkey cache cluster is always called.
const (
	maxGroupIDLen   = 40
	maxClusterIDLen = 50
	CacheNodeID     = "0001"
)

// Errors of the two validators. The texts are the service's.
var (
	errIdentifier = errors.New("not a valid identifier. Identifiers must begin with a letter; " +
		"must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens")
	errIdentifierLength = errors.New("too long")
)

// ValidateGroupID says whether a replication group may be called id: 1 to 40
// letters, digits and hyphens, first a letter, no hyphen at the end, no two in
// a row. Case is folded by For.
func ValidateGroupID(id string) error { return validate("replication group", id, maxGroupIDLen) }

// ValidateClusterID is the same for a cache cluster, with up to 50 characters.
func ValidateClusterID(id string) error { return validate("cache cluster", id, maxClusterIDLen) }

func validate(what, id string, longest int) error {
	if len(id) > longest {
		return fmt.Errorf("%s id %q is %w: at most %d characters", what, id, errIdentifierLength, longest)
	}
	if !identifier(id) {
		return fmt.Errorf("%s id %q is %w", what, id, errIdentifier)
	}
	return nil
}

func identifier(id string) bool {
	previous := byte('-') // so that the first may not be a hyphen
	for i := range len(id) {
		c := id[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		digit := c >= '0' && c <= '9'
		switch {
		case letter, digit && i > 0:
		case c == '-' && previous != '-':
		default:
			return false
		}
		previous = c
	}
	return previous != '-' // also refuses the empty id
}

// NodeGroupID is the id of the n-th shard, counted from 1: 0001.
func NodeGroupID(n int) string { return fmt.Sprintf("%04d", n) }

// CacheClusterID is the id of a node: the member-th of its shard, both counted
// from 1. RG-0001-002 in cluster mode; RG-002 with cluster mode disabled,
// where the shard does not matter.
func CacheClusterID(group string, clusterMode bool, shard, member int) string {
	if clusterMode {
		return fmt.Sprintf("%s-%04d-%03d", group, shard, member)
	}
	return fmt.Sprintf("%s-%03d", group, member)
}
