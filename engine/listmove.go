package engine

import (
	"math"
	"strconv"

	"elasticache-local/protocol"
)

// sideArg reads argument i as LEFT (the front) or RIGHT.
func (c *Ctx) sideArg(i int) (front, ok bool) {
	switch {
	case isWord(c.Args[i], "LEFT"):
		return true, true
	case isWord(c.Args[i], "RIGHT"):
		return false, true
	}
	c.W.Error(protocol.ErrSyntax)
	return false, false
}

// sideArgs reads the two sides of LMOVE and BLMOVE.
func (c *Ctx) sideArgs() (from, to, ok bool) {
	if from, ok = c.sideArg(3); ok {
		to, ok = c.sideArg(4)
	}
	return from, to, ok
}

func runLMove(c *Ctx) {
	from, to, ok := c.sideArgs()
	if !ok {
		return
	}
	c.move(from, to)
}

// move takes an element from an end of the list at argument 1 to an end of the
// list at argument 2, which may be the same. It reports whether it did.
func (c *Ctx) move(fromFront, toFront bool) bool {
	_, l, ok := c.writeList(c.Args[1])
	switch {
	case !ok:
		return false
	case l == nil:
		c.W.Null()
		return false
	}
	e, to, ok := c.writeList(c.Args[2])
	if !ok {
		return false
	}
	elem := l.end(fromFront)
	c.W.Bulk(elem)
	if l == to {
		c.rotate(&e, l, fromFront, toFront)
		return true
	}
	c.pushTo(&e, to, [][]byte{elem}, toFront)
	src := c.Peek(c.Args[1])
	c.dropFrom(&src, l, 1, fromFront)
	return true
}

// rotate moves an element within a list.
func (c *Ctx) rotate(e *Entry, l *list, fromFront, toFront bool) {
	if fromFront != toFront && l.Len() > 1 {
		elem := append(c.scratch[:0], l.end(fromFront)...)
		l.drop(1, fromFront)
		l.push(elem, toFront)
		if cap(elem) <= maxKeptScratch {
			c.scratch = elem
		}
	}
	c.Changed(e)
	c.Notify(NotifyList, pushEvent(toFront), e.Key())
	c.Notify(NotifyList, popEvent(fromFront), e.Key())
}

// maxKeptScratch bounds the buffer kept between commands, in bytes.
const maxKeptScratch = 64 << 10

// multiPop is what LMPOP and BLMPOP ask for.
type multiPop struct {
	keys  [][]byte
	front bool
	count int64
}

// multiPopArgs reads a number of keys at argument at, the keys, the side and
// the COUNT.
func (c *Ctx) multiPopArgs(at int) (q multiPop, ok bool) {
	n, ok := c.rangeArg(at, 1, math.MaxInt64, protocol.ErrNumKeysZero)
	if !ok {
		return q, false
	}
	if n >= int64(len(c.Args)-at-1) {
		c.W.Error(protocol.ErrSyntax)
		return q, false
	}
	side := at + 1 + int(n)
	q.keys = c.Args[at+1 : side]
	if q.front, ok = c.sideArg(side); !ok {
		return q, false
	}
	q.count = 1
	switch rest := c.Args[side+1:]; {
	case len(rest) == 0:
		return q, true
	case len(rest) >= 2 && isWord(rest[0], "COUNT"):
		if q.count, ok = c.rangeArg(side+2, 1, math.MaxInt64, protocol.ErrCountZero); !ok {
			return q, false
		}
		if len(rest) == 2 {
			return q, true
		}
	}
	c.W.Error(protocol.ErrSyntax)
	return q, false
}

func runLMPop(c *Ctx) {
	q, ok := c.multiPopArgs(1)
	if ok && !c.popFirst(&q) {
		c.W.NullArray()
	}
}

// popFirst pops from the first list that has elements and reports whether
// something was replied: the elements, or WRONGTYPE.
func (c *Ctx) popFirst(q *multiPop) bool {
	for _, key := range q.keys {
		e, l, ok := c.writeList(key)
		if !ok {
			return true
		}
		if l == nil {
			continue
		}
		n := min(q.count, int64(l.Len()))
		c.W.Array(2)
		c.W.Bulk(key)
		c.popRange(&e, l, n, q.front)
		var digits [20]byte
		c.Effect(popName(q.front), key, strconv.AppendInt(digits[:0], n, 10))
		return true
	}
	return false
}

var (
	lpopName = []byte("LPOP")
	rpopName = []byte("RPOP")
)

func popName(front bool) []byte {
	if front {
		return lpopName
	}
	return rpopName
}
