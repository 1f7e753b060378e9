//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/peer"
)

// smokeScale is so small that the figures mean nothing.
var smokeScale = scale{
	keys: 60, memoryKeys: 1000, containers: 100, idle: 20, resident: 500, expiring: 500, bigValue: 1 << 20,
	churn: 2, fewRounds: 1, pipelines: []int{1, 16}, settle: time.Millisecond,
}

// built is the elasticache-local that all tests share.
var built *peer.Program

func TestMain(m *testing.M) {
	var err error
	if built, err = peer.Build(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	built.Remove()
	os.Exit(code)
}

func smoke(t *testing.T, args ...string) *options {
	t.Helper()
	o, err := parse(append([]string{"-quick", "-rounds", "1", "-duration", "20ms", "-ours", built.Path}, args...), io.Discard)
	require.NoError(t, err)
	o.scale = smokeScale
	return o
}

func needReal(t *testing.T) *peer.Program {
	t.Helper()
	p, err := peer.Find(t.Context(), "redis-server", "valkey-server")
	require.NoError(t, err)
	if p == nil {
		t.Skip("neither redis-server nor valkey-server is installed: nothing to compare with")
	}
	return p
}

func TestQuickComparisonRuns(t *testing.T) {
	t.Parallel()
	sides := 2
	if p, err := peer.Find(t.Context(), "redis-server", "valkey-server"); err == nil && p == nil {
		t.Log("neither redis-server nor valkey-server is installed: only one side is measured")
		sides = 1
	}
	if !redisBenchmarkInstalled() {
		t.Log("redis-benchmark is not installed: only the generator of this repository is used")
	}
	dir := t.TempDir()
	o := smoke(t, "-json", filepath.Join(dir, "r.json"), "-svg", filepath.Join(dir, "r.svg"))
	var out, status strings.Builder
	require.NoError(t, compare(t.Context(), o, "a test", &out, &status), "%s", &status)
	t.Logf("%s", &out)

	data, err := os.ReadFile(filepath.Join(dir, "r.json"))
	require.NoError(t, err)
	var rep report
	require.NoError(t, json.Unmarshal(data, &rep))
	require.Len(t, rep.Sides, sides)
	want := 0
	for _, s := range plan(o) {
		for _, m := range s.measurements {
			want += len(m.metrics)
		}
	}
	require.Len(t, rep.Rows, want)
	for _, r := range rep.Rows {
		require.Len(t, r.Values, sides, r.Name)
		require.Len(t, r.Values[0], 1, r.Name)
	}
	svg, err := os.ReadFile(filepath.Join(dir, "r.svg"))
	require.NoError(t, err)
	require.Contains(t, string(svg), "</svg>")
}

// What the quick comparison leaves out.
func TestEveryTestOfRedisBenchmarkRuns(t *testing.T) {
	t.Parallel()
	b := startRedisBench(t, built, nodeShape)
	for _, command := range append(otherCommands, "SET", "GET") {
		if command == "MIXED" {
			continue
		}
		b.depth, b.requests = 8, 4000
		require.NoError(t, b.prepare(t.Context(), command))
		name, _, _ := strings.Cut(strings.ToLower(command), "_")
		m := newMeter(&peer.Peer{Addr: b.addr}, b.primaries, name)
		defer m.close()
		before, err := m.read(t.Context())
		require.NoError(t, err)
		require.NoError(t, b.run(t.Context(), command), command)
		after, err := m.read(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, after.total()-before.total(), int64(4000), command)
	}
}

// startRedisBench returns a redis-benchmark against a server of its own.
func startRedisBench(t *testing.T, program *peer.Program, shape peer.Shape) redisBench {
	t.Helper()
	if !redisBenchmarkInstalled() {
		t.Skip("redis-benchmark is not installed")
	}
	server, err := program.Start(t.Context(), shape)
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	route, err := generator.Discover(t.Context(), server.Addr, server.Login)
	require.NoError(t, err)
	return redisBench{addr: server.Addr, primaries: route.Addrs, cluster: shape.Cluster, depth: 4, keys: 300, requests: 3000}
}

// TestRedisBenchmarkUsesTheKeysThatAreThere holds what keysEach and
// writeStrings believe about redis-benchmark: every key that it reads and
// overwrites is among those that were written before.
func TestRedisBenchmarkUsesTheKeysThatAreThere(t *testing.T) {
	t.Parallel()
	for _, shape := range []peer.Shape{nodeShape, {Shards: 3, Cluster: true}} {
		for _, real := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, real %v", shape, real), func(t *testing.T) {
				t.Parallel()
				program := built
				if real {
					program = needReal(t)
				}
				b := startRedisBench(t, program, shape)
				require.NoError(t, b.prepare(t.Context(), "SET"))
				require.Equal(t, 300, b.keysThere(t))
				require.NoError(t, b.run(t.Context(), "SET"))
				require.NoError(t, b.run(t.Context(), "GET"))
				require.Equal(t, 300, b.keysThere(t))
			})
		}
	}
}

