// Package node is one node of a cluster: its sessions, what they may do, and
// the keyspace, log and view of the topology that it answers from.
//
//	node.go        Node: what it consists of, its view of the topology, its role
//	session.go     Session: one client, from the first byte to the last
//	dispatch.go    a command from its name to its reply: the admission checks in order
//	route.go       keys → slot → verdict → execution under the slot's lock
//	wait.go        clients that wait: BLPOP and its like, WAIT, CLIENT PAUSE
//	tx.go          MULTI, EXEC, DISCARD, WATCH, UNWATCH
//	pubsub.go      channels, patterns and shard channels
//	follow.go      the replica's side: whom it follows, full and partial sync
//	apply.go       executing the entries of a primary's log
//	cmd_*.go       the session commands, a family per file
//	parameters.go  the parameters of CONFIG and of parameter groups
//
// A node knows its cluster only as a [Cluster], the few things it asks of it,
// and as the topology it was last given, which may be stale. It does not know
// how topologies come about; that is package cluster.
//
// Locks: a slot's lock (see engine.Keyspace), then the log's. The registries
// of sessions and of channels have a lock of their own, which may be taken
// with a slot's lock held and under which no slot is locked.
package node
