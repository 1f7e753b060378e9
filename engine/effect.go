package engine

import (
	"strconv"

	"elasticache-local/memory"
	"elasticache-local/slots"
)

// An Effect is what a command, or a transaction, did: one or more commands in RESP
// that together do the same, applied atomically by followers.
type Effect struct {
	Slot    slots.Slot // or AllSlots
	DB      int
	Payload []byte
}

// effects collects what a command (or a transaction) did, as the commands that
// do the same: the form in which Redis replicates. In front of them in buf may be
// effects that are complete, see Ctx.Hold.
type effects struct {
	buf      []byte
	start    int // in buf
	commands int
	db       int // the database the next command in buf would run in
	firstDB  int
}

// command adds one command that ran in database db.
func (e *effects) command(db int, args ...[]byte) {
	e.begin(db)
	e.buf = appendCommand(e.buf, args)
}

func (e *effects) begin(db int) {
	switch {
	case e.commands == 0:
		e.firstDB, e.db = db, db
	case e.db != db:
		e.selectDB(db)
	}
	e.commands++
}

func (e *effects) selectDB(db int) {
	n := strconv.Itoa(db)
	e.buf = append(e.buf, "*2\r\n$6\r\nSELECT\r\n$"...)
	e.buf = strconv.AppendInt(e.buf, int64(len(n)), 10)
	e.buf = append(append(append(e.buf, "\r\n"...), n...), "\r\n"...)
	e.db = db
}

// payload is the whole, wrapped in MULTI and EXEC when it is several commands.
// It ends in the database in which it began.
func (e *effects) payload() []byte {
	if e.db != e.firstDB {
		e.selectDB(e.firstDB)
	}
	if e.commands > 1 {
		end := len(e.buf)
		e.buf = append(e.buf, "*1\r\n$5\r\nMULTI\r\n"...)
		e.buf = append(e.buf, e.buf[e.start:end]...)
		e.buf = append(e.buf, "*1\r\n$4\r\nEXEC\r\n"...)
		e.start = end
	}
	return e.buf[e.start:len(e.buf):len(e.buf)]
}

// next begins another effect behind those in buf, whose payloads stay valid.
func (e *effects) next() { e.start, e.commands = len(e.buf), 0 }

// maxKeptEffects bounds the buffer kept between commands, in bytes.
const maxKeptEffects = 64 << 10

func (e *effects) reset() {
	if cap(e.buf) > maxKeptEffects {
		e.buf = nil
	}
	e.buf, e.start, e.commands = e.buf[:0], 0, 0
}

// appendCommand appends a command in RESP. It runs for every write, so it makes
// room once.
func appendCommand(dst []byte, args [][]byte) []byte {
	size := maxLine
	for _, a := range args {
		size += maxLine + len(a)
	}
	dst = appendLine(memory.Grow(dst, size), '*', len(args))
	for _, a := range args {
		dst = memory.Append(appendLine(dst, '$', len(a)), a)
		dst = append(dst, '\r', '\n')
	}
	return dst
}

const maxLine = len("$1234567890123456789\r\n") + len("\r\n")

// appendLine appends a header line such as "*3\r\n".
func appendLine(dst []byte, kind byte, n int) []byte {
	switch {
	case n < 10:
		return append(dst, kind, byte('0'+n), '\r', '\n')
	case n < 100:
		return append(dst, kind, byte('0'+n/10), byte('0'+n%10), '\r', '\n')
	}
	dst = strconv.AppendInt(append(dst, kind), int64(n), 10)
	return append(dst, '\r', '\n')
}

// Effect says what the command's effect is, in place of the command as the
// client sent it: deterministic, with absolute times. It may be called several
// times. A command that changed nothing for followers calls NoEffect.
func (c *Ctx) Effect(args ...[]byte) { c.EffectDB(c.DB, args...) }

// NoEffect keeps the command itself out of the log.
func (c *Ctx) NoEffect() { c.explicit = true }

// EffectDB is Effect in another database.
func (c *Ctx) EffectDB(db int, args ...[]byte) {
	c.explicit = true
	c.effect(db, args...)
}

// effect adds a command to the effects if anybody is going to see them.
func (c *Ctx) effect(db int, args ...[]byte) {
	if c.recording() {
		c.effects.command(db, args...)
	}
}

func (c *Ctx) recording() bool { return !c.Applying && c.Sink != nil && c.Sink.Recording() }

// Hold keeps the effects of the calls that follow back from the sink, up to Flush.
// The caller holds all their slots' locks until then: what others find under the lock
// of a slot is in the sink.
func (c *Ctx) Hold() { c.holding = true }

// Flush hands the effects that have been kept back to the sink and ends Hold.
func (c *Ctx) Flush() {
	c.holding = false
	if len(c.pending) > 0 {
		c.handOver()
	}
}

// commit completes the effect of a call or a transaction, if there is one.
func (c *Ctx) commit(slot slots.Slot) {
	if c.effects.commands == 0 {
		return
	}
	c.pending = append(c.pending, Effect{slot, c.effects.firstDB, c.effects.payload()})
	c.effects.next()
	if !c.holding || len(c.effects.buf) > maxKeptEffects {
		c.handOver()
	}
}

// handOver hands what is pending to the sink.
func (c *Ctx) handOver() {
	c.Sink.Append(c.pending)
	if cap(c.effects.buf) > maxKeptEffects {
		clear(c.pending) // they hold on to the memory
	}
	c.pending = c.pending[:0]
	if c.effects.commands == 0 {
		c.effects.reset()
	}
}
