package engine

import (
	"bytes"
	"math/bits"
	"unsafe"

	"elasticache-local/memory"
)

// table is the keys of one slot: an index of chained buckets over an arena of
// records, neither of which holds a pointer, so the garbage collector never
// looks inside however many keys there are. Objects hang off a side list.
//
// The usual table is a handful of keys. What only a giant one needs, so that
// its growth stalls nobody, is in big.
//
// What every lookup reads comes first. The whole is two cache lines: Go gives
// memory of this size at addresses that are multiples of it.
type table struct {
	buckets []uint32
	arena   []byte    // the first chunk
	big     *bigTable // nil unless this one is
	count   int

	objs       []sideObject
	free       freeSides
	volatile   int   // records with an expiry
	nextExpire int64 // no expiry in this table is earlier; 0 when unknown or none
	garbage    int   // bytes of dead records in all chunks
	objBytes   int64
}

const _ = uint(2*cacheLine - unsafe.Sizeof(table{})) // it does not compile if a table is larger

// bucket is the head of the chain in which a key with this hash stands.
func (t *table) bucket(hash uint32) *uint32 {
	if t.big != nil {
		return t.big.bucket(t.buckets, hash)
	}
	return &t.buckets[hash&uint32(len(t.buckets)-1)]
}

// find looks key up; h is its hash.
func (t *table) find(key []byte, h uint64) ref {
	if t == nil || len(t.buckets) == 0 {
		return 0
	}
	want := uint32(h)
	for r := ref(*t.bucket(want)); r != 0; {
		b := t.rec(r)
		_ = b[recHeader-1] // spares the checks of each field
		if b.u32(recHash) == want && bytes.Equal(b.key(), key) {
			return r
		}
		r = ref(b.u32(recNext))
	}
	return 0
}

// insert adds an absent key with room for inline value bytes, which the caller
// fills, and links it.
func (t *table) insert(key []byte, h uint64, meta uint8, vlen uint32, inline int, expire int64) ref {
	size := recordSize(key, inline, expire != 0)
	if t.big != nil {
		t.step(size, garbageShareGrowing)
	}
	if 2*t.count >= len(t.buckets) { // short chains: what follows the first record is in no cache
		t.resize(max(4, 2*len(t.buckets)))
	}
	if expire != 0 {
		meta |= flagExpire
	}
	r := t.alloc(size)
	b := t.rec(r)
	head := t.bucket(uint32(h))
	b.setU32(recNext, *head)
	b.setU32(recHash, uint32(h))
	b.setU32(recKeyLen, uint32(len(key)))
	b.setU32(recValLen, vlen)
	b.setU32(recAccess, 0)
	b[recMeta], b[recSpare] = meta, 0
	if expire != 0 {
		t.putExpire(r, expire)
		t.noteExpire(expire)
		t.volatile++
	}
	copy(b[b.keyStart():], key)
	*head = uint32(r)
	t.count++
	return r
}

func (t *table) noteExpire(at int64) {
	if t.nextExpire == 0 || at < t.nextExpire {
		t.nextExpire = at
	}
	if t.big != nil {
		t.big.sweep.note(at)
	}
}

// remove unlinks the record and frees what it holds.
func (t *table) remove(r ref) {
	size := t.size(r)
	t.removeKeepingArena(r)
	if t.count == 0 {
		*t = table{}
		return
	}
	if t.big != nil {
		t.step(size, garbageShareShrinking)
	}
	t.shrink()
}

// removeKeepingArena is remove without moving any other record.
func (t *table) removeKeepingArena(r ref) {
	if t.meta(r)&flagObject != 0 {
		t.dropObject(t.u32(r, recValLen))
	}
	t.discard(r)
}

// discard unlinks the record and leaves it as garbage; its bytes stay readable.
func (t *table) discard(r ref) {
	p := t.bucket(t.u32(r, recHash))
	if ref(*p) == r {
		*p = t.u32(r, recNext)
	} else {
		t.setU32(t.before(ref(*p), r), recNext, t.u32(r, recNext))
	}
	if t.meta(r)&flagExpire != 0 {
		t.volatile--
		if t.volatile == 0 {
			t.nextExpire = 0
		}
	}
	t.count--
	t.garbage += t.size(r)
	t.setMeta(r, t.meta(r)&^kindMask)
	if t.big != nil {
		t.noteGarbage(int(r/chunkUnits), t.size(r))
	}
}

// before is the record in front of r in the chain that begins at p.
func (t *table) before(p, r ref) ref {
	for {
		n := ref(t.u32(p, recNext))
		if n == r {
			return p
		}
		p = n
	}
}

func (t *table) shrink() {
	if len(t.buckets) > 16 && t.count < len(t.buckets)/8 {
		t.resize(1 << bits.Len(uint(t.count)))
	}
	if t.big == nil && t.garbage > 512 && t.garbage > len(t.arena)/2 {
		t.rebuild(0)
	}
}

