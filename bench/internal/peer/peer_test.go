//go:build unix

package peer

import (
	"context"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/bench/internal/generator"
)

func real(t *testing.T) *Program {
	t.Helper()
	p, err := Find(t.Context(), "redis-server", "valkey-server")
	require.NoError(t, err)
	if p == nil {
		t.Skip("neither redis-server nor valkey-server is installed: cannot test how they are started")
	}
	return p
}

// inspect checks a started peer, stops it and checks that nothing is left.
func inspect(t *testing.T, peer *Peer, shape Shape) {
	t.Helper()
	t.Cleanup(peer.Stop)
	route, err := generator.Discover(t.Context(), peer.Addr, peer.Login)
	require.NoError(t, err)
	require.Len(t, route.Addrs, shape.Shards)
	cfg := generator.Defaults()
	cfg.Addr, cfg.Keys = peer.Addr, 1000
	require.NoError(t, generator.Prepare(t.Context(), cfg))
	result, err := generator.Run(t.Context(), generator.Config{
		Addr: peer.Addr, Workload: "SETGET", Connections: 6, Pipeline: 4, Threads: 1, Keys: 1000, Members: 1, Requests: 5000,
	})
	require.NoError(t, err)
	require.Zero(t, result.Errors, result.FirstError)
	for _, workload := range []string{"MIXED", "MSET", "LPOP"} {
		cfg.Workload, cfg.Requests, cfg.Duration = workload, 2000, 0
		require.NoError(t, generator.Prepare(t.Context(), cfg))
		_, err = generator.Run(t.Context(), cfg)
		require.NoError(t, err)
		require.NoError(t, generator.Clean(t.Context(), cfg))
		for _, addr := range route.Addrs {
			c := generator.Client(addr, peer.Login)
			n, err := c.DBSize(t.Context()).Result()
			c.Close()
			require.NoError(t, err)
			require.Zero(t, n, "%s cleans up", workload)
		}
	}
	require.NoError(t, peer.Flush(t.Context()))
	require.NoError(t, peer.Running())
	if runtime.GOOS == "linux" {
		bytes, err := peer.Settled(t.Context(), time.Millisecond)
		require.NoError(t, err)
		require.Greater(t, bytes, int64(1<<20))
		_, err = peer.CPU()
		require.NoError(t, err)
	}
	dir := peer.dir
	peer.Stop()
	require.Error(t, peer.Running())
	for _, one := range peer.processes {
		require.ErrorIs(t, syscall.Kill(one.cmd.Process.Pid, 0), syscall.ESRCH)
	}
	if dir != "" {
		require.NoDirExists(t, dir)
	}
	peer.Stop()
}

var (
	node    = Shape{Shards: 1}
	cluster = Shape{Shards: 3, Replicas: 1, Cluster: true}
)

func TestRealNodeStartsAndStops(t *testing.T) {
	t.Parallel()
	peer, err := real(t).Start(t.Context(), node)
	require.NoError(t, err)
	inspect(t, peer, node)
}

func TestRealClusterStartsAndStops(t *testing.T) {
	t.Parallel()
	peer, err := real(t).Start(t.Context(), cluster)
	require.NoError(t, err)
	require.Len(t, peer.processes, 6)
	inspect(t, peer, cluster)
}

func TestOursStartsAndStopsInEveryShape(t *testing.T) {
	t.Parallel()
	ours, err := Build(t.Context())
	require.NoError(t, err)
	defer ours.Remove()
	for _, shape := range []Shape{node, cluster} {
		peer, err := ours.Start(t.Context(), shape)
		require.NoError(t, err)
		inspect(t, peer, shape)
	}
}

func TestStartTellsWhyAProgramEnded(t *testing.T) {
	t.Parallel()
	for _, p := range []*Program{{Name: "sh", Path: "/bin/false"}, {Name: "ours", Path: "/bin/false", ours: true}} {
		_, err := p.Start(t.Context(), node)
		require.ErrorContains(t, err, "exit status 1")
	}
	_, err := (&Program{Path: "/nowhere"}).Start(t.Context(), node)
	require.Error(t, err)
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	script := t.TempDir() + "/silent"
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nexec sleep 60\n"), 0o700))
	_, err := (&Program{Path: script, ours: true}).Start(ctx, node)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestFindSkipsWhatIsNotInstalled(t *testing.T) {
	t.Parallel()
	p, err := Find(t.Context(), "no-such-server-anywhere")
	require.NoError(t, err)
	require.Nil(t, p)
	require.Equal(t, "7.0.15", version("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"))
}

func TestOutsideServerIsNeitherFlushedNorStopped(t *testing.T) {
	t.Parallel()
	running, err := real(t).Start(t.Context(), node)
	require.NoError(t, err)
	defer running.Stop()
	outside, err := Outside(t.Context(), running.Addr, generator.Login{})
	require.NoError(t, err)
	require.ErrorIs(t, outside.Flush(t.Context()), ErrNotOurs)
	_, err = outside.Resident()
	require.ErrorIs(t, err, ErrNotOurs)
	outside.Stop()
	require.NoError(t, running.Running())
	_, err = Outside(t.Context(), "127.0.0.1:1", generator.Login{})
	require.ErrorContains(t, err, "does not answer PING")
}

func TestFreePortsAreFree(t *testing.T) {
	t.Parallel()
	for range 10 { // somebody else may take it first
		first, err := freePorts(5)
		require.NoError(t, err)
		l, err := net.Listen("tcp", loopback(first+4))
		if err != nil {
			continue
		}
		defer l.Close()
		require.False(t, allFree(first, 5))
		return
	}
	t.Error("none of ten ports that were free is")
}

// Children die with the program that started them even if it is killed.
func TestProcessesDieWithTheirParent(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can tie a process to its parent")
	}
	if os.Getenv("BENCH_PEER_CHILD") != "" {
		p, err := startProcess("/bin/sh", "-c", "echo $$; exec sleep 60")
		if err != nil {
			os.Exit(1)
		}
		os.Stdout.WriteString("pid " + <-p.lines + "\n")
		panic("the parent crashes")
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestProcessesDieWithTheirParent$")
	cmd.Env = append(os.Environ(), "BENCH_PEER_CHILD=1")
	out, err := cmd.Output()
	require.Error(t, err)
	_, rest, found := strings.Cut(string(out), "pid ")
	require.True(t, found, "%s", out)
	pid, _, _ := strings.Cut(rest, "\n")
	require.Eventually(t, func() bool {
		_, err := os.Stat("/proc/" + pid)
		return os.IsNotExist(err)
	}, 10*time.Second, 5*time.Millisecond)
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var last tail
	for range 1000 {
		_, _ = last.Write([]byte("0123456789"))
	}
	_, _ = last.Write([]byte("end"))
	require.Len(t, last.String(), maxTail)
	require.True(t, strings.HasSuffix(last.String(), "789end"))
}
