package corpus

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// sortGen makes random SORTs over lists, sets and sorted sets, and what
// changes those and the keys that patterns name.
type sortGen struct{ r *rand.Rand }

func (g sortGen) elem() string {
	if g.r.IntN(8) == 0 {
		return pick(g.r, "0.5", "-1", "1e2", "inf", "-inf", " 3", "0x11", "", "007")
	}
	return strconv.Itoa(g.r.IntN(20))
}

func (g sortGen) source() string { return pick(g.r, "l1", "l2", "s1", "z1", "d", "none", "str") }

func (g sortGen) limit() []string {
	if g.r.IntN(2) == 0 {
		return nil
	}
	n := func() string {
		return pick(g.r, "0", "1", "2", "5", "-1", "-3", "100", "9223372036854775807", "-9223372036854775808", "x")
	}
	return []string{"LIMIT", n(), n()}
}

func (g sortGen) get() (o []string) {
	for g.r.IntN(3) == 0 {
		o = append(o, "GET", pick(g.r, "#", "w*", "h*->f", "h*->g", "x*", "h*", "nostar", "*", "w*->f", "h*->"))
	}
	return o
}

// sort is a SORT whose result does not depend on the order of a hash table or
// on how equal elements are treated, or else one that is compared unordered.
func (g sortGen) sort() []string {
	source := g.source()
	o := append(g.limit(), g.get()...)
	if g.r.IntN(3) == 0 {
		o = append(o, pick(g.r, "ASC", "DESC", "desc"))
	}
	mode := "@exact"
	switch g.r.IntN(8) {
	case 0, 1:
		o = append(o, "ALPHA")
	case 2, 3:
		o = append(o, "BY", pick(g.r, "w*", "h*->f", "*", "none*", "#*"))
	case 4: // equal weights: no order and no limit
		mode, o = "@unordered", []string{"ALPHA", "BY", pick(g.r, "w*", "h*->g", "none*")}
	case 5:
		if source != "s1" {
			o = append(o, "BY", "nosort")
		}
	}
	if mode == "@exact" && g.r.IntN(4) == 0 {
		o = append(o, "STORE", pick(g.r, "d", "d", "l2", "none"))
	}
	args := append([]string{pick(g.r, "SORT", "SORT", "SORT_RO"), source}, o...)
	if g.r.IntN(30) == 0 {
		args = append(args, pick(g.r, "x", "LIMIT", "BY", "GET", "STORE", "LIMIT 1"))
	}
	if mode == "@exact" {
		return args
	}
	return append([]string{mode}, args...)
}

func (g sortGen) next() []string {
	e := g.elem()
	switch g.r.IntN(20) {
	case 0, 1:
		return []string{"RPUSH", pick(g.r, "l1", "l2"), e, g.elem(), g.elem()}
	case 2:
		return []string{"SADD", "s1", e, g.elem()}
	case 3:
		return []string{"ZADD", "z1", strconv.Itoa(g.r.IntN(5)), e}
	case 4, 5:
		return []string{"SET", pick(g.r, "w", "", "x") + e, pick(g.r, g.elem(), g.elem(), g.elem(), "word")}
	case 6:
		return []string{"HSET", "h" + e, pick(g.r, "f", "g"), g.elem()}
	case 7:
		return []string{"SET", "str", "x"}
	case 8:
		return []string{"DEL", pick(g.r, "l1", "l2", "s1", "z1", "d", "w"+e, "h"+e, "w"+e, "h"+e)}
	case 9:
		return []string{"LREM", "l1", "0", e}
	case 10:
		return []string{"LRANGE", pick(g.r, "d", "l2"), "0", "-1"}
	}
	return g.sort()
}

func TestSortAnswersAsRedisDoes(t *testing.T) {
	t.Parallel()
	Differential(t, func(r *rand.Rand) []string { return sortGen{r}.next() }, 6000)
}

func TestSortPropagatesAsRedisDoes(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	g := sortGen{rand.New(rand.NewPCG(seed, seed))}
	p := newPropagation(t, "EAn") // the order of misses is that of a hash table
	for range 1000 {
		if args := g.next(); args[0][0] != '@' {
			p.compare(t, args)
		}
	}
}
