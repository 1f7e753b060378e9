package engine

import "encoding/binary"

// hash is the container of hashes. Small, it is one pack of field, value,
// field, value… in the order of insertion, headed by the number of fields, which
// may live in the table's arena.
// Beyond the limits it is a dict, and stays one. A dict's entry has one
// allocation for both: its key is the field, and the value fills the capacity
// behind it.
type hash struct {
	small pack // a view or its own; nil when big
	big   *dict[struct{}]
}

var (
	_ fieldWalker  = (*hash)(nil)
	_ fieldGetter  = (*hash)(nil)
	_ packedObject = (*hash)(nil)
)

// hashHead is the size of the number of fields in front of a small hash.
const hashHead = 4

// maxPackBytes bounds a small container, whatever the limits say.
const maxPackBytes = 1 << 30

func (h *hash) Kind() Kind { return KindHash }

func (h *hash) Encoding() string {
	if h.big != nil {
		return "hashtable"
	}
	return "listpack"
}

const (
	hashStructBytes  = 32
	memberEntryBytes = 32 // one dictEntry[struct{}]
)

func (h *hash) Mem() int64 {
	if h.big != nil {
		return hashStructBytes + h.big.mem(memberEntryBytes)
	}
	return hashStructBytes + int64(cap(h.small))
}

func (h *hash) Clone() Object {
	if h.big == nil {
		return &hash{small: h.small.withCap(len(h.small))}
	}
	c := h.big.clone(nil)
	for i := range c.len() {
		e := c.at(i)
		e.key = append(make([]byte, 0, cap(e.key)), e.key[:cap(e.key)]...)[:len(e.key)]
	}
	return &hash{big: c}
}

func (h *hash) packed() []byte { return h.small }

func (h *hash) unpacked() Object { return &hash{small: h.small, big: h.big} }

// Len is the number of fields.
func (h *hash) Len() int {
	if h.big != nil {
		return h.big.len()
	}
	return int(binary.LittleEndian.Uint32(h.small))
}

func (h *hash) addLen(n int) {
	binary.LittleEndian.PutUint32(h.small, uint32(h.Len()+n))
}

// getField gives a view of a field's value.
func (h *hash) getField(field []byte) (val []byte, ok bool) {
	if h.big != nil {
		i := h.big.find(field)
		if i < 0 {
			return nil, false
		}
		return h.bigValue(i), true
	}
	_, at := h.small.findFrom(hashHead, field, 2)
	if at < 0 {
		return nil, false
	}
	val, _ = h.small.next(at)
	return val, true
}

func (h *hash) bigValue(i int) []byte { return valueBehind(h.big.at(i).key) }

// valueBehind is the value that stands behind the key of a big hash's entry.
func valueBehind(key []byte) []byte { return key[len(key):cap(key):cap(key)] }

func fieldWithValue(field, val []byte) []byte {
	b := make([]byte, len(field)+len(val))
	copy(b[copy(b, field):], val)
	return b[:len(field)]
}

// set stores a value and reports whether the field is new. It copies both.
func (h *hash) set(field, val []byte, ks *Keyspace) bool {
	if h.big == nil && h.mustGrowFor(field, val, ks.Settings()) {
		h.convert(ks.seed)
	}
	if h.big != nil {
		return h.setBig(field, val)
	}
	_, at := h.small.findFrom(hashHead, field, 2)
	if at >= 0 {
		h.replaceSmall(at, val)
		return false
	}
	h.small = h.small.grow(len(field) + uvarintLen(len(field)) + len(val) + uvarintLen(len(val)))
	h.small = h.small.add(field).add(val)
	h.addLen(1)
	if h.Len() > ks.Settings().HashMaxListpackEntries {
		h.convert(ks.seed)
	}
	return true
}

func (h *hash) mustGrowFor(field, val []byte, s *Settings) bool {
	return max(len(field), len(val)) > s.HashMaxListpackValue ||
		len(h.small)+len(field)+len(val) > maxPackBytes
}

// replaceSmall replaces the value at offset at.
func (h *hash) replaceSmall(at int, val []byte) {
	old, end := h.small.next(at)
	if len(old) == len(val) {
		copy(old, val)
		return
	}
	h.small = h.small.splice(at, end, val)
}

func (h *hash) setBig(field, val []byte) bool {
	d := h.big
	sum := uint32(hashBytes(d.seed, field))
	i := d.findHash(field, sum)
	if i < 0 {
		d.add(fieldWithValue(field, val), sum, struct{}{})
		return true
	}
	old := h.bigValue(i)
	if len(old) == len(val) {
		copy(old, val)
		return false
	}
	d.at(i).key = fieldWithValue(field, val)
	d.bytes += int64(len(val) - len(old))
	return false
}

func (h *hash) convert(seed uint64) {
	d := newDict[struct{}](seed, h.Len()+1)
	h.eachField(func(field, val []byte) bool {
		d.add(fieldWithValue(field, val), uint32(hashBytes(seed, field)), struct{}{})
		return true
	})
	h.small, h.big = nil, d
}

// delete removes a field and reports whether it was there.
func (h *hash) delete(field []byte) bool {
	if h.big != nil {
		return h.big.delete(field)
	}
	at, valAt := h.small.findFrom(hashHead, field, 2)
	if at < 0 {
		return false
	}
	h.small = h.small.splice(at, h.small.skip(valAt)).trim()
	h.addLen(-1)
	return true
}

// eachField visits the fields in the order in which replies list them; the
// views are valid until visit returns. visit must not change the hash and
// stops by returning false.
func (h *hash) eachField(visit func(field, val []byte) bool) {
	if h.big != nil {
		for i := range h.big.len() {
			if !visit(h.big.at(i).key, h.bigValue(i)) {
				return
			}
		}
		return
	}
	for at := hashHead; at < len(h.small); {
		var field, val []byte
		field, at = h.small.next(at)
		val, at = h.small.next(at)
		if !visit(field, val) {
			return
		}
	}
}
