package engine

import (
	"math"

	"elasticache-local/protocol"
)

// lcsOptions are the options of LCS.
type lcsOptions struct {
	length, ranges, matchLen bool
	minMatch                 int64
}

func (c *Ctx) lcsOptions() (o lcsOptions, ok bool) {
	for i := 3; i < len(c.Args); i++ {
		switch w := c.Args[i]; {
		case isWord(w, "IDX"):
			o.ranges = true
		case isWord(w, "LEN"):
			o.length = true
		case isWord(w, "WITHMATCHLEN"):
			o.matchLen = true
		case isWord(w, "MINMATCHLEN") && i+1 < len(c.Args):
			i++
			if o.minMatch, ok = c.intArg(i); !ok {
				return o, false
			}
		default:
			c.W.Error(protocol.ErrSyntax)
			return o, false
		}
	}
	if o.ranges && o.length {
		c.W.Error(protocol.ErrLCSBoth)
		return o, false
	}
	return o, true
}

func runLCS(c *Ctx) {
	c.Read(c.Args[1])
	b := c.Read(c.Args[2])
	a := c.Peek(c.Args[1]) // only now: reading b deletes it when it has expired
	if a.Exists() && a.Kind() != KindString || b.Exists() && b.Kind() != KindString {
		c.W.Error(protocol.ErrLCSType)
		return
	}
	o, ok := c.lcsOptions()
	if !ok {
		return
	}
	var s1, s2 []byte
	if a.Exists() {
		s1 = a.Str()
	}
	if b.Exists() {
		s2 = b.Str()
	}
	if len(s1) >= math.MaxUint32-1 || len(s2) >= math.MaxUint32-1 {
		c.W.Error(protocol.ErrLCSTooLong)
		return
	}
	// Redis keeps a table of 4 bytes per pair of bytes and limits its size.
	if cells := uint64(len(s1)+1) * uint64(len(s2)+1); cells > uint64(c.KS.Settings().ProtoMaxBulk)/4 {
		c.W.Error(protocol.ErrLCSMemory)
		return
	}
	t := newLCSTable(s1, s2, !o.length)
	switch {
	case o.length:
		c.W.Int(int64(t.len))
	case o.ranges:
		t.replyRanges(c.W, &o)
	default:
		c.W.Bulk(t.subsequence())
	}
}

// lcsTable is the dynamic programming table of a longest common subsequence.
// Of the lengths only one row is needed at a time; what is kept for the way
// back is one bit per pair: whether it leads to the first string's previous
// byte or to the second's.
type lcsTable struct {
	a, b []byte
	len  int
	up   []uint64 // bit i*(len(b)+1)+j; nil when only the length was wanted
}

func newLCSTable(a, b []byte, wayBack bool) *lcsTable {
	t := &lcsTable{a: a, b: b}
	width := len(b) + 1
	if wayBack {
		t.up = make([]uint64, ((len(a)+1)*width+63)/64)
	}
	row := make([]uint32, width) // lengths for the prefix a[:i], from those for a[:i-1]
	for i := 1; i <= len(a); i++ {
		diagonal := uint32(0) // row[j-1] before it was overwritten
		for j := 1; j <= len(b); j++ {
			above := row[j]
			switch {
			case a[i-1] == b[j-1]:
				row[j] = diagonal + 1
			case above > row[j-1]:
				if wayBack {
					bit := i*width + j
					t.up[bit/64] |= 1 << (bit % 64)
				}
			default:
				row[j] = row[j-1]
			}
			diagonal = above
		}
	}
	t.len = int(row[len(b)])
	return t
}

// walk goes back from the ends of both strings and calls match with the
// offsets of each pair of bytes of the subsequence, last pair first.
func (t *lcsTable) walk(match func(i, j int)) {
	for i, j := len(t.a), len(t.b); i > 0 && j > 0; {
		bit := i*(len(t.b)+1) + j
		switch {
		case t.a[i-1] == t.b[j-1]:
			i, j = i-1, j-1
			match(i, j)
		case t.up[bit/64]>>(bit%64)&1 != 0:
			i--
		default:
			j--
		}
	}
}

func (t *lcsTable) subsequence() []byte {
	s := make([]byte, t.len)
	at := t.len
	t.walk(func(i, _ int) {
		at--
		s[at] = t.a[i]
	})
	return s
}

// replyRanges writes the contiguous matches, last one first, and the length.
func (t *lcsTable) replyRanges(w *protocol.Writer, o *lcsOptions) {
	w.Map(2)
	w.BulkString("matches")
	mark, count := w.Deferred(), 0
	a, b, n := 0, 0, 0 // the match that grows towards the front: where it starts and how long it is
	flush := func() {
		if n == 0 || int64(n) < o.minMatch {
			return
		}
		count++
		if o.matchLen {
			w.Array(3)
		} else {
			w.Array(2)
		}
		for _, start := range [...]int{a, b} {
			w.Array(2)
			w.Int(int64(start))
			w.Int(int64(start + n - 1))
		}
		if o.matchLen {
			w.Int(int64(n))
		}
	}
	t.walk(func(i, j int) {
		if n > 0 && (i != a-1 || j != b-1) {
			flush()
			n = 0
		}
		a, b, n = i, j, n+1
	})
	flush()
	w.EndArray(mark, count)
	w.BulkString("len")
	w.Int(int64(t.len))
}
