package engine

import (
	"math"
	"strconv"

	"elasticache-local/protocol"
)

// ZSCAN key cursor [MATCH pattern] [COUNT count]
func runZScan(c *Ctx) {
	z, cursor, a, ok := scanOf(c, (*Ctx).readZSet)
	if !ok {
		return
	}
	c.W.Array(2)
	switch z := z.(type) {
	case *zsmall: // all at once, whatever the cursor and the count
		c.W.BulkString("0")
		mark, n := c.W.Deferred(), 0
		for at := zsmallHead; at < len(z.pack); {
			var m []byte
			var score float64
			m, score, at = z.pair(at)
			if a.fits(m) {
				c.W.Bulk(m)
				c.bulkPackedScore(score)
				n += 2
			}
		}
		c.W.EndArray(mark, n)
	case *zbig:
		var room [2 * defaultScanCount]*dictEntry[float64]
		listed, next := scanDict(room[:0], z.dict, cursor, &a, 2)
		c.W.BulkInt(int64(next))
		c.W.Array(2 * len(listed))
		for _, e := range listed {
			c.W.Bulk(e.key)
			c.bulkScore(e.val)
		}
	}
}

// bulkScore replies a score as a bulk string in RESP3 too.
func (c *Ctx) bulkScore(score float64) {
	var buf [32]byte
	c.W.Bulk(protocol.AppendDouble(buf[:0], score))
}

// bulkPackedScore replies a score as a listpack keeps it: integers have all
// their digits and no exponent.
func (c *Ctx) bulkPackedScore(score float64) {
	if score == math.Trunc(score) && math.Abs(score) <= 1<<62 {
		var buf [20]byte
		c.W.Bulk(strconv.AppendInt(buf[:0], int64(score), 10))
		return
	}
	c.bulkScore(score)
}
