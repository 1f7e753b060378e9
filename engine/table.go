package engine

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Kind is the type of a value.
type Kind uint8

// The kinds, in the order in which Redis numbers them.
const (
	KindNone Kind = iota
	KindString
	KindList
	KindSet
	KindZSet
	KindHash
	KindStream
)

// String is the answer of TYPE.
func (k Kind) String() string {
	return kindNames[k]
}

var kindNames = [...]string{"none", "string", "list", "set", "zset", "hash", "stream"}

// Object is a container, or a string too long for the table's arena. Small
// containers may live in the arena too, see packedObject.
type Object interface {
	Kind() Kind
	// Encoding is the answer of OBJECT ENCODING.
	Encoding() string
	// Mem is the approximate size in bytes, kept up to date: O(1).
	Mem() int64
	// Clone is a deep copy that shares nothing mutable.
	Clone() Object
}

// table is the keys of one slot: an index of chained buckets over an arena of
// records, neither of which holds a pointer, so the garbage collector never
// looks inside however many keys there are. Objects hang off a side list.
//
// A record, 8-byte aligned, addressed by ref (its offset in units of 8 bytes;
// 0 is none):
//
//	 0 next   uint32  ref of the next record in the bucket
//	 4 hash   uint32
//	 8 klen   uint32
//	12 vlen   uint32  length of an inline value, or index into objs
//	16 access uint32  LRU clock or LFU counter
//	20 meta   uint8   kind | flags
//	21 spare  uint8   unused units at the record's end
//	22 expire int64   only with flagExpire, unix milliseconds
//	   key, inline value
type table struct {
	buckets []uint32
	arena   []byte
	objs    []sideObject
	freeObj []uint32

	count      int
	volatile   int   // records with an expiry
	nextExpire int64 // no expiry in this table is earlier; 0 when unknown or none
	garbage    int   // bytes of dead records in the arena
	objBytes   int64
}

type ref uint32

// sideObject is an object and the size it had when it was last accounted.
type sideObject struct {
	o   Object
	mem int64
}

const (
	recNext   = 0
	recHash   = 4
	recKeyLen = 8
	recValLen = 12
	recAccess = 16
	recMeta   = 20
	recSpare  = 21
	recHeader = 22
	recUnit   = 8

	kindMask   = 0x0f
	flagExpire = 0x10
	flagObject = 0x20 // the value is objs[vlen]
	flagRaw    = 0x40 // a string that APPEND or SETRANGE made: encoding raw
	flagText   = 0x80 // a string that INCRBYFLOAT made: never encoding int

	// maxInlineValue bounds the strings kept in the arena; longer ones are
	// allocated on their own, so that a rebuilt arena moves few bytes.
	maxInlineValue = 1024
	maxSpareUnits  = 255
)

func (t *table) u32(r ref, field int) uint32 {
	return binary.LittleEndian.Uint32(t.arena[int(r)*recUnit+field:])
}

func (t *table) setU32(r ref, field int, v uint32) {
	binary.LittleEndian.PutUint32(t.arena[int(r)*recUnit+field:], v)
}

func (t *table) meta(r ref) uint8 { return t.arena[int(r)*recUnit+recMeta] }

func (t *table) setMeta(r ref, m uint8) { t.arena[int(r)*recUnit+recMeta] = m }

func (t *table) keyStart(r ref) int {
	at := int(r)*recUnit + recHeader
	if t.meta(r)&flagExpire != 0 {
		at += 8
	}
	return at
}

// key is a view of the record's key.
func (t *table) key(r ref) []byte {
	at := t.keyStart(r)
	end := at + int(t.u32(r, recKeyLen))
	return t.arena[at:end:end]
}

// str is a view of a string value.
func (t *table) str(r ref) []byte {
	if t.meta(r)&flagObject != 0 {
		return t.objs[t.u32(r, recValLen)].o.(*bigString).b
	}
	at := t.keyStart(r) + int(t.u32(r, recKeyLen))
	end := at + int(t.u32(r, recValLen))
	return t.arena[at:end:end]
}

func (t *table) kind(r ref) Kind { return Kind(t.meta(r) & kindMask) }

// object is the record's container or long string; nil for a string in the
// arena. A container in the arena is opened as a view.
func (t *table) object(r ref) Object {
	switch {
	case t.meta(r)&flagObject != 0:
		return t.objs[t.u32(r, recValLen)].o
	case t.kind(r) == KindString:
		return nil
	}
	return openPacked(t.kind(r), t.packed(r))
}

func (t *table) expireAt(r ref) int64 {
	if t.meta(r)&flagExpire == 0 {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(t.arena[int(r)*recUnit+recHeader:]))
}

func (t *table) putExpire(r ref, at int64) {
	binary.LittleEndian.PutUint64(t.arena[int(r)*recUnit+recHeader:], uint64(at))
}

// size is the record's whole length in bytes.
func (t *table) size(r ref) int {
	n := t.keyStart(r) - int(r)*recUnit + int(t.u32(r, recKeyLen))
	if t.meta(r)&flagObject == 0 {
		n += int(t.u32(r, recValLen))
	}
	return roundUnit(n) + int(t.arena[int(r)*recUnit+recSpare])*recUnit
}

