package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/peer"
)

// Bounds on a run of redis-benchmark, which knows no time limit.
const (
	minRequests = 2_000
	maxRequests = 5_000_000
	rbClients   = 50
	rbTimeLimit = 5 * time.Minute
	rbValueSize = 64 // bytes
)

// filledBy names the test that writes what another test removes.
var filledBy = map[string]string{"LPOP": "LPUSH", "SPOP": "SADD", "ZPOPMIN": "ZADD"}

func redisBenchmarkInstalled() bool {
	_, err := exec.LookPath(rbDriver)
	return err == nil
}

// withRedisBenchmark returns the rate and the server's CPU time per request.
// Both are counted at the server, see meter.
func withRedisBenchmark(ctx context.Context, o *options, s *side, command string, depth int) ([]float64, error) {
	expected, err := s.rate(ctx, o, command, depth)
	if err != nil {
		return nil, err
	}
	route, err := generator.Discover(ctx, s.peer.Addr, s.peer.Login)
	if err != nil {
		return nil, err
	}
	b := redisBench{
		addr: s.peer.Addr, login: s.peer.Login, primaries: route.Addrs, prefixes: s.prefixes, depth: depth, keys: o.scale.keys,
		requests: min(max(int(spare(command)*expected*o.duration.Seconds()), minRequests, 10*rbClients*depth), maxRequests),
	}
	if b.cluster, err = isCluster(ctx, s.peer); err != nil {
		return nil, err
	}
	cfg := s.config(o, command, depth)
	for {
		err = s.refill(ctx, cfg, rbDriver+" "+dataset(cfg), keepsData(command), func() error { return b.prepare(ctx, command) })
		if err != nil {
			return nil, err
		}
		s.prefixes = b.prefixes
		figures, err := b.measure(ctx, s.peer, command, o.duration)
		if !errors.Is(err, errTooSoon) || b.requests == maxRequests {
			return figures, err
		}
		b.requests = min(10*b.requests, maxRequests)
	}
}

// spare is how many times the likely number of requests a run is given: it is
// ended when it was long enough, and tells less if it ends before. What is to be
// removed has to be written first, so there is less of it.
func spare(command string) float64 {
	if filledBy[command] != "" {
		return 2
	}
	return 4
}

func isCluster(ctx context.Context, p *peer.Peer) (bool, error) {
	c := p.Client()
	defer c.Close()
	info, err := c.Info(ctx, "cluster").Result()
	return strings.Contains(info, "cluster_enabled:1"), err
}

// redisBench is one run of redis-benchmark.
type redisBench struct {
	addr      string
	login     generator.Login
	primaries []string
	cluster   bool
	depth     int
	keys      int // over all primaries
	requests  int
	prefixes  []string // of the strings' keys at each primary; nil: not known yet
}

// prepare writes what a test reads, overwrites or removes. The LRANGE tests
// write their list themselves, each time anew.
func (b *redisBench) prepare(ctx context.Context, test string) error {
	switch fill := filledBy[test]; {
	case test == "SET" || test == "GET":
		return b.writeStrings(ctx)
	case fill != "":
		more := *b
		more.depth = 32
		more.requests = min(b.requests+b.requests/4, maxRequests)
		more.keys = 4 * more.requests // of 1.25 n random members, more than n differ
		return more.run(ctx, fill)
	}
	return nil
}

// run runs a test to its end.
func (b redisBench) run(ctx context.Context, test string) error {
	ctx, cancel := context.WithTimeout(ctx, rbTimeLimit)
	defer cancel()
	r, err := b.start(ctx, test)
	if err != nil {
		return err
	}
	return r.wait(ctx)
}

// measure runs a test until it has lasted long enough and returns what the
// server has done of it per second, and the server's CPU time per request.
func (b redisBench) measure(ctx context.Context, p *peer.Peer, test string, duration time.Duration) ([]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, rbTimeLimit+duration)
	defer cancel()
	command, _, _ := strings.Cut(strings.ToLower(test), "_") // LRANGE_100
	m := newMeter(p, b.primaries, command)
	defer m.close()
	before, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	r, err := b.start(ctx, test)
	if err != nil {
		return nil, err
	}
	w := window{before: before, requests: int64(b.requests), duration: duration}
	err = m.watch(ctx, &w, r.ended)
	if err == nil {
		err = r.stop(ctx)
	} else {
		_ = r.stop(ctx)
	}
	if err != nil {
		return nil, err
	}
	return w.figures(test)
}

// rbRun is a redis-benchmark that runs.
type rbRun struct {
	cmd            *exec.Cmd
	kill           context.CancelFunc
	stdout, stderr bytes.Buffer // not to be read before ended
	ended          chan struct{}
	err            error // of its end
}

func (b redisBench) start(ctx context.Context, test string) (*rbRun, error) {
	args, err := b.arguments(test)
	if err != nil {
		return nil, err
	}
	r := &rbRun{ended: make(chan struct{})}
	ctx, r.kill = context.WithCancel(ctx)
	r.cmd = peer.Command(ctx, rbDriver, args...)
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	if b.login.Password != "" {
		r.cmd.Env = append(r.cmd.Environ(), "REDISCLI_AUTH="+b.login.Password)
	}
	if err := r.cmd.Start(); err != nil {
		r.kill()
		return nil, err
	}
	go func() {
		r.err = r.cmd.Wait()
		close(r.ended)
	}()
	return r, nil
}

// stop ends the run if it has not ended yet; that it was killed then is no error.
func (r *rbRun) stop(ctx context.Context) error {
	select {
	case <-r.ended:
		return r.wait(ctx)
	default:
		r.kill()
		<-r.ended
		return nil
	}
}

// wait waits for the end of the run, which is the end of ctx at the latest.
func (r *rbRun) wait(ctx context.Context) error {
	defer r.kill()
	<-r.ended
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.err != nil:
		return fmt.Errorf("%s: %w\n%s%s", strings.Join(r.cmd.Args, " "), r.err, lastOf(r.stdout.String()), lastOf(r.stderr.String()))
	}
	return nil
}

func (b redisBench) arguments(test string) ([]string, error) {
	host, port, err := net.SplitHostPort(b.addr)
	if err != nil {
		return nil, err
	}
	args := []string{
		"-h", host, "-p", port, "-c", strconv.Itoa(rbClients), "-n", strconv.Itoa(b.requests),
		"-P", strconv.Itoa(b.depth), "-d", strconv.Itoa(rbValueSize), "-t", strings.ToLower(test), "--csv",
		"-r", strconv.Itoa(b.keysEach()),
	}
	if b.login.User != "" {
		args = append(args, "--user", b.login.User)
	}
	if b.cluster {
		args = append(args, "--cluster")
	}
	return args, nil
}

// keysEach is the key space of one primary. With --cluster, redis-benchmark
// 7.0.15 gives all keys of a node the same hash tag, that of the node's first
// slot, and draws the number after it below -r: each node has as many keys.
func (b redisBench) keysEach() int {
	return (b.keys + len(b.primaries) - 1) / len(b.primaries)
}

// lastOf returns the end of a text that may be long.
func lastOf(text string) string {
	const enough = 1000
	return text[max(0, len(text)-enough):]
}
