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
	// Delivered holds the replies of waiters that were served, in order.
	Delivered [][]byte
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

type sink struct{ e *Engine }

func (s sink) Append(_ uint16, _ int, payload []byte) {
	s.e.Log = append(s.e.Log, append([]byte(nil), payload...))
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
	case !cmd.ArityOK(len(args)):
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
		w.Deliver = func(reply []byte) {
			e.Delivered = append(e.Delivered, append([]byte(nil), reply...))
		}
	}
}
