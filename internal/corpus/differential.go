package corpus

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"elasticache-local/internal/realredis"
	"elasticache-local/internal/solo"
)

var differentialSeed = flag.Uint64("differential.seed", 0, "seed of random differential tests; 0: a new one each time")

// Differential runs n random commands against the engine and a real
// redis-server and compares every reply. gen must depend on its random source
// alone. It may put a mode in front of the command ("@unordered", "@type");
// commands that promise no order are compared without one anyway. Replies that
// depend on the time or on the server's own random choices must not be asked
// for, or only their type.
//
// On a difference the test prints the seed and a short sequence of commands
// that leads to it. -differential.seed repeats a run.
func Differential(t *testing.T, gen func(r *rand.Rand) []string, n int) {
	t.Helper()
	server := realredis.Start(t)
	seed := *differentialSeed
	for seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, seed))
	d := &differential{t: t, server: server, proto: 2 + r.IntN(2)}
	var trail []Step
	for i := range n {
		trail = append(trail, stepOf(gen(r)))
		if len(trail)%differentialBatch != 0 && i != n-1 {
			continue
		}
		start := (len(trail) - 1) / differentialBatch * differentialBatch
		if start == 0 {
			d.reset()
		}
		if at := d.differsAt(trail[start:]); at >= 0 {
			d.fail(trail[:start+at+1], seed)
			return
		}
	}
	d.conn.Close()
}

// differentialBatch is how many commands go to the server at once.
const differentialBatch = 128

type differential struct {
	t      testing.TB
	server *realredis.Server
	proto  int
	conn   net.Conn
	r      *bufio.Reader
	engine *solo.Engine

	step             *Step // the one that differed last
	inEngine, inReal Value
	ran              int
}

var unorderedCommands = map[string]bool{"SMEMBERS": true, "SINTER": true, "SUNION": true, "SDIFF": true,
	"HGETALL": true, "HKEYS": true, "HVALS": true, "KEYS": true}

func stepOf(args []string) Step {
	var s Step
	if mode, ok := strings.CutPrefix(args[0], "@"); ok {
		s.Mode, args = Mode(mode), args[1:]
	} else if unorderedCommands[strings.ToUpper(args[0])] {
		s.Mode = Unordered
	}
	s.Args = byteArgs(args)
	return s
}

// reset makes both sides empty.
func (d *differential) reset() {
	d.t.Helper()
	if d.conn != nil {
		d.conn.Close()
	}
	conn, err := d.server.Dial()
	if err != nil {
		d.t.Fatal(err)
	}
	d.conn, d.r = conn, bufio.NewReader(conn)
	fmt.Fprintf(conn, "FLUSHALL\r\nHELLO %d\r\n", d.proto)
	for range 2 {
		if v, err := ReadValue(d.r); err != nil || v.Type == '-' {
			d.t.Fatalf("real server: %v %v", v, err)
		}
	}
	d.engine = solo.New(1)
	d.engine.Ctx.W.SetProto(d.proto)
}

// differsAt runs steps on both sides and gives the index of the first one
// whose replies differ, or -1.
func (d *differential) differsAt(steps []Step) int {
	d.t.Helper()
	d.ran += len(steps)
	if err := d.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		d.t.Fatal(err)
	}
	var request []byte
	for i := range steps {
		request = AppendCommand(request, steps[i].Args)
	}
	go d.conn.Write(request) //nolint:errcheck // a failure shows when reading
	for i := range steps {
		want, err := ReadValue(d.r)
		if err != nil {
			d.t.Fatalf("real server, after %q: %v", steps[i].Args, err)
		}
		raw := d.engine.DoBytes(steps[i].Args)
		got, err := parseReply(raw)
		if err != nil {
			d.t.Fatalf("%q: the engine replies %q: %v", steps[i].Args, raw, err)
		}
		if !steps[i].Mode.Same(want, got) {
			d.step, d.inReal, d.inEngine = &steps[i], want, got
			return i
		}
	}
	return -1
}

// replay runs the trail from the beginning.
func (d *differential) replay(trail []Step) int {
	d.t.Helper()
	d.reset()
	for start := 0; start < len(trail); start += differentialBatch {
		if at := d.differsAt(trail[start:min(start+differentialBatch, len(trail))]); at >= 0 {
			return start + at
		}
	}
	return -1
}

// fail reports the difference at the trail's end.
func (d *differential) fail(trail []Step, seed uint64) {
	d.t.Helper()
	whole := len(trail)
	trail = d.shorten(trail)
	var b strings.Builder
	for _, s := range trail[max(0, len(trail)-maxTrail):] {
		b.WriteString("\n\t")
		for _, a := range s.Args {
			b.WriteString(" " + quote(string(a)))
		}
	}
	if at := d.replay(trail); at < 0 {
		d.t.Fatalf("seed %d, RESP%d: a difference after %d commands that does not come again", seed, d.proto, whole)
	}
	d.t.Fatalf("seed %d, RESP%d: difference after %d commands; %d lead to it:%s\nwant:\n%s\ngot:\n%s",
		seed, d.proto, whole, len(trail), b.String(), indent(d.inReal.String()), indent(d.inEngine.String()))
}

const (
	maxTrail       = 100       // commands printed
	maxShortenWork = 1_000_000 // commands run to find a short trail
)

// shorten leaves out commands as long as a difference remains.
func (d *differential) shorten(trail []Step) []Step {
	d.t.Helper()
	d.ran = 0
	for size := len(trail) / 2; size >= 1; size /= 2 {
		for from := 0; from+size < len(trail); {
			if d.ran > maxShortenWork {
				return trail
			}
			rest := append(append([]Step(nil), trail[:from]...), trail[from+size:]...)
			if at := d.replay(rest); at >= 0 {
				trail = rest[:at+1]
			} else {
				from += size
			}
		}
	}
	return trail
}
