package engine

import (
	"strconv"

	"elasticache-local/protocol"
)

// zpop is one of the commands that remove members from an end.
type zpop struct {
	keys  [][]byte
	max   bool
	count int64 // -1: one member, replied without an array around it
	// named: the reply begins with the key (all but ZPOPMIN and ZPOPMAX).
	named bool
	// nested: members and scores are replied as pairs.
	nested bool
	// timeout in milliseconds of the blocking forms.
	blocking bool
	timeout  int64
}

func runZPopMin(c *Ctx)  { c.zpopSimple(false) }
func runZPopMax(c *Ctx)  { c.zpopSimple(true) }
func runBZPopMin(c *Ctx) { c.bzpopSimple(false) }
func runBZPopMax(c *Ctx) { c.bzpopSimple(true) }
func runZMPop(c *Ctx)    { c.zmpop(1, zpop{named: true, nested: true}) }
func runBZMPop(c *Ctx)   { c.zmpop(2, zpop{named: true, nested: true, blocking: true}) }

// zpopSimple: key [count].
func (c *Ctx) zpopSimple(max bool) {
	p := zpop{keys: c.Args[1:2], max: max, count: -1}
	switch {
	case len(c.Args) > 3:
		c.W.Error(protocol.ErrSyntax)
		return
	case len(c.Args) == 3:
		n, ok := parseInt(c.Args[2])
		if !ok || n < 0 {
			c.W.Error(protocol.ErrNotPositive)
			return
		}
		p.count, p.nested = n, c.W.Proto() == protocol.RESP3
	}
	if p.count == 0 {
		if _, _, ok := c.writeZSet(c.Args[1]); ok {
			c.W.Array(0)
		}
		return
	}
	if found, ok := c.zpopFirst(&p); ok && !found {
		c.W.Array(0)
	}
}

// bzpopSimple: key [key …] timeout.
func (c *Ctx) bzpopSimple(max bool) {
	last := len(c.Args) - 1
	ms, ok := c.timeoutArg(last)
	if !ok {
		return
	}
	c.zpopOrWait(&zpop{keys: c.Args[1:last], max: max, count: -1, named: true, blocking: true, timeout: ms})
}

// zmpop: numkeys key [key …] MIN|MAX [COUNT count], from argument at on; the
// blocking form has its timeout in front.
func (c *Ctx) zmpop(at int, p zpop) {
	n, ok := parseInt(c.Args[at])
	if !ok || n < 1 {
		c.W.Error(protocol.ErrNumKeysZero)
		return
	}
	if n >= int64(len(c.Args)-at-1) {
		c.W.Error(protocol.ErrSyntax)
		return
	}
	p.keys = c.Args[at+1 : at+1+int(n)]
	opts := c.Args[at+1+int(n):]
	switch {
	case isWord(opts[0], "MAX"):
		p.max = true
	case !isWord(opts[0], "MIN"):
		c.W.Error(protocol.ErrSyntax)
		return
	}
	p.count = -1
	for i := 1; i < len(opts); i += 2 {
		if p.count != -1 || !isWord(opts[i], "COUNT") || i+1 == len(opts) {
			c.W.Error(protocol.ErrSyntax)
			return
		}
		if p.count, ok = parseInt(opts[i+1]); !ok || p.count < 1 {
			c.W.Error(errCountNotPositive)
			return
		}
	}
	p.count = max(p.count, 1)
	if p.blocking {
		if p.timeout, ok = c.timeoutArg(1); !ok {
			return
		}
	}
	c.zpopOrWait(&p)
}

const errCountNotPositive = "ERR count should be greater than 0"

// zpopOrWait pops from the first of the keys that has members, waits for one,
// or replies that there is none.
func (c *Ctx) zpopOrWait(p *zpop) {
	keys := p.keys
	if ready := c.Ready(); ready != nil {
		p.keys = [][]byte{ready}
	}
	found, ok := c.zpopFirst(p)
	switch {
	case !ok || found:
	case p.blocking && c.MayBlock():
		c.Block(keys, KindZSet, p.timeout, func(w *protocol.Writer) { w.NullArray() })
	default:
		c.W.NullArray()
	}
}

// zpopFirst pops from the first key that has members. ok is false when an
// error was replied.
func (c *Ctx) zpopFirst(p *zpop) (found, ok bool) {
	for _, key := range p.keys {
		e, z, ok := c.writeZSet(key)
		if !ok {
			return false, false
		}
		if z != nil {
			c.zpopFrom(p, &e, z)
			return true, true
		}
	}
	return false, true
}

func (c *Ctx) zpopFrom(p *zpop, e *Entry, z sortedSet) {
	n := int(min(max(p.count, 1), int64(z.Len())))
	s := zspan{0, n}
	event, name := "zpopmin", zpopMinName
	if p.max {
		s = zspan{z.Len() - n, z.Len()}
		event, name = "zpopmax", zpopMaxName
	}
	switch {
	case p.named && p.nested:
		c.W.Array(2)
		c.W.Bulk(e.key)
		c.W.Array(n)
	case p.named:
		c.W.Array(3)
		c.W.Bulk(e.key)
	case p.nested:
		c.W.Array(n)
	default:
		c.W.Array(2 * n)
	}
	c.replyPoppedPairs(c.walk(z, s, p.max), p.nested)
	if p.named { // for followers: what was taken, from which key
		c.zpopEffect(p, name, e.key, n)
	}
	z.removeSpan(s)
	c.zsetShrunk(e, z, event)
}

var zpopMinName, zpopMaxName = []byte("ZPOPMIN"), []byte("ZPOPMAX")

// zpopEffect says what was popped. A client that has waited names a count only
// when its command has one; so does one that has not.
func (c *Ctx) zpopEffect(p *zpop, name, key []byte, n int) {
	if p.count == -1 {
		c.Effect(name, key)
		return
	}
	var digits [20]byte
	c.Effect(name, key, strconv.AppendInt(digits[:0], int64(n), 10))
}

// replyPopped replies members and scores, as pairs or in turn.
func (c *Ctx) replyPoppedPairs(cur zcursor, nested bool) {
	for {
		m, score, ok := cur.next()
		if !ok {
			return
		}
		if nested {
			c.W.Array(2)
		}
		c.W.Bulk(m)
		c.W.Double(score)
	}
}
