package engine

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// runHeld runs a command under the locks that the test holds.
func (r *rig) runHeld(line string) {
	args := bytes.Fields([]byte(line))
	r.c.Args = args
	r.c.Call(r.table.Lookup(args[0]), slots.Of(args[1]))
}

func TestEffectsAreHeldBackUntilFlush(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.c.KS.LockAll()
	defer r.c.KS.UnlockAll()
	r.c.Hold()
	r.runHeld("SET a 1")
	r.runHeld("GET a")
	r.runHeld("SET b " + strings.Repeat("x", 1000)) // makes the buffer grow
	r.runHeld("SET a 1 PX 10")
	r.c.Now += 20
	r.runHeld("SADD a m") // two commands: what has expired is deleted first
	r.runHeld("SPOP a")
	require.Empty(t, r.log)
	r.c.Flush()
	want := []string{
		"15495:SET a 1", "3300:SET b " + strings.Repeat("x", 1000), "15495:SET a 1 PXAT 1000000000010",
		"15495:MULTI DEL a SADD a m EXEC", "15495:SREM a m",
	}
	assert.Equal(t, want, r.log)
	r.c.Flush()
	r.runHeld("SET a 2")
	assert.Equal(t, append(want, "15495:SET a 2"), r.log, "what follows a Flush is not held back")
}

// TestWhoIsServedHearsOfEffectsInTheLog: a client that was waiting gets its reply in the
// middle of a stretch, so what came before it in the stretch is handed over before.
func TestWhoIsServedHearsOfEffectsInTheLog(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.c.KS.LockAll()
	defer r.c.KS.UnlockAll()
	r.runHeld("BLPOP l 0")
	w := r.c.TakeWaiter()
	require.NotNil(t, w)
	r.c.W = new(protocol.Writer)
	var before []string
	w.Deliver = func([]byte) { before = append(before, r.log...) }
	r.c.Hold()
	r.runHeld("SET {l}a 1")
	r.runHeld("RPUSH l x")
	assert.Equal(t, []string{"SET {l}a 1"}, words(before))
	assert.Equal(t, []string{"SET {l}a 1", "MULTI RPUSH l x LPOP l EXEC"}, words(r.log))
	r.runHeld("SET {l}a 2")
	r.c.Flush()
	assert.Equal(t, []string{"SET {l}a 1", "MULTI RPUSH l x LPOP l EXEC", "SET {l}a 2"}, words(r.log))
}

// words takes the slots away.
func words(log []string) (out []string) {
	for _, line := range log {
		_, text, _ := strings.Cut(line, ":")
		out = append(out, text)
	}
	return out
}

func TestWhatIsHeldBackIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.c.KS.LockAll()
	defer r.c.KS.UnlockAll()
	r.c.Hold()
	for range 4 {
		r.runHeld("SET a " + strings.Repeat("x", maxKeptEffects/3))
	}
	assert.Len(t, r.log, 3)
	r.c.Flush()
	assert.Len(t, r.log, 4)
}

func TestHoldingEffectsDoesNotAllocate(t *testing.T) { // not parallel: AllocsPerRun counts the whole process
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	h := newHot()
	h.r.c.KS.LockAll()
	args := bytes.Fields([]byte("SET a 1"))
	set, slot := h.cmds["set"], slots.Of(args[1])
	stretch := func() {
		h.r.c.Hold()
		for range GroupSize {
			h.r.c.W.Reset()
			h.r.c.Args = args
			h.r.c.Call(set, slot)
		}
		h.r.c.Flush()
	}
	stretch()
	assert.Zero(t, testing.AllocsPerRun(100, stretch))
}
