package replication

import (
	"math"

	"elasticache-local/slots"
)

// A Target is who follows, as a Follower sees it.
type Target interface {
	// CopySlot replaces the target's keys in slot by the source's. It returns
	// the offset of the source's log, read while the source's lock of that slot
	// is held: the copy holds everything up to there and nothing behind.
	CopySlot(slot slots.Slot) (offset int64, err error)
	// Apply executes the entry's commands; only, if not nil, says for an entry
	// of AllSlots which slots it may touch. The entry's bytes are the log's.
	Apply(e *Entry, only func(slots.Slot) bool)
}

// A GroupTarget is a Target that profits from seeing several entries before it
// executes the first of them.
type GroupTarget interface {
	Target
	// ApplyGroup executes entries, each of one slot, in their order. There are at
	// most GroupSize.
	ApplyGroup(entries []Entry)
}

// GroupSize is how many entries a group has at most.
const GroupSize = 16

// A Follower keeps a target's slots equal to those of a source. It first copies
// each slot on its own, under that slot's lock alone, and notes the offset of
// the source's log at that moment: the slot's floor. Entries are applied to a
// slot only if they are above its floor; those below are in the copy already.
// When the stream has been followed up to the highest floor, all slots are as
// they were at the source at one and the same offset, and the floors go.
//
// It is not safe for concurrent use.
type Follower struct {
	cursor *Cursor
	own    *Log // repeats the source's stream; nil if the target writes its own
	target Target

	first   int     // the slots followed are first …
	count   int     // … and so many
	copied  int     // how many of those are copied
	floors  []int64 // of each of them; nil once all are at the same offset
	highest int64   // the highest floor

	offset int64       // up to which the stream has been followed
	online bool        // the source knows that the target is in sync
	entry  Entry       // the one being applied
	groups GroupTarget // the target, if it is one
	group  [GroupSize]Entry
	only   func(slots.Slot) bool
}

// notCopied is the floor of a slot that is not copied yet: no entry is above.
const notCopied = math.MaxInt64

// Sync returns a follower that copies all slots. own is the target's own log,
// reset to the cursor's offset.
func Sync(c *Cursor, own *Log, t Target) *Follower {
	return newFollower(c, own, t, 0, slots.Count)
}

// SyncSlot returns a follower that copies one slot and applies what is about
// that slot. It repeats nothing in the target's log: that is the target's
// business, which has other things to write there.
func SyncSlot(c *Cursor, slot slots.Slot, t Target) *Follower {
	return newFollower(c, nil, t, int(slot), 1)
}

// Resume returns a follower that goes on where it stopped: the target holds
// everything up to the cursor's offset already.
func Resume(c *Cursor, own *Log, t Target) *Follower {
	f := follow(c, own, t, 0, slots.Count)
	f.copied = f.count
	return f
}

// newFollower returns a follower that begins with a copy of every slot.
func newFollower(c *Cursor, own *Log, t Target, first, count int) *Follower {
	f := follow(c, own, t, first, count)
	f.floors = make([]int64, count)
	for i := range f.floors {
		f.floors[i] = notCopied
	}
	return f
}

// follow returns a follower that has nothing to copy.
func follow(c *Cursor, own *Log, t Target, first, count int) *Follower {
	f := &Follower{cursor: c, own: own, target: t, first: first, count: count, offset: c.Offset()}
	f.groups, _ = t.(GroupTarget)
	f.only = func(slot slots.Slot) bool { return f.wants(slot, f.offset) }
	return f
}

// CopyNext copies the next slot and tells whether there are more. Steps may be
// taken in between; they keep the log from piling up.
func (f *Follower) CopyNext() (more bool, err error) {
	if f.copied == f.count {
		return false, nil
	}
	offset, err := f.target.CopySlot(slots.Slot(f.first + f.copied))
	if err != nil {
		return true, err
	}
	f.setFloor(f.copied, offset)
	f.copied++
	return f.copied < f.count, nil
}

