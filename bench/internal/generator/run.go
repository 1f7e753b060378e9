package generator

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Config describes one measurement. Either Duration or Requests must be set.
type Config struct {
	Addr        string  // any node
	Login       Login   // how to authenticate there
	Workload    string  // one of Names
	Connections int     // over all shards, in turn
	Pipeline    int     // requests under way per connection, at most
	Threads     int     // 1 is enough for one server core
	Keys        int     // size of the key space
	Members     int     // different members or fields of one container
	ValueSize   int     // bytes
	Prefix      string  // what keys begin with
	Rate        float64 // requests per second of an open loop; 0: closed loop
	Duration    time.Duration
	Warmup      time.Duration   // comes before Duration and is not counted
	Drain       time.Duration   // open loop: how long to wait for the last replies
	Requests    int             // stop after so many; 0: no bound
	Seed        uint64          // of the random numbers
	ExpireAt    time.Time       // when the keys of EXPIRING expire; zero: in an hour
	Stop        <-chan struct{} // ends the measurement, once closed, as if Duration were over; may be nil
}

// Bounds on a Config, so that a slip of the pen does not take the machine down.
const (
	maxConnections = 65_536
	maxThreads     = 64
	maxPipeline    = 16_384
	maxValueSize   = 1 << 20        // bytes
	maxBatch       = 256 << 20      // bytes that one connection sends at once
	maxDuration    = 24 * time.Hour // with Warmup and Drain
)

// Defaults returns the settings that redis-benchmark has, with 100,000 keys
// and values of 64 bytes.
func Defaults() Config {
	return Config{
		Addr: "127.0.0.1:6379", Workload: "SET", Connections: 50, Pipeline: 1, Threads: 1,
		Keys: 100_000, Members: 1000, ValueSize: 64, Duration: 5 * time.Second, Drain: 5 * time.Second, Seed: 1,
	}
}

// A Result is what was measured after Warmup.
type Result struct {
	Requests   int // answered; in an open loop those included that are answered after the end
	Elapsed    time.Duration
	Latency    Histogram
	Lag        Histogram // open loop: how late the generator itself looked at its timetable
	Errors     int       // error replies, Warmup included
	FirstError string
	Empty      int // null replies, Warmup included
	Unanswered int // open loop: due but not answered within Drain after the end; their waiting is in Latency
}

// PerSecond returns the rate of completed requests.
func (r *Result) PerSecond() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Requests) / r.Elapsed.Seconds()
}

func (c *Config) validate() error {
	inRange := func(name string, v, low, high int) error {
		if v < low || v > high {
			return fmt.Errorf("%s is %d, must be between %d and %d", name, v, low, high)
		}
		return nil
	}
	err := errors.Join(
		inRange("connections", c.Connections, 1, maxConnections),
		inRange("threads", c.Threads, 1, min(maxThreads, c.Connections)),
		inRange("pipeline", c.Pipeline, 1, maxPipeline),
		inRange("keys", c.Keys, 1, maxKeys),
		inRange("members", c.Members, 1, maxKeys),
		inRange("value size", c.ValueSize, 0, maxValueSize),
	)
	switch {
	case err != nil:
		return err
	case c.Rate < 0 || c.Rate > 1e8:
		return fmt.Errorf("rate is %v, must be between 0 and 1e8 a second", c.Rate)
	case min(c.Duration, c.Warmup, c.Drain) < 0 || c.Duration+c.Warmup+c.Drain > maxDuration:
		return fmt.Errorf("duration %v, warm-up %v and drain %v, must be within %v", c.Duration, c.Warmup, c.Drain, maxDuration)
	case c.Rate > 0 && c.Duration <= 0:
		return errors.New("an open loop needs a duration")
	}
	return nil
}

func (c *Config) expireAt() time.Time {
	if c.ExpireAt.IsZero() {
		return time.Now().Add(time.Hour)
	}
	return c.ExpireAt
}

// workload returns the workload of a valid configuration.
func (c *Config) workload() (*Workload, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return newWorkload(c)
}

