//go:build unix

package generator

import (
	"bytes"
	"context"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A fakeServer answers +OK to whatever it is sent, after asking delay how long
// to wait with the answers to a piece of input.
type fakeServer struct {
	addr  string
	delay func(requests int)
	reply string
	mu    sync.Mutex
	seen  bytes.Buffer
	count int
}

func startFake(t testing.TB, reply string, delay func(int)) *fakeServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &fakeServer{addr: listener.Addr().String(), delay: delay, reply: reply}
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	t.Cleanup(func() { listener.Close() })
	wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(c) })
		}
	})
	return s
}

func (s *fakeServer) serve(c net.Conn) {
	defer c.Close()
	b := make([]byte, 1<<16)
	var requests replies
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		done := requests.feed(b[:n])
		reply := strings.Repeat(s.reply, done)
		switch text := strings.ToLower(string(b[:n])); {
		case strings.Contains(text, "cluster"):
			reply = "-ERR This instance has cluster support disabled\r\n"
		case strings.Contains(text, "hello"):
			reply = "-ERR unknown command 'HELLO'\r\n"
		default:
			s.note(b[:n], done)
		}
		if _, err := c.Write([]byte(reply)); err != nil {
			return
		}
	}
}

func (s *fakeServer) note(b []byte, done int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen.Len() < 1<<20 {
		s.seen.Write(b)
	}
	s.count += done
	if s.delay != nil {
		s.delay(s.count)
	}
}

func (s *fakeServer) noted() (seen string, requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen.String(), s.count
}

func small(addr string) Config {
	cfg := Defaults()
	cfg.Addr, cfg.Connections, cfg.Keys = addr, 4, 100
	return cfg
}

func TestClosedLoopSendsAsManyRequestsAsAsked(t *testing.T) {
	t.Parallel()
	for _, pipeline := range []int{1, 7} {
		s := startFake(t, "+OK\r\n", nil)
		cfg := small(s.addr)
		cfg.Duration, cfg.Requests, cfg.Pipeline, cfg.Threads = 0, 1001, pipeline, 2
		r, err := Run(t.Context(), cfg)
		require.NoError(t, err)
		require.Equal(t, 1001, r.Requests)
		require.Equal(t, uint64(1001), r.Latency.Count())
		_, count := s.noted()
		require.Equal(t, 1001, count)
		require.Zero(t, r.Errors)
		require.Positive(t, r.PerSecond())
	}
}

func TestFillWritesEveryKeyOnce(t *testing.T) {
	t.Parallel()
	s := startFake(t, "+OK\r\n", nil)
	require.NoError(t, Fill(t.Context(), small(s.addr)))
	seen, _ := s.noted()
	for i := range 100 {
		require.Equal(t, 1, strings.Count(seen, "key:"+pad(uint32(i))), "key %d", i)
	}
}

func TestOpenLoopSeesAStopOfTheServer(t *testing.T) {
	t.Parallel()
	const stop = 300 * time.Millisecond
	stopped := false
	s := startFake(t, "+OK\r\n", func(requests int) {
		if requests >= 200 && !stopped {
			stopped = true
			time.Sleep(stop) // every connection waits for the lock meanwhile
		}
	})
	cfg := small(s.addr)
	cfg.Rate, cfg.Duration = 1000, time.Second
	r, err := Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, uint64(1000), r.Latency.Count(), "the timetable does not wait for the server")
	require.GreaterOrEqual(t, r.Latency.Max(), stop)
	// About 300 of the 1000 requests fell due during the stop. Four of them at
	// most were under way; a closed loop would have seen only those.
	require.Greater(t, r.Latency.Quantile(0.85), stop/10)
	require.Zero(t, r.Unanswered)
}

func TestOpenLoopWaitsForWhatIsUnderWayAtItsEnd(t *testing.T) {
	t.Parallel()
	const total, late = 100, 300 * time.Millisecond
	stopped := false
	s := startFake(t, "+OK\r\n", func(requests int) {
		if requests >= total-20 && !stopped {
			stopped = true
			time.Sleep(late)
		}
	})
	cfg := small(s.addr)
	cfg.Rate, cfg.Duration = 1000, total*time.Millisecond
	r, err := Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, total, r.Requests)
	require.Equal(t, uint64(total), r.Latency.Count())
	require.Zero(t, r.Unanswered)
	require.GreaterOrEqual(t, r.Latency.Max(), late)
	require.Greater(t, r.Elapsed, cfg.Duration, "the rate is that at which they were answered")
}

