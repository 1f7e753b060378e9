// Package cluster is a replication group: nodes that act as one.
//
// [Start] makes the nodes, gives them addresses and lets them serve. What
// happens afterwards (a node dies, a version rises, slots move) is decided in
// one place, the controller, and done in another, the runner:
//
//	event → controller.step → effects → runner → nodes
//	  ↑                                    │
//	  └──────────── events ────────────────┘
//
// The controller is a state machine: it has no goroutine, no socket and no
// clock, it is given the time and what happened and answers what is to be done.
// The runner does it, in order, on one goroutine; what takes long (a hand-over,
// the move of slots) has a goroutine of its own and reports back with an event.
//
//	config.go      Config, its defaults and what is wrong with it
//	cluster.go     Cluster: Start, Close, the public methods
//	member.go      a node with its server
//	address.go     where nodes listen, and what clients are told
//	endpoint.go    the listeners in front: configuration, primary, reader
//	dialer.go      connecting to endpoint names without DNS
//	certificate.go the generated authority and its certificates
//	hub.go         what a node asks of its cluster
//	controller.go  the state, its events and effects, the timers
//	failover.go, replace.go, upgrade.go, reshard.go, replicas.go, zones.go,
//	partition.go   what happens and what then, a behaviour per file
//	status.go      what is told about the group, its shards and nodes
//	events.go      what happened, in the service's words
//	runner.go      effects become deeds
//	handover.go    a primary hands its slots to a replica; nothing is lost
//	mover.go       slots go to another shard
//
// Locks: the controller's mutex is held for one step and while nothing else is
// waited for; it may be taken with slots' locks held (a flip is decided under
// them), so no slot is locked under it.
package cluster
