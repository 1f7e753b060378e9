package engine

import "math/bits"

// SSCAN key cursor [MATCH pattern] [COUNT count]
func runSScan(c *Ctx) {
	s, cursor, a, ok := scanOf(c, (*Ctx).readSet)
	if !ok {
		return
	}
	c.W.Array(2)
	switch {
	case s.big != nil:
		var room [defaultScanCount]*dictEntry[struct{}]
		listed, next := scanDict(room[:0], s.big, cursor, &a, 1)
		c.W.BulkInt(int64(next))
		c.W.Array(len(listed))
		for _, e := range listed {
			c.W.Bulk(e.key)
		}
	case s.small[0] == setTable:
		c.scanTablePack(s, uint32(cursor), &a)
	default: // all at once, whatever the cursor and the count
		c.W.BulkString("0")
		mark, n := c.W.Deferred(), 0
		s.eachMember(func(m []byte) bool {
			if a.fits(m) {
				c.W.Bulk(m)
				n++
			}
			return true
		})
		c.W.EndArray(mark, n)
	}
}

// scanTablePack scans a pack in the steps in which the dict of its members
// would be scanned, so that cursors stay valid when it becomes one.
func (c *Ctx) scanTablePack(s *set, cursor uint32, a *scanArgs) {
	mask := uint32(1)<<bits.Len(uint(s.Len()-1)) - 1
	var room [maxTablePackEntries]uint32
	hashes := room[:0]
	s.eachMember(func(m []byte) bool {
		hashes = append(hashes, uint32(hashBytes(c.KS.seed, m)))
		return true
	})
	var listed [maxTablePackEntries]bool
	seen := int64(0)
	for {
		for i, h := range hashes {
			if h&mask == cursor&mask {
				listed[i] = true
				seen++
			}
		}
		cursor = nextCursor(cursor, mask)
		if cursor == 0 || seen >= a.count {
			break
		}
	}
	c.W.BulkInt(int64(cursor))
	mark, n, i := c.W.Deferred(), 0, 0
	s.eachMember(func(m []byte) bool {
		if listed[i] && a.fits(m) {
			c.W.Bulk(m)
			n++
		}
		i++
		return true
	})
	c.W.EndArray(mark, n)
}
