package engine

import (
	"math/rand/v2"

	"elasticache-local/protocol"
	"elasticache-local/slots"
)

// Ctx is what a command runs with: its arguments, the time, the random source,
// the reply writer and the keys. A Ctx belongs to one session and is reused
// for all its commands; it is not safe for concurrent use.
type Ctx struct {
	Args      [][]byte         // the command's name first; valid during the call only
	W         *protocol.Writer // the reply
	DB        int              // the selected database
	Now       int64            // unix milliseconds
	NowMicros int64            // unix microseconds, for TIME
	Rand      *rand.Rand

	KS   *Keyspace
	Sink Sink // where effects go; nil discards them
	Host Host // the node; nil in an engine on its own
	// Giver gives long arguments away; nil if nobody does.
	Giver Giver

	// Session is the session for session commands, nil for others.
	Session any

	// Applying: the commands come from a primary's log. Keys do not expire,
	// nothing is appended to a log.
	Applying bool
	// Replica: the node is a replica. Expired keys look absent to clients, but
	// only the primary deletes them.
	Replica bool
	// DenyBlocking: in a transaction or a script, where nothing may wait.
	DenyBlocking bool
	// Only, if not nil, says which slots a command on every slot may touch: a
	// follower that has copied the others at a later moment.
	Only func(slots.Slot) bool
	// NoTouch: lookups leave the keys' access times alone (CLIENT NO-TOUCH).
	NoTouch bool
	// LimitedKeys: the user may not read every key, so that SORT refuses to
	// look keys up by patterns.
	LimitedKeys bool
	// InTx: within EXEC.
	InTx bool

	known      knownKey
	cmd        *Command
	slot       slots.Slot // the slot of the keys when the keyspace has a lock per slot
	slotLocked bool       // the caller holds its lock
	allLocked  bool       // the caller holds every lock

	dirty    int
	explicit bool // the command said what its effect is
	effects  effects
	pending  []Effect // complete, not in the sink yet
	holding  bool     // see Hold

	block    *Waiter    // set when the command asked to wait
	ready    []readyKey // keys that waiters may be served from
	readyKey []byte     // when run on behalf of a waiter: the key that became ready
	server   *Ctx       // runs waiters' commands

	hits, misses, expired int64
	scratch               []byte
	offsets               []uint32 // of a pack that is walked backwards
	pool                  evictionPool
	views                 views
}

// Sink takes the effects of commands.
type Sink interface {
	// Recording reports whether Append keeps anything. As long as the slot's
	// lock is held, who comes to follow has yet to copy the slot, so what is
	// not recorded is not lost.
	Recording() bool
	// Append takes effects, in the order in which they happened. It is called with
	// their slots' locks held and must not keep their payloads.
	Append(effects []Effect)
}

// AllSlots is the slot of an effect that touches every slot.
const AllSlots slots.Slot = 0xFFFF

// Host is what the engine asks of the node it runs in.
type Host interface {
	// Notify publishes a keyspace event whose class is switched on.
	Notify(db int, class NotifyClass, event string, key []byte)
}

// Giver is who has read the command's arguments.
type Giver interface {
	// Give reports whether argument i belongs to the keyspace from now on. It is called with
	// the slot's lock held, and until that is released the command may still look at it.
	Give(i int) bool
}

// Cmd is the command in execution.
func (c *Ctx) Cmd() *Command { return c.cmd }

// Notify publishes a keyspace event if its class is switched on.
func (c *Ctx) Notify(class NotifyClass, event string, key []byte) {
	on := c.KS.Settings().NotifyEvents
	if on&class == 0 || on&(NotifyKeyspace|NotifyKeyevent) == 0 || c.Host == nil {
		return
	}
	c.Host.Notify(c.DB, on, event, key)
}

// Dirty marks the command as one that changed something, beyond what the
// mutators note themselves.
func (c *Ctx) Dirty() { c.dirty++ }

// FlushStats adds the counters of the commands run since the last call to the
// keyspace's: once per batch, so that the hot path writes no shared memory.
func (c *Ctx) FlushStats() {
	if c.hits != 0 {
		c.KS.Stats.Hits.Add(c.hits)
	}
	if c.misses != 0 {
		c.KS.Stats.Misses.Add(c.misses)
	}
	if c.expired != 0 {
		c.KS.Stats.Expired.Add(c.expired)
	}
	c.hits, c.misses, c.expired = 0, 0, 0
}