// Prepare writes what the workload reads, overwrites or removes: the strings for
// GET and SET, the lists for LPOP. It only adds, so it is for an empty server.
func Prepare(ctx context.Context, cfg Config) error {
	w, err := cfg.workload()
	if err != nil {
		return err
	}
	n := w.fillRequests(w.keys(cfg.Keys))
	if n == 0 {
		return nil
	}
	cfg.Keys = w.keys(cfg.Keys)
	return complete(run(ctx, fillConfig(cfg, n), &Workload{commands: w.fill}, true))
}

// Fill sends the workload's command once for every key.
func Fill(ctx context.Context, cfg Config) error {
	w, err := cfg.workload()
	if err != nil {
		return err
	}
	return complete(run(ctx, fillConfig(cfg, cfg.Keys), w, true))
}

// complete is for runs in which every request has to succeed.
func complete(r *Result, err error) error {
	if err == nil && r.Errors > 0 {
		err = fmt.Errorf("%d error replies, the first: %s", r.Errors, r.FirstError)
	}
	return err
}

// Clean deletes every key that the workload may have written.
func Clean(ctx context.Context, cfg Config) error {
	w, err := cfg.workload()
	if err != nil {
		return err
	}
	cfg.Keys = w.keys(cfg.Keys)
	for _, e := range w.erase() {
		if err := complete(run(ctx, fillConfig(cfg, cfg.Keys), e, true)); err != nil {
			return err
		}
	}
	return nil
}

// fillConfig is cfg for n requests as fast as is reasonable.
func fillConfig(cfg Config, n int) Config {
	cfg.Rate, cfg.Duration, cfg.Warmup, cfg.Requests = 0, 0, 0, n
	cfg.Threads, cfg.Connections = 1, max(8, min(cfg.Connections, 50))
	cfg.Pipeline = max(1, min(32, (1<<20)/(cfg.ValueSize+64)))
	return cfg
}

// Run measures once. An error reply does not end it; see Result.Errors.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	w, err := cfg.workload()
	if err != nil {
		return nil, err
	}
	if cfg.Duration == 0 && cfg.Requests <= 0 {
		return nil, errors.New("neither a duration nor a number of requests is given")
	}
	cfg.Keys = w.keys(cfg.Keys)
	if limit := w.requestLimit(cfg.Keys); limit > 0 && (cfg.Requests == 0 || cfg.Requests > limit) {
		cfg.Requests = limit
	}
	return run(ctx, cfg, w, w.consumes)
}

func run(ctx context.Context, cfg Config, w *Workload, inTurn bool) (*Result, error) {
	route, err := Discover(ctx, cfg.Addr, cfg.Login)
	if err != nil {
		return nil, err
	}
	if inTurn {
		cfg.Threads = 1 // one cursor over the keys
		cfg.Connections = max(cfg.Connections, len(route.Addrs))
	}
	if cfg.Connections < len(route.Addrs)*cfg.Threads {
		return nil, fmt.Errorf("%d connections are too few for %d shards and %d threads", cfg.Connections, len(route.Addrs), cfg.Threads)
	}
	loops, err := newLoops(ctx, cfg, w, route, inTurn)
	defer func() {
		for _, l := range loops {
			l.close()
		}
	}()
	if err != nil {
		return nil, err
	}
	return runLoops(ctx, loops)
}

// runLoops runs every loop on a goroutine of its own and sums up.
func runLoops(ctx context.Context, loops []*loop) (*Result, error) {
	var cancelled atomic.Bool
	stop := context.AfterFunc(ctx, func() { cancelled.Store(true) })
	defer stop()
	start := time.Now()
	ends := make(chan error, len(loops))
	for _, l := range loops {
		go func() { ends <- l.run(start, &cancelled) }()
	}
	var errs []error
	for range loops {
		if err := <-ends; err != nil {
			errs = append(errs, err)
			cancelled.Store(true)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(errs) > 0 {
		return nil, errs[0]
	}
	total := &Result{}
	for _, l := range loops {
		l.addTo(total)
	}
	return total, nil
}
