//go:build unix

package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/peer"
)

const (
	keyPrefix = "elasticache-local-bench:"
	keyCount  = 10_000
)

// target is the server that all benchmarks share. It is started by the first
// one that needs it and ended by TestMain.
var target struct {
	once    sync.Once
	program *peer.Program
	peer    *peer.Peer
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if target.peer != nil {
		if err := clean(target.peer); err != nil {
			fmt.Fprintln(os.Stderr, "clean up:", err)
			code = 1
		}
		target.peer.Stop()
	}
	target.program.Remove()
	os.Exit(code)
}

func server(b *testing.B) *peer.Peer {
	b.Helper()
	target.once.Do(func() {
		ctx := context.Background() // the server outlives the benchmark that starts it
		if addr := os.Getenv("REDIS_ADDR"); addr != "" {
			target.peer, target.err = peer.Outside(ctx, addr, generator.Login{Password: os.Getenv("REDISCLI_AUTH")})
			return
		}
		if target.program, target.err = peer.Build(ctx); target.err == nil {
			target.peer, target.err = target.program.Start(ctx, peer.Shape{Shards: 3, Replicas: 1, Cluster: true})
		}
	})
	if target.err != nil {
		b.Fatal(target.err)
	}
	return target.peer
}

// workloads are those of the generator that are benchmarked.
var workloads = []string{"SET", "GET", "MIXED"}

// clean deletes the keys of the benchmarks.
func clean(p *peer.Peer) error {
	var errs []error
	for _, w := range workloads {
		errs = append(errs, generator.Clean(context.Background(), config(p, w)))
	}
	return errors.Join(errs...)
}

func config(p *peer.Peer, workload string) generator.Config {
	cfg := generator.Defaults()
	cfg.Addr, cfg.Login, cfg.Workload, cfg.Prefix, cfg.Keys = p.Addr, p.Login, workload, keyPrefix, keyCount
	cfg.Connections, cfg.Duration = 12, 0
	return cfg
}

// BenchmarkLoad is the generator's closed loop: the server with the cheapest
// client there is.
func BenchmarkLoad(b *testing.B) {
	for _, workload := range workloads {
		for _, depth := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/pipeline=%d", workload, depth), func(b *testing.B) {
				cfg := config(server(b), workload)
				if err := generator.Prepare(b.Context(), cfg); err != nil {
					b.Fatal(err)
				}
				cfg.Pipeline, cfg.Requests = depth, b.N
				b.ReportAllocs()
				b.ResetTimer()
				r, err := generator.Run(b.Context(), cfg)
				if err != nil {
					b.Fatal(err)
				}
				if r.Errors > 0 {
					b.Fatal(r.FirstError)
				}
				b.ReportMetric(float64(r.Latency.Quantile(0.99))/1e3, "p99-µs")
			})
		}
	}
}

// goRedis returns the client that most Go programs use.
func goRedis(b *testing.B) redis.UniversalClient {
	p := server(b)
	route, err := generator.Discover(b.Context(), p.Addr, p.Login)
	if err != nil {
		b.Fatal(err)
	}
	c := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: route.Addrs, IsClusterMode: len(route.Addrs) > 1, Password: p.Login.Password,
	})
	b.Cleanup(func() { c.Close() })
	if err := c.Ping(b.Context()).Err(); err != nil {
		b.Fatal(err)
	}
	return c
}

// key returns one of the keys that the generator writes as well.
func key(i uint64) string { return fmt.Sprintf("%skey:%012d", keyPrefix, i%keyCount) }

var value = strings.Repeat("x", 64)

// clientCommands are what BenchmarkClient and BenchmarkClientParallel do.
var clientCommands = []struct {
	name string
	do   func(ctx context.Context, c redis.UniversalClient, i uint64) error
}{
	{"SET", func(ctx context.Context, c redis.UniversalClient, i uint64) error {
		return c.Set(ctx, key(i), value, 0).Err()
	}},
	{"GET", func(ctx context.Context, c redis.UniversalClient, i uint64) error {
		if err := c.Get(ctx, key(i)).Err(); err != redis.Nil {
			return err
		}
		return nil
	}},
}

// BenchmarkClient is one caller that waits for every reply.
func BenchmarkClient(b *testing.B) {
	for _, command := range clientCommands {
		b.Run(command.name, func(b *testing.B) {
			c, ctx := goRedis(b), b.Context()
			b.ReportAllocs()
			for i := uint64(0); b.Loop(); i++ {
				if err := command.do(ctx, c, i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkClientParallel is many callers, each of which waits for its reply.
func BenchmarkClientParallel(b *testing.B) {
	for _, command := range clientCommands {
		b.Run(command.name, func(b *testing.B) {
			c, ctx := goRedis(b), b.Context()
			var callers atomic.Uint64
			b.SetParallelism(16)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := callers.Add(1) * 1000; pb.Next(); i++ {
					if err := command.do(ctx, c, i); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkClientPipeline sends 16 commands at once; an operation is all of
// them.
func BenchmarkClientPipeline(b *testing.B) {
	c, ctx := goRedis(b), b.Context()
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i += 16 {
		_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for j := range uint64(16) {
				p.Set(ctx, key(i+j), value, 0)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkConnect is a new connection and one command on it.
func BenchmarkConnect(b *testing.B) {
	p := server(b)
	for b.Loop() {
		idle, err := generator.OpenIdle(b.Context(), p.Addr, p.Login, 1)
		if err != nil {
			b.Fatal(err)
		}
		idle.Close()
	}
}

// Every benchmark runs a few times with the tests, so that none of them rots.
func TestBenchmarksRun(t *testing.T) {
	benchtime := flag.Lookup("test.benchtime").Value
	before := benchtime.String()
	require.NoError(t, benchtime.Set("3x"))
	defer func() { require.NoError(t, benchtime.Set(before)) }()
	for name, run := range map[string]func(*testing.B){
		"Load": BenchmarkLoad, "Client": BenchmarkClient, "ClientParallel": BenchmarkClientParallel,
		"ClientPipeline": BenchmarkClientPipeline, "Connect": BenchmarkConnect,
	} {
		r := testing.Benchmark(func(b *testing.B) {
			run(b)
			if b.Failed() {
				t.Errorf("Benchmark%s failed: run it with -bench to see why", name)
			}
		})
		require.Positive(t, r.N, name)
	}
}