func TestOpenLoopKeepsItsTimetable(t *testing.T) {
	t.Parallel()
	s := startFake(t, "+OK\r\n", nil)
	cfg := small(s.addr)
	cfg.Rate, cfg.Duration = 200, 500*time.Millisecond
	least := time.Hour
	for range 10 { // a machine that stands still in between is late for all that was due
		r, err := Run(t.Context(), cfg)
		require.NoError(t, err)
		require.Equal(t, 100, r.Requests)
		require.Equal(t, uint64(100), r.Lag.Count())
		require.LessOrEqual(t, r.PerSecond(), 201.0)
		if least = min(least, r.Lag.Quantile(0.5)); least < 20*time.Millisecond {
			return
		}
	}
	require.Less(t, least, 20*time.Millisecond, "even on a busy machine")
}

func TestOpenLoopCountsWhatWasNeverAnswered(t *testing.T) {
	t.Parallel()
	s := startFake(t, "", nil)
	cfg := small(s.addr)
	cfg.Rate, cfg.Duration, cfg.Drain = 100, 100*time.Millisecond, 100*time.Millisecond
	r, err := Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, 10, r.Unanswered)
	require.Zero(t, r.Requests)
	require.Greater(t, r.Latency.Quantile(0.01), 100*time.Millisecond)
}

func TestErrorsAreCountedAndTheFirstIsKept(t *testing.T) {
	t.Parallel()
	s := startFake(t, "-MOVED 1 127.0.0.1:1\r\n", nil)
	cfg := small(s.addr)
	cfg.Duration, cfg.Requests = 0, 50
	r, err := Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, 50, r.Errors)
	require.Equal(t, "-MOVED 1 127.0.0.1:1", r.FirstError)
}

func TestRunEndsWhenItsContextDoes(t *testing.T) {
	t.Parallel()
	s := startFake(t, "+OK\r\n", nil)
	cfg := small(s.addr)
	cfg.Duration = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Run(ctx, cfg)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestRunReportsAServerThatHangsUp(t *testing.T) {
	t.Parallel()
	s := startFake(t, "HTTP/1.1 400 Bad Request\r\n", nil)
	_, err := Run(t.Context(), small(s.addr))
	require.ErrorContains(t, err, "not RESP2")
	s = startFake(t, "+OK\r\n+OK\r\n", nil)
	_, err = Run(t.Context(), small(s.addr))
	require.ErrorContains(t, err, "2 replies to 1 requests")
}

func TestConfigIsBounded(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Config){
		"connections": func(c *Config) { c.Connections = 1 << 20 },
		"threads":     func(c *Config) { c.Threads = 5 },
		"pipeline":    func(c *Config) { c.Pipeline = 0 },
		"keys":        func(c *Config) { c.Keys = 1 << 30 },
		"members":     func(c *Config) { c.Members = 0 },
		"value size":  func(c *Config) { c.ValueSize = 1 << 30 },
		"rate":        func(c *Config) { c.Rate = -1 },
		"neither":     func(c *Config) { c.Duration = 0 },
		"duration":    func(c *Config) { c.Duration = 1000 * time.Hour },
		"workload":    func(c *Config) { c.Workload = "nonsense" },
	} {
		cfg := small("127.0.0.1:1")
		spoil(&cfg)
		_, err := Run(t.Context(), cfg)
		require.ErrorContains(t, err, name)
	}
}

func TestLoopDoesNotAllocate(t *testing.T) {
	s := startFake(t, "+OK\r\n", nil)
	cfg := small(s.addr)
	cfg.Workload, cfg.Pipeline = "MIXED", 16
	allocations := func(requests int) uint64 {
		cfg.Duration, cfg.Requests = 0, requests
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Run(t.Context(), cfg)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	allocations(100)
	few, many := allocations(1_000), allocations(51_000)
	// The fake server allocates a few objects per batch of 16; nobody may per request.
	require.Less(t, float64(many)-float64(few), 50_000*0.7)
}

func TestIdleConnectionsStayOpenUntilClosed(t *testing.T) {
	t.Parallel()
	s := startFake(t, "+PONG\r\n", nil)
	idle, err := OpenIdle(t.Context(), s.addr, Login{}, 20)
	require.NoError(t, err)
	require.Len(t, idle.conns, 20)
	idle.Close()
	_, err = OpenIdle(t.Context(), startFake(t, "-NOAUTH\r\n", nil).addr, Login{}, 1)
	require.Error(t, err)
}

func TestLoginComesFirst(t *testing.T) {
	t.Parallel()
	s := startFake(t, "+OK\r\n", nil)
	cfg := small(s.addr)
	cfg.Login = Login{User: "u", Password: "p"}
	cfg.Duration, cfg.Requests = 0, 10
	_, err := Run(t.Context(), cfg)
	require.NoError(t, err)
	seen, _ := s.noted()
	require.Contains(t, seen, "AUTH\r\n$1\r\nu\r\n$1\r\np\r\n")
}