func roundUnit(n int) int { return (n + recUnit - 1) &^ (recUnit - 1) }

func recordSize(key []byte, inline int, expire bool) int {
	n := recHeader + len(key) + inline
	if expire {
		n += 8
	}
	return roundUnit(n)
}

// find looks key up; h is its hash.
func (t *table) find(key []byte, h uint64) ref {
	if t == nil || len(t.buckets) == 0 {
		return 0
	}
	want := uint32(h)
	for r := ref(t.buckets[want&uint32(len(t.buckets)-1)]); r != 0; r = ref(t.u32(r, recNext)) {
		if t.u32(r, recHash) == want && bytes.Equal(t.key(r), key) {
			return r
		}
	}
	return 0
}

// insert adds an absent key with room for inline value bytes, which the caller
// fills, and links it.
func (t *table) insert(key []byte, h uint64, meta uint8, vlen uint32, inline int, expire int64) ref {
	if t.count >= len(t.buckets) {
		t.rehash(max(4, 2*len(t.buckets)))
	}
	if expire != 0 {
		meta |= flagExpire
	}
	size := recordSize(key, inline, expire != 0)
	r := t.alloc(size)
	b := &t.buckets[uint32(h)&uint32(len(t.buckets)-1)]
	t.setU32(r, recNext, *b)
	t.setU32(r, recHash, uint32(h))
	t.setU32(r, recKeyLen, uint32(len(key)))
	t.setU32(r, recValLen, vlen)
	t.setU32(r, recAccess, 0)
	t.setMeta(r, meta)
	t.arena[int(r)*recUnit+recSpare] = 0
	if expire != 0 {
		t.putExpire(r, expire)
		t.noteExpire(expire)
		t.volatile++
	}
	copy(t.arena[t.keyStart(r):], key)
	*b = uint32(r)
	t.count++
	return r
}

func (t *table) noteExpire(at int64) {
	if t.nextExpire == 0 || at < t.nextExpire {
		t.nextExpire = at
	}
}

// remove unlinks the record and frees what it holds.
func (t *table) remove(r ref) {
	t.unlink(r)
	if t.meta(r)&flagExpire != 0 {
		t.volatile--
		if t.volatile == 0 {
			t.nextExpire = 0
		}
	}
	if t.meta(r)&flagObject != 0 {
		t.dropObject(t.u32(r, recValLen))
	}
	t.count--
	t.garbage += t.size(r)
	t.shrink()
}

func (t *table) unlink(r ref) {
	b := &t.buckets[t.u32(r, recHash)&uint32(len(t.buckets)-1)]
	if ref(*b) == r {
		*b = t.u32(r, recNext)
		return
	}
	for p := ref(*b); ; {
		n := ref(t.u32(p, recNext))
		if n == r {
			t.setU32(p, recNext, t.u32(r, recNext))
			return
		}
		p = n
	}
}

func (t *table) shrink() {
	switch {
	case t.count == 0:
		*t = table{}
	case len(t.buckets) > 16 && t.count < len(t.buckets)/8:
		t.rehash(1 << bits.Len(uint(t.count)))
	}
	if t.garbage > 512 && t.garbage > len(t.arena)/2 {
		t.rebuild(0)
	}
}

func (t *table) rehash(n int) {
	old := t.buckets
	t.buckets = make([]uint32, n)
	for _, head := range old {
		for r := ref(head); r != 0; {
			next := ref(t.u32(r, recNext))
			b := &t.buckets[t.u32(r, recHash)&uint32(n-1)]
			t.setU32(r, recNext, *b)
			*b = uint32(r)
			r = next
		}
	}
}

// alloc gives a record of size bytes at the arena's end.
func (t *table) alloc(size int) ref {
	if len(t.arena) == 0 {
		t.arena = make([]byte, recUnit, arenaCap(recUnit+size)) // unit 0 is never a record
	}
	if len(t.arena)+size > cap(t.arena) {
		t.rebuild(size)
	}
	at := len(t.arena)
	t.arena = t.arena[:at+size]
	return ref(at / recUnit)
}

// arenaCap leaves room for an eighth more; the allocator's size classes round up.
func arenaCap(need int) int { return roundUnit(need + need/8) }

// rebuild moves the live records to a new arena with room for extra bytes
// more. Refs change; views into the old arena stay readable but are stale.
func (t *table) rebuild(extra int) {
	old := t.arena
	live := len(old) - t.garbage
	fresh := make([]byte, recUnit, arenaCap(live+extra))
	if t.garbage == 0 {
		t.arena = append(fresh, old[recUnit:]...)
		return
	}
	for i, head := range t.buckets {
		prev := -1
		for r := ref(head); r != 0; {
			next := ref(t.u32(r, recNext))
			at := len(fresh)
			start := int(r) * recUnit
			fresh = append(fresh, old[start:start+t.size(r)]...)
			if prev < 0 {
				t.buckets[i] = uint32(at / recUnit)
			} else {
				binary.LittleEndian.PutUint32(fresh[prev+recNext:], uint32(at/recUnit))
			}
			prev = at
			r = next
		}
		if prev >= 0 {
			binary.LittleEndian.PutUint32(fresh[prev+recNext:], 0)
		}
	}
	t.arena, t.garbage = fresh, 0
}

