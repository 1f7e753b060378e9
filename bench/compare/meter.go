package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/peer"
)

// redis-benchmark's own rate includes the time in which it begins, and with
// --cluster its clock ends in steps of 250 ms. So the rate is taken from the
// server: how many calls of the command INFO commandstats counts between two
// moments in which the run is under way.

// A meter reads at the primaries how often a command was called.
type meter struct {
	peer    *peer.Peer
	clients []*redis.Client
	command string // lower case
}

func newMeter(p *peer.Peer, primaries []string, command string) *meter {
	m := &meter{peer: p, command: command}
	for _, addr := range primaries {
		m.clients = append(m.clients, generator.Client(addr, p.Login))
	}
	return m
}

func (m *meter) close() {
	for _, c := range m.clients {
		c.Close()
	}
}

// A reading is what the primaries said, one after the other.
type reading struct {
	calls []int64
	at    []time.Time
	cpu   time.Duration // of the whole peer; 0 where that is unknown
}

func (r reading) total() (n int64) {
	for _, calls := range r.calls {
		n += calls
	}
	return n
}

func (m *meter) read(ctx context.Context) (reading, error) {
	var r reading
	for _, c := range m.clients {
		asked := time.Now()
		info, err := c.Info(ctx, "commandstats").Result()
		if err != nil {
			return r, err
		}
		// A busy server answers late; it counted at some time in between.
		r.at = append(r.at, asked.Add(time.Since(asked)/2))
		r.calls = append(r.calls, callsIn(info, m.command))
	}
	r.cpu, _ = m.peer.CPU() // unknown of an outside server: then 0 both times
	return r, nil
}

// callsIn finds the calls of a command in INFO commandstats; one that was never
// called is not listed.
func callsIn(info, command string) int64 {
	_, line, found := strings.Cut("\n"+info, "\ncmdstat_"+command+":calls=")
	if !found {
		return 0
	}
	digits, _, _ := strings.Cut(line, ",")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// readingsPerWindow is how often a window is looked at: a run that ends early
// is known up to so small a part.
const (
	readingsPerWindow = 20
	minReadingStep    = 5 * time.Millisecond
)

// watch takes readings until the window is long enough or the run is over.
func (m *meter) watch(ctx context.Context, w *window, ended <-chan struct{}) error {
	ticker := time.NewTicker(max(w.duration/readingsPerWindow, minReadingStep))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ended:
			w.over = true
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		r, err := m.read(ctx)
		if err != nil {
			return err
		}
		if w.add(r); w.complete() {
			return nil
		}
	}
}

// A window is the part of a run that is measured: it begins at the first
// reading at which requests have come in, and ends when it is long enough or at
// the last reading before all have.
type window struct {
	before   reading
	requests int64 // that the run will send
	duration time.Duration
	readings []reading
	over     bool // the run has ended, or all its requests are answered
}

func (w *window) add(r reading) {
	done := r.total() - w.before.total()
	if done > 0 {
		w.readings = append(w.readings, r)
	}
	w.over = w.over || done >= w.requests
}

func (w *window) complete() bool { return w.over || w.length() >= w.duration }

func (w *window) length() time.Duration {
	if len(w.readings) == 0 {
		return 0
	}
	return w.readings[len(w.readings)-1].at[0].Sub(w.readings[0].at[0])
}

var errTooSoon = errors.New("too soon to be measured")

// figures returns the calls per second and the CPU time per call, in µs.
func (w *window) figures(test string) ([]float64, error) {
	readings := w.readings
	if n := len(readings); n > 0 && readings[n-1].total()-w.before.total() >= w.requests {
		readings = readings[:n-1] // the run had ended before
	}
	if len(readings) < 2 {
		return nil, fmt.Errorf("%s ended its %d requests of %s %w", rbDriver, w.requests, test, errTooSoon)
	}
	first, last := readings[0], readings[len(readings)-1]
	rate := 0.0
	for i := range first.calls {
		rate += float64(last.calls[i]-first.calls[i]) / last.at[i].Sub(first.at[i]).Seconds()
	}
	return []float64{rate, perRequest(last.cpu-first.cpu, int(last.total()-first.total()))}, nil
}
