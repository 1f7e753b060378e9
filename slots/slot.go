package slots

import (
	"bytes"
	"unsafe"
)

// Count is the number of hash slots of a cluster.
const Count = 16384

// A Slot is a hash slot, 0 ≤ s < Count. It is an alias, so that a slot can be
// stored, indexed with and compared like the number it is.
type Slot = uint16

// Tag returns the part of key that is hashed: what stands between the first
// '{' and the first '}' after it, or the whole key if there is no such pair or
// nothing between the two. The result shares key's memory.
func Tag(key []byte) []byte {
	open := bytes.IndexByte(key, '{')
	if open < 0 {
		return key
	}
	size := bytes.IndexByte(key[open+1:], '}')
	if size <= 0 {
		return key
	}
	return key[open+1 : open+1+size]
}

// Of returns the slot of key. It keeps no reference to key.
func Of(key []byte) Slot {
	return tagCRC16(unsafe.SliceData(key), len(key), scanTag) % Count
}

// OfString is Of for a string.
func OfString(key string) Slot {
	return tagCRC16(unsafe.StringData(key), len(key), scanTag) % Count
}
