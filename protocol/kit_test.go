package protocol

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"elasticache-local/sockets"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kitHandler is a tiny server for the tests: enough commands to exercise every method of Conn.
type kitHandler struct {
	mu      sync.Mutex
	values  map[string][]byte
	blocked map[string]*Conn // by the name given to BLOCK
	opened  []*Conn
	closed  []*Conn
	batches int
	turns   atomic.Int64

	refuse  string
	strict  bool        // clients begin unauthenticated
	waiting chan string // a name for each BLOCK

	ahead    map[*Conn][]string // the commands that were prepared for and not executed yet
	prepared int                // how many there were in all
	misled   []string           // what was executed although something else was announced
}

func newKitHandler() *kitHandler {
	return &kitHandler{values: map[string][]byte{}, blocked: map[string]*Conn{}, waiting: make(chan string, 100)}
}

// Ahead prepares for three quarters of what it is shown, but not for blanks.
func (h *kitHandler) Ahead(c *Conn, commands [][][]byte) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if list, held := h.ahead[c]; len(commands) < 2 || held {
		h.misled = append(h.misled, fmt.Sprintf("Ahead of %d commands while %q is prepared for", len(commands), list))
	}
	if h.ahead == nil {
		h.ahead = map[*Conn][]string{}
	}
	for _, args := range commands[:len(commands)*3/4] {
		if len(args) > 1 && len(args[1]) == 0 {
			break
		}
		h.ahead[c] = append(h.ahead[c], string(bytes.Join(args, []byte{' '})))
	}
	h.prepared += len(h.ahead[c])
	return len(h.ahead[c])
}

func (h *kitHandler) Release(c *Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.ahead, c)
}

// announced checks a command against what Ahead was shown.
func (h *kitHandler) announced(c *Conn, args [][]byte) {
	list := h.ahead[c]
	if len(list) == 0 {
		return
	}
	if is := string(bytes.Join(args, []byte{' '})); is != list[0] {
		h.misled = append(h.misled, is+" instead of "+list[0])
	}
	h.ahead[c] = list[1:]
}

func (h *kitHandler) Open(c *Conn) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse != "" {
		return h.refuse
	}
	c.SetAuthenticated(!h.strict)
	h.opened = append(h.opened, c)
	return ""
}

func (h *kitHandler) BatchDone(*Conn) {}

func (h *kitHandler) TurnDone() { h.turns.Add(1) }

func (h *kitHandler) Resumed(*Conn) {}

func (h *kitHandler) Batch(*Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.batches++
}

func (h *kitHandler) Close(c *Conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = append(h.closed, c)
}

func (h *kitHandler) Command(c *Conn, args [][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.announced(c, args)
	arg := func(i int) string { return string(args[i]) }
	switch strings.ToUpper(arg(0)) {
	case "PING":
		c.W.Simple("PONG")
	case "ECHO":
		c.W.Bulk(args[1])
	case "ARGS": // the arguments, as they arrived
		c.W.Array(len(args))
		for _, a := range args {
			c.W.Bulk(a)
		}
	case "SET":
		h.values[arg(1)] = append([]byte(nil), args[2]...)
		c.W.OK()
	case "KEEP": // SET without a copy
		kept := c.Give(args[2])
		c.W.Bool(kept)
		if kept {
			h.values[arg(1)] = args[2]
		}
	case "GET":
		c.W.Bulk(h.values[arg(1)])
	case "TOIL":
		time.Sleep(time.Millisecond)
		c.W.OK()
	case "AUTH":
		c.SetAuthenticated(true)
		c.W.OK()
	case "BLOCK":
		h.blocked[arg(1)] = c
		c.Block()
		h.waiting <- arg(1)
	case "RESUMED": // resumed before the command has returned
		done := make(chan struct{})
		go func() { c.Resume([]byte(":7\r\n")); close(done) }()
		c.Block()
		<-done
	case "HANGUP":
		c.W.BulkString("never sent")
		c.HangUp()
		c.W.Int(1)
	case "PUSHSELF":
		c.Push(pushMessage(arg(1)))
		c.W.Int(1)
	case "PUSHFIRST":
		c.Push(pushMessage(arg(1)))
		c.FlushPushes()
		c.W.Int(1)
	case "HIDDEN": // as CLIENT REPLY SKIP does
		mark := c.W.Len()
		c.W.BulkString("nobody sees this")
		c.W.Truncate(mark)
	case "CLASS":
		n, _ := strconv.Atoi(arg(1))
		c.SetClass(Class(n))
		c.W.OK()
	case "QUIT":
		c.W.OK()
		c.CloseAfterReply()
	case "KILL":
		c.W.OK()
		c.Close()
	case "PANIC":
		c.W.Array(2)
		panic("as asked")
	default:
		c.W.Error(ErrUnknownCommand(args))
	}
}

func (h *kitHandler) conn(i int) *Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.opened[i]
}

