// Package solo runs the engine on its own, without a node or a socket: what
// tests of command families talk to.
package solo

import (
	"math/rand/v2"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

// Engine is one keyspace with 16 databases and one client. It is not safe for
// concurrent use.
type Engine struct {
	Ctx   *engine.Ctx
	Table *engine.Table
	// Log holds the payload of every effect, in order.
	Log [][]byte
	// Delivered holds the replies of waits that ended, in order.
	Delivered [][]byte
	// Waiting is the wait of the last command, nil when there is none.
	Waiting *engine.Waiter

	deadline int64 // of Waiting, on Ctx.Now's scale; 0: none
}

// New makes an engine whose clock stands at 1,000,000,000,000 ms (Ctx.Now can
// be moved) and whose random source comes from seed.
func New(seed uint64) *Engine {
	e := &Engine{Table: engine.NewTable(engine.DataCommands()...)}
	e.Ctx = &engine.Ctx{
		KS:   engine.NewKeyspace(16, true, seed),
		W:    new(protocol.Writer),
		Now:  1_000_000_000_000,
		Rand: rand.New(rand.NewPCG(seed, seed)),
		Sink: sink{e},
	}
	e.Ctx.NowMicros = e.Ctx.Now * 1000
	return e
}

// Client is another client of the same keyspace. Its effects go to the Log of
// the engine that New made.
func (e *Engine) Client() *Engine {
	c := &Engine{Table: e.Table, Ctx: &engine.Ctx{}}
	c.Ctx.KS, c.Ctx.Sink, c.Ctx.Rand, c.Ctx.Host = e.Ctx.KS, e.Ctx.Sink, e.Ctx.Rand, e.Ctx.Host
	c.Ctx.Now, c.Ctx.NowMicros = e.Ctx.Now, e.Ctx.NowMicros
	c.Ctx.W = new(protocol.Writer)
	return c
}

// Advance moves this client's clock by ms milliseconds. A wait that ends in
// this time is answered.
func (e *Engine) Advance(ms int64) {
	e.Ctx.Now += ms
	e.Ctx.NowMicros += ms * 1000
	if w := e.Waiting; w != nil && e.deadline != 0 && e.deadline <= e.Ctx.Now && e.Cancel() {
		e.Ctx.W.Reset()
		w.OnTimeout(e.Ctx.W)
		e.Delivered = append(e.Delivered, append([]byte(nil), e.Ctx.W.Bytes()...))
	}
}

// Cancel ends the wait, if there is one, without a reply and reports whether
// there was one.
func (e *Engine) Cancel() bool {
	w := e.Waiting
	if w == nil {
		return false
	}
	e.Waiting = nil
	e.Ctx.KS.Lock(w.Slot())
	defer e.Ctx.KS.Unlock(w.Slot())
	return e.Ctx.KS.CancelWaiterLocked(w)
}

type sink struct{ e *Engine }

func (s sink) Recording() bool { return true }

func (s sink) Append(effects []engine.Effect) {
	for _, e := range effects {
		s.e.Log = append(s.e.Log, append([]byte(nil), e.Payload...))
	}
}

// Do runs one command and gives its reply in RESP; nil when the command waits.
func (e *Engine) Do(args ...string) []byte {
	b := make([][]byte, len(args))
	for i, a := range args {
		b[i] = []byte(a)
	}
	return e.DoBytes(b)
}

// DoBytes is Do with arguments as they come from a connection.
func (e *Engine) DoBytes(args [][]byte) []byte {
	c := e.Ctx
	c.W.Reset()
	cmd := e.Table.Lookup(args[0])
	if cmd != nil && len(cmd.Subs) > 0 && len(args) > 1 {
		if sub := cmd.Sub(args[1]); sub != nil {
			cmd = sub
		}
	}
	switch {
	case cmd == nil:
		c.W.Error(protocol.ErrUnknownCommand(args))
	case cmd.Run == nil && len(args) > 1:
		c.W.Error(protocol.ErrUnknownSubcommand(cmd.Name, args[1]))
	case !cmd.ArityOK(len(args), c.KS.Settings().Version):
		c.W.Error(protocol.ErrArity(cmd.Name))
	default:
		e.call(cmd, args)
	}
	if c.W.Len() == 0 {
		return nil
	}
	return append([]byte(nil), c.W.Bytes()...)
}

func (e *Engine) call(cmd *engine.Command, args [][]byte) {
	c := e.Ctx
	c.Args = args
	c.KS.Lock(0)
	defer c.KS.Unlock(0)
	c.Call(cmd, 0)
	if w := c.TakeWaiter(); w != nil {
		e.Waiting, e.deadline = w, 0
		if w.TimeoutMillis > 0 {
			e.deadline = c.Now + w.TimeoutMillis
		}
		w.Deliver = func(reply []byte) {
			e.Waiting = nil
			e.Delivered = append(e.Delivered, append([]byte(nil), reply...))
		}
	}
}
