package engine

import (
	"elasticache-local/protocol"
)

// editStr gives the bytes of a string, or of an absent key, to be changed in
// place: at least size of them, zeros behind the former end. The value counts
// as modified and as encoded raw. The view is valid until the next write to
// the slot.
func (c *Ctx) editStr(e *Entry, size int) []byte {
	if e.Exists() && len(e.Str()) >= size {
		c.markRaw(e)
		c.changedKey(e)
		return e.Str()
	}
	if big, ok := e.bigString(); ok {
		c.markRaw(e)
		big.grow(size)
		c.Changed(e)
		return big.b
	}
	var old []byte
	if e.Exists() {
		old = e.Str()
	}
	b := make([]byte, size)
	copy(b, old)
	c.setOwnedStr(e, b, e.ExpireAt())
	return e.Str()
}

// bigString is the value when it is a string outside the arena.
func (e Entry) bigString() (*bigString, bool) {
	if e.r == 0 {
		return nil, false
	}
	big, ok := e.Object().(*bigString)
	return big, ok
}

// markRaw makes the encoding raw and changes nothing else.
func (c *Ctx) markRaw(e *Entry) { e.t.setMeta(e.r, e.t.meta(e.r)&^flagText|flagRaw) }

// setOwnedStr is SetRawStr for bytes that the keyspace may keep.
func (c *Ctx) setOwnedStr(e *Entry, b []byte, expireAt int64) {
	if len(b) <= maxInlineValue {
		c.SetRawStr(e, b, expireAt)
		return
	}
	c.SetObj(e, &bigString{b: b}, expireAt)
	c.markRaw(e)
}

// tooLong replies an error when a string of size bytes cannot take extra more.
func (c *Ctx) tooLong(size, extra int64) bool {
	if total := size + extra; !c.Applying && (total > c.KS.Settings().ProtoMaxBulk || total < size) {
		c.W.Error(protocol.ErrStringTooLong)
		return true
	}
	return false
}

func runAppend(c *Ctx) {
	key, tail := c.Args[1], c.Args[2]
	e, ok := c.writeStr(key)
	if !ok {
		return
	}
	if !e.Exists() {
		c.SetArg(&e, 2, 0)
	} else {
		n := len(e.Str())
		if c.tooLong(int64(n), int64(len(tail))) {
			return
		}
		copy(c.editStr(&e, n+len(tail))[n:], tail)
	}
	c.Notify(NotifyString, "append", key)
	c.W.Int(int64(len(e.Str())))
}

func runSetRange(c *Ctx) {
	key, val := c.Args[1], c.Args[3]
	offset, ok := c.intArg(2)
	if !ok {
		return
	}
	if offset < 0 {
		c.W.Error(protocol.ErrOffsetOutOfRange)
		return
	}
	e, ok := c.writeStr(key)
	if !ok {
		return
	}
	n := 0
	if e.Exists() {
		n = len(e.Str())
	}
	if len(val) == 0 {
		c.W.Int(int64(n))
		return
	}
	if c.tooLong(offset, int64(len(val))) {
		return
	}
	copy(c.editStr(&e, int(offset)+len(val))[offset:], val)
	c.Notify(NotifyString, "setrange", key)
	c.W.Int(int64(len(e.Str())))
}

func runGetRange(c *Ctx) {
	start, ok := c.intArg(2)
	if !ok {
		return
	}
	end, ok := c.intArg(3)
	if !ok {
		return
	}
	e, ok := c.readStr(c.Args[1])
	if !ok {
		return
	}
	if !e.Exists() {
		c.W.Bulk(nil)
		return
	}
	s := e.Str()
	backwards := start < 0 && end < 0 && start > end
	if start, end, ok = clampRange(start, end, int64(len(s))); ok && !backwards {
		s = s[start : end+1]
	} else {
		s = nil
	}
	c.W.Bulk(s)
}

// clampRange turns inclusive offsets, negative ones counted from the end, into
// offsets within n elements. ok is false when the range is empty. Offsets in
// front of the first element mean the first, even both.
func clampRange(start, end, n int64) (from, to int64, ok bool) {
	if start < 0 {
		start = max(0, start+n)
	}
	if end < 0 {
		end = max(0, end+n)
	}
	end = min(end, n-1)
	return start, end, start <= end
}
