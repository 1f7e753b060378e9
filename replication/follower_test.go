package replication

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elasticache-local/slots"
)

// replicaOf returns an empty replica of source and its follower.
func replicaOf(source *history) (*history, *Follower) {
	own := NewLog(testID(9), DefaultBacklog, DefaultMaxLag)
	r := newHistory(own)
	r.source = source
	c, _ := source.log.Follow("r", "", 0)
	own.Reset(source.log.ID(), c.Offset())
	return r, Sync(c, own, r)
}

func TestAFullSyncCopiesThenFollows(t *testing.T) {
	t.Parallel()
	all := []slots.Slot{1, 2}
	p := newHistory(recording(DefaultBacklog, DefaultMaxLag))
	p.change(1, 1, 1, nil)
	r, f := replicaOf(p)
	require.False(t, f.Synced())
	for more, err := true, error(nil); more; {
		more, err = f.CopyNext()
		require.NoError(t, err)
		if copied, of := f.Progress(); copied == 2 {
			require.Equal(t, slots.Count, of)
			p.change(1, 2, 1, nil) // copied already: comes through the log
			p.change(2, 3, 1, nil) // not copied yet: comes with the copy
			p.change(AllSlots, 4, 1, all)
		}
	}
	n, _, err := f.Step(1)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.True(t, f.Synced())
	require.True(t, r.equal(p, all), "%v %v", r.slots, p.slots)
	require.Equal(t, p.log.Offset(), r.log.Offset())
	require.Equal(t, p.log.ID(), r.log.ID())
	require.Equal(t, []Replica{{"r", true, p.log.Offset(), 1}}, p.log.Replicas())
	require.Equal(t, 2, r.applied, "what the copy held was not applied again")
}

func TestTheDelayDoesNotHoldUpASync(t *testing.T) {
	t.Parallel()
	p := newHistory(recording(DefaultBacklog, DefaultMaxLag))
	r, f := replicaOf(p)
	f.cursor.SetDelay(1000)
	_, err := f.CopyNext()
	require.NoError(t, err)
	p.change(0, 1, 1, nil)
	p.change(5, 2, 1, nil)
	for more := true; more; more, err = f.CopyNext() {
		require.NoError(t, err)
	}
	p.change(0, 3, 1, nil)
	n, _, err := f.Step(1)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.True(t, f.Synced())
	_, wake, _ := f.Step(1)
	require.EqualValues(t, 1001, wake)
	require.NoError(t, f.Drain(p.log.Offset(), 1))
	require.True(t, r.equal(p, []slots.Slot{0, 5}))
}

func TestACopyThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newHistory(recording(DefaultBacklog, DefaultMaxLag))
	r, f := replicaOf(p)
	r.failing = errors.New("source is gone")
	more, err := f.CopyNext()
	require.True(t, more)
	require.ErrorIs(t, err, r.failing)
	r.failing = nil
	_, err = f.CopyNext()
	require.NoError(t, err)
	copied, _ := f.Progress()
	require.Equal(t, 1, copied)
}

func TestCopiedAllAtOnce(t *testing.T) {
	t.Parallel()
	p := newHistory(recording(DefaultBacklog, DefaultMaxLag))
	r, f := replicaOf(p)
	p.change(1, 1, 1, nil)
	r.slots[1] = []string{"1"}
	f.CopiedAll(p.log.Offset())
	p.change(AllSlots, 2, 1, []slots.Slot{1, 2})
	require.NoError(t, f.Drain(p.log.Offset(), 1))
	require.True(t, r.equal(p, []slots.Slot{1, 2}))
}

func TestAfterAFailoverTheOtherReplicaResumes(t *testing.T) {
	t.Parallel()
	all := []slots.Slot{1, 2, 3}
	p := newHistory(recording(DefaultBacklog, DefaultMaxLag))
	a, fa := replicaOf(p)
	b, fb := replicaOf(p)
	for _, f := range []*Follower{fa, fb} {
		f.CopiedAll(p.log.Offset())
		require.NoError(t, f.Drain(p.log.Offset(), 1))
	}
	for n := range 10 {
		p.change(slots.Slot(n%3+1), n, 1, nil)
		if n == 4 {
			require.NoError(t, fb.Drain(p.log.Offset(), 1))
		}
		if n == 7 {
			require.NoError(t, fa.Drain(p.log.Offset(), 1))
		}
	}
	lost, ok := p.log.EntriesAfter(a.log.Offset())
	require.True(t, ok)
	require.Equal(t, 2, lost)
	p.log.Close()

	a.log.Shift(testID(2))
	a.change(1, 100, 1, nil)
	c, partial := a.log.Follow("b", b.log.ID(), b.log.Offset())
	require.True(t, partial)
	b.source = a
	b.log.Shift(a.log.ID())
	f := Resume(c, b.log, b)
	_, _, err := f.Step(1)
	require.NoError(t, err)
	require.True(t, b.equal(a, all))
	require.Equal(t, a.log.Offset(), b.log.Offset())
	require.Equal(t, 1, a.log.Acked(a.log.Offset()))
}

