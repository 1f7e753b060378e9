// Package topology is the map of a cluster: which shards there are, which
// nodes they consist of, which node is whose primary, and which shard owns
// each slot. It also writes that map the way CLUSTER NODES, SLOTS, SHARDS,
// REPLICAS and INFO do.
//
// A Topology never changes. Whoever wants another one derives it with a With…
// function and hands the result to each node, which keeps it behind an atomic
// pointer of its own; a node that still holds an older one answers from it,
// and that is what a stale view is.
//
//	topology.go   Topology, Shard, Node and what can be looked up in them
//	change.go     the With… functions
//	validate.go   what must hold in every topology
//	view.go       View: who answers, to whom, under which addresses
//	nodes.go      CLUSTER NODES and REPLICAS
//	slots.go      CLUSTER SLOTS
//	shards.go     CLUSTER SHARDS
//	info.go       CLUSTER INFO, the state of the cluster
//
// It knows nothing of sockets, clocks and replies on the wire: times are
// arguments, and an answer is text or plain structs that the caller encodes.
// Addresses stand in it as the nodes themselves know them; those that a client
// is told depend on the client and come in with the View.
package topology
