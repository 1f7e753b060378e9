package engine

// The mutators of keys. Each marks the key as modified: watchers see it, and the
// command propagates unless it says its effect itself.

// SetStr stores a string with an expiry (0: none) in place of any value.
// A value that looks like an integer has encoding int.
func (c *Ctx) SetStr(e *Entry, val []byte, expireAt int64) { c.setStr(e, val, 0, expireAt) }

// SetArg is SetStr for argument i, which is kept instead of a copy where that is possible.
func (c *Ctx) SetArg(e *Entry, i int, expireAt int64) {
	val := c.Args[i]
	if len(val) < minAdopted || c.Giver == nil || cap(val)-len(val) > len(val)/maxAdoptedSpare || !c.Giver.Give(i) {
		c.SetStr(e, val, expireAt)
		return
	}
	c.SetObj(e, &bigString{b: val}, expireAt)
}

// An argument is worth keeping from this length on, in bytes, and if not more than this
// fraction of it is unused memory behind it.
const (
	minAdopted      = 32 << 10
	maxAdoptedSpare = 8
)

// SetRawStr is SetStr for a value that APPEND, SETRANGE or SETBIT made.
func (c *Ctx) SetRawStr(e *Entry, val []byte, expireAt int64) { c.setStr(e, val, flagRaw, expireAt) }

// setTextStr is SetStr for a value that INCRBYFLOAT made: it never has encoding int.
func (c *Ctx) setTextStr(e *Entry, val []byte, expireAt int64) { c.setStr(e, val, flagText, expireAt) }

func (c *Ctx) setStr(e *Entry, val []byte, flags uint8, expireAt int64) {
	if e.r != 0 && expireAt == 0 && e.t.expireAt(e.r) == 0 && e.t.fits(e.r, len(val), 0) {
		e.t.overwrite(e.r, uint8(KindString)|flags, val, 0) // the common case: nothing moves, nothing is counted
		c.changedKey(e)
		return
	}
	before := c.before(e)
	fresh := e.r == 0
	e.r = e.t.setStr(e.r, e.key, e.h, val, flags, expireAt)
	if fresh {
		c.stamp(e.t, e.r)
	}
	c.after(e, before)
	c.changedKey(e)
	if fresh {
		c.Notify(NotifyNew, "new", e.key)
	}
}

// SetObj stores a container with an expiry (0: none) in place of any value.
// Clients that wait for the key are served when the command is done.
func (c *Ctx) SetObj(e *Entry, o Object, expireAt int64) {
	before := c.before(e)
	fresh := e.r == 0
	e.r = e.t.setObj(e.r, e.key, e.h, o, uint8(o.Kind()), expireAt)
	if fresh {
		c.stamp(e.t, e.r)
	}
	c.after(e, before)
	c.changedKey(e)
	c.signalReady(e, o.Kind())
	if fresh {
		c.Notify(NotifyNew, "new", e.key)
	}
}

// SetExpire sets the expiry of a present key (0: removes it).
func (c *Ctx) SetExpire(e *Entry, at int64) {
	before := c.before(e)
	e.r = e.t.setExpire(e.r, at)
	c.after(e, before)
	c.changedKey(e)
}

// Del deletes a present key.
func (c *Ctx) Del(e *Entry) {
	c.drop(e)
	c.changedKey(e)
}

// drop removes the record without marking anything modified but the watchers.
func (c *Ctx) drop(e *Entry) {
	c.remove(e)
	c.touchWatchers(e)
}

func (c *Ctx) remove(e *Entry) {
	before := c.before(e)
	e.t.remove(e.r)
	e.r = 0
	c.after(e, before)
}

// Changed says that the container in e was changed in place.
func (c *Ctx) Changed(e *Entry) {
	before := e.t.objBytes
	e.t.resized(e.r)
	if d := e.t.objBytes - before; d != 0 {
		c.KS.used.Add(d)
	}
	c.changedKey(e)
}

func (c *Ctx) changedKey(e *Entry) {
	c.dirty++
	c.touchWatchers(e)
}

// before and after keep the counters that span slots.
type tableSums struct {
	mem             int64
	count, volatile int
}

func (c *Ctx) before(e *Entry) tableSums {
	if e.t == nil {
		e.t = new(table)
		e.db.slots[e.slot].t = e.t
		return tableSums{}
	}
	return tableSums{e.t.mem(), e.t.count, e.t.volatile}
}

func (c *Ctx) after(e *Entry, b tableSums) {
	t := e.t
	if d := t.mem() - b.mem; d != 0 {
		c.KS.used.Add(d)
	}
	if d := t.count - b.count; d != 0 {
		e.db.group(e.slot).keys.Add(int64(d))
		switch {
		case b.count == 0:
			e.db.markNonEmpty(e.slot)
		case t.count == 0:
			e.db.markEmpty(e.slot)
		}
	}
	if d := t.volatile - b.volatile; d != 0 {
		e.db.group(e.slot).volatile.Add(int64(d))
	}
	if t.nextExpire != 0 {
		c.KS.noteExpire(t.nextExpire)
	}
	if t.count == 0 {
		e.db.slots[e.slot].t, e.t = nil, nil
	}
}