func (h *kitHandler) closes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.closed)
}

func (h *kitHandler) blockedConn(name string) *Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.blocked[name]
}

func pushMessage(text string) []byte {
	var w Writer
	w.SetProto(RESP3)
	w.Push(2)
	w.BulkString("message")
	w.BulkString(text)
	return w.Bytes()
}

// waitUntil returns when the condition, which other threads bring about, is true.
func waitUntil(t testing.TB, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, time.Minute, time.Millisecond)
}

// client is the other end of a connection under test.
type client struct {
	t  testing.TB
	nc net.Conn
	r  *bufio.Reader
}

func newClient(t testing.TB, nc net.Conn) *client {
	t.Cleanup(func() { nc.Close() })
	return &client{t: t, nc: nc, r: bufio.NewReader(nc)}
}

func (c *client) send(s string) {
	c.t.Helper()
	_, err := io.WriteString(c.nc, s)
	require.NoError(c.t, err)
}

// expect reads exactly want.
func (c *client) expect(want string) {
	c.t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(c.r, got)
	require.Equal(c.t, want, string(got[:n]))
	require.NoError(c.t, err)
}

// expectEnd reads to the end of the connection, where nothing may come any more.
func (c *client) expectEnd() {
	c.t.Helper()
	rest, _ := io.ReadAll(c.r)
	assert.Empty(c.t, string(rest))
}

// fixture is a server under test with one kind of carrier.
type fixture struct {
	t      testing.TB
	h      *kitHandler
	s      *Server
	dialer func() net.Conn
}

// dial opens a connection to the server.
func (f *fixture) dial() *client { return newClient(f.t, f.dialer()) }

// forEachCarrier runs a test over every way of moving bytes.
func forEachCarrier(t *testing.T, config Config, test func(t *testing.T, f *fixture)) {
	t.Parallel()
	for _, kind := range []struct {
		name    string
		carrier Carrier
		tls     bool
		use     sockets.Use
		moving  bool
	}{
		{"goroutine", CarrierGoroutine, false, 0, false}, {"tls", CarrierAuto, true, 0, false},
		{"loop", CarrierEventLoop, false, sockets.UseAlways, false},
		{"loop without ring", CarrierEventLoop, false, sockets.UseNever, false},
		{"moving", CarrierEventLoop, false, sockets.UseForSeveral, true},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			config := config
			config.Carrier = kind.carrier
			if kind.carrier == CarrierEventLoop {
				config.Loops = startLoops(2, monotonic, kind.use)
				t.Cleanup(config.Loops.Close) // after the server, which start registers later
			}
			if kind.moving {
				keepMoving(t, config.Loops)
			}
			test(t, start(t, newKitHandler(), config, kind.tls))
		})
	}
}

var began = time.Now()

func monotonic() int64 { return int64(time.Since(began)) }

// keepMoving has every connection change its loop again and again until the test ends.
func keepMoving(t *testing.T, l *Loops) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for n := int32(1); ctx.Err() == nil; n = 3 - n {
			l.active.Store(n)
			time.Sleep(100 * time.Microsecond) // about as long as a few turns
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
}

// start serves h on a free port until the test ends.
func start(t testing.TB, h *kitHandler, config Config, encrypted bool) *fixture {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := &fixture{t: t, h: h, s: NewServer(h, config)}
	address := listener.Addr().String()
	f.dialer = func() net.Conn {
		nc, err := net.Dial("tcp", address)
		require.NoError(t, err)
		return nc
	}
	if encrypted {
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{testCertificate()}})
		plain := f.dialer
		f.dialer = func() net.Conn { return tls.Client(plain(), &tls.Config{InsecureSkipVerify: true}) }
	}
	served := make(chan error, 1)
	go func() { served <- f.s.Serve(listener) }()
	t.Cleanup(func() {
		f.s.Close()
		assert.ErrorIs(t, <-served, ErrServerClosed)
		assert.Len(t, h.closed, len(h.opened), "every connection that was opened is closed")
		assert.Empty(t, h.misled)
		assert.Empty(t, h.ahead, "all is released")
	})
	return f
}

// testCertificate is self-signed and made once.
var testCertificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
})

// pipeClient serves one end of a pipe, for tests inside a bubble.
func pipeClient(t testing.TB, s *Server) *client {
	near, far := net.Pipe()
	require.NoError(t, s.ServeConn(far))
	return newClient(t, near)
}