// keysThere counts the keys, and fails if any was sought in vain.
func (b redisBench) keysThere(t *testing.T) (n int) {
	t.Helper()
	for _, addr := range b.primaries {
		c := generator.Client(addr, b.login)
		defer c.Close()
		size, err := c.DBSize(t.Context()).Result()
		require.NoError(t, err)
		n += int(size)
		stats, err := c.Info(t.Context(), "stats").Result()
		require.NoError(t, err)
		require.Contains(t, stats, "\nkeyspace_misses:0\r\n")
	}
	return n
}

func TestOutsideServersKeepTheirData(t *testing.T) {
	t.Parallel()
	running, err := needReal(t).Start(t.Context(), nodeShape)
	require.NoError(t, err)
	defer running.Stop()
	c := running.Client()
	defer c.Close()
	require.NoError(t, c.Set(t.Context(), "mine", "1", 0).Err())

	o := smoke(t, "-addr", running.Addr, "-against", running.Addr)
	var out, status strings.Builder
	require.NoError(t, compare(t.Context(), o, "a test", &out, &status), "%s", &status)
	require.Contains(t, out.String(), "Running server")
	require.NotContains(t, out.String(), "emory")
	require.NoError(t, running.Running())
	keys, err := c.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Equal(t, []string{"mine"}, keys)
}

func TestWithoutARealServerOnlyOursIsMeasured(t *testing.T) {
	t.Parallel()
	o := smoke(t, "-reference", "no-such-server", "-only", "one node: SET, pipeline 1, load")
	var out, status strings.Builder
	require.NoError(t, compare(t.Context(), o, "a test", &out, &status))
	require.Contains(t, status.String(), "none of no-such-server is installed")
	require.NotContains(t, out.String(), "÷")
	require.Contains(t, out.String(), "elasticache-local")
}

// interrupter cancels when the first measurement has been reported.
type interrupter struct {
	strings.Builder
	cancel func()
}

func (i *interrupter) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "rate:") {
		i.cancel()
	}
	return i.Builder.Write(b)
}