// setStr stores a string under key, present (r) or absent (r == 0), and gives
// its record. A value that fits in the record's room is written in place.
// flags are flagRaw or flagText or none.
func (t *table) setStr(r ref, key []byte, h uint64, val []byte, flags uint8, expire int64) ref {
	meta := uint8(KindString) | flags
	if len(val) > maxInlineValue {
		return t.setObj(r, key, h, &bigString{b: append([]byte(nil), val...)}, meta, expire)
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
		// val may be a view into this arena or key into this record: neither
		// is touched by remove, only a rebuild would move them, and a rebuild
		// copies to fresh memory.
		access = t.u32(r, recAccess)
		t.removeKeepingArena(r)
	}
	r = t.insert(key, h, meta, uint32(len(val)), room, expire)
	spare := recordSize(key, room, expire != 0) - recordSize(key, len(val), expire != 0)
	t.arena[int(r)*recUnit+recSpare] = uint8(spare / recUnit)
	t.setU32(r, recAccess, access)
	copy(t.str(r), val)
	return r
}

func (t *table) removeKeepingArena(r ref) {
	t.unlink(r)
	if t.meta(r)&flagExpire != 0 {
		t.volatile--
		if t.volatile == 0 {
			t.nextExpire = 0
		}
	}
	if t.meta(r)&flagObject != 0 {
		t.dropObject(t.u32(r, recValLen))
	}
	t.count--
	t.garbage += t.size(r)
}

func (t *table) fits(r ref, n int, expire int64) bool {
	m := t.meta(r)
	if m&flagObject != 0 || (m&flagExpire != 0) != (expire != 0) {
		return false
	}
	need := roundUnit(t.keyStart(r) - int(r)*recUnit + int(t.u32(r, recKeyLen)) + n)
	have := t.size(r)
	return need <= have && have-need <= maxSpareUnits*recUnit && (have-need <= 64 || have-need <= have/2)
}

func (t *table) overwrite(r ref, meta uint8, val []byte, expire int64) {
	have := t.size(r)
	if expire != 0 {
		t.putExpire(r, expire)
		t.noteExpire(expire)
		meta |= flagExpire
	}
	t.setMeta(r, meta)
	t.setU32(r, recValLen, uint32(len(val)))
	need := roundUnit(t.keyStart(r) - int(r)*recUnit + int(t.u32(r, recKeyLen)) + len(val))
	t.arena[int(r)*recUnit+recSpare] = uint8((have - need) / recUnit)
	copy(t.str(r), val)
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

func (t *table) keepObject(o Object) uint32 {
	side := sideObject{o: o, mem: o.Mem()}
	t.objBytes += side.mem
	if n := len(t.freeObj); n > 0 {
		i := t.freeObj[n-1]
		t.freeObj = t.freeObj[:n-1]
		t.objs[i] = side
		return i
	}
	t.objs = append(t.objs, side)
	return uint32(len(t.objs) - 1)
}

func (t *table) dropObject(i uint32) {
	t.objBytes -= t.objs[i].mem
	t.objs[i] = sideObject{}
	t.freeObj = append(t.freeObj, i)
}

// resized takes note that the record's object has another size than before.
func (t *table) resized(r ref) {
	if t.meta(r)&flagObject == 0 {
		return
	}
	side := &t.objs[t.u32(r, recValLen)]
	mem := side.o.Mem()
	t.objBytes += mem - side.mem
	side.mem = mem
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
	t.unlink(r)
	if t.meta(r)&flagExpire != 0 {
		t.volatile--
		if t.volatile == 0 {
			t.nextExpire = 0
		}
	}
	t.count--
	t.garbage += t.size(r)
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
	return int64(len(t.arena)-t.garbage+4*len(t.buckets)+24*(len(t.objs)-len(t.freeObj))) + t.objBytes
}

// scan visits the bucket that cursor names and gives the next cursor, 0 at the
// end. The cursor counts with its bits reversed, so that a key present from
// start to end is visited even when the table grows or shrinks in between
// (the scheme of Redis' dictScan).
func (t *table) scan(cursor uint32, visit func(r ref)) uint32 {
	if t == nil || len(t.buckets) == 0 {
		return 0
	}
	mask := uint32(len(t.buckets) - 1)
	for r := ref(t.buckets[cursor&mask]); r != 0; r = ref(t.u32(r, recNext)) {
		visit(r)
	}
	return nextCursor(cursor, mask)
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
	for _, head := range t.buckets {
		for r := ref(head); r != 0; r = ref(t.u32(r, recNext)) {
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
	c.arena = append(make([]byte, 0, arenaCap(len(t.arena))), t.arena...)
	c.freeObj = append([]uint32(nil), t.freeObj...)
	c.objs = make([]sideObject, len(t.objs))
	for i, side := range t.objs {
		if side.o != nil {
			c.objs[i] = sideObject{o: side.o.Clone(), mem: side.mem}
		}
	}
	return &c
}