// However changes, copies and steps are mixed, a follower ends up equal to its
// source, and from the moment on when it says that it is synced it is equal to
// what the source was at its offset.
func TestAFollowerConverges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := []slots.Slot{0, 1, 2, 3, 4, 5, 6, 7}
		p := newHistory(recording(DefaultBacklog, DefaultMaxLag))
		made, now := 0, int64(0)
		lengths := map[int64]map[slots.Slot]int{} // how many changes each slot had at an offset
		note := func() {
			at := map[slots.Slot]int{}
			for _, s := range all {
				at[s] = len(p.slots[s])
			}
			lengths[p.log.Offset()] = at
		}
		slotGen := rapid.SampledFrom(append([]slots.Slot{AllSlots, NoSlot}, all...))
		change := func(t *rapid.T) {
			p.change(slotGen.Draw(t, "slot"), made, now, all)
			made++
			note()
		}
		for range rapid.IntRange(0, 5).Draw(t, "before") {
			change(t)
		}
		note()

		r := newHistory(NewLog(testID(9), DefaultBacklog, DefaultMaxLag))
		r.source = p
		var f *Follower
		of := all
		if rapid.Bool().Draw(t, "one slot only") {
			of = all[3:4]
			f = SyncSlot(p.log.Tail("mover"), 3, r)
		} else {
			c, _ := p.log.Follow("r", "", 0)
			r.log.Reset(p.log.ID(), c.Offset())
			f = newFollower(c, r.log, r, 0, len(all))
		}
		f.cursor.SetDelay(rapid.Int64Range(0, 5).Draw(t, "delay"))
		t.Repeat(map[string]func(*rapid.T){
			"change": change,
			"copy": func(t *rapid.T) {
				_, err := f.CopyNext()
				require.NoError(t, err)
			},
			"step": func(t *rapid.T) {
				_, _, err := f.Step(now)
				require.NoError(t, err)
			},
			"time": func(t *rapid.T) { now++ },
			"": func(t *rapid.T) {
				if f.own != nil {
					require.Equal(t, f.Offset(), f.own.Offset())
				}
				if !f.Synced() {
					return
				}
				for _, s := range of {
					want := p.slots[s][:lengths[f.Offset()][s]]
					require.Equal(t, strings.Join(want, ","), strings.Join(r.slots[s], ","), "slot %d", s)
				}
			},
		})
		for more, err := true, error(nil); more; {
			more, err = f.CopyNext()
			require.NoError(t, err)
		}
		require.NoError(t, f.Drain(p.log.Offset(), now))
		require.True(t, f.Synced())
		require.True(t, r.equal(p, of), "%v\n%v", r.slots, p.slots)
	})
}

// A primary with several writers and followers of its own goroutine each, and
// waiters; under the race detector.
func TestManyWritersAndFollowers(t *testing.T) {
	t.Parallel()
	const writers, changes, followers = 4, 3000, 3
	p := &lockedHistory{history: newHistory(recording(64<<10, 64<<20))}
	var replicas []*history
	var wg, writing sync.WaitGroup
	for range followers {
		own := NewLog(testID(9), 64<<10, 1<<20)
		r := newHistory(own)
		r.source = p.history
		c, _ := p.log.Follow("r", "", 0)
		own.Reset(p.log.ID(), c.Offset())
		f := newFollower(c, own, copier{r, p}, 0, writers)
		replicas = append(replicas, r)
		wg.Go(func() {
			defer c.Close()
			for more := true; more; {
				more, _ = f.CopyNext()
			}
			for {
				n, _, err := f.Step(1)
				if errors.Is(err, ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n == 0 {
					<-c.Ready()
				}
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			for n := range changes {
				p.locks[w].Lock()
				p.change(slots.Slot(w), n, 1, nil)
				p.locks[w].Unlock()
			}
		})
	}
	writing.Wait()
	done := make(chan int, 1)
	if w, n := p.log.WaitAcked(followers, p.log.Offset(), func(n int) { done <- n }); w == nil {
		done <- n
	}
	require.Equal(t, followers, <-done)
	p.log.Close()
	wg.Wait()
	for _, r := range replicas {
		require.Equal(t, p.log.Offset(), r.log.Offset())
		for s := range slots.Slot(writers) {
			require.Len(t, r.slots[s], changes)
		}
		require.True(t, r.equal(p.history, []slots.Slot{0, 1, 2, 3}))
	}
}

// lockedHistory is a history with a lock for each slot.
type lockedHistory struct {
	*history
	locks [4]sync.Mutex
	mu    sync.Mutex // guards the map itself
}

func (h *lockedHistory) change(slot slots.Slot, n int, now int64, all []slots.Slot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.history.change(slot, n, now, all)
}

// copier copies slots under the source's locks.
type copier struct {
	*history
	from *lockedHistory
}

func (c copier) CopySlot(slot slots.Slot) (int64, error) {
	c.from.mu.Lock()
	defer c.from.mu.Unlock()
	return c.history.CopySlot(slot)
}