// resize changes the number of buckets: at once if there are few.
func (t *table) resize(n int) {
	if len(t.buckets) > maxRehashAtOnce {
		t.beginRehash(n)
		return
	}
	if t.big != nil && t.big.old != nil {
		return // soon done
	}
	old := t.buckets
	t.buckets = make([]uint32, n)
	for _, head := range old {
		t.rechain(ref(head))
	}
}

// rechain moves the chain that begins at r to the buckets where it belongs now.
func (t *table) rechain(r ref) (moved int) {
	for ; r != 0; moved++ {
		b := t.rec(r)
		next := ref(b.u32(recNext))
		head := &t.buckets[b.u32(recHash)&uint32(len(t.buckets)-1)]
		b.setU32(recNext, *head)
		*head = uint32(r)
		r = next
	}
	return moved
}

// alloc gives a record of size bytes at the arena's end.
func (t *table) alloc(size int) ref {
	if t.big != nil {
		return t.allocBig(size)
	}
	if len(t.arena) == 0 {
		t.arena = make([]byte, recUnit, arenaCap(recUnit+size)) // unit 0 is never a record
	}
	if end := len(t.arena) + size; end > cap(t.arena) || end > maxChunk && len(t.arena) > recUnit {
		if end-t.garbage > maxChunk && t.count > 0 {
			t.grownBig()
			return t.allocBig(size)
		}
		t.rebuild(size)
	}
	at := len(t.arena)
	t.arena = t.arena[:at+size]
	return ref(at / recUnit)
}

// arenaCap leaves room for an eighth more, but not beyond a chunk's end; the
// allocator's size classes round up.
func arenaCap(need int) int { return max(need, min(roundUnit(need+need/8), maxChunk)) }

// rebuild moves the live records to a new arena of one chunk with room for
// extra bytes more. Refs change; views into the old one stay readable but are
// stale.
func (t *table) rebuild(extra int) {
	live := t.arenaLen() - t.garbage
	if t.big != nil {
		live += recUnit // the first chunk may be gone
	}
	fresh := make([]byte, recUnit, arenaCap(live+extra))
	if t.garbage == 0 && t.big == nil {
		t.arena = append(fresh, t.arena[recUnit:]...)
		return
	}
	for i, head := range t.buckets {
		link := &t.buckets[i]
		prev := record(nil)
		for r := ref(head); r != 0; {
			b := t.rec(r)
			at := len(fresh)
			fresh = append(fresh, b[:b.size()]...)
			if prev == nil {
				*link = uint32(at / recUnit)
			} else {
				prev.setU32(recNext, uint32(at/recUnit))
			}
			r, prev = ref(b.u32(recNext)), fresh[at:]
		}
		if prev != nil {
			prev.setU32(recNext, 0)
		}
	}
	t.arena, t.garbage, t.big = fresh, 0, nil
}

// setStr stores a string under key, present (r) or absent (r == 0), and gives
// its record. A value that fits in the record's room is written in place.
// flags are flagRaw or flagText or none.
func (t *table) setStr(r ref, key []byte, h uint64, val []byte, flags uint8, expire int64) ref {
	meta := uint8(KindString) | flags
	if len(val) > maxInlineValue {
		return t.setObj(r, key, h, &bigString{b: memory.Clone(val)}, meta, expire)
	}
	return t.setInline(r, key, h, val, len(val), meta, expire)
}

// setInline stores a value in the arena under key, present or absent; where
// the record has to move, it gets room bytes for the value.
func (t *table) setInline(r ref, key []byte, h uint64, val []byte, room int, meta uint8, expire int64) ref {
	access := uint32(0)
	if r != 0 {
		if t.fits(r, len(val), expire) {
			t.overwrite(r, meta, val, expire)
			return r
		}
		// val may be a view into this arena or key into this record: both stay
		// readable where they are, whatever is moved to elsewhere.
		access = t.u32(r, recAccess)
		t.removeKeepingArena(r)
	}
	r = t.insert(key, h, meta, uint32(len(val)), room, expire)
	spare := recordSize(key, room, expire != 0) - recordSize(key, len(val), expire != 0)
	t.rec(r)[recSpare] = uint8(spare / recUnit)
	t.setU32(r, recAccess, access)
	copy(t.str(r), val)
	return r
}

func (t *table) fits(r ref, n int, expire int64) bool {
	b := t.rec(r)
	m := b[recMeta]
	if m&flagObject != 0 || (m&flagExpire != 0) != (expire != 0) {
		return false
	}
	need, have := b.need(n), b.size()
	return need <= have && have-need <= maxSpareUnits*recUnit && (have-need <= 64 || have-need <= have/2)
}

