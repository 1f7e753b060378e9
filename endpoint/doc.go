// Package endpoint knows the names under which ElastiCache publishes a
// replication group: how they are built and how they are read back.
//
// It is pure: no sockets, no clock, standard library only, so every other
// package may import it. Which address a name has at the moment is not its
// business; that is package dns and the cluster behind it.
package endpoint
