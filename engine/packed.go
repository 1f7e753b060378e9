package engine

// packedObject is a container that, as long as it is small, is nothing but
// one run of bytes. Then it lives in the table's arena like a short string: no
// allocation of its own, no pointer for the garbage collector to follow.
//
// Commands work on a view of it. What they change in place is changed; what
// makes it longer or shorter they hand back with Ctx.keep.
type packedObject interface {
	Object
	// packed is the container as bytes, nil when it is big.
	packed() []byte
	// unpacked is the container as an object that may be kept: not a view, and
	// not the Ctx's own.
	unpacked() Object
}

// openPacked is a view of the container of kind k in b.
func openPacked(k Kind, b []byte) Object {
	switch k {
	case KindHash:
		return &hash{small: b}
	case KindSet:
		return &set{small: b}
	case KindZSet:
		return &zsmall{b}
	}
	panic("engine: a " + k.String() + " in the arena")
}

// packed is a view of a container in the arena. Its capacity is the room that
// the record has, up to what may stay in the arena.
func (t *table) packed(r ref) []byte {
	b := t.rec(r)
	at := b.valStart()
	end := at + int(b.u32(recValLen))
	room := min(b.size(), at+maxInlineValue)
	return b[at:end:max(end, room)]
}

// isPacked reports whether the record's value is a container in the arena.
func (t *table) isPacked(r ref) bool {
	return t.meta(r)&flagObject == 0 && t.kind(r) != KindString
}

// packed is the container that e holds as bytes, nil when it is an object.
func (e Entry) packed() []byte {
	if !e.t.isPacked(e.r) {
		return nil
	}
	return e.t.packed(e.r)
}

// keep stores the container that was made for e's absent key, or takes note
// of the changes in the one that e holds.
func (c *Ctx) keep(e *Entry, o packedObject) {
	switch {
	case e.r == 0:
		c.SetObj(e, o, 0)
		return
	case !e.t.isPacked(e.r):
		c.Changed(e)
		return
	}
	if b, was := o.packed(), e.t.packed(e.r); len(b) != len(was) || &b[0] != &was[0] {
		before := c.before(e)
		e.r = e.t.keepPacked(e.r, e.key, e.h, o)
		c.after(e, before)
	}
	c.changedKey(e)
}

// keepPacked writes back a container that was in the arena. One that has
// outgrown its record gets an eighth of room for more.
func (t *table) keepPacked(r ref, key []byte, h uint64, o packedObject) ref {
	meta, expire := t.meta(r)&^flagExpire, t.expireAt(r)
	if b := o.packed(); b != nil && len(b) <= maxInlineValue {
		return t.setInline(r, key, h, b, min(len(b)+len(b)/8, maxInlineValue), meta, expire)
	}
	return t.setObj(r, key, h, o, meta, expire)
}

// views are the containers in the arena that the command in execution works on.
type views struct {
	hash hash
	set  set
	zset zsmall
	sets []set
	room []byte // see draft
}

// maxDraft is the size of the room for drafts, in bytes; what is longer than
// maxInlineValue never shares it.
const maxDraft = 512

// draft is n zero bytes for a container in the making, with room for size. It
// is good for one command: keep copies what fits in the arena.
func (v *views) draft(n, size int) pack {
	if size > maxDraft {
		return pack(nil).withCap(size)[:n]
	}
	if v.room == nil {
		v.room = make([]byte, maxDraft)
	}
	clear(v.room[:n])
	return v.room[:n]
}

// drop lets go of them: a session that rests must not hold old arenas.
func (v *views) drop() {
	if v.hash.small != nil || v.set.small != nil || v.zset.pack != nil || len(v.sets) > 0 {
		v.clear()
	}
}

func (v *views) clear() {
	v.hash, v.set, v.zset = hash{}, set{}, zsmall{}
	if len(v.sets) > 0 {
		clear(v.sets)
		v.sets = v.sets[:0]
	}
}
