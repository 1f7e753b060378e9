package engine

import (
	"bytes"
	"math"

	"elasticache-local/protocol"
)

// parseCursor reads a cursor of the SCAN family as strtoul does: with a sign,
// modulo 2^64, up to a NUL byte. No digits at all are 0.
func parseCursor(b []byte) (uint64, bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if len(b) == 0 {
		return 0, true
	}
	neg := b[0] == '-'
	if neg || b[0] == '+' {
		b = b[1:]
	}
	var n uint64
	for _, d := range b {
		if d -= '0'; d > 9 || n > (math.MaxUint64-uint64(d))/10 {
			return 0, false
		}
		n = n*10 + uint64(d)
	}
	if neg {
		n = -n
	}
	return n, len(b) > 0
}

// scanArgs are the options of a command of the SCAN family.
type scanArgs struct {
	count   int64 // how many elements a call should look at
	pattern []byte
	match   bool   // only what fits pattern
	kind    []byte // SCAN's TYPE, nil for any
}

const defaultScanCount = 10

// cursorArg reads the cursor at argument i, or replies why not.
func (c *Ctx) cursorArg(i int) (uint64, bool) {
	cursor, ok := parseCursor(c.Args[i])
	if !ok {
		c.W.Error(protocol.ErrInvalidCursor)
	}
	return cursor, ok
}

// scanArgs reads the options from argument i on, or replies why not.
func (c *Ctx) scanArgs(i int, withType bool) (a scanArgs, ok bool) {
	a.count = defaultScanCount
	for ; i < len(c.Args); i += 2 {
		word, more := c.Args[i], i+1 < len(c.Args)
		switch {
		case more && isWord(word, "COUNT"):
			if a.count, ok = c.intArg(i + 1); !ok {
				return a, false
			}
			if a.count < 1 {
				c.W.Error(protocol.ErrSyntax)
				return a, false
			}
		case more && isWord(word, "MATCH"):
			a.pattern = c.Args[i+1]
			a.match = string(a.pattern) != "*"
		case more && withType && isWord(word, "TYPE"):
			a.kind = c.Args[i+1]
		default:
			c.W.Error(protocol.ErrSyntax)
			return a, false
		}
	}
	return a, true
}

// fits reports whether an element is to be listed.
func (a *scanArgs) fits(elem []byte) bool { return !a.match || matchGlob(a.pattern, elem) }

// scanOf reads the arguments of HSCAN, SSCAN and ZSCAN and the container at the
// key, complaining in the order in which Redis does. ok is false when there is
// nothing left to reply: of an absent key, not even the options are looked at.
func scanOf[T comparable](c *Ctx, read func(*Ctx, []byte) (T, bool)) (container T, cursor uint64, a scanArgs, ok bool) {
	var none T
	if cursor, ok = c.cursorArg(2); !ok {
		return none, 0, a, false
	}
	if container, ok = read(c, c.Args[1]); !ok {
		return none, 0, a, false
	}
	if container == none {
		c.replyEmptyScan()
		return none, 0, a, false
	}
	a, ok = c.scanArgs(3, false)
	return container, cursor, a, ok
}

// replyEmptyScan is the answer of a scan of an absent key.
func (c *Ctx) replyEmptyScan() {
	c.W.Array(2)
	c.W.BulkString("0")
	c.W.Array(0)
}

// scanDict looks at the buckets of d from cursor on until it saw a.count
// elements, an entry counting as many as the reply lists for it. It appends
// the entries that fit to dst and gives the next cursor. A run of empty
// buckets comes to an end too, at ten for each element wanted.
func scanDict[V any](dst []*dictEntry[V], d *dict[V], cursor uint64, a *scanArgs, perEntry int64) (_ []*dictEntry[V], next uint64) {
	seen := int64(0)
	at := uint32(cursor)
	for buckets := int64(0); buckets/10 <= a.count && seen < a.count; buckets++ {
		at = d.scan(at, func(e *dictEntry[V]) {
			seen += perEntry
			if a.fits(e.key) {
				dst = append(dst, e)
			}
		})
		if at == 0 {
			break
		}
	}
	return dst, uint64(at)
}
