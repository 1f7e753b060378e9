// Package clients drives whole clusters with the clients that people have:
// redis-cli, redis-benchmark, redis-py, go-redis, the aws CLI, dig. It has tests
// only; one whose program is not installed is skipped and says so.
//
//	programs_test.go   finding and running other programs
//	redis_cli_test.go  redis-cli and redis-benchmark
//	python_test.go     redis-py
//	go_redis_test.go   go-redis over a cluster at rest
//	changes_test.go    go-redis while nodes fail, versions rise and slots move
//	disabled_test.go   cluster mode disabled: primary and reader endpoint
//	tls_test.go        encryption, AUTH tokens, the endpoint names
//	aws_test.go        the management API and DNS over a real cluster
package clients
