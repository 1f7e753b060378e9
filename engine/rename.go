package engine

import (
	"bytes"
	"fmt"
	"math"

	"elasticache-local/protocol"
)

// value is all that a key holds but its name: what RENAME and MOVE carry over
// and COPY duplicates.
type value struct {
	str      []byte // of a string in the arena, copied
	obj      Object // of anything else
	flags    uint8  // how a string was made, see madeMask
	access   uint32
	expireAt int64
}

func (e Entry) value() value {
	v := value{obj: e.Object(), flags: e.t.meta(e.r) & madeMask, access: e.Access(), expireAt: e.ExpireAt()}
	if v.obj == nil {
		v.str = append([]byte(nil), e.Str()...)
	}
	return v
}

// put stores v under an absent key.
func (c *Ctx) put(e *Entry, v value) {
	if v.obj == nil {
		c.setStr(e, v.str, v.flags, v.expireAt)
		return
	}
	c.SetObj(e, v.obj, v.expireAt)
	e.t.setMeta(e.r, e.t.meta(e.r)|v.flags)
}

func runRename(c *Ctx) {
	if done, ok := c.rename(false); ok && done {
		c.W.OK()
	}
}

func runRenameNX(c *Ctx) {
	if done, ok := c.rename(true); ok {
		c.W.Int(boolInt(done && !bytes.Equal(c.Args[1], c.Args[2])))
	}
}

// rename reports whether the key has its new name; ok is false when there is
// no such key, which was replied.
func (c *Ctx) rename(onlyFree bool) (done, ok bool) {
	from, to := c.Args[1], c.Args[2]
	src := c.Write(from)
	if !src.Exists() {
		c.W.Error(protocol.ErrNoSuchKey)
		return false, false
	}
	if bytes.Equal(from, to) {
		return true, true
	}
	if c.Write(to).Exists() {
		if onlyFree {
			return false, true
		}
		c.dropKey(c.DB, to)
	}
	src = c.find(c.DB, from) // the entry may have moved
	v := src.value()
	c.drop(&src)
	dst := c.find(c.DB, to)
	c.put(&dst, v)
	dst.t.setU32(dst.r, recAccess, v.access)
	c.Notify(NotifyGeneric, "rename_from", from)
	c.Notify(NotifyGeneric, "rename_to", to)
	return true, true
}

// dropKey removes a present key that is about to be overwritten.
func (c *Ctx) dropKey(db int, key []byte) {
	e := c.find(db, key)
	c.drop(&e)
}

func runCopy(c *Ctx) {
	from, to := c.Args[1], c.Args[2]
	db, replace, ok := c.copyOptions()
	if !ok {
		return
	}
	if c.KS.Settings().ClusterEnabled && (c.DB != 0 || db != 0) {
		c.W.Error(protocol.ErrCopyDBInCluster)
		return
	}
	if db == c.DB && bytes.Equal(from, to) {
		c.W.Error(protocol.ErrSameObject)
		return
	}
	if !c.Read(from).Exists() {
		c.W.Int(0)
		return
	}
	if c.PeekDB(db, to).Exists() {
		if !replace {
			c.W.Int(0)
			return
		}
		c.dropKey(db, to)
	}
	src := c.find(c.DB, from)
	v := src.value()
	switch {
	case v.obj != nil:
		v.obj = v.obj.Clone()
	case src.smallInteger():
		v.flags = madeByCopy
	}
	c.inDB(db, func() {
		dst := c.find(db, to)
		c.put(&dst, v)
		c.Notify(NotifyGeneric, "copy_to", to)
	})
	c.W.Int(1)
}

func (c *Ctx) copyOptions() (db int, replace, ok bool) {
	db = c.DB
	for i := 3; i < len(c.Args); i++ {
		switch w := c.Args[i]; {
		case isWord(w, "REPLACE"):
			replace = true
		case isWord(w, "DB") && i+1 < len(c.Args):
			i++
			if db, ok = c.dbArg(i); !ok {
				return 0, false, false
			}
		default:
			c.W.Error(protocol.ErrSyntax)
			return 0, false, false
		}
	}
	return db, replace, true
}

// inDB runs f with another database selected, for the events it causes.
func (c *Ctx) inDB(db int, f func()) {
	was := c.DB
	c.DB = db
	f()
	c.DB = was
}

// clusterDatabases is how many database numbers a node in cluster mode knows,
// although it lets only number 0 be used.
const clusterDatabases = 16

// dbArg reads argument i as a database's number, or replies why not.
func (c *Ctx) dbArg(i int) (db int, ok bool) {
	n, ok := c.int32Arg(i)
	if !ok {
		return 0, false
	}
	limit := c.KS.Databases()
	if c.KS.Settings().ClusterEnabled {
		limit = clusterDatabases
	}
	if n < 0 || n >= int64(limit) {
		c.W.Error(protocol.ErrDBIndex)
		return 0, false
	}
	return int(n), true
}

// int32Arg reads argument i as a C int, or replies why not.
func (c *Ctx) int32Arg(i int) (int64, bool) {
	n, ok := c.intArg(i)
	if ok && (n < math.MinInt32 || n > math.MaxInt32) {
		c.W.Error(fmt.Sprintf("%s, value must between %d and %d", protocol.ErrOutOfRange, math.MinInt32, math.MaxInt32))
		return 0, false
	}
	return n, ok
}

func runMove(c *Ctx) {
	if c.KS.Settings().ClusterEnabled {
		c.W.Error(protocol.ErrMoveInCluster)
		return
	}
	key := c.Args[1]
	db, ok := c.dbArg(2)
	if !ok {
		return
	}
	if db == c.DB {
		c.W.Error(protocol.ErrSameObject)
		return
	}
	src := c.Write(key)
	if !src.Exists() || c.PeekDB(db, key).Exists() {
		c.W.Int(0)
		return
	}
	v := src.value()
	c.drop(&src)
	c.inDB(db, func() {
		dst := c.find(db, key)
		c.put(&dst, v)
		dst.t.setU32(dst.r, recAccess, v.access)
	})
	c.Notify(NotifyGeneric, "move_from", key)
	c.inDB(db, func() { c.Notify(NotifyGeneric, "move_to", key) })
	c.W.Int(1)
}
