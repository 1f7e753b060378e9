package engine

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// digest is the hash of DEBUG DIGEST, the same as a real server computes for
// the same keys: elements of what has no order are combined with xor, all else
// is mixed in sequence.
type digest [sha1.Size]byte

func (d *digest) xor(b []byte) {
	h := sha1.Sum(b)
	for i := range d {
		d[i] ^= h[i]
	}
}

func (d *digest) mix(b []byte) {
	d.xor(b)
	*d = sha1.Sum(d[:])
}

func (d *digest) mixInt(n uint32) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	d.mix(b[:])
}

// typeNumbers are the numbers of Redis' types.
var typeNumbers = map[Kind]uint32{KindString: 0, KindList: 1, KindSet: 2, KindZSet: 3, KindHash: 4, KindStream: 6}

func (d *digest) value(t *table, r ref) {
	kind := t.kind(r)
	d.mixInt(typeNumbers[kind])
	switch o := t.object(r).(type) {
	case elementWalker:
		o.eachElement(func(elem []byte) bool { d.mix(elem); return true })
	case scoredWalker: // before memberWalker, which it is too
		o.eachMember(func(m []byte) bool {
			score, _ := o.score(m)
			d.pair(m, protocol.AppendDouble(nil, score))
			return true
		})
	case memberWalker:
		o.eachMember(func(m []byte) bool { d.xor(m); return true })
	case fieldWalker:
		o.eachField(func(field, val []byte) bool { d.pair(field, val); return true })
	default:
		d.mix(t.str(r))
	}
	if t.expireAt(r) != 0 {
		d.xor([]byte("!!expire!!"))
	}
}

func (d *digest) pair(a, b []byte) {
	var e digest
	e.mix(a)
	e.mix(b)
	d.xor(e[:])
}

func (d digest) String() string { return hex.EncodeToString(d[:]) }

// Digest is the hash of all keys: DEBUG DIGEST. Two nodes with the same keys
// have the same digest. Slots are visited one after the other.
func (c *Ctx) Digest() string {
	var all digest
	was := c.DB
	for i, db := range c.KS.dbs {
		if c.KS.Keys(i) == 0 {
			continue
		}
		c.DB = i
		all.mixInt(uint32(i))
		for s := db.nextNonEmpty(0); s < slots.Count; s = db.nextNonEmpty(s + 1) {
			c.withSlot(slots.Slot(s), func(t *table) {
				t.each(func(r ref) bool {
					var d digest
					d.mix(t.key(r))
					d.value(t, r)
					all.xor(d[:])
					return true
				})
			})
		}
	}
	c.DB = was
	return all.String()
}

// DigestValue is the hash of one key's value: DEBUG DIGEST-VALUE. The key's
// slot is locked.
func (c *Ctx) DigestValue(key []byte) string {
	var d digest
	if e := c.Peek(key); e.Exists() {
		d.value(e.t, e.r)
	}
	return d.String()
}
