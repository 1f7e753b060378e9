package engine

import (
	"strconv"

	"elasticache-local/protocol"
)

var sremName = []byte("SREM")

// SPOP key [count]
func runSPop(c *Ctx) {
	switch len(c.Args) {
	case 2:
		c.popMember()
	case 3:
		c.popMembers()
	default:
		c.W.Error(protocol.ErrSyntax)
	}
}

func (c *Ctx) popMember() {
	e, s, ok := c.writeSet(c.Args[1])
	switch {
	case !ok:
		return
	case s == nil:
		c.W.Null()
		return
	}
	var room [64]byte
	m := s.appendMember(room[:0], c.Rand.IntN(s.Len()))
	s.remove(m)
	c.replyPopped(&e, m)
	c.shrunkSet(&e, s, "spop")
}

func (c *Ctx) popMembers() {
	count, ok := c.intArgOr(2, protocol.ErrNotPositive)
	if !ok {
		return
	}
	if count < 0 {
		c.W.Error(protocol.ErrNotPositive)
		return
	}
	e, s, ok := c.writeSet(c.Args[1])
	switch {
	case !ok:
	case s == nil || count == 0:
		c.W.Set(0)
	case count >= int64(s.Len()):
		c.W.Set(s.Len())
		c.replyMembers(s)
		c.Effect(delName, e.Key())
		c.Del(&e)
		c.Notify(NotifySet, "spop", e.Key())
		c.Notify(NotifyGeneric, "del", e.Key())
	default:
		c.W.Set(int(count))
		c.popSome(&e, s, int(count))
		c.shrunkSet(&e, s, "spop")
	}
}

// popSome takes n of more members out, answers them and says the effect.
// A follower that removes them one by one gets to the same state.
func (c *Ctx) popSome(e *Entry, s *set, n int) {
	if s.big != nil {
		for range n {
			i := s.big.random(c.Rand)
			c.replyPopped(e, s.big.at(i).key)
			s.big.deleteAt(i)
		}
		return
	}
	picked := sample(c.Rand, s.Len(), n)
	if ints := s.ints(); ints != nil {
		var digits [20]byte
		for _, i := range picked {
			c.replyPopped(e, strconv.AppendInt(digits[:0], ints.at(i), 10))
		}
		s.small = ints.without(picked)
		return
	}
	p := pack(s.small)
	kept := p[:setHead] // what stays moves down over what was walked past
	for i, at := 0, setHead; at < len(p); i++ {
		m, end := p.next(at)
		if len(picked) > 0 && picked[0] == i {
			c.replyPopped(e, m)
			picked = picked[1:]
		} else {
			kept = append(kept, p[at:end]...)
		}
		at = end
	}
	s.addLen(-n)
	s.small = kept.trim()
}

func (c *Ctx) replyPopped(e *Entry, m []byte) {
	c.W.Bulk(m)
	c.Effect(sremName, e.Key(), m)
}

// SRANDMEMBER key [count]
func runSRandMember(c *Ctx) {
	switch len(c.Args) {
	case 2:
		s, ok := c.readSet(c.Args[1])
		switch {
		case !ok:
		case s == nil:
			c.W.Null()
		default:
			var room [64]byte
			c.W.Bulk(s.appendMember(room[:0], c.Rand.IntN(s.Len())))
		}
	case 3:
		c.pickMembers()
	default:
		c.W.Error(protocol.ErrSyntax)
	}
}

func (c *Ctx) pickMembers() {
	n, repeat, ok := c.pickCountArg(2)
	if !ok {
		return
	}
	s, ok := c.readSet(c.Args[1])
	switch {
	case !ok:
	case s == nil || n == 0:
		c.W.Array(0)
	case repeat:
		if !c.tooManyPicks(n) {
			c.replyRepeatedMembers(s, int(n))
		}
	case n >= int64(s.Len()):
		c.W.Array(s.Len())
		c.replyMembers(s)
	default:
		c.replySampledMembers(s, int(n))
	}
}

// replyRepeatedMembers picks n times any member.
func (c *Ctx) replyRepeatedMembers(s *set, n int) {
	c.W.Array(n)
	if s.big != nil {
		for range n {
			c.W.Bulk(s.big.at(s.big.random(c.Rand)).key)
		}
		return
	}
	if ints := s.ints(); ints != nil {
		for range n {
			c.W.BulkInt(ints.at(c.Rand.IntN(ints.len())))
		}
		return
	}
	p := pack(s.small)
	offsets := p.offsets(setHead, 1, s.Len())
	for range n {
		m, _ := p.next(int(offsets[c.Rand.IntN(len(offsets))]))
		c.W.Bulk(m)
	}
}

// replySampledMembers picks n different members.
func (c *Ctx) replySampledMembers(s *set, n int) {
	c.W.Array(n)
	picked := sample(c.Rand, s.Len(), n)
	if s.big != nil {
		for _, i := range picked {
			c.W.Bulk(s.big.at(i).key)
		}
		return
	}
	if ints := s.ints(); ints != nil {
		for _, i := range picked {
			c.W.BulkInt(ints.at(i))
		}
		return
	}
	p, at, walked := pack(s.small), setHead, 0
	for _, i := range picked {
		for ; walked < i; walked++ {
			at = p.skip(at)
		}
		m, _ := p.next(at)
		c.W.Bulk(m)
	}
}
