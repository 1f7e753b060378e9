package main

import (
	"context"
	"fmt"
	"time"
)

// throughput measures the highest rate of a command.
func throughput(o *options, group, command string, depth int, driver string, target float64) *measurement {
	m := &measurement{
		group: group,
		name:  throughputName(command, depth, driver),
		metrics: []metric{
			{name: "rate", unit: perSecond, target: target},
			{name: "server CPU per request", unit: microseconds, lower: true, aside: true},
		},
		clean: func(ctx context.Context, s *side) error { return s.clean(ctx, s.config(o, command, depth)) },
	}
	if driver == rbDriver {
		m.run = func(ctx context.Context, s *side) ([]float64, error) {
			return withRedisBenchmark(ctx, o, s, command, depth)
		}
	} else {
		m.run = func(ctx context.Context, s *side) ([]float64, error) { return withGenerator(ctx, o, s, command, depth) }
	}
	return m
}

func withGenerator(ctx context.Context, o *options, s *side, command string, depth int) ([]float64, error) {
	cfg := s.config(o, command, depth)
	if err := s.reset(ctx, cfg); err != nil {
		return nil, err
	}
	before, _ := s.peer.CPU() // unknown of an outside server: then 0 both times
	r, err := drive(ctx, cfg)
	if err != nil {
		return nil, err
	}
	after, _ := s.peer.CPU()
	s.rates[rateKey(command, depth)] = r.PerSecond()
	return []float64{r.PerSecond(), perRequest(after-before, r.Requests)}, nil
}

func rateKey(command string, depth int) string { return fmt.Sprint(command, " ", depth) }

func perRequest(cpu time.Duration, requests int) float64 {
	return float64(cpu.Nanoseconds()) / 1e3 / float64(max(requests, 1))
}

// rate returns the rate that a command is known to reach on a side; if it has
// not been measured yet, a short trial tells.
func (s *side) rate(ctx context.Context, o *options, command string, depth int) (float64, error) {
	if known := s.rates[rateKey(command, depth)]; known > 0 {
		return known, nil
	}
	trial := *o
	trial.duration = min(o.duration, 500*time.Millisecond)
	_, err := withGenerator(ctx, &trial, s, command, depth)
	return s.rates[rateKey(command, depth)], err
}