func TestInterruptionShowsWhatIsThereAndEndsTheServers(t *testing.T) {
	t.Parallel()
	program := needReal(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := smoke(t, "-only", "one node: .*, load")
	sessions := plan(o)
	sides := []*side{newSide("a")}
	sides[0].program = program
	var server *peer.Peer
	status := &interrupter{cancel: func() {
		server = sides[0].peer
		cancel()
	}}
	r := &runner{options: o, sides: sides, progress: newProgress(status, sessions, sides)}
	require.ErrorIs(t, r.run(ctx, sessions), context.Canceled)
	require.Len(t, r.results, 1)
	require.Error(t, server.Running(), "the server has ended")
}

func TestServersEndWhenAMeasurementPanics(t *testing.T) {
	t.Parallel()
	s := newSide("a")
	s.program = needReal(t)
	var server *peer.Peer
	broken := &measurement{name: "broken", rounds: 1, run: func(context.Context, *side) ([]float64, error) {
		server = s.peer
		panic("a fault")
	}}
	r := &runner{options: smoke(t), sides: []*side{s}, progress: newProgress(io.Discard, nil, nil)}
	require.PanicsWithValue(t, "a fault", func() {
		_ = r.session(t.Context(), session{shape: nodeShape, measurements: []*measurement{broken}})
	})
	require.Error(t, server.Running(), "the server has ended")
}

func TestAFailedMeasurementDoesNotEndTheOthers(t *testing.T) {
	t.Parallel()
	metrics := []metric{{name: "rate", unit: perSecond}}
	failing := &measurement{group: "g", name: "failing", rounds: 1, metrics: metrics, run: func(context.Context, *side) ([]float64, error) {
		return nil, errors.New("no such thing")
	}}
	fine := &measurement{group: "g", name: "fine", rounds: 2, metrics: metrics, run: func(context.Context, *side) ([]float64, error) {
		return []float64{7}, nil
	}}
	s := newSide("a")
	s.peer = &peer.Peer{}
	var status strings.Builder
	sessions := []session{{measurements: []*measurement{failing, fine}}}
	r := &runner{options: smoke(t), sides: []*side{s}, progress: newProgress(&status, sessions, []*side{s})}
	require.NoError(t, r.run(t.Context(), sessions))
	require.ErrorContains(t, r.results[0].err, "no such thing")
	require.Equal(t, []float64{7, 7}, r.results[1].of(0, 0))
	require.Equal(t, "g: failing failed: a: no such thing\ng: fine, rate: 7/s\n", status.String())
}

func TestBadOptionsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-rounds", "-1"}, {"-rounds", "1000"}, {"-duration", "1h"}, {"-only", "("}, {"-drivers", "wrk"},
		{"-against", "a:1"}, {"-addr", "a:1", "-drivers", "load,redis-benchmark"}, {"stray"}, {"-no-such-flag"},
	} {
		_, err := parse(args, io.Discard)
		require.Error(t, err, "%v", args)
	}
	require.ErrorContains(t, run(t.Context(), []string{"-only", "no such thing"}, io.Discard, io.Discard), "matches no measurement")
}

func TestListNamesEveryMeasurementOnce(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-list"}, {"-list", "-quick"}, {"-list", "-addr", "a:1"}} {
		var out strings.Builder
		require.NoError(t, run(t.Context(), args, &out, io.Discard))
		seen := map[string]bool{}
		for line := range strings.Lines(out.String()) {
			require.False(t, seen[line], line)
			seen[line] = true
		}
		require.Greater(t, len(seen), 5)
	}
}

func TestCallsAreFoundInCommandstats(t *testing.T) {
	t.Parallel()
	const info = "# Commandstats\r\ncmdstat_mset:calls=9,usec=1\r\ncmdstat_set:calls=123,usec=5,usec_per_call=0.1\r\n"
	require.EqualValues(t, 123, callsIn(info, "set"))
	require.EqualValues(t, 0, callsIn(info, "get"))
}

// readingAt is what one primary says after so many milliseconds.
func readingAt(millis int, calls int64) reading {
	return reading{
		calls: []int64{calls}, at: []time.Time{time.UnixMilli(int64(millis))},
		cpu: time.Duration(millis) * time.Millisecond / 2,
	}
}

func TestTheMeasuredPartOfARun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		readings []reading
		over     bool
		rate     float64
	}{
		"begins with the first request": {[]reading{readingAt(0, 100), readingAt(50, 150), readingAt(150, 250)}, false, 1000},
		"ends when it is long enough":   {[]reading{readingAt(10, 200), readingAt(110, 300), readingAt(900, 301)}, false, 1000},
		"ends before the run does":      {[]reading{readingAt(10, 200), readingAt(50, 240), readingAt(99, 1100)}, true, 1000},
		"counts a stop within the run":  {[]reading{readingAt(10, 200), readingAt(60, 300), readingAt(110, 300)}, false, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := window{before: readingAt(0, 100), requests: 1000, duration: 100 * time.Millisecond}
			for _, r := range test.readings {
				if !w.complete() {
					w.add(r)
				}
			}
			require.True(t, w.complete())
			require.Equal(t, test.over, w.over)
			figures, err := w.figures("SET")
			require.NoError(t, err)
			require.InDelta(t, test.rate, figures[0], 1)
			require.InDelta(t, 500, figures[1], 1) // half of the time, at 1 request per ms
		})
	}
	for _, readings := range [][]reading{nil, {readingAt(10, 500), readingAt(500, 1000)}} {
		w := window{before: readingAt(0, 0), requests: 1000}
		for _, r := range readings {
			w.add(r)
		}
		_, err := w.figures("SET")
		require.ErrorIs(t, err, errTooSoon)
	}
}
