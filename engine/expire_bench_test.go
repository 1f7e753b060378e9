package engine

import (
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// fillVolatile sets n keys that all expire in the next millisecond.
func (h *hot) fillVolatile(tag string, n int) {
	a := args("SET", "", "some value of a usual length", "PXAT", strconv.FormatInt(h.r.c.Now+1, 10))
	for i := range n {
		a[1] = strconv.AppendInt(append(append(a[1][:0], tag...), "key:"...), int64(i), 10)
		h.run(h.cmds["set"], a)
	}
}

// BenchmarkMassExpiry deletes a million keys that expire at the same moment and
// reports how long the active cycle held a lock at most, in time of the clock
// and of the processor, and how long GETs of another client took meanwhile. On
// a machine that does other work too the clock's longest is the scheduler's.
func BenchmarkMassExpiry(b *testing.B) {
	const n = 1_000_000
	for _, mode := range []struct {
		name    string
		cluster bool
		tag     string
	}{{"cluster/spread", true, ""}, {"cluster/one-slot", true, "{t}"}, {"single/spread", false, ""}, {"single/one-slot", false, "{t}"}} {
		b.Run(mode.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				h := newHot()
				h.r = newRig(mode.cluster)
				h.r.c.Sink = &countingSink{}
				h.r.set(func(s *Settings) { s.NotifyEvents = 0 })
				h.fillVolatile(mode.tag, n)
				h.r.c.Now += 2
				probe := newProbe(h, mode.tag)
				probe.run(func() { time.Sleep(time.Second) })
				b.ReportMetric(ms(probe.longest), "idle-GET-ms")
				b.StartTimer()
				var cpu, clock time.Duration
				probe.run(func() { cpu, clock = h.expireAll() })
				b.ReportMetric(ms(cpu), "longest-hold-cpu-ms")
				b.ReportMetric(ms(clock), "longest-hold-ms")
				b.ReportMetric(ms(probe.longest), "longest-GET-ms")
				b.ReportMetric(float64(probe.slow), "GETs-above-1ms")
				if left := h.r.c.KS.Keys(0); left != 0 {
					b.Fatal(left, "keys are left")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/key")
		})
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// expireAll is Ctx.ExpireCycle until all is gone, with a clock around each
// hold of a lock.
func (h *hot) expireAll() (cpu, clock time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := h.r.c
	db := c.KS.dbs[0]
	timed := func(s slots.Slot, f func()) {
		c.KS.Lock(s)
		start, startCPU := time.Now(), threadCPU()
		c.enter(s)
		f()
		c.commit(s)
		c.exit()
		cpu, clock = max(cpu, threadCPU()-startCPU), max(clock, time.Since(start))
		c.KS.Unlock(s)
	}
	for s := db.nextNonEmpty(0); s < slots.Count; s = db.nextNonEmpty(s) {
		w := expirySweep{c: c, slot: &db.slots[s], maxKeys: 1000, maxLooks: maxCycleLooks}
		timed(slots.Slot(s), w.begin)
		for !w.done {
			timed(slots.Slot(s), w.step)
			runtime.Gosched()
		}
	}
	return cpu, clock
}

// probe is another client that gets random keys as fast as it can.
type probe struct {
	h       *hot
	c       *Ctx
	tag     string
	longest time.Duration
	slow    int // GETs above a millisecond
}

func newProbe(h *hot, tag string) *probe {
	c := &Ctx{KS: h.r.c.KS, W: new(protocol.Writer), Now: h.r.c.Now, Rand: rand.New(rand.NewPCG(3, 4)), Replica: true}
	return &probe{h: h, c: c, tag: tag}
}

// run gets keys while f runs.
func (p *probe) run(f func()) {
	var stop atomic.Bool
	done := make(chan struct{})
	p.longest, p.slow = 0, 0
	go func() {
		defer close(done)
		for get := args("GET", ""); !stop.Load(); {
			get[1] = strconv.AppendInt(append(append(get[1][:0], p.tag...), "key:"...), int64(p.c.Rand.IntN(1_000_000)), 10)
			s := slots.Of(get[1])
			p.c.Args = get
			p.c.W.Reset()
			start := time.Now()
			p.c.KS.Lock(s)
			p.c.Call(p.h.cmds["get"], s)
			p.c.KS.Unlock(s)
			took := time.Since(start)
			p.longest = max(p.longest, took)
			if took > time.Millisecond {
				p.slow++
			}
			time.Sleep(20 * time.Microsecond)
		}
	}()
	f()
	stop.Store(true)
	<-done
}

// BenchmarkGiantSlot fills one slot with a million keys, overwrites them with
// longer values, and deletes them: it reports the longest of each in time of
// the processor, which other work on the machine does not add to.
func BenchmarkGiantSlot(b *testing.B) {
	const n = 1_000_000
	short, long := string(make([]byte, 64)), string(make([]byte, 100))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for b.Loop() {
		h := newHot()
		for _, phase := range []struct {
			name string
			args [][]byte
		}{{"SET", args("SET", "", short)}, {"longer", args("SET", "", long)}, {"DEL", args("DEL", "")}} {
			cmd, a := h.r.table.Lookup(phase.args[0]), phase.args
			var longest time.Duration
			start := threadCPU()
			for i := range n {
				a[1] = strconv.AppendInt(append(a[1][:0], "{t}key:"...), int64(i*7919%n), 10)
				at := threadCPU()
				h.run(cmd, a)
				longest = max(longest, threadCPU()-at)
			}
			b.ReportMetric(ms(longest), phase.name+"-longest-cpu-ms")
			b.ReportMetric(float64((threadCPU()-start).Nanoseconds())/n, phase.name+"-cpu-ns")
			if phase.name == "SET" {
				b.ReportMetric(float64(heapBytes())/n, "heap-B/key")
			}
		}
	}
}

// BenchmarkGiantSlotEviction looks for keys to evict in one slot of a million of
// which ten have an expiry, as in front of a command above maxmemory.
func BenchmarkGiantSlotEviction(b *testing.B) {
	const n, volatile, commands = 1_000_000, 10, 200
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	h := newHot()
	a := args("SET", "", "some value of a usual length")
	for i := range n {
		a[1] = strconv.AppendInt(append(a[1][:0], "{t}key:"...), int64(i), 10)
		h.run(h.cmds["set"], a)
	}
	for i := range volatile {
		h.r.do("EXPIRE", "{t}key:"+strconv.Itoa(i*7919), "1000")
	}
	h.r.limit(PolicyVolatileLRU, 1)
	for b.Loop() {
		var longest, total time.Duration
		for range commands {
			start := threadCPU()
			h.r.c.Evict(1)
			took := threadCPU() - start
			longest, total = max(longest, took), total+took
		}
		b.ReportMetric(ms(longest), "longest-cpu-ms")
		b.ReportMetric(ms(total)/commands, "mean-cpu-ms")
	}
}
