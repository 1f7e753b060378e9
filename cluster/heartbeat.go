package cluster

import "time"

// Periods of what nodes do on their own.
const (
	tickPeriod   = 100 * time.Millisecond
	ticksPerPing = 100 // repl-ping-replica-period is 10 seconds

	// After a portion of expired keys was deleted, by whichever node, all rest
	// for three times as long: expiry takes a quarter of one processor, as in
	// Redis. What took long because the machine is busy counts up to a bound, so
	// that memory comes back there as well.
	restsPerPortion = 3
	minExpiryRest   = 1 * time.Millisecond
	maxExpiryRest   = 5 * time.Millisecond
)

// heartbeat is the life of a goroutine in which the nodes do what they do on
// their own: expire keys, tidy up, ping replicas. Between ticks it sleeps unless
// a node has more keys to delete.
func (r *runner) heartbeat() {
	e := expiry{members: r.members, clock: r.clock}
	ticker := time.NewTicker(tickPeriod)
	defer ticker.Stop()
	var rested <-chan time.Time // nil while there is nothing more to expire
	for n := 1; ; {
		select {
		case <-r.closing:
			return
		case <-ticker.C:
			r.beat(n%ticksPerPing == 0)
			n++
			e.begin()
			if rested != nil {
				continue
			}
		case <-rested:
		}
		rested = nil
		if rest, more := e.portion(); more {
			rested = time.After(rest)
		}
	}
}

func (r *runner) beat(ping bool) {
	for _, m := range r.members.all() {
		m.node.Tick()
		if ping {
			m.node.Ping()
		}
	}
}

// expiry lets the nodes delete expired keys, a portion at a time and each in its
// turn, until none has any.
type expiry struct {
	members *members
	clock   *clock
	turn    int // whose it is, counted on and on
	unasked int // nodes that may have something to delete
}

// begin has every node asked again.
func (e *expiry) begin() { e.unasked = len(e.members.all()) }

// portion lets the next node that has expired keys delete some. It reports for
// how long to rest before the next portion, or that no node has more.
func (e *expiry) portion() (rest time.Duration, more bool) {
	start := e.clock.Mono()
	all := e.members.all()
	for ; e.unasked > 0 && len(all) > 0; e.unasked-- {
		m := all[e.turn%len(all)]
		e.turn++
		if m.node.Expire() {
			e.unasked = len(all)
			took := time.Duration(e.clock.Mono() - start)
			return min(max(restsPerPortion*took, minExpiryRest), maxExpiryRest), true
		}
	}
	return 0, false
}
