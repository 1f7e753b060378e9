package main

import (
	"bytes"
	"context"
	"encoding/csv"
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

// Bounds on the number of requests of one run of redis-benchmark, which knows
// no time limit.
const (
	minRequests = 2_000
	maxRequests = 5_000_000
	rbClients   = 50
	rbTimeLimit = 5 * time.Minute
)

// filledBy names the test that writes what another test reads or removes.
var filledBy = map[string]string{"GET": "SET", "LPOP": "LPUSH", "SPOP": "SADD", "ZPOPMIN": "ZADD"}

func redisBenchmarkInstalled() bool {
	_, err := exec.LookPath(rbDriver)
	return err == nil
}

// withRedisBenchmark returns the rate and the server's CPU time per request.
func withRedisBenchmark(ctx context.Context, o *options, s *side, command string, depth int) ([]float64, error) {
	expected, err := s.rate(ctx, o, command, depth)
	if err != nil {
		return nil, err
	}
	n := min(max(int(expected*o.duration.Seconds()), minRequests, 10*rbClients*depth), maxRequests)
	b := redisBench{addr: s.peer.Addr, login: s.peer.Login, depth: depth, keys: o.scale.keys, requests: n}
	if b.cluster, err = isCluster(ctx, s.peer); err != nil {
		return nil, err
	}
	fill := func() error {
		if test := filledBy[command]; test != "" {
			return b.fill(ctx, test, command == "GET")
		}
		return nil
	}
	// The LRANGE tests write their list themselves, each time anew.
	if err := s.refill(ctx, s.config(o, command, depth), "GET with "+rbDriver, command == "GET", fill); err != nil {
		return nil, err
	}
	before, _ := s.peer.CPU()
	rate, err := b.run(ctx, command)
	after, _ := s.peer.CPU()
	return []float64{rate, perRequest(after-before, n)}, err
}

func isCluster(ctx context.Context, p *peer.Peer) (bool, error) {
	c := p.Client()
	defer c.Close()
	info, err := c.Info(ctx, "cluster").Result()
	return strings.Contains(info, "cluster_enabled:1"), err
}

// redisBench is one run of redis-benchmark.
type redisBench struct {
	addr     string
	login    generator.Login
	cluster  bool
	depth    int
	keys     int
	requests int
}

// fill runs a test so often that what it writes suffices for another one.
func (b redisBench) fill(ctx context.Context, test string, strings bool) error {
	b.depth = 32
	if strings {
		b.requests = 3 * b.keys // random keys: 95 % of them are met
	} else {
		b.requests = min(b.requests+b.requests/4, maxRequests)
		b.keys = 4 * b.requests // of 1.25 n random members, more than n differ
	}
	_, err := b.run(ctx, test)
	return err
}

// run returns the requests per second of a test.
func (b redisBench) run(ctx context.Context, test string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, rbTimeLimit)
	defer cancel()
	args, err := b.arguments(test)
	if err != nil {
		return 0, err
	}
	cmd := peer.Command(ctx, rbDriver, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if b.login.Password != "" {
		cmd.Env = append(cmd.Environ(), "REDISCLI_AUTH="+b.login.Password)
	}
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return 0, fmt.Errorf("%s %s: %w\n%s%s", rbDriver, strings.Join(args, " "), err, lastOf(stdout.String()), lastOf(stderr.String()))
	}
	return parseRate(stdout.String(), test)
}

func (b redisBench) arguments(test string) ([]string, error) {
	host, port, err := net.SplitHostPort(b.addr)
	if err != nil {
		return nil, err
	}
	keys := b.keys
	args := []string{
		"-h", host, "-p", port, "-c", strconv.Itoa(rbClients), "-n", strconv.Itoa(b.requests),
		"-P", strconv.Itoa(b.depth), "-d", "64", "-t", strings.ToLower(test), "--csv",
	}
	if b.login.User != "" {
		args = append(args, "--user", b.login.User)
	}
	if b.cluster {
		// In this mode the key also contains a random tag, one of 16,384, so
		// that -r 100000 would be 1.6 thousand million keys, each new.
		keys = max(1, keys/16384)
		args = append(args, "--cluster")
	}
	return append(args, "-r", strconv.Itoa(keys)), nil
}

// parseRate finds a test's figure in the CSV that redis-benchmark has printed,
// between other lines.
func parseRate(output, test string) (float64, error) {
	var lines []string
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, `"`) {
			lines = append(lines, line)
		}
	}
	records, err := csv.NewReader(strings.NewReader(strings.Join(lines, ""))).ReadAll()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", rbDriver, err)
	}
	for _, r := range records {
		name, _, _ := strings.Cut(r[0], " ") // "MSET (10 keys)"
		if name == test && len(r) > 1 {
			return strconv.ParseFloat(r[1], 64)
		}
	}
	return 0, errors.New(rbDriver + " printed no rate for " + test + ":\n" + lastOf(output))
}

// lastOf returns the end of a text that may be long.
func lastOf(text string) string {
	const enough = 1000
	return text[max(0, len(text)-enough):]
}
