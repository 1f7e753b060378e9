// Package peer starts the servers that the benchmarks measure, as processes,
// and ends them.
//
//	program.go      Program: a binary that can be started in some shape
//	ours.go         elasticache-local
//	real.go         redis-server or valkey-server, one or a whole cluster
//	peer.go         Peer: a running server, its memory and its CPU time
//	process.go      one process: started, watched, ended by its id
//	ports.go        free ports
//	usage_*.go      what the operating system knows about a process
//
// Whoever starts a Peer must Stop it, on every way out. On Linux the processes
// also die with the program that started them, whatever ends it.
package peer
