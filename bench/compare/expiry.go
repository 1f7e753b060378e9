package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"elasticache-local/bench/internal/generator"
)

const (
	// expiryLimit is how long the keys may stay after they have expired.
	expiryLimit = 2 * time.Minute
	// expiryStep is the time between two looks at how many are left.
	expiryStep = 10 * time.Millisecond
	// expiryLead is how long before the keys expire the probe begins; its figures
	// count from that moment on.
	expiryLead = 200 * time.Millisecond
	// probedKeys are those that the probe works on. They do not expire.
	probedKeys = 10_000
)

// massExpiry measures what clients notice of many keys that expire at the same
// moment, and when the server has deleted the last of them: the sooner, the
// sooner it has their memory back.
func massExpiry(o *options) *measurement {
	n := o.scale.expiring
	var loading time.Duration // the longest that was seen
	return &measurement{
		group: nodeShape.String(), name: fmt.Sprintf("probe while %s keys expire at once", count(n)),
		rounds: o.fewRounds(), // most of each is loading
		metrics: []metric{
			{name: "p99.9", unit: microseconds, lower: true, target: 1},
			{name: "longest", unit: microseconds, lower: true, target: 1},
			{name: "all deleted after", unit: milliseconds, lower: true},
		},
		prepare: func(ctx context.Context, sides []*side) error {
			for _, s := range sides {
				took, err := s.loadExpiring(ctx, o, time.Time{})
				if err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
				loading = max(loading, took)
			}
			return nil
		},
		run: func(ctx context.Context, s *side) ([]float64, error) {
			at, err := s.expireSoon(ctx, o, &loading)
			if err != nil {
				return nil, err
			}
			return s.probeExpiry(ctx, s.probeOfExpiry(o), at)
		},
	}
}

// expireSoon loads the keys so that they expire shortly after the last was
// written, and returns when. How long it has to be ahead is known from the
// longest loading; if that was too short the keys are loaded again.
func (s *side) expireSoon(ctx context.Context, o *options, loading *time.Duration) (time.Time, error) {
	const attempts = 3
	for range attempts {
		at := time.Now().Add(2*expiryLead + *loading*3/2)
		took, err := s.loadExpiring(ctx, o, at)
		if err != nil {
			return at, err
		}
		if time.Until(at) >= expiryLead {
			return at, nil
		}
		*loading = max(*loading, took)
	}
	return time.Time{}, errors.New("the keys expire before all are loaded")
}

// loadExpiring replaces what the server holds by keys that expire and those
// that the probe needs. It returns how long that took.
func (s *side) loadExpiring(ctx context.Context, o *options, at time.Time) (time.Duration, error) {
	start := time.Now()
	s.holds = ""
	if err := s.peer.Flush(ctx); err != nil {
		return 0, err
	}
	cfg := s.config(o, "EXPIRING", 1)
	cfg.Keys, cfg.ExpireAt = o.scale.expiring, at
	if err := generator.Fill(ctx, cfg); err != nil {
		return 0, err
	}
	err := generator.Prepare(ctx, s.probeOfExpiry(o))
	return time.Since(start), err
}

func (s *side) probeOfExpiry(o *options) generator.Config {
	cfg := s.config(o, pacedCommand, 1)
	cfg.Connections, cfg.Keys, cfg.Seed = probeConns, min(cfg.Keys, probedKeys), 2
	return cfg
}

// probeExpiry runs the probe until the keys that expire at a time are gone.
func (s *side) probeExpiry(ctx context.Context, probe generator.Config, at time.Time) ([]float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := sleepUntil(ctx, at.Add(-expiryLead)); err != nil {
		return nil, err
	}
	var gone time.Duration
	var goneErr error
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		if gone, goneErr = s.whenLeft(ctx, at, int64(probe.Keys)); goneErr != nil {
			cancel()
		}
	}()
	probe.Rate, probe.Warmup, probe.Duration, probe.Stop = probeRate, max(0, time.Until(at)), expiryLimit, stop
	r, err := drive(ctx, probe)
	if err != nil {
		cancel()
	}
	<-stop
	switch {
	case goneErr != nil && (err == nil || errors.Is(err, context.Canceled)):
		return nil, goneErr // the cause, not the consequence
	case err != nil:
		return nil, err
	case r.Unanswered > 0:
		return nil, fmt.Errorf("%d of the probe's requests were not answered", r.Unanswered)
	}
	return append(quantiles(r, 0.999), us(r.Latency.Max()), ms(gone)), nil
}

// whenLeft returns how long after a time only so many keys are left.
func (s *side) whenLeft(ctx context.Context, since time.Time, keys int64) (time.Duration, error) {
	c := s.peer.Client()
	defer c.Close()
	if err := sleepUntil(ctx, since); err != nil {
		return 0, err
	}
	for {
		size, err := c.DBSize(ctx).Result()
		took := time.Since(since)
		switch {
		case err != nil:
			return 0, err
		case size <= keys:
			return took, nil
		case took > expiryLimit:
			return 0, fmt.Errorf("%d keys are left %v after they have expired", size-keys, expiryLimit)
		}
		if err := sleepUntil(ctx, time.Now().Add(expiryStep)); err != nil {
			return 0, err
		}
	}
}

func sleepUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
