package engine

import (
	"bytes"
	"math"

	"elasticache-local/protocol"
)

// posQuery is what LPOS looks for.
type posQuery struct {
	rank    int64 // the first match that counts
	back    bool  // from the back
	count   int64 // matches wanted, 0 all
	counted bool  // COUNT was given: the reply is an array
	maxLen  int64 // elements looked at, 0 all
}

func (c *Ctx) posQuery() (q posQuery, ok bool) {
	q.rank = 1
	for i := 3; i < len(c.Args); i += 2 {
		opt := c.Args[i]
		switch more := i+1 < len(c.Args); {
		case more && isWord(opt, "RANK"):
			if q.rank, ok = c.intArg(i + 1); !ok {
				return q, false
			}
			if q.rank == 0 {
				c.W.Error(protocol.ErrRankZero)
				return q, false
			}
		case more && isWord(opt, "COUNT"):
			if q.count, ok = c.rangeArg(i+1, 0, math.MaxInt64, protocol.ErrCountNegative); !ok {
				return q, false
			}
			q.counted = true
		case more && isWord(opt, "MAXLEN"):
			if q.maxLen, ok = c.rangeArg(i+1, 0, math.MaxInt64, protocol.ErrMaxLenNegative); !ok {
				return q, false
			}
		default:
			c.W.Error(protocol.ErrSyntax)
			return q, false
		}
	}
	if q.rank < 0 {
		q.rank, q.back = -q.rank, true
	}
	return q, true
}

func runLPos(c *Ctx) {
	q, ok := c.posQuery()
	if !ok {
		return
	}
	l, ok := c.readList(c.Args[1])
	switch {
	case !ok:
	case l == nil && q.counted:
		c.W.Array(0)
	case l == nil:
		c.W.Null()
	case q.counted:
		mark := c.W.Deferred()
		c.W.EndArray(mark, c.positions(l, &q))
	default:
		q.count = 1
		if c.positions(l, &q) == 0 {
			c.W.Null()
		}
	}
}

// positions writes the indexes of the matches and gives how many there are.
func (c *Ctx) positions(l *list, q *posQuery) int {
	n := l.Len()
	p := l.cursor(0)
	if q.back {
		p = l.cursor(n)
	}
	limit := n
	if q.maxLen != 0 {
		limit = int(min(q.maxLen, int64(n)))
	}
	matches, written := int64(0), 0
	for i := range limit {
		elem, _ := p.step(q.back)
		if !bytes.Equal(elem, c.Args[2]) {
			continue
		}
		if matches++; matches < q.rank {
			continue
		}
		if q.back {
			c.W.Int(int64(n - 1 - i))
		} else {
			c.W.Int(int64(i))
		}
		if written++; int64(written) == q.count {
			break
		}
	}
	return written
}
