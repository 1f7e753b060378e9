package engine

import "encoding/binary"

// ref addresses a record; 0 is none.
type ref uint32

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

// record is a view of a record, from its first byte to the end of its chunk.
//
// It is 8-byte aligned and addressed by ref (its chunk, and its offset therein
// in units of 8 bytes):
//
//	 0 next   uint32  ref of the next record in the bucket
//	 4 hash   uint32
//	 8 klen   uint32
//	12 vlen   uint32  length of an inline value, or index into objs
//	16 access uint32  LRU clock or LFU counter
//	20 meta   uint8   kind | flags; kind 0: dead
//	21 spare  uint8   unused units at the record's end
//	22 expire int64   only with flagExpire, unix milliseconds
//	   key, inline value
type record []byte

func (t *table) rec(r ref) record {
	if r < chunkUnits {
		return record(t.arena[int(r)*recUnit:])
	}
	return record(t.big.chunks[r/chunkUnits][int(r%chunkUnits)*recUnit:])
}

func (b record) u32(field int) uint32 { return binary.LittleEndian.Uint32(b[field:]) }

func (b record) setU32(field int, v uint32) { binary.LittleEndian.PutUint32(b[field:], v) }

func (b record) keyStart() int {
	if b[recMeta]&flagExpire != 0 {
		return recHeader + 8
	}
	return recHeader
}

func (b record) valStart() int { return b.keyStart() + int(b.u32(recKeyLen)) }

func (b record) key() []byte {
	at := b.keyStart()
	end := at + int(b.u32(recKeyLen))
	return b[at:end:end]
}

// need is how many bytes the header, the key and n bytes of value take.
func (b record) need(n int) int { return roundUnit(b.valStart() + n) }

// size is the record's whole length in bytes.
func (b record) size() int {
	n := 0
	if b[recMeta]&flagObject == 0 {
		n = int(b.u32(recValLen))
	}
	return b.need(n) + int(b[recSpare])*recUnit
}

func (t *table) u32(r ref, field int) uint32 { return t.rec(r).u32(field) }

func (t *table) setU32(r ref, field int, v uint32) { t.rec(r).setU32(field, v) }

func (t *table) meta(r ref) uint8 { return t.rec(r)[recMeta] }

func (t *table) setMeta(r ref, m uint8) { t.rec(r)[recMeta] = m }

// key is a view of the record's key.
func (t *table) key(r ref) []byte { return t.rec(r).key() }

// str is a view of a string value.
func (t *table) str(r ref) []byte {
	b := t.rec(r)
	if b[recMeta]&flagObject != 0 {
		return t.side(b.u32(recValLen)).o.(*bigString).b
	}
	at := b.valStart()
	end := at + int(b.u32(recValLen))
	return b[at:end:end]
}

func (t *table) kind(r ref) Kind { return Kind(t.meta(r) & kindMask) }

// object is the record's container or long string; nil for a string in the
// arena. A container in the arena is opened as a view.
func (t *table) object(r ref) Object {
	switch {
	case t.meta(r)&flagObject != 0:
		return t.side(t.u32(r, recValLen)).o
	case t.kind(r) == KindString:
		return nil
	}
	return openPacked(t.kind(r), t.packed(r))
}

func (t *table) expireAt(r ref) int64 {
	b := t.rec(r)
	if b[recMeta]&flagExpire == 0 {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(b[recHeader:]))
}

func (t *table) putExpire(r ref, at int64) {
	binary.LittleEndian.PutUint64(t.rec(r)[recHeader:], uint64(at))
}

func (t *table) size(r ref) int { return t.rec(r).size() }

func roundUnit(n int) int { return (n + recUnit - 1) &^ (recUnit - 1) }

func recordSize(key []byte, inline int, expire bool) int {
	n := recHeader + len(key) + inline
	if expire {
		n += 8
	}
	return roundUnit(n)
}
