package protocol

import (
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
