package generator

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	readBytes = 1 << 20          // for the replies of all sockets that are read together
	sendBytes = 1 << 20          // about, for the requests of all that are written together
	silence   = 30 * time.Second // without any reply: the server is given up
	pollTime  = 100 * time.Millisecond
)

// A loop is one thread's part of a measurement. Once run has started, only its
// goroutine touches it.
type loop struct {
	cfg      Config
	workload *Workload
	pick     []uint8 // commands by weight, drawn from at random; nil if there is one
	keys     []keyIndex
	inTurn   bool  // keys one after the other instead of at random
	cursor   []int // per shard: the next key in turn
	conns    []conn
	poll     *poller
	batch    *batch
	ready    []*conn // with something to read, and later with something to send
	in, out  []byte
	largest  int // bytes of the longest command
	numbers  numbers

	start     time.Time
	cancelled *atomic.Bool
	interval  float64 // open loop: ns between requests of this loop
	due       int     // open loop: requests whose time has come
	end       time.Duration

	budget   int   // requests still to send; negative: no bound
	left     []int // the budget by shard if keys come in turn, nil otherwise
	sent     int
	answered int
	progress time.Duration // of the last reply

	counted int // requests after the warm-up
	lastAt  time.Duration
	latency Histogram
	lag     Histogram
}

func newLoops(ctx context.Context, cfg Config, w *Workload, route *Route, inTurn bool) ([]*loop, error) {
	keys := make([]keyIndex, len(w.commands))
	for i, t := range w.commands {
		if i > 0 && t.key == w.commands[i-1].key {
			keys[i] = keys[i-1]
			continue
		}
		keys[i] = newKeyIndex(t.key, cfg.Keys, route)
	}
	if err := eachShardHasKeys(keys, route); err != nil {
		return nil, err
	}
	var loops []*loop
	for i := range cfg.Threads {
		l, err := newLoop(ctx, cfg, w, route, keys, i)
		if l != nil {
			if l.inTurn = inTurn; inTurn && l.budget > 0 {
				l.left = splitByShard(l.budget, keys[0], len(route.Addrs), cfg.Keys)
			}
			loops = append(loops, l)
		}
		if err != nil {
			return loops, err
		}
	}
	return loops, nil
}

func eachShardHasKeys(keys []keyIndex, route *Route) error {
	for _, x := range keys {
		for shard := range x {
			if len(x[shard]) == 0 {
				return fmt.Errorf("no key of the key space belongs to the shard at %s: use more keys", route.Addrs[shard])
			}
		}
	}
	return nil
}

// newLoop connects the n-th loop. On an error the caller closes what it got.
func newLoop(ctx context.Context, cfg Config, w *Workload, route *Route, keys []keyIndex, n int) (*loop, error) {
	l := &loop{
		cfg: cfg, workload: w, pick: pickByWeight(w.commands), keys: keys,
		cursor: make([]int, len(route.Addrs)), in: make([]byte, readBytes), budget: -1,
		numbers: numbers{
			state: cfg.Seed<<8 + uint64(n), members: uint64(cfg.Members),
			serial: uint64(n), serialStep: uint64(cfg.Threads),
		},
		end: cfg.Warmup + cfg.Duration,
	}
	if cfg.Requests > 0 {
		l.budget = share(cfg.Requests, cfg.Threads, n)
	}
	if cfg.Duration == 0 {
		l.end = maxDuration
	}
	largest := 0
	for _, t := range w.commands {
		largest = max(largest, len(t.bytes))
	}
	if largest*cfg.Pipeline > maxBatch {
		return nil, fmt.Errorf("%d requests of %d bytes in a pipeline are more than %d bytes", cfg.Pipeline, largest, maxBatch)
	}
	l.batch = newBatch()
	l.largest = largest
	l.out = make([]byte, 0, max(largest*cfg.Pipeline, sendBytes))
	var err error
	if l.poll, err = newPoller(); err != nil {
		return nil, err
	}
	conns := share(cfg.Connections, cfg.Threads, n)
	l.conns, l.ready = make([]conn, 0, conns), make([]*conn, 0, conns)
	for i := range conns {
		if err := l.connect(ctx, route, i%len(route.Addrs)); err != nil {
			return l, err
		}
	}
	l.interval = 1e9 / cfg.Rate * float64(cfg.Threads)
	return l, nil
}

// share returns how much of total falls to the i-th of n.
func share(total, n, i int) int { return total*(i+1)/n - total*i/n }

// splitByShard gives each shard its part of n requests, in proportion to its
// keys. So a multiple of the number of keys meets each key equally often.
func splitByShard(n int, index keyIndex, shards, keys int) []int {
	left := make([]int, shards)
	seen, given := 0, 0
	for shard := range left {
		seen += index.size(shard, keys)
		left[shard] = n*seen/keys - given
		given += left[shard]
	}
	return left
}

func (l *loop) connect(ctx context.Context, route *Route, shard int) error {
	s, err := dial(ctx, route.Addrs[shard], l.cfg.Login)
	if err != nil {
		return err
	}
	l.conns = append(l.conns, conn{
		socket: s, shard: shard, index: len(l.conns),
		replies: replies{text: make([]byte, 0, maxErrorText)},
	})
	return l.poll.add(s, len(l.conns)-1)
}

