package engine

import (
	"slices"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// flushModeOK checks the SYNC or ASYNC argument of FLUSHALL and FLUSHDB.
// Whatever it says, the memory is freed in the background.
func (c *Ctx) flushModeOK() bool {
	if n := len(c.Args); n > 2 || n == 2 && !isWord(c.Args[1], "SYNC") && !isWord(c.Args[1], "ASYNC") {
		c.W.Error(protocol.ErrSyntax)
		return false
	}
	return true
}

func runFlushDB(c *Ctx) {
	if c.flushModeOK() {
		c.flush(c.DB)
		c.Dirty() // also when there was nothing: followers may see it otherwise
		c.W.OK()
	}
}

func runFlushAll(c *Ctx) {
	if !c.flushModeOK() {
		return
	}
	for db := range c.KS.dbs {
		c.flush(db)
	}
	c.Dirty()
	c.W.OK()
}

// flush empties a database. Every slot's lock is held.
func (c *Ctx) flush(db int) {
	d := c.KS.dbs[db]
	for s := d.nextNonEmpty(0); s < slots.Count; s = d.nextNonEmpty(s + 1) {
		slot := slots.Slot(s)
		if c.Only != nil && !c.Only(slot) {
			continue
		}
		c.spoilSlot(db, slot, d.slots[s].t, nil)
		c.KS.setTable(d, slot, nil)
	}
}

func runSwapDB(c *Ctx) {
	if c.KS.Settings().ClusterEnabled {
		c.W.Error(protocol.ErrSwapDBInCluster)
		return
	}
	var db [2]int
	for i, msg := range []string{protocol.ErrFirstDBIndex, protocol.ErrSecondDBIndex} {
		n, ok := parseInt(c.Args[i+1])
		if !ok || n != int64(int32(n)) {
			c.W.Error(msg)
			return
		}
		db[i] = int(n)
	}
	for _, n := range db {
		if n < 0 || n >= c.KS.Databases() {
			c.W.Error(protocol.ErrDBIndex)
			return
		}
	}
	if db[0] != db[1] {
		c.swap(db[0], db[1])
	}
	c.Dirty()
	c.W.OK()
}

// swap exchanges two databases: whoever watches a key of either sees a change,
// whoever waits for one that is there now is served. Every slot's lock is held.
func (c *Ctx) swap(a, b int) {
	d1, d2 := c.KS.dbs[a], c.KS.dbs[b]
	next := func(s int) int { return min(d1.nextNonEmpty(s), d2.nextNonEmpty(s)) }
	for s := next(0); s < slots.Count; s = next(s + 1) {
		slot := slots.Slot(s)
		t1, t2 := d1.slots[s].t, d2.slots[s].t
		c.spoilSlot(a, slot, t1, t2)
		c.spoilSlot(b, slot, t2, t1)
		c.KS.setTable(d1, slot, t2)
		c.KS.setTable(d2, slot, t1)
		c.signalSlot(slot, a, b)
	}
}

// signalSlot notes which keys of slot s in two databases somebody waits for.
func (c *Ctx) signalSlot(s slots.Slot, a, b int) {
	ext := c.KS.dbs[0].slots[s].ext
	if ext == nil || len(ext.waiters) == 0 {
		return
	}
	var names []string
	for name := range ext.waiters {
		if db := int(name[0]); db == a || db == b {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if e := c.find(int(name[0]), []byte(name[1:])); e.Exists() {
			c.signalReady(&e, e.Kind())
		}
	}
}
