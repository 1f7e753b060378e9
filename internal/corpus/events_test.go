package corpus

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/internal/realredis"
)

// everyEvent switches all keyspace events on.
const everyEvent = "AEmn"

// TestEventsAreThoseOfRedis plays the scripts on the engine and on a real
// server side by side and compares the keyspace events of every command, in
// their order.
func TestEventsAreThoseOfRedis(t *testing.T) {
	if *rewrite {
		t.Skip("recording")
	}
	t.Parallel()
	server := realredis.Start(t, "--enable-debug-command", "yes", "--notify-keyspace-events", everyEvent)
	target := &Remote{Version: 2, Open: func(testing.TB, *Script) (string, string) { return server.Network, server.Addr }}
	session := &remoteSession{proto: 3, network: server.Network, addr: server.Addr}
	control := session.dial(t, 2)
	defer control.Close()
	control.do(t, "DEBUG", "SET-ACTIVE-EXPIRE", "0")
	listener := &eventListener{session.dial(t, 3)}
	defer listener.Close()
	listener.Send(t, byteArgs([]string{"PSUBSCRIBE", "__keyevent@*"}))
	scripts, err := Scripts()
	require.NoError(t, err)
	for _, s := range scripts {
		if !Engine(2).Runs(s) || len(s.Config) > 0 {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			control.do(t, "FLUSHALL")
			listener.take(t)
			compareEvents(t, s, target, listener)
		})
	}
}

func compareEvents(t *testing.T, s *Script, target Target, listener *eventListener) {
	ours := &eventRecorder{}
	play(t, &recording{sideBySide{Target: target}, ours}, s, func(step *Step, c Client) {
		c.Settle(t)
		if step.Kind != Command {
			return
		}
		require.Equal(t, listener.take(t), ours.take(), "%s.txt:%d: %s", s.Name, step.Line, step.Source())
	})
}

// recording is a side-by-side target whose engine sends its events to a recorder.
type recording struct {
	sideBySide
	events *eventRecorder
}

func (r *recording) Begin(t testing.TB, s *Script) Session {
	session := r.sideBySide.Begin(t, s)
	ctx := r.engine.engine.Ctx
	ctx.Host = r.events
	settings := *ctx.KS.Settings()
	settings.NotifyEvents, _ = engine.ParseNotify(everyEvent)
	ctx.KS.SetSettings(&settings)
	return session
}

// eventListener is a subscriber of a real server's events.
type eventListener struct{ *remoteClient }

// take gives the events since the last call.
func (l *eventListener) take(t *testing.T) (events []string) {
	l.Send(t, byteArgs([]string{"PING", "end"}))
	for {
		v := l.Next(t)
		switch {
		case v.Text == "end":
			return events
		case len(v.Elems) == 4:
			events = append(events, v.Elems[2].Text+" "+v.Elems[3].Text)
		}
	}
}

// eventRecorder is the host of an engine.
type eventRecorder struct{ events []string }

func (r *eventRecorder) Notify(db int, _ engine.NotifyClass, event string, key []byte) {
	r.events = append(r.events, fmt.Sprintf("__keyevent@%d__:%s %s", db, event, key))
}

func (r *eventRecorder) take() []string {
	events := r.events
	r.events = nil
	return events
}
