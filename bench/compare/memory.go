package main

import (
	"context"
	"errors"
	"fmt"

	"elasticache-local/bench/internal/generator"
)

func memoryPlan(o *options) []*measurement {
	sc := o.scale
	strings := memoryOf(o, "SET", "strings of 64 bytes under keys of 16", sc.memoryKeys, 1)
	if o.quick { // of few other things the memory of the empty process would be most
		return []*measurement{strings}
	}
	return []*measurement{
		strings,
		memoryOf(o, "SMALL_HASHES", "hashes of 10 fields", sc.containers, 1.2),
		memoryOfConnections(o, sc.idle),
		memoryOf(o, "SMALL_SETS", "sets of 10 members", sc.containers, 1.2),
		memoryOf(o, "SMALL_ZSETS", "sorted sets of 10 members", sc.containers, 1.2),
		memoryOf(o, "SMALL_LISTS", "lists of 10 elements", sc.containers, 1.2),
	}
}

// memoryMetrics are the memory of the whole process, and how much of it each
// thing takes.
func memoryMetrics(each string, target float64) []metric {
	return []metric{
		{name: "resident", unit: mebibytes, lower: true, target: target},
		{name: "bytes " + each, unit: bytesEach, lower: true},
	}
}

const memoryGroup = "memory, one node"

// memoryOf measures the memory of n values of a kind.
func memoryOf(o *options, workload, what string, n int, target float64) *measurement {
	return &measurement{
		group: memoryGroup, name: count(n) + " " + what, fresh: true, rounds: o.fewRounds(),
		metrics: memoryMetrics("a key", target),
		run: func(ctx context.Context, s *side) ([]float64, error) {
			cfg := s.config(o, workload, 1)
			cfg.Keys = n
			return s.growth(ctx, o, n, func() error { return generator.Fill(ctx, cfg) })
		},
	}
}

// memoryOfConnections measures the memory of n connections that do nothing.
func memoryOfConnections(o *options, n int) *measurement {
	return &measurement{
		group: memoryGroup, name: count(n) + " idle connections", fresh: true, rounds: o.fewRounds(),
		metrics: memoryMetrics("a connection", 1),
		run: func(ctx context.Context, s *side) ([]float64, error) {
			var idle *generator.Idle
			defer func() {
				if idle != nil {
					idle.Close()
				}
			}()
			return s.growth(ctx, o, n, func() (err error) {
				idle, err = generator.OpenIdle(ctx, s.peer.Addr, s.peer.Login, n)
				return err
			})
		},
	}
}

// growth returns the resident memory after fill, in MiB, and what each of n
// things has added to it, in bytes.
func (s *side) growth(ctx context.Context, o *options, n int, fill func() error) ([]float64, error) {
	before, err := s.peer.Settled(ctx, o.scale.settle)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, fmt.Errorf("the memory of a process is measured on Linux only: %w", err)
	}
	if err != nil {
		return nil, err
	}
	if err := fill(); err != nil {
		return nil, err
	}
	after, err := s.peer.Settled(ctx, o.scale.settle)
	if err != nil {
		return nil, err
	}
	return []float64{float64(after) / (1 << 20), float64(after-before) / float64(n)}, nil
}
