package engine

// HSCAN key cursor [MATCH pattern] [COUNT count]
func runHScan(c *Ctx) {
	h, cursor, a, ok := scanOf(c, (*Ctx).readHash)
	if !ok {
		return
	}
	c.W.Array(2)
	if h.big == nil { // all at once, whatever the cursor and the count
		c.W.BulkString("0")
		mark, n := c.W.Deferred(), 0
		h.eachField(func(field, val []byte) bool {
			n += c.replyScanned(field, val, &a)
			return true
		})
		c.W.EndArray(mark, n)
		return
	}
	c.scanBigHash(h, cursor, &a)
}

func (c *Ctx) scanBigHash(h *hash, cursor uint64, a *scanArgs) {
	var room [2 * defaultScanCount]*dictEntry[struct{}]
	listed, next := scanDict(room[:0], h.big, cursor, a, 2)
	c.W.BulkInt(int64(next))
	c.W.Array(2 * len(listed))
	for _, e := range listed {
		c.W.Bulk(e.key)
		c.W.Bulk(valueBehind(e.key))
	}
}

// replyScanned lists a pair if its field fits and gives how many elements it wrote.
func (c *Ctx) replyScanned(field, val []byte, a *scanArgs) int {
	if !a.fits(field) {
		return 0
	}
	c.W.Bulk(field)
	c.W.Bulk(val)
	return 2
}