func (t *table) overwrite(r ref, meta uint8, val []byte, expire int64) {
	b := t.rec(r)
	have := b.size()
	if expire != 0 {
		t.putExpire(r, expire)
		t.noteExpire(expire)
		meta |= flagExpire
	}
	b[recMeta] = meta
	b.setU32(recValLen, uint32(len(val)))
	b[recSpare] = uint8((have - b.need(len(val))) / recUnit)
	copy(b[b.valStart():], val)
}

// setObj stores an object under key, present (r) or absent.
func (t *table) setObj(r ref, key []byte, h uint64, o Object, meta uint8, expire int64) ref {
	if p, ok := o.(packedObject); ok {
		if b := p.packed(); b != nil && len(b) <= maxInlineValue {
			return t.setInline(r, key, h, b, len(b), meta, expire)
		}
		o = p.unpacked()
	}
	access := uint32(0)
	if r != 0 {
		access = t.u32(r, recAccess)
		t.removeKeepingArena(r)
	}
	i := t.keepObject(o)
	r = t.insert(key, h, meta|flagObject, i, 0, expire)
	t.setU32(r, recAccess, access)
	return r
}

// setExpire sets (at > 0) or clears (at == 0) the expiry and gives the record,
// which moves when it had no room for one.
func (t *table) setExpire(r ref, at int64) ref {
	had := t.meta(r)&flagExpire != 0
	switch {
	case had && at != 0:
		t.putExpire(r, at)
		t.noteExpire(at)
		return r
	case !had && at == 0:
		return r
	}
	return t.move(r, at)
}

// move rewrites a record with another expiry, its value untouched.
func (t *table) move(r ref, expire int64) ref {
	meta := t.meta(r) &^ flagExpire
	key, vlen, access, hash := t.key(r), t.u32(r, recValLen), t.u32(r, recAccess), t.u32(r, recHash)
	var val []byte
	if meta&flagObject == 0 {
		val = t.str(r)
	}
	t.discard(r)
	n := t.insert(key, uint64(hash), meta, vlen, len(val), expire)
	t.setU32(n, recAccess, access)
	if meta&flagObject == 0 {
		copy(t.str(n), val)
	}
	return n
}

// mem is the table's own size in bytes, objects included. It counts the live
// records and not the arena's capacity, so that it falls as soon as a key is
// gone: eviction measures its progress by it.
func (t *table) mem() int64 {
	if t == nil {
		return 0
	}
	return int64(t.arenaLen()-t.garbage+4*t.chains()+24*(t.sides()-int(t.free.count))) + t.objBytes
}

// arenaLen is how many bytes of the arena are in use, by the dead too.
func (t *table) arenaLen() int {
	if t.big != nil {
		return t.big.total
	}
	return len(t.arena)
}

// chains is how many buckets there are, those being replaced first; chain gives
// the i-th one's first record.
func (t *table) chains() int {
	if t.big != nil {
		return len(t.buckets) + len(t.big.old)
	}
	return len(t.buckets)
}

func (t *table) chain(i int) ref {
	if t.big != nil && t.big.old != nil {
		if i < len(t.big.old) {
			return ref(t.big.old[i])
		}
		i -= len(t.big.old)
	}
	return ref(t.buckets[i])
}

// scan visits the bucket that cursor names and gives the next cursor, 0 at the
// end. The cursor counts with its bits reversed, so that a key present from
// start to end is visited even when the table grows or shrinks in between
// (the scheme of Redis' dictScan).
func (t *table) scan(cursor uint32, visit func(r ref)) uint32 {
	if t == nil || len(t.buckets) == 0 {
		return 0
	}
	if t.big != nil && t.big.old != nil {
		return t.scanBoth(cursor, visit)
	}
	mask := uint32(len(t.buckets) - 1)
	t.eachIn(ref(t.buckets[cursor&mask]), visit)
	return nextCursor(cursor, mask)
}

// eachIn visits the chain that begins at r.
func (t *table) eachIn(r ref, visit func(r ref)) {
	for ; r != 0; r = ref(t.u32(r, recNext)) {
		visit(r)
	}
}

func nextCursor(cursor, mask uint32) uint32 {
	cursor |= ^mask
	return bits.Reverse32(bits.Reverse32(cursor) + 1)
}

// each visits all records; visit must not write to the table.
func (t *table) each(visit func(r ref) bool) {
	if t == nil {
		return
	}
	for i := range t.chains() {
		for r := t.chain(i); r != 0; r = ref(t.u32(r, recNext)) {
			if !visit(r) {
				return
			}
		}
	}
}

// clone is a copy that shares nothing mutable with t.
func (t *table) clone() *table {
	if t == nil {
		return nil
	}
	c := *t
	c.buckets = append([]uint32(nil), t.buckets...)
	if t.arena != nil {
		c.arena = append(make([]byte, 0, arenaCap(len(t.arena))), t.arena...)
	}
	c.objs = cloneSides(t.objs)
	c.big = t.big.clone()
	return &c
}
