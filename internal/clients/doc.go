// Package clients drives whole clusters with the clients that people have:
// redis-cli, redis-benchmark, redis-py, go-redis, the aws CLI, dig. It has tests
// only; one whose program is not installed is skipped and says so.
//
//	programs_test.go   finding and running other programs
//	redis_cli_test.go  redis-cli and redis-benchmark
//	tls_test.go        encryption, AUTH tokens, the endpoint names
package clients
