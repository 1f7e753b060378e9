// Package dns answers the endpoint names of replication groups over UDP and
// TCP, so that a client can use the very names that ElastiCache publishes and
// see them move: a failover moves the primary's name, a replaced node's name
// follows it to its new address.
//
// The names themselves are package endpoint's; who is primary and which node
// lives where is asked of Config.Groups at every question, nothing is kept.
// Only the message codec of miekg/dns is used; the sockets are ours, because
// that is how the work is bounded: one goroutine answers all of UDP, and a
// fixed number of TCP clients has one each. The Server owns them and Close
// waits for them.
//
// The server is authoritative for one zone, the region's (use1.cache.amazonaws.com),
// and refuses everything else. It never asks another server.
//
// Known differences from the service. Names resolve straight to addresses: the
// service's chains of CNAMEs are not documented (outside of a VPC it used to go
// through the host's public name) and no client may rely on them. The TTL is
// 5 seconds, to make rehearsals quick; the service's figure is not documented
// either, 60 seconds have been seen in public.
package dns
