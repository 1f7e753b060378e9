package peer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"elasticache-local/bench/internal/generator"
)

// A Shape is what a server looks like to its clients.
type Shape struct {
	Shards   int
	Replicas int  // of each shard
	Cluster  bool // cluster mode
}

// String writes "cluster 3×(1+1)" or "one node".
func (s Shape) String() string {
	switch {
	case s.Cluster:
		return fmt.Sprintf("cluster %d×(1+%d)", s.Shards, s.Replicas)
	case s.Replicas == 0:
		return "one node"
	}
	return fmt.Sprintf("one primary, %d replicas", s.Replicas)
}

func (s Shape) nodes() int { return s.Shards * (1 + s.Replicas) }

// A Peer is a server that runs and answers.
type Peer struct {
	Name  string // for people, with the version
	Addr  string // a node of it, a primary if the shape has one shard
	Login generator.Login

	processes []*process // none of a server that somebody else has started
	dir       string     // temporary; "" if there is none
}

// Outside returns a server that runs already. Stop does not end it.
func Outside(ctx context.Context, addr string, login generator.Login) (*Peer, error) {
	c := generator.Client(addr, login)
	defer c.Close()
	if err := c.Ping(ctx).Err(); err != nil {
		return nil, fmt.Errorf("%s does not answer PING: %w", addr, err)
	}
	return &Peer{Name: addr, Addr: addr, Login: login}, nil
}

// Started tells whether the peer's processes were started here.
func (p *Peer) Started() bool { return len(p.processes) > 0 }

// Stop ends the peer's processes and waits for their end. It may be called
// twice.
func (p *Peer) Stop() {
	for _, one := range p.processes {
		one.askToStop()
	}
	for _, one := range p.processes {
		one.stop()
	}
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
		p.dir = ""
	}
}

// Running returns an error with the last words of a process that has ended.
func (p *Peer) Running() error {
	for _, one := range p.processes {
		if err := one.running(); err != nil {
			return err
		}
	}
	return nil
}

// ErrNotOurs is returned for what can only be known of processes that were
// started here.
var ErrNotOurs = errors.New("the server was not started here")

// Resident returns how much memory the peer's processes hold, in bytes.
func (p *Peer) Resident() (int64, error) { return sum(p.processes, residentBytes) }

// CPU returns how much CPU time the peer's processes have used.
func (p *Peer) CPU() (time.Duration, error) { return sum(p.processes, cpuTime) }

func sum[T int64 | time.Duration](processes []*process, of func(pid int) (T, error)) (total T, err error) {
	if len(processes) == 0 {
		return 0, ErrNotOurs
	}
	for _, one := range processes {
		n, err := of(one.cmd.Process.Pid)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// Settled returns Resident once it no longer changes: a server may give memory
// back some time after it was freed. It looks once per step and waits for 40
// steps at most.
func (p *Peer) Settled(ctx context.Context, step time.Duration) (int64, error) {
	const (
		steps = 40
		quiet = 4 // steps without a change of more than 1/200
	)
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	last, calm := int64(0), 0
	for range steps {
		now, err := p.Resident()
		if err != nil {
			return 0, err
		}
		if calm++; abs(now-last) > last/200 {
			last, calm = now, 0
		}
		if calm == quiet {
			return now, nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return p.Resident()
}

func abs(n int64) int64 { return max(n, -n) }

// flushTime is how long a server may take to empty itself: one with a million keys that
// have just expired needs seconds when the machine is busy.
const flushTime = time.Minute

// Flush empties the server. It refuses to empty one that was not started here.
func (p *Peer) Flush(ctx context.Context) error {
	if !p.Started() {
		return ErrNotOurs
	}
	route, err := generator.Discover(ctx, p.Addr, p.Login)
	if err != nil {
		return err
	}
	for _, addr := range route.Addrs {
		c := generator.Client(addr, p.Login)
		err := c.WithTimeout(flushTime).FlushAll(ctx).Err()
		c.Close()
		if err != nil {
			return fmt.Errorf("FLUSHALL at %s: %w", addr, err)
		}
	}
	return nil
}

// Client returns a client for single commands to the peer's Addr.
func (p *Peer) Client() *redis.Client { return generator.Client(p.Addr, p.Login) }
