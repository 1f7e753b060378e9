package engine

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/slots"
)

// sweeping fills a slot with keys of which one has expired, and begins to expire them: the
// rest is to follow under another hold of the slot's lock.
func sweeping(t *testing.T, r *rig) (w *expirySweep, s slots.Slot) {
	for i := range 2000 {
		r.do("SET", "{a}"+strconv.Itoa(i), "v", "PX", "100000")
	}
	r.do("SET", "{a}first", "v", "PX", "10")
	r.c.Now += 50
	s = slots.Of([]byte("a"))
	w = &expirySweep{c: r.c, slot: &r.c.KS.dbs[0].slots[s], maxKeys: 100, maxLooks: maxCycleLooks}
	r.c.atSlot(s, w.begin)
	r.c.atSlot(s, w.step)
	require.False(t, w.done)
	return w, s
}

func TestASlotCopiedDuringASweepStillExpires(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	w, s := sweeping(t, r)
	to := NewKeyspace(1, false, r.c.KS.seed)
	to.InstallSlotLocked(s, r.c.KS.CopySlotLocked(s))
	for !w.done {
		r.c.atSlot(s, w.step)
	}
	c := &Ctx{KS: to, Rand: r.c.Rand, Now: r.c.Now + 200_000}
	for range 100 {
		c.ExpireCycle(1 << 20)
	}
	require.Zero(t, to.Keys(0), "all have expired long ago")
}

func TestSwapDBDuringASweepForgetsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	w, s := sweeping(t, r)
	r.do("SWAPDB", "0", "1")
	for !w.done {
		r.c.atSlot(s, w.step)
	}
	r.c.Now += 200_000
	for range 100 {
		r.c.ExpireCycle(1 << 20)
	}
	require.Zero(t, r.c.KS.Keys(0)+r.c.KS.Keys(1), "all have expired long ago")
}
