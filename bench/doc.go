// Package bench measures the server from outside, as its clients see it. It
// imports nothing of this repository but packages slots and sockets, so everything
// in here that measures does so with a real Redis or Valkey just as well.
//
//	go test -bench . ./bench        this package: what a Go client sees, over loopback
//	go run ./bench/load -h          a load generator
//	go run ./bench/compare -quick   side by side with a real server of the same shape
//	go run ./bench/profile          the profile that elasticache-local is compiled with
//
// The benchmarks start a cluster of elasticache-local as a process of its own.
// With REDIS_ADDR=host:port they use a running server instead; their keys there
// begin with a prefix of their own and are deleted in the end.
//
//	internal/generator  the load generator itself
//	internal/peer       starts and ends the servers that are measured
//	internal/program    what the commands do about signals and exit codes
package bench
