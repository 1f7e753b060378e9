package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"elasticache-local/bench/internal/generator"
)

// pacedCommand is what the open loop sends.
const pacedCommand = "SETGET"

// pacedLatency measures latencies at half of what the slower side can do, so
// that both do the same work and neither is at its limit.
func pacedLatency(o *options, group string) *measurement {
	m := &measurement{
		group: group, name: "GET and SET at half the slower side's rate",
		metrics: []metric{
			{name: "p50", unit: microseconds, lower: true},
			{name: "p99", unit: microseconds, lower: true, target: 1},
			{name: "p99.9", unit: microseconds, lower: true, target: 1},
		},
		prepare: func(ctx context.Context, sides []*side) error {
			for _, s := range sides {
				if err := s.reset(ctx, s.config(o, pacedCommand, 1)); err != nil {
					return err
				}
			}
			return setPace(ctx, sides, func(s *side) generator.Config { return s.config(o, pacedCommand, 1) })
		},
		clean: func(ctx context.Context, s *side) error { return s.clean(ctx, s.config(o, pacedCommand, 1)) },
	}
	m.run = func(ctx context.Context, s *side) ([]float64, error) {
		cfg := s.config(o, pacedCommand, 1)
		if err := s.reset(ctx, cfg); err != nil {
			return nil, err
		}
		r, err := paced(ctx, cfg, s.pace)
		if err != nil {
			return nil, err
		}
		return quantiles(r, 0.5, 0.99, 0.999), nil
	}
	return m
}

// The load under which the longest request is sought, and the requests that
// seek it.
const (
	churnCommand = "SET"
	churnDepth   = 16
	churnBytes   = 512 // of a value; it replaces one of another size
	probeRate    = 2000
	probeConns   = 10
)

// residentLatency seeks the longest request while many keys are resident and
// values are replaced all the time: what a garbage collector, or anything else
// that looks at all keys, costs. The replacing keeps the slower side half
// busy; a probe beside it measures.
func residentLatency(o *options) *measurement {
	many := *o
	many.scale.keys = o.scale.resident
	many.duration = o.scale.churn * o.duration // long enough for several garbage collections
	m := &measurement{
		group: nodeShape.String(),
		name:  fmt.Sprintf("probe beside SETs of %d bytes, %s keys resident", churnBytes, count(o.scale.resident)),
		metrics: []metric{
			{name: "p99", unit: microseconds, lower: true},
			{name: "p99.9", unit: microseconds, lower: true, target: 1},
			{name: "longest", unit: microseconds, lower: true},
		},
	}
	m.prepare = func(ctx context.Context, sides []*side) error {
		for _, s := range sides {
			if err := s.reset(ctx, s.config(&many, "GET", 1)); err != nil {
				return err
			}
		}
		return setPace(ctx, sides, func(s *side) generator.Config { return s.churn(&many) })
	}
	m.run = func(ctx context.Context, s *side) ([]float64, error) {
		probe := s.config(&many, pacedCommand, 1)
		probe.Connections, probe.Seed = probeConns, 2
		return besideChurn(ctx, s, s.churn(&many), probe)
	}
	return m
}

func (s *side) churn(o *options) generator.Config {
	cfg := s.config(o, churnCommand, churnDepth)
	cfg.ValueSize = churnBytes
	return cfg
}

// besideChurn runs the load and the probe at once and returns what the probe
// has seen.
func besideChurn(ctx context.Context, s *side, churn, probe generator.Config) ([]float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := paced(ctx, churn, s.pace)
		if err != nil {
			cancel()
		}
		ended <- err
	}()
	r, err := paced(ctx, probe, probeRate)
	if err != nil {
		cancel()
	}
	if churnErr := <-ended; churnErr != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = churnErr // the cause, not the consequence
	}
	if err != nil {
		return nil, err
	}
	return append(quantiles(r, 0.99, 0.999), us(r.Latency.Max())), nil
}

// setPace gives all sides half of the lowest rate that a closed loop reaches
// with one of their configurations, on the data that is there.
func setPace(ctx context.Context, sides []*side, config func(*side) generator.Config) error {
	slowest := math.Inf(1)
	for _, s := range sides {
		cfg := config(s)
		cfg.Duration = min(cfg.Duration, time.Second)
		r, err := drive(ctx, cfg)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		slowest = min(slowest, r.PerSecond())
	}
	for _, s := range sides {
		s.pace = slowest / 2
	}
	return nil
}

// paced runs the open loop at a rate.
func paced(ctx context.Context, cfg generator.Config, rate float64) (*generator.Result, error) {
	cfg.Rate, cfg.Warmup = rate, cfg.Duration/10
	r, err := drive(ctx, cfg)
	if err == nil && r.Unanswered > 0 {
		err = fmt.Errorf("%d of the requests at %.0f a second were not answered", r.Unanswered, rate)
	}
	return r, err
}

func quantiles(r *generator.Result, qs ...float64) []float64 {
	values := make([]float64, 0, len(qs)+1)
	for _, q := range qs {
		values = append(values, us(r.Latency.Quantile(q)))
	}
	return values
}

func us(d time.Duration) float64 { return float64(d) / 1e3 }
