package corpus

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/internal/realredis"
	"elasticache-local/internal/solo"
)

// TestEffectsAndEventsAreThoseOfRedis plays the scripts on the engine and on a
// real server side by side and compares, after every command, what each would
// write to its replicas and the keyspace events that each publishes. What
// @type steps replicate may differ, as their replies may.
func TestEffectsAndEventsAreThoseOfRedis(t *testing.T) {
	if *rewrite {
		t.Skip("recording")
	}
	t.Parallel()
	server := realredis.Start(t, "--enable-debug-command", "yes", "--notify-keyspace-events", allEvents)
	target := &Remote{Version: 2, Open: func(testing.TB, *Script) (string, string) { return server.Network, server.Addr }}
	session := &remoteSession{proto: 2, network: server.Network, addr: server.Addr}
	control := session.dial(t, 2)
	defer control.Close()
	control.do(t, "DEBUG", "SET-ACTIVE-EXPIRE", "0")
	watch := &watched{stream: server.Follow(t), events: session.dial(t, 2), control: control}
	defer watch.events.Close()
	watch.events.do(t, "PSUBSCRIBE", "__keyevent@*__:*")
	scripts, err := Scripts()
	require.NoError(t, err)
	for _, s := range scripts {
		if !Engine(2).Runs(s) || len(s.Config) > 0 {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			control.do(t, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
			control.do(t, "FLUSHALL")
			watch.take(t)
			both := &sideBySide{Target: target}
			replay(t, both, s, func(step *Step, c Client) {
				c.Settle(t)
				if step.Kind == Command {
					watch.compare(t, s, step, both.engine)
				}
			})
		})
	}
}

// allEvents are all classes of keyspace events, by key event.
const allEvents = "EAnm"

// watched is the real server as its replicas and its subscribers see it.
type watched struct {
	stream  *realredis.Stream
	events  *remoteClient
	control *remoteClient
}

// take gives what happened since the last call.
func (w *watched) take(t *testing.T) (effects [][]string, events []string) {
	effects = w.stream.Take(t)
	effects = slices.DeleteFunc(effects, func(cmd []string) bool { return strings.EqualFold(cmd[0], "PUBLISH") })
	w.control.do(t, "PUBLISH", "__keyevent@0__:mark", "")
	for {
		v := w.events.Next(t)
		if e := v.Elems; len(e) == 4 && e[2].Text == "__keyevent@0__:mark" {
			return effects, events
		} else if len(e) == 4 {
			events = append(events, e[2].Text+" "+e[3].Text)
		}
	}
}

func (w *watched) compare(t *testing.T, s *Script, step *Step, engine *engineSession) {
	wantEffects, wantEvents := w.take(t)
	if got := effectsOf(t, engine.engine); step.Mode != TypeOnly && !sameEffects(wantEffects, got) {
		t.Errorf("%s.txt:%d: %s\nwant effects:\n\t%q\ngot:\n\t%q", s.Name, step.Line, step.Source(), wantEffects, got)
	}
	if got := engine.engine.Ctx.Host.(*eventLog).events; !slices.Equal(wantEvents, got) {
		t.Errorf("%s.txt:%d: %s\nwant events:\n\t%q\ngot:\n\t%q", s.Name, step.Line, step.Source(), wantEvents, got)
	}
}

// eventLog is a host that keeps the events.
type eventLog struct{ events []string }

func (l *eventLog) Notify(db int, _ engine.NotifyClass, event string, key []byte) {
	l.events = append(l.events, fmt.Sprintf("__keyevent@%d__:%s %s", db, event, key))
}

// sideBySide is a target whose clients do the same on an engine, at the same
// time of day, so that absolute times are nearly the same.
type sideBySide struct {
	Target
	engine *engineSession
}

func (b *sideBySide) Begin(t testing.TB, s *Script) Session {
	b.engine = Engine(2).Begin(t, s).(*engineSession)
	b.engine.engine.Ctx.Host = new(eventLog)
	settings := *b.engine.engine.Ctx.KS.Settings()
	settings.NotifyEvents, _ = engine.ParseNotify(allEvents)
	b.engine.engine.Ctx.KS.SetSettings(&settings)
	b.engine.Pass(sinceEngineStart(b.engine))
	return bothSessions{b.Target.Begin(t, s), b.engine}
}

type bothSessions struct {
	Session
	engine *engineSession
}

func (b bothSessions) Dial(t testing.TB) Client {
	return bothClients{b.Session.Dial(t), b.engine.Dial(t).(*engineClient), b.engine}
}

type bothClients struct {
	Client
	engine  *engineClient
	session *engineSession
}

func (b bothClients) Send(t testing.TB, args [][]byte) {
	b.session.Pass(sinceEngineStart(b.session))
	b.session.engine.Log, b.session.engine.Ctx.Host.(*eventLog).events = nil, nil
	b.engine.Send(t, args)
	b.Client.Send(t, args)
}

func (b bothClients) HangUp(t testing.TB) {
	b.engine.HangUp(t)
	b.Client.HangUp(t)
}

func (b bothClients) Close() {
	b.engine.Close()
	b.Client.Close()
}

func sinceEngineStart(s *engineSession) time.Duration {
	return time.Duration(time.Now().UnixMilli()-s.engine.Ctx.Now) * time.Millisecond
}

// effectsOf are the commands in the engine's log, without the frame.
func effectsOf(t *testing.T, e *solo.Engine) [][]string {
	return slices.DeleteFunc(effectsWithSelect(t, e), func(cmd []string) bool { return strings.EqualFold(cmd[0], "SELECT") })
}

// effectsWithSelect are the commands in the engine's log but for MULTI and EXEC.
func effectsWithSelect(t *testing.T, e *solo.Engine) [][]string {
	var out [][]string
	r := bufio.NewReader(bytes.NewReader(bytes.Join(e.Log, nil)))
	for {
		v, err := ReadValue(r)
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			return out
		}
		var cmd []string
		for _, a := range v.Elems {
			cmd = append(cmd, a.Text)
		}
		require.NotEmpty(t, cmd)
		if name := strings.ToUpper(cmd[0]); name != "MULTI" && name != "EXEC" {
			out = append(out, cmd)
		}
	}
}

func sameEffects(a, b [][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return false
		}
		for j := range a[i] {
			if a[i][j] != b[i][j] && !nearTimes(a[i][j], b[i][j]) {
				return false
			}
		}
	}
	return true
}

// nearTimes reports whether both are unix milliseconds not far from each other.
func nearTimes(a, b string) bool {
	const year2001, far = 1e12, 10_000
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	return errX == nil && errY == nil && x > year2001 && y > year2001 && max(x-y, y-x) < far
}

func TestNearTimes(t *testing.T) {
	t.Parallel()
	now := time.Now().UnixMilli()
	require.True(t, nearTimes(fmt.Sprint(now), fmt.Sprint(now+900)))
	require.False(t, nearTimes(fmt.Sprint(now), fmt.Sprint(now+90000)))
	require.False(t, nearTimes("5", "6"))
}
