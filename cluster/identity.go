package cluster

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// hexID makes an id of 40 hexadecimal digits from the cluster's seed and what it
// is the id of.
func hexID(seed uint64, kind, of string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s/%s", seed, kind, of))
	return hex.EncodeToString(sum[:20])
}

// seedOf makes a random source's seed for one node.
func seedOf(seed uint64, id string) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/seed/%s", seed, id))
	return binary.LittleEndian.Uint64(sum[:])
}
