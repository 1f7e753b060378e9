package corpus

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/internal/realredis"
	"elasticache-local/internal/solo"
)

// propagation runs random commands on the engine and on a real server and
// compares what else than replies comes out of them: effects and events.
type propagation struct {
	engine *solo.Engine
	client *remoteClient
	real   *watched
}

// newPropagation compares the classes of events given, as in
// notify-keyspace-events.
func newPropagation(t *testing.T, classes string) *propagation {
	server := realredis.Start(t, "--notify-keyspace-events", classes)
	session := &remoteSession{proto: 2, network: server.Network, addr: server.Addr}
	p := &propagation{engine: solo.New(1), client: session.dial(t, 2)}
	p.real = &watched{stream: server.Follow(t), events: session.dial(t, 2), control: session.dial(t, 2)}
	for _, c := range []*remoteClient{p.client, p.real.events, p.real.control} {
		t.Cleanup(c.Close)
	}
	p.real.events.do(t, "PSUBSCRIBE", "__keyevent@*__:*")
	settings := *p.engine.Ctx.KS.Settings()
	settings.NotifyEvents, _ = engine.ParseNotify(classes)
	p.engine.Ctx.KS.SetSettings(&settings)
	return p
}

func (p *propagation) compare(t *testing.T, args []string) {
	t.Helper()
	events := new(eventLog)
	p.engine.Log, p.engine.Ctx.Host = nil, events
	p.engine.Do(args...)
	p.client.Send(t, byteArgs(args))
	p.client.Next(t)
	want, wantEvents := p.real.take(t)
	require.Equal(t, wantEvents, events.events, "events of %q", args)
	require.True(t, sameEffects(want, effectsOf(t, p.engine)), "effects of %q: want %q, got %q", args, want, p.engine.Log)
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
