package corpus

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"elasticache-local/internal/realredis"
)

// Remote is a server behind a socket as a target.
type Remote struct {
	Version int // of the protocol: 2 or 3
	// Can reports whether a script can run there; nil: all can.
	Can func(s *Script) bool
	// Open gives the address of an empty server on which the script's
	// parameters (Script.Config) are set. In a cluster it is the node that
	// serves the slot of the tag {t}.
	Open func(t testing.TB, s *Script) (network, addr string)
}

// Proto is the protocol version.
func (r *Remote) Proto() int { return r.Version }

// Runs asks Can.
func (r *Remote) Runs(s *Script) bool { return r.Can == nil || r.Can(s) }

// Begin opens the server.
func (r *Remote) Begin(t testing.TB, s *Script) Session {
	network, addr := r.Open(t, s)
	session := &remoteSession{proto: r.Version, network: network, addr: addr}
	session.control = session.dial(t, 2)
	t.Cleanup(session.control.Close)
	return session
}

// Real is a real redis-server as a target. Scripts that may leave more than
// keys behind get a server of their own.
func Real(t testing.TB, proto int) Target {
	shared := realredis.Start(t, debugAllowed...)
	return &Remote{Version: proto, Open: func(t testing.TB, s *Script) (network, addr string) {
		if s.Node || len(s.Config) > 0 {
			var args []string
			for i := 0; i < len(s.Config); i += 2 {
				args = append(args, "--"+s.Config[i], s.Config[i+1])
			}
			own := realredis.Start(t, append(args, debugAllowed...)...)
			return own.Network, own.Addr
		}
		session := &remoteSession{proto: 2, network: shared.Network, addr: shared.Addr}
		c := session.dial(t, 2)
		defer c.Close()
		c.do(t, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
		c.do(t, "FLUSHALL")
		return shared.Network, shared.Addr
	}}
}

// debugAllowed are the arguments without which a real server has no DEBUG.
var debugAllowed = []string{"--enable-debug-command", "yes"}

// patience is how long a reply may take before the test fails.
const patience = time.Minute

type remoteSession struct {
	proto         int
	network, addr string
	control       *remoteClient
}

func (s *remoteSession) Dial(t testing.TB) Client { return s.dial(t, s.proto) }

func (s *remoteSession) Pass(d time.Duration) { time.Sleep(d) }

func (s *remoteSession) dial(t testing.TB, proto int) *remoteClient {
	conn, err := net.Dial(s.network, s.addr)
	if err != nil {
		t.Fatal(err)
	}
	c := &remoteClient{session: s, conn: conn, replies: make(chan Value, maxUnread), done: make(chan struct{})}
	go c.read()
	if proto == 3 {
		c.do(t, "HELLO", "3")
	}
	c.id = c.do(t, "CLIENT", "ID").Text
	return c
}

// maxUnread is how many replies a client may leave unread.
const maxUnread = 1024

type remoteClient struct {
	session *remoteSession
	conn    net.Conn
	id      string
	replies chan Value // closed by read
	err     error      // why, valid after replies is closed
	once    sync.Once
	done    chan struct{}
}

func (c *remoteClient) read() {
	defer close(c.replies)
	r := bufio.NewReader(c.conn)
	for {
		v, err := ReadValue(r)
		if err != nil {
			c.err = err
			return
		}
		select {
		case c.replies <- v:
		case <-c.done:
			c.err = errors.New("closed")
			return
		}
	}
}

func (c *remoteClient) Close() {
	c.once.Do(func() {
		close(c.done)
		c.conn.Close()
	})
}

// HangUp closes the connection and waits until the server has noticed.
func (c *remoteClient) HangUp(t testing.TB) {
	t.Helper()
	c.Close()
	for range patience / time.Millisecond {
		if c.session.control.do(t, "CLIENT", "LIST", "ID", c.id).Text == "" {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("still connected after %v", patience)
}

func (c *remoteClient) Send(t testing.TB, args [][]byte) {
	t.Helper()
	if _, err := c.conn.Write(AppendCommand(nil, args)); err != nil {
		t.Fatalf("send %q: %v", args, err)
	}
}

// AppendCommand encodes a command for the wire.
func AppendCommand(dst []byte, args [][]byte) []byte {
	dst = fmt.Appendf(dst, "*%d\r\n", len(args))
	for _, a := range args {
		dst = fmt.Appendf(dst, "$%d\r\n%s\r\n", len(a), a)
	}
	return dst
}

func (c *remoteClient) do(t testing.TB, args ...string) Value {
	t.Helper()
	c.Send(t, byteArgs(args))
	v := c.Next(t)
	if v.Type == '-' {
		t.Fatalf("%q: %s", args, v.Text)
	}
	return v
}

func byteArgs(args []string) [][]byte {
	b := make([][]byte, len(args))
	for i, a := range args {
		b[i] = []byte(a)
	}
	return b
}

func (c *remoteClient) Next(t testing.TB) Value {
	t.Helper()
	select {
	case v, ok := <-c.replies:
		return c.taken(t, v, ok)
	case <-time.After(patience):
		t.Fatalf("no reply in %v", patience)
		return Value{}
	}
}

func (c *remoteClient) taken(t testing.TB, v Value, ok bool) Value {
	t.Helper()
	if !ok {
		t.Fatalf("the connection ended: %v", c.err)
	}
	return v
}

func (c *remoteClient) Settle(t testing.TB) (Value, bool) {
	t.Helper()
	for range patience / time.Millisecond {
		select {
		case v, ok := <-c.replies:
			return c.taken(t, v, ok), true
		case <-time.After(time.Millisecond):
		}
		if c.waits(t) {
			return Value{}, false
		}
	}
	t.Fatalf("neither a reply nor a wait in %v", patience)
	return Value{}, false
}

// waits asks the server whether this client waits in a blocking command.
func (c *remoteClient) waits(t testing.TB) bool {
	info := c.session.control.do(t, "CLIENT", "LIST", "ID", c.id).Text
	for _, field := range strings.Fields(info) {
		if flags, ok := strings.CutPrefix(field, "flags="); ok {
			return strings.Contains(flags, "b")
		}
	}
	t.Fatalf("CLIENT LIST ID %s: %s", strconv.Quote(c.id), info)
	return false
}

func (c *remoteClient) Pending() (Value, bool) {
	select {
	case v, ok := <-c.replies:
		return v, ok
	default:
		return Value{}, false
	}
}
