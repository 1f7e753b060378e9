package protocol

import (
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestPipelineOverPipeInsideABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newKitHandler()
		s := NewServer(h, Config{})
		near, far := net.Pipe()
		require.NoError(t, s.ServeConn(far))
		c := newClient(t, near)
		c.send("PING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n")
		c.expect("+PONG\r\n$2\r\nhi\r\n")
		assert.Equal(t, 1, h.batches)
		h.conn(0).Push([]byte(">0\r\n"))
		c.expect(">0\r\n")
		c.send("BLOCK a\r\nPING\r\n")
		synctest.Wait()
		h.blockedConn("a").Resume([]byte(":1\r\n"))
		c.expect(":1\r\n+PONG\r\n")
		c.send("QUIT\r\n")
		c.expect("+OK\r\n")
		c.expectEnd()
		s.Close()
		assert.Equal(t, 1, h.closes())
	})
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCommandsMayArriveByteByByte(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		for _, b := range []byte("*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\nPING\r\n") {
			c.send(string(b))
		}
		c.expect("$5\r\nhello\r\n+PONG\r\n")
	})
}

func TestALongPipelineIsAnsweredInOrder(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		const n = 20000
		go func() {
			var w Writer
			for i := range n {
				w.Array(2)
				w.BulkString("ECHO")
				w.BulkInt(int64(i))
			}
			c.nc.Write(w.Bytes())
		}()
		var want Writer
		for i := range n {
			want.BulkInt(int64(i))
		}
		c.expect(string(want.Bytes()))
		f.h.mu.Lock()
		defer f.h.mu.Unlock()
		assert.Less(t, f.h.batches, n/10)
	})
}

func TestALongValueGoesThroughUnharmed(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		value := make([]byte, 9<<20+17)
		rand.NewChaCha8([32]byte{1}).Read(value)
		c := f.dial()
		c.send("PING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + strconv.Itoa(len(value)) + "\r\n" + string(value) + "\r\nPING\r\n")
		c.expect("+PONG\r\n+OK\r\n+PONG\r\n")
		c.send("GET k\r\nPING\r\n")
		c.expect("$" + strconv.Itoa(len(value)) + "\r\n" + string(value) + "\r\n+PONG\r\n")
		synced(c)
		assert.Zero(t, f.h.conn(0).Stats().Query)
	})
}

// TestWhatIsReadAheadIsExecutedAndReleased mixes what stops a pipeline with what
// goes on; the fixture checks that the handler was told right.
func TestWhatIsReadAheadIsExecutedAndReleased(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		const n = 100
		c := f.dial()
		var request, reply strings.Builder
		for i := range n {
			request.WriteString("*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n*1\r\n$4\r\nPING\r\n")
			reply.WriteString("$1\r\nx\r\n+PONG\r\n")
			switch i % 4 {
			case 0:
				request.WriteString("PING\r\n") // inline: read on its own
				reply.WriteString("+PONG\r\n")
			case 1:
				request.WriteString("*2\r\n$4\r\nECHO\r\n$0\r\n\r\n\r\n*0\r\n")
				reply.WriteString("$0\r\n\r\n")
			case 2:
				value := strings.Repeat("v", i*1000)
				request.WriteString("*2\r\n" + bulk("ECHO") + bulk(value))
				reply.WriteString(bulk(value))
			}
		}
		go io.WriteString(c.nc, request.String())
		c.expect(reply.String())
		c.send("PING\r\n*2\r\n$5\r\nBLOCK\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n")
		c.expect("+PONG\r\n")
		f.h.blockedConn(<-f.h.waiting).Resume([]byte(":1\r\n"))
		c.expect(":1\r\n+PONG\r\n+PONG\r\n")
		f.h.mu.Lock()
		assert.Positive(t, f.h.prepared)
		f.h.mu.Unlock()
		c.send("*1\r\n$4\r\nPING\r\n*1\r\n$5\r\nPANIC\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n")
		c.expect("+PONG\r\n")
		c.expectEnd()
		c = f.dial()
		c.send("*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n")
		c.expect("+PONG\r\n+OK\r\n")
		c.expectEnd()
	})
}

// synced returns when the server has dealt with everything the client has sent.
func synced(c *client) {
	c.send("PING\r\n")
	c.expect("+PONG\r\n")
}

func TestAProtocolErrorIsTheLastReply(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("PING\r\n*1\r\n!")
		c.send("4\r\nPING\r\nPING\r\n")
		c.expect("+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n")
		c.expectEnd()
	})
}
