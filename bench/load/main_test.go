//go:build unix

package main

import (
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/peer"
)

// Every workload runs, and without an error reply, against a small cluster of
// elasticache-local and against a real server where there is one.
func TestEveryWorkloadRuns(t *testing.T) {
	t.Parallel()
	ours, err := peer.Build(t.Context())
	require.NoError(t, err)
	t.Cleanup(ours.Remove)
	t.Run("elasticache-local", func(t *testing.T) {
		t.Parallel()
		runAll(t, ours, peer.Shape{Shards: 3, Replicas: 1, Cluster: true})
	})
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		installed, err := peer.Find(t.Context(), "redis-server", "valkey-server")
		require.NoError(t, err)
		if installed == nil {
			t.Skip("neither redis-server nor valkey-server is installed")
		}
		runAll(t, installed, peer.Shape{Shards: 1})
	})
}

func runAll(t *testing.T, program *peer.Program, shape peer.Shape) {
	server, err := program.Start(t.Context(), shape)
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	for _, loop := range [][]string{{"-n", "500", "-P", "8"}, {"-rate", "2000", "-duration", "40ms"}} {
		var out strings.Builder
		args := append([]string{"-addr", server.Addr, "-t", strings.Join(generator.Names(), ","), "-c", "6", "-keys", "50", "-warmup", "0"}, loop...)
		require.NoError(t, run(t.Context(), args, &out), "%s", &out)
		require.Equal(t, 1+len(generator.Names()), strings.Count(out.String(), "\n"), "%s", &out)
		require.NotContains(t, out.String(), "error replies")
		require.NoError(t, server.Flush(t.Context())) // small containers and large ones share keys
	}
}

func TestBadArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-t", "nonsense"}, {"-c", "0"}, {"stray"}, {"-no-such-flag"}} {
		var out strings.Builder
		require.Error(t, run(t.Context(), append([]string{"-addr", "127.0.0.1:1"}, args...), &out), "%v", args)
	}
	var out strings.Builder
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, &out), flag.ErrHelp)
	require.Contains(t, out.String(), "-rate")
}

func TestShortDurations(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{1500: "1.5µs", 2 * time.Millisecond: "2ms", 3 * time.Second: "3s", 0: "0µs"} {
		require.Equal(t, want, short(d))
	}
}
