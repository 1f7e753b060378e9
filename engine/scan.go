package engine

import (
	"bytes"
	"strings"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// A cursor of SCAN is the slot in its low bits and the cursor within the
// slot's table above them. Slots are visited in ascending order, so a key that
// is there from start to end is seen: its slot does not change, and within the
// slot table.scan promises it. Bits above scanCursorBits mean nothing.
const (
	scanSlotBits   = 14
	scanCursorBits = scanSlotBits + 32
)

// keyScan is one SCAN command in progress.
type keyScan struct {
	c       *Ctx
	args    scanArgs
	slot    int    // being visited; slots.Count at the end
	bucket  uint32 // cursor within it
	seen    int64  // keys
	buckets int64
	listed  int
	expired [][]byte // copies
}

func runScan(c *Ctx) {
	cursor, ok := c.cursorArg(1)
	if !ok {
		return
	}
	args, ok := c.scanArgs(2, true)
	if !ok {
		return
	}
	s := keyScan{c: c, args: args, slot: int(cursor & (slots.Count - 1)), bucket: uint32(cursor >> scanSlotBits)}
	mark := c.W.Len()
	next := s.run()
	c.scratch = append(c.scratch[:0], c.W.Bytes()[mark:]...)
	c.W.Truncate(mark)
	c.W.Array(2)
	c.W.BulkInt(int64(next))
	c.W.Array(s.listed)
	c.W.Raw(c.scratch)
}

// run lists keys until enough were looked at and gives the next cursor.
func (s *keyScan) run() uint64 {
	db := s.c.KS.dbs[s.c.DB]
	only, tagged := patternSlot(s.args.pattern)
	if tagged && s.slot < int(only) {
		s.slot, s.bucket = int(only), 0
	}
	for !s.enough() {
		slot := db.nextNonEmpty(s.slot)
		if slot != s.slot {
			s.bucket = 0
		}
		if s.slot = slot; slot == slots.Count || tagged && slot != int(only) {
			return 0
		}
		if !s.c.withSlot(slots.Slot(slot), s.visit) {
			break
		}
	}
	if s.bucket == 0 && s.slot == 0 { // nothing was done yet, but 0 would mean the end
		return 1 << scanCursorBits
	}
	if s.slot == slots.Count {
		return 0
	}
	return uint64(s.bucket)<<scanSlotBits | uint64(s.slot)
}

// enough reports whether the keys asked for, or ten times as many buckets,
// were looked at.
func (s *keyScan) enough() bool { return s.seen >= s.args.count || s.buckets/10 >= s.args.count }

// visit lists keys of one slot and moves to the next slot at its end.
func (s *keyScan) visit(t *table) {
	for !s.enough() {
		s.buckets++
		s.bucket = t.scan(s.bucket, func(r ref) { s.key(t, r) })
		if s.bucket == 0 {
			s.slot++
			break
		}
	}
	for _, key := range s.expired {
		s.c.Peek(key)
	}
	s.expired = s.expired[:0]
}

// key lists a key that fits and is alive.
func (s *keyScan) key(t *table, r ref) {
	s.seen++
	key := t.key(r)
	switch {
	case !s.args.fits(key):
	case s.c.isExpired(t.expireAt(r)):
		s.expired = append(s.expired, append([]byte(nil), key...))
	case s.args.kind != nil && !strings.EqualFold(string(s.args.kind), t.kind(r).String()):
	default:
		s.listed++
		s.c.W.Bulk(key)
	}
}

func runKeys(c *Ctx) {
	pattern := c.Args[1]
	all := string(pattern) == "*"
	only, tagged := patternSlot(pattern)
	db := c.KS.dbs[c.DB]
	mark, n := c.W.Deferred(), 0
	ok := true
	visit := func(t *table) {
		t.each(func(r ref) bool {
			if key := t.key(r); (all || matchGlob(pattern, key)) && !c.isExpired(t.expireAt(r)) {
				n++
				c.W.Bulk(key)
			}
			return true
		})
	}
	if tagged {
		ok = c.withSlot(only, visit)
	}
	for s := db.nextNonEmpty(0); s < slots.Count && !tagged && ok; s = db.nextNonEmpty(s + 1) {
		ok = c.withSlot(slots.Slot(s), visit)
	}
	if !ok {
		c.W.Truncate(mark)
		c.W.Error(protocol.ErrTryAgain)
		return
	}
	c.W.EndArray(mark, n)
}

// patternSlot gives the slot of every key that fits the pattern, if its hash
// tag says so: nothing up to the tag's end can stand for several bytes.
func patternSlot(pattern []byte) (s slots.Slot, ok bool) {
	open := bytes.IndexByte(pattern, '{')
	if open < 0 {
		return 0, false
	}
	size := bytes.IndexByte(pattern[open+1:], '}')
	if size < 1 || bytes.ContainsAny(pattern[:open+1+size], `*?[\`) {
		return 0, false
	}
	return slots.Of(pattern), true
}
