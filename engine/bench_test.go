package engine

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/slots"
)

// hot is one session's steady state: the same commands again and again, with a
// log behind it.
type hot struct {
	r    *rig
	cmds map[string]*Command
}

type countingSink struct{ bytes int }

func (s *countingSink) Recording() bool { return true }

func (s *countingSink) Append(effects []Effect) {
	for i := range effects {
		s.bytes += len(effects[i].Payload)
	}
}

func newHot() *hot {
	h := &hot{r: newRig(true), cmds: map[string]*Command{}}
	h.r.c.Sink = &countingSink{}
	h.r.set(func(s *Settings) { s.NotifyEvents = 0 })
	for _, cmd := range h.r.table.All() {
		h.cmds[cmd.Name] = cmd
	}
	return h
}

// run is what a node does for a command: slot, lock, call.
func (h *hot) run(cmd *Command, args [][]byte) {
	c := h.r.c
	c.Args = args
	c.W.Reset()
	s := slots.Of(args[1])
	c.KS.Lock(s)
	c.Call(cmd, s)
	c.KS.Unlock(s)
}

func args(words ...string) [][]byte {
	var out [][]byte
	for _, w := range words {
		out = append(out, []byte(w))
	}
	return out
}

var hotCommands = []struct {
	name  string
	setup []string
	args  []string
}{
	{"GET", []string{"SET", "key:1", "some value of a usual length"}, []string{"GET", "key:1"}},
	{"GET-missing", nil, []string{"GET", "key:1"}},
	{"SET-overwrite", nil, []string{"SET", "key:1", "some value of a usual length"}},
	{"SET-overwrite-1000", nil, []string{"SET", "key:1", string(make([]byte, 1000))}},
	{"SET-EX", nil, []string{"SET", "key:1", "some value of a usual length", "EX", "100"}},
	{"SET-KEEPTTL", []string{"SET", "key:1", "value", "EX", "100"}, []string{"SET", "key:1", "value", "KEEPTTL"}},
	{"INCR", nil, []string{"INCR", "key:1"}},
	{"INCRBY-with-TTL", []string{"SET", "key:1", "1", "EX", "100"}, []string{"INCRBY", "key:1", "3"}},
	{"EXPIRE", []string{"SET", "key:1", "1", "EX", "100"}, []string{"EXPIRE", "key:1", "200"}},
	{"TTL", []string{"SET", "key:1", "1", "EX", "100"}, []string{"TTL", "key:1"}},
	{"EXISTS", []string{"SET", "key:1", "1"}, []string{"EXISTS", "key:1"}},
	{"TYPE", []string{"SET", "key:1", "1"}, []string{"TYPE", "key:1"}},
	{"STRLEN", []string{"SET", "key:1", "1"}, []string{"STRLEN", "key:1"}},
	{"GETRANGE", []string{"SET", "key:1", "0123456789"}, []string{"GETRANGE", "key:1", "2", "-3"}},
	{"SETBIT", nil, []string{"SETBIT", "key:1", "7", "1"}},
	{"GETBIT", []string{"SETBIT", "key:1", "7", "1"}, []string{"GETBIT", "key:1", "7"}},
	{"BITCOUNT", []string{"SET", "key:1", "0123456789"}, []string{"BITCOUNT", "key:1"}},
	{"MGET", []string{"MSET", "{k}1", "a", "{k}2", "b"}, []string{"MGET", "{k}1", "{k}2", "{k}3"}},
	{"MSET", nil, []string{"MSET", "{k}1", "a", "{k}2", "b"}},
}

// TestHotCommandsAllocateNothing in their steady state.
func TestHotCommandsAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, hc := range hotCommands {
		h := newHot()
		if hc.setup != nil {
			h.r.do(hc.setup...)
		}
		a := args(hc.args...)
		cmd := h.r.table.Lookup(a[0])
		h.run(cmd, a)
		require.Zero(t, testing.AllocsPerRun(100, func() { h.run(cmd, a) }), hc.name)
	}
}

func BenchmarkCommand(b *testing.B) {
	for _, hc := range hotCommands {
		b.Run(hc.name, func(b *testing.B) {
			h := newHot()
			if hc.setup != nil {
				h.r.do(hc.setup...)
			}
			a := args(hc.args...)
			cmd := h.r.table.Lookup(a[0])
			b.ReportAllocs()
			for b.Loop() {
				h.run(cmd, a)
			}
		})
	}
}

// benchKeys is enough for cold caches.
const benchKeys = 1 << 18

func benchKey(dst []byte, i int) []byte {
	return strconv.AppendInt(append(dst[:0], "key:"...), int64(i), 10)
}

// BenchmarkSetNew is the first SET of each key, the tables' growth included.
func BenchmarkSetNew(b *testing.B) {
	h := newHot()
	cmd, a, i := h.cmds["set"], args("SET", "", "some value of a usual length"), 0
	b.ReportAllocs()
	for b.Loop() {
		if i == benchKeys {
			b.StopTimer()
			h.r.do("FLUSHALL")
			i = 0
			b.StartTimer()
		}
		a[1] = benchKey(a[1], i)
		h.run(cmd, a)
		i++
	}
}

// BenchmarkRandomAccess goes to keys that are in no cache.
func BenchmarkRandomAccess(b *testing.B) {
	h := newHot()
	set := args("SET", "", "some value of a usual length")
	for i := range benchKeys {
		set[1] = benchKey(set[1], i)
		h.run(h.cmds["set"], set)
	}
	for name, a := range map[string][][]byte{"GET": args("GET", ""), "SET": set} {
		cmd := h.r.table.Lookup(a[0])
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a[1] = benchKey(a[1], h.r.c.Rand.IntN(benchKeys))
				h.run(cmd, a)
			}
		})
	}
}

// BenchmarkEvict is a SET of a new key that drives out another one.
func BenchmarkEvict(b *testing.B) {
	h := newHot()
	a := args("SET", "", "some value of a usual length")
	for i := range benchKeys / 4 {
		a[1] = benchKey(a[1], i)
		h.run(h.cmds["set"], a)
	}
	h.r.limit(PolicyAllKeysLRU, h.r.c.KS.Mem())
	i := benchKeys
	b.ReportAllocs()
	for b.Loop() {
		a[1] = benchKey(a[1], i)
		h.r.c.Evict(100)
		h.run(h.cmds["set"], a)
		i++
	}
}
