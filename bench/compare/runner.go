package main

import (
	"context"
	"errors"
	"fmt"

	"elasticache-local/bench/internal/peer"
)

// A runner takes the measurements of a plan one after the other.
type runner struct {
	options  *options
	sides    []*side
	progress *progress
	results  []*result
}

// A result is what was measured of one measurement.
type result struct {
	*measurement
	values [][][]float64 // by side, by round, by metric
	err    error         // why there are no values, or no more
}

// of returns the values of a side's metric, round by round.
func (r *result) of(side, metric int) []float64 {
	var all []float64
	for _, round := range r.values[side] {
		all = append(all, round[metric])
	}
	return all
}

// run takes all measurements. One that fails is noted and the next is taken;
// only the end of ctx or a server that does not start ends it.
func (r *runner) run(ctx context.Context, sessions []session) error {
	for _, s := range sessions {
		if err := r.session(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) session(ctx context.Context, s session) error {
	defer r.stopAll()
	shared := false
	for _, m := range s.measurements {
		if !m.fresh && !shared {
			if err := r.startAll(ctx, s.shape); err != nil {
				return err
			}
			shared = true
		}
		result := &result{measurement: m, values: make([][][]float64, len(r.sides))}
		result.err = r.measure(ctx, s.shape, result)
		if err := ctx.Err(); err != nil {
			return err
		}
		r.results = append(r.results, result)
		r.progress.done(result)
		if shared {
			if err := r.allRun(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *runner) startAll(ctx context.Context, shape peer.Shape) error {
	for _, s := range r.sides {
		r.progress.say("starting %s as %v", s.name, shape)
		if err := s.start(ctx, shape); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) stopAll() {
	for _, s := range r.sides {
		s.stop()
	}
}

func (r *runner) allRun() error {
	for _, s := range r.sides {
		if err := s.peer.Running(); err != nil {
			return err
		}
	}
	return nil
}

// measure takes the rounds of one measurement. The side that is measured first
// changes from round to round.
func (r *runner) measure(ctx context.Context, shape peer.Shape, result *result) error {
	m := result.measurement
	if m.prepare != nil {
		r.progress.say("%s: preparing", m.id())
		if err := m.prepare(ctx, r.sides); err != nil {
			return err
		}
	}
	for round := range m.rounds {
		for i := range r.sides {
			which := (i + round) % len(r.sides)
			s := r.sides[which]
			r.progress.measuring(m, round, s.name)
			values, err := r.once(ctx, shape, m, s)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, errors.Join(err, s.ended()))
			}
			if len(values) != len(m.metrics) {
				panic(fmt.Sprintf("%s yielded %d values for %d metrics", m.id(), len(values), len(m.metrics)))
			}
			result.values[which] = append(result.values[which], values)
		}
	}
	for _, s := range r.sides {
		if m.clean != nil {
			if err := m.clean(ctx, s); err != nil {
				return fmt.Errorf("%s: clean up: %w", s.name, err)
			}
		}
	}
	return nil
}

// once measures one side once.
func (r *runner) once(ctx context.Context, shape peer.Shape, m *measurement, s *side) ([]float64, error) {
	if !m.fresh {
		return m.run(ctx, s)
	}
	if err := s.start(ctx, shape); err != nil {
		return nil, err
	}
	defer s.stop()
	return m.run(ctx, s)
}

// ended returns the last words of a server that has ended, or nil.
func (s *side) ended() error {
	if s.peer == nil {
		return nil
	}
	return s.peer.Running()
}
