package engine

import "math"

// lfuInit is the counter of a new key: it gets time to collect hits.
const lfuInit = 5

// The access word under an LFU policy is minutes<<8 | counter, as in Redis:
// 16 bits of minutes, 8 bits of a logarithmic counter.

func (c *Ctx) lfuMinutes() uint32 { return uint32(c.Now/60000) & 0xffff }

func (c *Ctx) touchLFU(t *table, r ref) {
	word := t.u32(r, recAccess)
	if word == 0 {
		t.setU32(r, recAccess, c.lfuMinutes()<<8|lfuInit)
		return
	}
	n := c.lfuDecayed(word)
	t.setU32(r, recAccess, c.lfuMinutes()<<8|uint32(c.lfuIncrement(n)))
}

// lfuDecayed is the counter after the time since the last access.
func (c *Ctx) lfuDecayed(word uint32) uint8 {
	n, decay := word&0xff, c.KS.Settings().LFUDecayTime
	if decay <= 0 {
		return uint8(n)
	}
	elapsed := (c.lfuMinutes() - word>>8) & 0xffff
	periods := elapsed / uint32(decay)
	if periods >= n {
		return 0
	}
	return uint8(n - periods)
}

func (c *Ctx) lfuIncrement(n uint8) uint8 {
	if n == math.MaxUint8 || c.Rand == nil {
		return n
	}
	base := max(0, float64(n)-lfuInit)
	if c.Rand.Float64() < 1/(base*float64(c.KS.Settings().LFULogFactor)+1) {
		return n + 1
	}
	return n
}