func (l *loop) close() {
	for i := range l.conns {
		l.conns[i].socket.close()
	}
	l.poll.close()
	l.batch.close()
}

// pickByWeight returns a list in which each command's index stands as often as
// its weight says.
func pickByWeight(commands []template) []uint8 {
	if len(commands) == 1 {
		return nil
	}
	var pick []uint8
	for i, t := range commands {
		for range t.weight {
			pick = append(pick, uint8(i))
		}
	}
	return pick
}

// errCancelled ends a loop whose run is over for another reason.
var errCancelled = errors.New("cancelled")

func (l *loop) run(start time.Time, cancelled *atomic.Bool) error {
	l.start, l.cancelled = start, cancelled
	open := l.cfg.Rate > 0
	if open {
		if err := l.poll.tick(time.Duration(l.interval)); err != nil {
			return err
		}
	} else {
		for i := range l.conns {
			l.ready = append(l.ready, &l.conns[i])
		}
		if err := l.sendAll(l.now()); err != nil {
			return err
		}
	}
	for {
		if err := l.turn(open); err != nil {
			return err
		}
		now := l.now()
		l.obeyStop(now)
		switch over, err := l.over(open, now); {
		case over:
			l.finish(open, now)
			return nil
		case err != nil:
			return err
		case cancelled.Load():
			return errCancelled
		}
	}
}

// obeyStop ends the loop's time if it is to stop.
func (l *loop) obeyStop(now time.Duration) {
	select {
	case <-l.cfg.Stop:
		l.end = min(l.end, max(now, l.cfg.Warmup))
	default:
	}
}

func (l *loop) now() time.Duration { return time.Since(l.start) }

// turn waits for events once and acts on them.
func (l *loop) turn(open bool) error {
	events, err := l.poll.wait(pollTime)
	if err != nil {
		return err
	}
	for i := range events {
		c := &l.conns[events[i].id]
		if events[i].writable {
			if err := l.flush(c); err != nil {
				return err
			}
		}
		if events[i].readable {
			l.ready = append(l.ready, c)
		}
	}
	if err := l.receiveAll(open); err != nil {
		return err
	}
	now := l.now()
	if open {
		l.announce(now)
	}
	return l.sendAll(now)
}

// keep has the rest of what was sent wait until the socket takes it.
func (l *loop) keep(c *conn, left []byte) error {
	if len(left) == 0 {
		return nil
	}
	c.unsent = append(c.unsent[:0], left...)
	return l.poll.wantWrite(c.socket, c.index, true)
}

// flush writes more of what the socket did not take at once.
func (l *loop) flush(c *conn) error {
	left, err := c.socket.write(c.unsent)
	if err != nil {
		return c.failed(err)
	}
	c.unsent = c.unsent[:copy(c.unsent, left)]
	if len(left) == 0 {
		return l.poll.wantWrite(c.socket, c.index, false)
	}
	return nil
}

func (l *loop) appendRequest(b []byte, shard int) []byte {
	i := 0
	if l.pick != nil {
		i = int(l.pick[l.numbers.below(uint64(len(l.pick)))])
	}
	index := l.keys[i]
	size := index.size(shard, l.cfg.Keys)
	var nth int
	if l.inTurn {
		nth = l.cursor[shard]
		if l.cursor[shard]++; l.cursor[shard] == size {
			l.cursor[shard] = 0
		}
	} else {
		nth = int(l.numbers.below(uint64(size)))
	}
	return l.workload.commands[i].appendTo(b, index.at(shard, nth), &l.numbers)
}

// over tells whether the measurement is complete, or that it cannot become so.
func (l *loop) over(open bool, now time.Duration) (bool, error) {
	switch {
	case l.budget == 0 && l.answered == l.sent:
		return true, nil
	case open && now >= l.end+l.cfg.Drain:
		return true, nil
	case open && now >= l.end:
		return l.allDue() && l.answered == l.due, nil
	case now >= l.end:
		return true, nil
	case l.sent > l.answered && now-l.progress > silence:
		return false, fmt.Errorf("no reply from %s for %v", l.cfg.Addr, silence)
	}
	return false, nil
}

func (l *loop) finish(open bool, now time.Duration) {
	if open {
		l.countUnanswered(now)
	}
}

func (l *loop) addTo(r *Result) {
	r.Requests += l.counted
	r.Elapsed = max(r.Elapsed, l.elapsed())
	r.Latency.Merge(&l.latency)
	r.Lag.Merge(&l.lag)
	if l.cfg.Rate > 0 {
		r.Unanswered += l.due - l.answered
	}
	for i := range l.conns {
		p := &l.conns[i].replies
		r.Errors += p.errors
		r.Empty += p.empty
		if r.FirstError == "" {
			r.FirstError = string(p.text)
		}
	}
}

// elapsed is the time in which the counted requests were completed. An open loop counts
// those that were under way at its end, and the time they took.
func (l *loop) elapsed() time.Duration {
	if l.cfg.Duration > 0 && l.budget != 0 {
		return max(l.end, l.lastAt) - l.cfg.Warmup
	}
	return l.lastAt - l.cfg.Warmup
}
