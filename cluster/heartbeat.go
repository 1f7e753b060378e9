package cluster

import "time"

// Periods of what nodes do on their own.
const (
	tickPeriod   = 100 * time.Millisecond
	ticksPerPing = 100 // repl-ping-replica-period is 10 seconds

	// Expired keys are deleted in portions, each about a millisecond of one
	// processor: then the clients' turn comes. All nodes rest for three times as
	// long as it took whichever of them: expiry takes a quarter of one processor, as in
	// Redis. What took long because the machine is busy counts up to a bound, so
	// that memory comes back there as well.
	expiryPortion   = 1000 // keys
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

// portion lets the nodes whose turn it is delete a portion of keys. It gives how
// long to rest before the next, and whether any node may have more.
func (e *expiry) portion() (rest time.Duration, more bool) {
	start := e.clock.Mono()
	e.delete(expiryPortion)
	took := time.Duration(e.clock.Mono() - start)
	return min(max(restsPerPortion*took, minExpiryRest), maxExpiryRest), e.unasked > 0
}

// delete goes round until keys are deleted or no node has more.
func (e *expiry) delete(keys int) {
	all := e.members.all()
	for keys > 0 && e.unasked > 0 && len(all) > 0 {
		m := all[e.turn%len(all)]
		e.turn++
		deleted, more := m.node.Expire(keys)
		if more {
			e.unasked = len(all)
			return
		}
		keys -= deleted
		e.unasked--
	}
}
