package corpus

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Target is something that runs scripts.
type Target interface {
	// Proto is the protocol version that its clients speak, 2 or 3.
	Proto() int
	// Runs reports whether the script can run here at all.
	Runs(s *Script) bool
	// Begin gives an empty server for one script. What it needs ends with t.
	Begin(t testing.TB, s *Script) Session
}

// Session is one script's time with a target.
type Session interface {
	Dial(t testing.TB) Client
	// Pass lets time pass.
	Pass(d time.Duration)
}

// Client is one connection. Its methods end the test when the connection
// breaks or nothing happens for long.
type Client interface {
	Send(t testing.TB, args [][]byte)
	// Next takes the next reply.
	Next(t testing.TB) Value
	// Settle waits until the client has a reply, which it takes, or is known
	// to wait.
	Settle(t testing.TB) (v Value, replied bool)
	// Pending takes a reply that is there already.
	Pending() (v Value, replied bool)
	// HangUp closes the connection and returns when the server knows.
	HangUp(t testing.TB)
	Close()
}

// Run runs every script that the target can run, each as a subtest.
func Run(t *testing.T, target Target) {
	t.Helper()
	scripts, err := Scripts()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scripts {
		if target.Runs(s) {
			t.Run(s.Name, func(t *testing.T) { RunScript(t, target, s) })
		}
	}
}

// RunScript runs one script and compares its replies. A script in which time passes is run
// again if it fails and has taken much longer than it waits: the machine stood still.
func RunScript(t *testing.T, target Target, s *Script) {
	t.Helper()
	began := time.Now()
	problem := compare(t, target, s)
	if problem != "" && time.Since(began) > s.waits()+tooSlow {
		t.Logf("%s.txt: again, it took %v", s.Name, time.Since(began))
		problem = compare(t, target, s)
	}
	if problem != "" {
		t.Error(problem)
	}
}

// tooSlow is how much longer than its waits a script may take on an ordinary machine.
const tooSlow = 300 * time.Millisecond

// waits is how much time the script lets pass.
func (s *Script) waits() (d time.Duration) {
	for i := range s.Steps {
		d += s.Steps[i].Wait
	}
	return d
}

// compare runs a script and tells the first difference, "" if there is none.
func compare(t *testing.T, target Target, s *Script) (problem string) {
	return play(t, target, s, func(step *Step, c Client) string {
		want := step.Want(target.Proto())
		if want == nil {
			if v, replied := c.Settle(t); replied {
				return differs(s, step, "no reply: the client waits", v.String())
			}
			return ""
		}
		if v := c.Next(t); !step.Mode.Same(*want, v) {
			return differs(s, step, want.String(), v.String())
		}
		return ""
	})
}

// replay runs the steps of a script; see takes the reply of each command and of each receive.
func replay(t testing.TB, target Target, s *Script, see func(*Step, Client)) {
	problem := play(t, target, s, func(step *Step, c Client) string { see(step, c); return "" })
	if problem != "" {
		t.Error(problem)
	}
}

// play runs the steps of a script; answer takes the reply of each command and of each
// receive. Its first problem ends the script and is returned.
func play(t testing.TB, target Target, s *Script, answer func(*Step, Client) (problem string)) (problem string) {
	session := target.Begin(t, s)
	clients := map[int]Client{}
	for i := range s.Steps {
		step := &s.Steps[i]
		if step.Kind == Pass {
			session.Pass(step.Wait)
			continue
		}
		c := clients[step.Client]
		if c == nil {
			c = session.Dial(t)
			clients[step.Client] = c
			t.Cleanup(c.Close)
		}
		switch step.Kind {
		case Close:
			c.HangUp(t)
			delete(clients, step.Client)
			continue
		case Command:
			c.Send(t, step.Args)
		}
		if !step.Silent {
			problem = answer(step, c)
		}
		if t.Failed() {
			return problem
		}
		if problem != "" {
			for _, c := range clients {
				c.HangUp(t)
			}
			return problem
		}
	}
	for n := 1; n <= 9; n++ {
		if c := clients[n]; c != nil {
			if v, replied := c.Pending(); replied {
				return fmt.Sprintf("%s.txt: client %d got a reply that the script does not take:\n%s", s.Name, n, indent(v.String()))
			}
		}
	}
	return ""
}

func differs(s *Script, step *Step, want, got string) string {
	mode := ""
	if step.Mode != Exact {
		mode = " (@" + string(step.Mode) + ")"
	}
	return fmt.Sprintf("%s.txt:%d: %s\nwant%s:\n%s\ngot:\n%s", s.Name, step.Line, step.Source(), mode, indent(want), indent(got))
}

// maxShown bounds one reply in a failure's text, in bytes.
const maxShown = 4000

func indent(s string) string {
	if len(s) > maxShown {
		s = s[:maxShown] + "…"
	}
	return "\t" + strings.ReplaceAll(s, "\n", "\n\t")
}
