package engine

import (
	"math"
	"slices"
	"strings"

	"elasticache-local/protocol"
)

// zcombine is a parsed ZUNION, ZINTER, ZDIFF, one of their STORE forms or
// ZINTERCARD.
type zcombine struct {
	op         zcombineOp
	store      bool
	card       bool
	sources    []zsource
	aggregate  func(a, b float64) float64
	withScores bool
	limit      int64 // of ZINTERCARD, 0: none
}

type zcombineOp uint8

const (
	zUnion zcombineOp = iota
	zInter
	zDiff
)

// zsource is one input: a sorted set, a set whose members all score 1, or
// nothing.
type zsource struct {
	set    memberWalker // nil when the key is absent
	scored sortedSet    // set, if it is a sorted set
	weight float64
}

func (s *zsource) len() int {
	if s.set == nil {
		return 0
	}
	return s.set.Len()
}

func (s *zsource) score(m []byte) (float64, bool) {
	switch {
	case s.scored != nil:
		return s.scored.score(m)
	case s.set == nil:
		return 0, false
	}
	return 1, s.set.hasMember(m)
}

func (s *zsource) has(m []byte) bool { return s.set != nil && s.set.hasMember(m) }

func runZUnion(c *Ctx)      { c.zcombine(1, zcombine{op: zUnion}) }
func runZInter(c *Ctx)      { c.zcombine(1, zcombine{op: zInter}) }
func runZDiff(c *Ctx)       { c.zcombine(1, zcombine{op: zDiff}) }
func runZUnionStore(c *Ctx) { c.zcombine(2, zcombine{op: zUnion, store: true}) }
func runZInterStore(c *Ctx) { c.zcombine(2, zcombine{op: zInter, store: true}) }
func runZDiffStore(c *Ctx)  { c.zcombine(2, zcombine{op: zDiff, store: true}) }
func runZInterCard(c *Ctx)  { c.zcombine(1, zcombine{op: zInter, card: true}) }

// zcombine reads "numkeys key [key …] options" from argument at on and runs.
func (c *Ctx) zcombine(at int, z zcombine) {
	n, ok := c.intArg(at)
	if !ok {
		return
	}
	rest := c.Args[at+1:]
	switch {
	case n < 1:
		c.W.Error("ERR at least 1 input key is needed for '" + c.cmd.Name + "' command")
		return
	case n > int64(len(rest)):
		c.W.Error(protocol.ErrSyntax)
		return
	}
	if !c.zcombineSources(&z, rest[:n]) || !c.zcombineOptions(&z, rest[n:]) {
		return
	}
	switch {
	case z.card:
		c.W.Int(z.countInter())
	case z.store:
		c.storeZSet(c.Args[1], z.result(c.KS.seed), c.cmd.Name)
	default:
		c.replyItems(z.result(c.KS.seed), z.withScores)
	}
}

func (c *Ctx) zcombineSources(z *zcombine, keys [][]byte) (ok bool) {
	z.sources = make([]zsource, len(keys))
	for i, key := range keys {
		src := &z.sources[i]
		src.weight = 1
		e := c.Read(key)
		switch e.Kind() {
		case KindNone:
			continue
		case KindZSet:
			src.scored = e.Object().(sortedSet)
			src.set = src.scored
			continue
		case KindSet:
		default:
			c.W.Error(protocol.ErrWrongType)
			return false
		}
		src.set = e.Object().(memberWalker)
	}
	return true
}

func (c *Ctx) zcombineOptions(z *zcombine, opts [][]byte) (ok bool) {
	z.aggregate = sumScores
	weighed := z.op != zDiff && !z.card
	for len(opts) > 0 {
		word := opts[0]
		opts = opts[1:]
		switch {
		case weighed && isWord(word, "WEIGHTS") && len(opts) >= len(z.sources):
			for i := range z.sources {
				if z.sources[i].weight, ok = parseFloat(opts[i]); !ok {
					c.W.Error("ERR weight value is not a float")
					return false
				}
			}
			opts = opts[len(z.sources):]
			continue
		case weighed && isWord(word, "AGGREGATE") && len(opts) >= 1:
			if z.aggregate = aggregateNamed(opts[0]); z.aggregate != nil {
				opts = opts[1:]
				continue
			}
		case !z.store && !z.card && isWord(word, "WITHSCORES"):
			z.withScores = true
			continue
		case z.card && isWord(word, "LIMIT") && len(opts) >= 1:
			if z.limit, ok = parseInt(opts[0]); !ok || z.limit < 0 {
				c.W.Error("ERR LIMIT can't be negative")
				return false
			}
			opts = opts[1:]
			continue
		}
		c.W.Error(protocol.ErrSyntax)
		return false
	}
	return true
}

