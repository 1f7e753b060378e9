// Package generator puts load on a RESP server and measures what comes back.
//
// It has no dependency on the server that it measures: it speaks RESP2 over
// TCP, learns where the slots are from CLUSTER SLOTS, and works the same
// against any Redis or Valkey.
//
//	run.go        Config, Run, Result: one measurement from start to end
//	loop.go       one thread: its connections, the closed and the open loop
//	turn.go       reading from all connections that are ready, and sending
//	open.go       the open loop's timetable
//	conn.go       one connection: what is sent and what is outstanding
//	workload.go   the commands that can be sent and what they need beforehand
//	template.go   a command as bytes with places for numbers
//	keys.go       which keys belong to which shard
//	route.go      which shard is where
//	replies.go    counts complete replies in a stream of bytes
//	histogram.go  latencies
//	idle.go       many connections that do nothing
//	poll_*.go, socket_*.go  the operating system
//
// # Closed and open loop
//
// A closed loop sends the next batch when the replies to the previous one are
// in. It finds the highest rate. Its latencies say little: a server that stops
// for a second delays one request per connection, and all those that would
// have been sent in that second are never counted ("coordinated omission").
//
// An open loop has a timetable: request i is due at start + i/rate, whatever
// the server does. Latency counts from the moment when the request was due, so
// a stop of a second is seen by every request that was due in it. A connection
// never has more than Pipeline requests under way; those that are due beyond
// that wait in the client, and their waiting counts.
//
// # Cost
//
// The generator shares the machine with the server, so it has to be cheap: one
// thread serves all connections from one poll loop, which reads from all sockets
// that are ready with one system call and sends on them with another, requests are templates in which digits are replaced, replies are counted without
// being parsed, and nothing is allocated once the loop runs.
package generator
