// Package slots answers two questions and nothing else: which hash slot does
// a key belong to, and may this node serve a command for that slot.
//
// It is pure: no sockets, no clock, no locks, no allocation on the way from a
// key to a verdict. It knows slots and shard indexes only; which node, address
// or replica stands behind an index is the topology's knowledge.
//
//	slot.go    the slot of a key
//	crc16*.go  its checksum: crc16.go tells the ways to it, crc16_table.go is
//	           the one in Go, crc16_clmul.go the mathematics of the assembly
//	set.go     Set, a set of slots; Range
//	text.go    "0-5461,10923-16383" and back
//	even.go    how slots are dealt to shards, and whether a deal is complete
//	table.go   Table, slot → owner
//	decide.go  Decide, the verdict on one command
//
// The slot rules are those of the Redis cluster specification
// (https://redis.io/docs/reference/cluster-spec); Decide follows what
// Redis 7.0 answers.
package slots
