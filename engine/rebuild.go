package engine

import (
	"strconv"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// rebuildItems is how many elements one command of a rebuild carries, as in
// Redis' append-only file.
const rebuildItems = 64

// rebuild adds the commands that make the key in r anew, in the way Redis
// rewrites its append-only file.
func (e *effects) rebuild(db int, t *table, r ref) {
	key := t.key(r)
	switch o := t.object(r).(type) {
	case elementWalker:
		b := rebuilder{e: e, db: db, name: []byte("RPUSH"), key: key}
		o.eachElement(func(elem []byte) bool { b.add(elem); return true })
		b.flush()
	case scoredWalker: // before memberWalker, which it is too
		b := rebuilder{e: e, db: db, name: []byte("ZADD"), key: key}
		o.eachMember(func(m []byte) bool {
			score, _ := o.score(m)
			b.add(protocol.AppendDouble(nil, score), m)
			return true
		})
		b.flush()
	case memberWalker:
		b := rebuilder{e: e, db: db, name: []byte("SADD"), key: key}
		o.eachMember(func(m []byte) bool { b.add(m); return true })
		b.flush()
	case fieldWalker:
		b := rebuilder{e: e, db: db, name: []byte("HSET"), key: key}
		o.eachField(func(field, val []byte) bool { b.add(field, val); return true })
		b.flush()
	default:
		e.command(db, []byte("SET"), key, t.str(r))
	}
	if at := t.expireAt(r); at != 0 {
		e.command(db, []byte("PEXPIREAT"), key, strconv.AppendInt(nil, at, 10))
	}
}

// rebuilder gathers elements into commands of a bounded length.
type rebuilder struct {
	e         *effects
	db        int
	name, key []byte
	args      [][]byte
}

func (b *rebuilder) add(elems ...[]byte) {
	if len(b.args) == 0 {
		b.args = append(b.args, b.name, b.key)
	}
	for _, elem := range elems {
		b.args = append(b.args, append([]byte(nil), elem...)) // a view, valid until the walk goes on
	}
	if len(b.args) >= 2+rebuildItems*len(elems) {
		b.flush()
	}
}

func (b *rebuilder) flush() {
	if len(b.args) > 0 {
		b.e.command(b.db, b.args...)
		b.args = b.args[:0]
	}
}

// RebuildSlotLocked gives for each key of slot s the effect that makes it anew:
// what a primary appends to its log when it has taken over a copy of the slot.
// payload is valid during the call.
func (ks *Keyspace) RebuildSlotLocked(s slots.Slot, emit func(db int, payload []byte)) {
	var e effects
	for i, db := range ks.dbs {
		t := db.slots[s].t
		t.each(func(r ref) bool {
			e.rebuild(i, t, r)
			emit(i, e.payload())
			e.reset()
			return true
		})
	}
}

// Moved is a key with its value on the way from one node to another.
type Moved struct {
	key []byte
	v   value
}

// Key is the key's name.
func (m *Moved) Key() []byte { return m.key }

// TakeKey takes a key out, value and all; the effect is a DEL. It is called
// within Ctx.Within. ok is false when there is no such key.
func (c *Ctx) TakeKey(key []byte) (m Moved, ok bool) {
	e := c.Peek(key)
	if !e.Exists() {
		return m, false
	}
	m = Moved{key: append([]byte(nil), key...), v: e.value()}
	e.key = m.key
	c.Del(&e)
	c.Effect(delName, m.key)
	return m, true
}

// PutKey puts in a key that TakeKey took out elsewhere, in place of any of the
// same name; the effect is what makes it anew. It is called within Ctx.Within.
func (c *Ctx) PutKey(m Moved) {
	e := c.Peek(m.key)
	if e.Exists() {
		c.Del(&e)
		c.Effect(delName, m.key)
	}
	c.put(&e, m.v)
	if c.recording() {
		c.effects.rebuild(c.DB, e.t, e.r)
	}
}
