package protocol

const (
	// balanceTurns is after how many turns a loop thinks about how much it has to do.
	balanceTurns = 64
	// timedTurns is how many turns there are for each whose time is taken.
	timedTurns = 16
	// crowdedTurn is how many connections a turn serves that another loop should share,
	// fullTurn how many bytes it reads, longTurn how long it takes.
	crowdedTurn = 10
	fullTurn    = 4 << 10
	longTurn    = 500_000 // nanoseconds
	// Strain is told in percent of such a turn. It takes hotLooks with full strain in a row for
	// another loop to be used, so that a burst does not do it, and calmLooks in a row with no more
	// than calmStrain of all loops together for one of them to rest.
	fullStrain = 100
	hotLooks   = 4
	calmStrain = 80
	calmLooks  = 8
)

// gauge adds up what a loop has done since it last thought about it.
type gauge struct {
	turns, served int
	read          int // bytes
	timed         int
	took          int64 // the timed turns, in nanoseconds
	began         int64 // the present turn, if it is timed
	hot, calm     int   // how often in a row there was too much to do, or little
}

// begin is told of a turn that serves so many connections.
func (g *gauge) begin(served int, mono func() int64) {
	g.turns++
	g.served += served
	if g.turns%timedTurns == 0 {
		g.began = mono()
	}
}

// end ends the turn, and reports whether it is time to think.
func (g *gauge) end(mono func() int64) (think bool) {
	if g.turns%timedTurns == 0 {
		g.timed++
		g.took += mono() - g.began
	}
	return g.turns >= balanceTurns
}

// strain tells how much there was to do, in percent, and begins anew.
func (g *gauge) strain() int64 {
	strain := max(g.served*fullStrain/(g.turns*crowdedTurn), g.read*fullStrain/(g.turns*fullTurn), int(g.took*fullStrain/longTurn)/g.timed)
	*g = gauge{hot: g.hot, calm: g.calm}
	return int64(strain)
}

// balance has one more loop carry connections while this one has too much to do, and one
// less while all together have little.
func (l *loop) balance(strain int64) {
	l.strain.Store(strain)
	all, g := l.all, &l.gauge
	n := all.active.Load()
	hot := strain >= fullStrain && int(n) < len(all.loops)
	calm := n > all.least() && all.strain(n) <= calmStrain
	if inARow(&g.hot, hot, hotLooks) {
		all.loops[n].strain.Store(strain) // until it knows better
		all.active.CompareAndSwap(n, n+1)
	}
	if inARow(&g.calm, calm, calmLooks) {
		all.active.CompareAndSwap(n, n-1)
	}
}

// inARow counts how often something was so without a break, and reports every limit-th time.
func inARow(count *int, so bool, limit int) bool {
	if !so {
		*count = 0
		return false
	}
	*count = (*count + 1) % limit
	return *count == 0
}

// strain is that of the first n loops together.
func (l *Loops) strain(n int32) (sum int64) {
	for _, one := range l.loops[:n] {
		sum += one.strain.Load()
	}
	return sum
}

// least is how many loops are active in any case.
func (l *Loops) least() int32 { return int32(max(1, len(l.loops)/2)) }

// current is the loop that carries the connections of a seat now.
func (l *Loops) current(seat *loop) *loop { return l.loops[seat.index%int(l.active.Load())] }
