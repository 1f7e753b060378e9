package main

import (
	"context"
	"fmt"
	"strings"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/peer"
)

// A side is one of the two that are compared.
type side struct {
	name     string
	program  *peer.Program // nil for a server that runs already
	peer     *peer.Peer    // what is measured now; nil between sessions
	rates    map[string]float64
	pace     float64  // requests per second of the open loop
	prefixes []string // see redisBench, of peer
	holds    string   // what is stored there, if it is still as it was written; otherwise ""
}

func newSide(name string) *side { return &side{name: name, rates: make(map[string]float64)} }

// start makes a server of a shape the one that is measured.
func (s *side) start(ctx context.Context, shape peer.Shape) error {
	if s.program == nil {
		return nil
	}
	var err error
	s.holds, s.prefixes = "", nil
	s.peer, err = s.program.Start(ctx, shape)
	return err
}

// stop ends what start has started.
func (s *side) stop() {
	if s.program != nil && s.peer != nil {
		s.peer.Stop()
		s.peer = nil
	}
}

// keyPrefix marks the keys that are written to somebody else's server.
const keyPrefix = "elasticache-local-bench:"

// config returns the generator's settings for a workload.
func (s *side) config(o *options, workload string, depth int) generator.Config {
	cfg := generator.Defaults()
	cfg.Addr, cfg.Login = s.peer.Addr, s.peer.Login
	cfg.Workload, cfg.Pipeline, cfg.Keys, cfg.Duration = workload, depth, o.scale.keys, o.duration
	if !s.peer.Started() {
		cfg.Prefix = keyPrefix
	}
	return cfg
}

// reset gives the server exactly the data that the workload starts from. What
// a workload leaves as it is need not be written twice.
func (s *side) reset(ctx context.Context, cfg generator.Config) error {
	return s.refill(ctx, cfg, dataset(cfg), keepsData(cfg.Workload), func() error { return generator.Prepare(ctx, cfg) })
}

// refill empties the server and fills it, unless it holds the same already.
func (s *side) refill(ctx context.Context, cfg generator.Config, what string, keeps bool, fill func() error) error {
	if keeps && s.holds == what {
		return nil
	}
	s.holds = ""
	var err error
	if s.peer.Started() {
		err = s.peer.Flush(ctx)
	} else {
		err = generator.Clean(ctx, cfg)
	}
	if err == nil {
		err = fill()
	}
	if err == nil && keeps {
		s.holds = what
	}
	return err
}

// dataset names what a workload starts from.
func dataset(cfg generator.Config) string {
	what := cfg.Workload
	if onStrings(what) {
		what = "strings"
	}
	return fmt.Sprintf("%s, %d keys", what, cfg.Keys)
}

// onStrings tells whether a workload reads or overwrites strings that are there.
func onStrings(workload string) bool {
	return workload == "SET" || workload == "GET" || workload == pacedCommand
}

// keepsData tells whether a workload leaves the keys and their sizes as they are.
func keepsData(workload string) bool {
	return onStrings(workload) || strings.HasPrefix(workload, "LRANGE_")
}

// clean removes what a workload has left on a server that will live on.
func (s *side) clean(ctx context.Context, cfg generator.Config) error {
	if s.peer.Started() {
		return nil
	}
	s.holds = ""
	return generator.Clean(ctx, cfg)
}

// drive runs the generator and insists that every request succeeds, and that
// what is read is there.
func drive(ctx context.Context, cfg generator.Config) (*generator.Result, error) {
	r, err := generator.Run(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if r.Errors > 0 {
		return nil, fmt.Errorf("%d error replies, the first: %s", r.Errors, r.FirstError)
	}
	if r.Empty > 0 && onStrings(cfg.Workload) {
		return nil, fmt.Errorf("%d keys were not found", r.Empty)
	}
	return r, nil
}
