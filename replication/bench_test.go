package replication

import (
	"testing"

	"elasticache-local/slots"
)

var set64 = []byte(command("SET", "user:00000001", string(make([]byte, 64))))

func BenchmarkAppend(b *testing.B) {
	l := recording(DefaultBacklog, DefaultMaxLag)
	b.ReportAllocs()
	b.SetBytes(int64(len(set64)))
	for b.Loop() {
		l.Append(5, 0, 1, set64)
	}
}

// BenchmarkAppendAll is Append for the entries of a stretch of a pipeline; a step is one entry.
func BenchmarkAppendAll(b *testing.B) {
	l := recording(DefaultBacklog, DefaultMaxLag)
	b.ReportAllocs()
	b.SetBytes(int64(len(set64)))
	for n := 0; b.Loop(); n++ {
		if n%len(stretch) == 0 {
			l.AppendAll(1, stretch[:])
		}
	}
}

var stretch [16]Change

func init() {
	for i := range stretch {
		stretch[i] = Change{Slot: 5, Payload: set64}
	}
}

func BenchmarkAppendParallel(b *testing.B) {
	l := recording(DefaultBacklog, DefaultMaxLag)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Append(5, 0, 1, set64)
		}
	})
}

// nowhere is a target that only walks through the commands.
type nowhere struct {
	cmds Commands
	seen int
}

func (n *nowhere) CopySlot(slots.Slot) (int64, error) { return 0, nil }

func (n *nowhere) Apply(e *Entry, _ func(slots.Slot) bool) {
	for n.cmds.Reset(e.Payload); n.cmds.Next(); {
		n.seen += len(n.cmds.Args())
	}
}

// BenchmarkAppendAndFollow is an Append with a share of a follower's work: the
// walk through the commands and the copy into its own log.
func BenchmarkAppendAndFollow(b *testing.B) {
	l := recording(DefaultBacklog, DefaultMaxLag)
	own := NewLog(testID(2), DefaultBacklog, DefaultMaxLag)
	c, _ := l.Follow("r", testID(1), 0)
	own.Reset(testID(1), 0)
	f := Resume(c, own, &nowhere{})
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		l.Append(5, 0, 1, set64)
		if n++; n%256 == 0 {
			if err := f.Drain(l.Offset(), 1); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkCommands(b *testing.B) {
	var cmds Commands
	b.ReportAllocs()
	for b.Loop() {
		for cmds.Reset(set64); cmds.Next(); {
		}
	}
}

// The claims of the benchmarks that must not rot: no allocation in steady state.
func TestAppendAndFollowDoNotAllocate(t *testing.T) { // not parallel: AllocsPerRun counts the whole process
	l := recording(DefaultBacklog, DefaultMaxLag)
	own := NewLog(testID(2), DefaultBacklog, DefaultMaxLag)
	c, _ := l.Follow("r", testID(1), 0)
	own.Reset(testID(1), 0)
	f := Resume(c, own, &nowhere{})
	round := func() {
		for range 1000 {
			l.Append(5, 0, 1, set64)
		}
		for range 1000 / len(stretch) {
			l.AppendAll(1, stretch[:])
		}
		if err := f.Drain(l.Offset(), 1); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		round()
	}
	if allocs := testing.AllocsPerRun(20, round); allocs != 0 {
		t.Errorf("%v allocations in 2000 appends", allocs)
	}
}
