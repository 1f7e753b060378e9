package cluster

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"elasticache-local/endpoint"
)

// cacheNodeID is the id of the only node of a cache cluster.
const cacheNodeID = endpoint.CacheNodeID

func itoa(n int) string { return strconv.Itoa(n) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