func aggregateNamed(word []byte) func(a, b float64) float64 {
	switch {
	case isWord(word, "SUM"):
		return sumScores
	case isWord(word, "MIN"):
		return minScore
	case isWord(word, "MAX"):
		return maxScore
	}
	return nil
}

// sumScores adds; infinities that cancel out make 0.
func sumScores(a, b float64) float64 { return nanIsZero(a + b) }

// minScore and maxScore keep a when b is not a number.
func minScore(a, b float64) float64 {
	if b < a {
		return b
	}
	return a
}

func maxScore(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

func nanIsZero(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return f
}

// result is the members in order. They are copies or immutable.
func (z *zcombine) result(seed uint64) []zitem {
	var items []zitem
	switch z.op {
	case zUnion:
		items = z.union(seed)
	case zInter:
		items = z.inter()
	case zDiff:
		items = z.diff()
	}
	slices.SortFunc(items, compareItems)
	return items
}

func compareItems(a, b zitem) int {
	switch {
	case a.score < b.score:
		return -1
	case a.score > b.score:
		return 1
	}
	return strings.Compare(a.member, b.member)
}

// bySize puts the smallest source first. Scores are aggregated in this order.
func (z *zcombine) bySize() {
	slices.SortStableFunc(z.sources, func(a, b zsource) int { return a.len() - b.len() })
}

// each visits the members of a source with their scores.
func (s *zsource) each(visit func(m []byte, score float64) bool) {
	switch {
	case s.scored != nil:
		for cur := forward(s.scored); ; {
			m, score, ok := cur.next()
			if !ok || !visit(m, score) {
				return
			}
		}
	case s.set != nil:
		s.set.eachMember(func(m []byte) bool { return visit(m, 1) })
	}
}

func (z *zcombine) union(seed uint64) []zitem {
	z.bySize()
	sums := newDict[float64](seed, z.sources[len(z.sources)-1].len())
	for i := range z.sources {
		src := &z.sources[i]
		src.each(func(m []byte, score float64) bool {
			score = nanIsZero(src.weight * score)
			h := uint32(hashBytes(seed, m))
			if j := sums.findHash(m, h); j >= 0 {
				sums.at(j).val = z.aggregate(sums.at(j).val, score)
			} else {
				sums.add(slices.Clone(m), h, score)
			}
			return true
		})
	}
	items := make([]zitem, 0, sums.len())
	for i := range sums.len() {
		items = append(items, zitem{sums.at(i).val, unsafeString(sums.at(i).key)})
	}
	return items
}

func (z *zcombine) inter() []zitem {
	z.bySize()
	var items []zitem
	first := &z.sources[0]
	first.each(func(m []byte, score float64) bool {
		sum := nanIsZero(first.weight * score)
		for i := range z.sources[1:] {
			src := &z.sources[1+i]
			s, ok := src.score(m)
			if !ok {
				return true
			}
			sum = z.aggregate(sum, src.weight*s)
		}
		items = append(items, zitem{sum, string(m)})
		return true
	})
	return items
}

func (z *zcombine) countInter() int64 {
	z.bySize()
	count := int64(0)
	z.sources[0].each(func(m []byte, _ float64) bool {
		for i := range z.sources[1:] {
			if !z.sources[1+i].has(m) {
				return true
			}
		}
		count++
		return count != z.limit
	})
	return count
}

// diff walks the first source and leaves out what any other has.
func (z *zcombine) diff() []zitem {
	others := z.sources[1:]
	slices.SortStableFunc(others, func(a, b zsource) int { return b.len() - a.len() })
	var items []zitem
	z.sources[0].each(func(m []byte, score float64) bool {
		for i := range others {
			if others[i].has(m) {
				return true
			}
		}
		items = append(items, zitem{score, string(m)})
		return true
	})
	return items
}