// CopiedAll tells that the caller has copied all slots itself at one moment,
// when the source's log was at offset. It is for sources whose entries may
// span slots: such an entry cannot be applied to some of them only.
func (f *Follower) CopiedAll(offset int64) {
	for i := range f.floors {
		f.setFloor(i, offset)
	}
	f.copied = f.count
}

func (f *Follower) setFloor(i int, offset int64) {
	f.floors[i] = offset
	if offset > f.highest {
		f.highest = offset
		f.cursor.Hurry(offset) // until there, slots are at different offsets
	}
}

// Synced tells whether the target is a copy of the source as it was at Offset.
// While it is not, it must neither be read nor promoted.
func (f *Follower) Synced() bool { return f.floors == nil }

// Offset returns up to which offset the stream has been followed.
func (f *Follower) Offset() int64 { return f.offset }

// Progress returns how many slots are copied, and of how many.
func (f *Follower) Progress() (copied, of int) { return f.copied, f.count }

// Step applies a batch of the entries that are due, repeats them in the target's
// log, confirms them, and returns their number. If that is 0, nothing is left to
// do before wake, or before the cursor is ready. The error is ErrLost or ErrClosed.
func (f *Follower) Step(now int64) (entries int, wake int64, err error) {
	f.settle(now)
	batch, err := f.cursor.Next(now)
	if err != nil {
		return 0, Never, err
	}
	if batch.Len() == 0 {
		return 0, batch.Wake, nil
	}
	for i := 0; i < batch.Len(); {
		if n := f.fillGroup(&batch, i); n > 1 {
			f.offset = f.group[n-1].Offset
			f.groups.ApplyGroup(f.group[:n])
			i += n
			continue
		}
		f.entry = batch.Entry(i)
		f.apply(&f.entry)
		i++
	}
	if f.own != nil {
		f.own.Mirror(&batch)
	}
	f.settle(now)
	f.Ack(now)
	return batch.Len(), now, nil
}

// fillGroup collects entries from number i on that may be applied together: each
// is about one slot, and no slot is behind the others.
func (f *Follower) fillGroup(b *Batch, i int) (n int) {
	if f.groups == nil || f.floors != nil || f.count < slots.Count {
		return 0
	}
	for ; n < GroupSize && i+n < b.Len(); n++ {
		if f.group[n] = b.Entry(i + n); f.group[n].Slot >= slots.Count {
			break
		}
	}
	return n
}

// Drain takes steps until the stream has been followed up to offset, without
// any delay.
func (f *Follower) Drain(offset, now int64) error {
	f.cursor.Hurry(offset)
	for f.offset < offset {
		if _, _, err := f.Step(now); err != nil {
			return err
		}
	}
	f.settle(now)
	return nil
}

// Ack repeats the last confirmation, as a sign of life.
func (f *Follower) Ack(now int64) {
	if f.Synced() {
		f.cursor.Ack(f.offset, now)
	}
}

func (f *Follower) apply(e *Entry) {
	f.offset = e.Offset
	switch {
	case e.Slot == NoSlot:
	case e.Slot != AllSlots:
		if f.wants(e.Slot, e.Offset) {
			f.target.Apply(e, nil)
		}
	case f.floors == nil && f.count == slots.Count:
		f.target.Apply(e, nil)
	default:
		f.target.Apply(e, f.only)
	}
}

// wants tells whether an entry that ends at offset is news to the slot.
func (f *Follower) wants(slot slots.Slot, offset int64) bool {
	i := int(slot) - f.first
	if i < 0 || i >= f.count {
		return false
	}
	return f.floors == nil || offset > f.floors[i]
}

// settle drops the floors when all slots are copied and at the same offset, and
// tells the source.
func (f *Follower) settle(now int64) {
	if f.floors != nil && f.copied == f.count && f.offset >= f.highest {
		f.floors = nil
	}
	if f.floors == nil && !f.online {
		f.online = true
		f.cursor.SetOnline(f.offset, now)
	}
}
