package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// rig runs commands on a keyspace with the locks that a node would take.
type rig struct {
	c      *Ctx
	table  *Table
	log    []string // effects, as words; "slot:" in front with cluster mode
	events []string // "event key"
}

func newRig(cluster bool) *rig {
	r := &rig{table: NewTable(DataCommands()...)}
	databases := 3
	if cluster {
		databases = 1
	}
	r.c = &Ctx{KS: NewKeyspace(databases, !cluster, 1), W: new(protocol.Writer), Now: 1_000_000_000_000, Rand: rand.New(rand.NewPCG(1, 2)), Sink: r, Host: r}
	r.set(func(s *Settings) {
		s.ClusterEnabled = cluster
		s.NotifyEvents = NotifyAll | NotifyNew | NotifyKeyMiss | NotifyKeyevent
	})
	return r
}

func (r *rig) set(change func(s *Settings)) {
	s := *r.c.KS.Settings()
	change(&s)
	r.c.KS.SetSettings(&s)
}

func (r *rig) Recording() bool { return true }

func (r *rig) Append(effects []Effect) {
	for _, e := range effects {
		r.append(e.Slot, e.Payload)
	}
}

func (r *rig) append(slot slots.Slot, payload []byte) {
	text := ""
	for _, line := range strings.Split(string(payload), "\r\n") {
		if line != "" && line[0] != '*' && line[0] != '$' {
			text += " " + line
		}
	}
	if !r.c.KS.Single() {
		text = fmt.Sprintf(" %d:%s", slot, text[1:])
	}
	r.log = append(r.log, text[1:])
}

func (r *rig) Notify(db int, _ NotifyClass, event string, key []byte) {
	if db != 0 {
		event = fmt.Sprintf("%d:%s", db, event)
	}
	r.events = append(r.events, event+" "+string(key))
}

// do runs a command and gives its reply without the last line's end.
func (r *rig) do(args ...string) string {
	c := r.c
	c.Args = nil
	for _, a := range args {
		c.Args = append(c.Args, []byte(a))
	}
	c.W.Reset()
	cmd := r.table.Lookup(c.Args[0])
	if len(args) > 1 {
		if sub := cmd.Sub(c.Args[1]); sub != nil {
			cmd = sub
		}
	}
	r.call(cmd)
	return strings.TrimSuffix(string(c.W.Bytes()), "\r\n")
}

func (r *rig) call(cmd *Command) {
	c := r.c
	if cmd.Flags.Has(WholeKeyspace) {
		c.KS.LockAll()
		defer c.KS.UnlockAll()
		c.Call(cmd, AllSlots)
		return
	}
	slot := NoSlot
	if pos, _ := cmd.AppendKeys(nil, c.Args); len(pos) > 0 {
		slot = slots.Of(c.Args[pos[0]])
	}
	if c.KS.Single() || slot != NoSlot {
		c.KS.Lock(slot)
		defer c.KS.Unlock(slot)
	}
	c.Call(cmd, slot)
}

// takeLog gives the effects since the last call.
func (r *rig) takeLog() []string {
	log := r.log
	r.log = nil
	return log
}

func (r *rig) takeEvents() []string {
	events := r.events
	r.events = nil
	return events
}

// bothModes runs a test with one lock and with a lock per slot.
func bothModes(t *testing.T, f func(t *testing.T, r *rig)) {
	t.Parallel()
	for name, cluster := range map[string]bool{"one lock": false, "a lock per slot": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(cluster)
			f(t, r)
			r.check(t)
		})
	}
}

// check compares the counters with what is there.
func (r *rig) check(t *testing.T) {
	t.Helper()
	ks := r.c.KS
	var mem int64
	for i, db := range ks.dbs {
		keys, volatile := 0, 0
		for s := range db.slots {
			tab := db.slots[s].t
			mem += tab.mem()
			if marked := db.groups[s/groupSize].nonEmpty.Load()>>(s%groupSize)&1 == 1; marked != (tab != nil) {
				t.Fatalf("database %d, slot %d: marked as not empty: %v", i, s, marked)
			}
			if tab != nil {
				keys, volatile = keys+tab.count, volatile+tab.volatile
			}
		}
		require.EqualValues(t, keys, ks.Keys(i))
		require.EqualValues(t, volatile, ks.Volatile(i))
	}
	require.Equal(t, mem, ks.Mem())
}
