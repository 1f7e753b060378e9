package corpus

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/internal/realredis"
	"elasticache-local/internal/solo"
)

// propagation runs commands on the engine and on a real server and compares
// what else than the reply comes out of them: effects and keyspace events.
type propagation struct {
	engine     *solo.Engine
	events     *eventLog
	client     *remoteClient
	subscriber *remoteClient
	stream     *realredis.Stream
}

// eventLog is the host of an engine, of which it takes the events.
type eventLog struct{ events []string }

func (l *eventLog) Notify(_ int, _ engine.NotifyClass, event string, key []byte) {
	l.events = append(l.events, event+" "+string(key))
}

// newPropagation compares the classes of events given, as in
// notify-keyspace-events.
func newPropagation(t *testing.T, classes string) *propagation {
	server := realredis.Start(t, "--notify-keyspace-events", classes)
	session := &remoteSession{proto: 2, network: server.Network, addr: server.Addr}
	p := &propagation{engine: solo.New(1), events: &eventLog{}, client: session.dial(t, 2), subscriber: session.dial(t, 2), stream: server.Follow(t)}
	t.Cleanup(p.client.Close)
	t.Cleanup(p.subscriber.Close)
	p.subscriber.do(t, "PSUBSCRIBE", "*")
	settings := *p.engine.Ctx.KS.Settings()
	settings.NotifyEvents, _ = engine.ParseNotify(classes)
	p.engine.Ctx.KS.SetSettings(&settings)
	p.engine.Ctx.Host = p.events
	return p
}

func (p *propagation) compare(t *testing.T, args []string) {
	t.Helper()
	p.engine.Log, p.events.events = nil, nil
	p.engine.Do(args...)
	p.client.Send(t, byteArgs(args))
	p.client.Next(t)
	want := p.stream.Take(t)
	wantEvents := p.takeEvents(t)
	p.stream.Take(t) // the mark of takeEvents
	require.Equal(t, wantEvents, p.events.events, "events of %q", args)
	require.True(t, sameEffects(want, effectsOf(t, p.engine)), "effects of %q: want %q, got %q", args, want, p.engine.Log)
}

// takeEvents gives the events that have been published so far.
func (p *propagation) takeEvents(t *testing.T) (events []string) {
	t.Helper()
	p.client.do(t, "PUBLISH", "end", "")
	for {
		message := p.subscriber.Next(t).Elems // pmessage, pattern, channel, payload
		switch event, ok := strings.CutPrefix(message[2].Text, "__keyevent@0__:"); {
		case ok:
			events = append(events, event+" "+message[3].Text)
		case message[2].Text == "end":
			return events
		}
	}
}

// seedOf gives the seed of a random test and prints it.
func seedOf(t *testing.T) uint64 {
	seed := *differentialSeed
	for seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	return seed
}
