package corpus

import (
	"bufio"
	"bytes"
	"strconv"
	"testing"
	"time"

	"elasticache-local/engine"
	"elasticache-local/internal/solo"
)

// Engine is the engine on its own as a target: data commands only.
func Engine(proto int) Target { return engineTarget(proto) }

type engineTarget int

func (p engineTarget) Proto() int { return int(p) }

func (p engineTarget) Runs(s *Script) bool {
	if s.Node {
		return false
	}
	table := solo.New(0).Table
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Kind == Command && table.Lookup(step.Args[0]) == nil {
			return false
		}
	}
	for i := 0; i < len(s.Config); i += 2 {
		if settingOf[s.Config[i]] == nil {
			return false
		}
	}
	return true
}

func (p engineTarget) Begin(t testing.TB, s *Script) Session {
	e := solo.New(1)
	settings := *e.Ctx.KS.Settings()
	for i := 0; i < len(s.Config); i += 2 {
		n, err := strconv.Atoi(s.Config[i+1])
		if err != nil {
			t.Fatalf("%s: @config %s: %v", s.Name, s.Config[i], err)
		}
		*settingOf[s.Config[i]](&settings) = n
	}
	e.Ctx.KS.SetSettings(&settings)
	return &engineSession{proto: int(p), engine: e}
}

// settingOf finds a parameter that the engine alone can be given.
var settingOf = map[string]func(*engine.Settings) *int{
	"hash-max-listpack-entries": func(s *engine.Settings) *int { return &s.HashMaxListpackEntries },
	"hash-max-listpack-value":   func(s *engine.Settings) *int { return &s.HashMaxListpackValue },
	"list-max-listpack-size":    func(s *engine.Settings) *int { return &s.ListMaxListpackSize },
	"list-compress-depth":       func(s *engine.Settings) *int { return &s.ListCompressDepth },
	"set-max-intset-entries":    func(s *engine.Settings) *int { return &s.SetMaxIntsetEntries },
	"zset-max-listpack-entries": func(s *engine.Settings) *int { return &s.ZSetMaxListpackEntries },
	"zset-max-listpack-value":   func(s *engine.Settings) *int { return &s.ZSetMaxListpackValue },
}

type engineSession struct {
	proto   int
	engine  *solo.Engine
	clients []*engineClient
}

func (s *engineSession) Dial(testing.TB) Client {
	c := &engineClient{engine: s.engine.Client()}
	c.engine.Ctx.W.SetProto(s.proto)
	s.clients = append(s.clients, c)
	return c
}

func (s *engineSession) Pass(d time.Duration) {
	s.engine.Advance(d.Milliseconds())
	for _, c := range s.clients {
		c.engine.Advance(d.Milliseconds())
	}
}

type engineClient struct {
	engine *solo.Engine
	reply  []byte // of the last command, nil when it waits
}

func (c *engineClient) Send(t testing.TB, args [][]byte) {
	if c.engine.Waiting != nil {
		t.Fatalf("a client that waits sends %q", args)
	}
	c.reply = c.engine.DoBytes(args)
}

func (c *engineClient) Next(t testing.TB) Value {
	v, replied := c.Settle(t)
	if !replied {
		t.Fatalf("no reply: the client waits")
	}
	return v
}

func (c *engineClient) Settle(t testing.TB) (Value, bool) {
	raw := c.take()
	if raw == nil {
		return Value{}, false
	}
	v, err := parseReply(raw)
	if err != nil {
		t.Fatal(err)
	}
	return v, true
}

func (c *engineClient) Pending() (Value, bool) {
	raw := c.take()
	v, err := parseReply(raw)
	return v, raw != nil && err == nil
}

func (c *engineClient) take() []byte {
	raw := c.reply
	c.reply = nil
	if d := c.engine.Delivered; raw == nil && len(d) > 0 {
		raw, c.engine.Delivered = d[0], d[1:]
	}
	return raw
}

func (c *engineClient) HangUp(testing.TB) { c.Close() }

func (c *engineClient) Close() { c.engine.Cancel() }

// parseReply reads exactly one reply.
func parseReply(raw []byte) (Value, error) {
	r := bufio.NewReader(bytes.NewReader(raw))
	v, err := ReadValue(r)
	if err == nil && r.Buffered() > 0 {
		err = errNotRESP
	}
	return v, err
}
