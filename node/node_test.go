package node

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommandsRunAndAnswer(t *testing.T) {
	t.Parallel()
	for _, mode := range []bool{true, false} {
		k := startKit(t, func(c *Config) { c.ClusterMode = mode })
		c := k.dial(t)
		require.Equal(t, "+PONG", c.do("PING"))
		require.Equal(t, "+OK", c.do("SET a 1"))
		require.Equal(t, "1", c.do("GET a"))
		require.Equal(t, "-ERR wrong number of arguments for 'get' command", c.do("GET"))
		require.Equal(t, "-ERR unknown command 'NOPE', with args beginning with: 'a' ", c.do("NOPE a"))
	}
}

func TestTransactionsRunAsOne(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	a, b := k.dial(t), k.dial(t)
	require.Equal(t, "+OK", a.do("WATCH k"))
	require.Equal(t, "+OK", a.do("MULTI"))
	require.Equal(t, "+QUEUED", a.do("SET k 1"))
	require.Equal(t, "+OK", b.do("SET k 2"))
	require.Equal(t, "(nil array)", a.do("EXEC"))
	require.Equal(t, "+OK", a.do("MULTI"))
	require.Equal(t, "+QUEUED", a.do("SET k 3"))
	require.Equal(t, "+QUEUED", a.do("GET k"))
	require.Equal(t, "[+OK 3]", a.do("EXEC"))
	require.Equal(t, "+OK", a.do("MULTI"))
	require.Equal(t, "-ERR wrong number of arguments for 'get' command", a.do("GET"))
	require.Equal(t, "-EXECABORT Transaction discarded because of previous errors.", a.do("EXEC"))
}

func TestMessagesReachSubscribers(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	a, b := k.dial(t), k.dial(t)
	require.Equal(t, "[subscribe ch :1]", a.do("SUBSCRIBE ch"))
	require.Equal(t, "[psubscribe c* :2]", a.do("PSUBSCRIBE c*"))
	require.Equal(t, ":2", b.do("PUBLISH ch hello"))
	require.Equal(t, "[message ch hello]", a.read())
	require.Equal(t, "[pmessage c* ch hello]", a.read())
	require.Contains(t, a.do("GET x"), "-ERR Can't execute 'get'")
	require.Equal(t, "[unsubscribe ch :1]", a.do("UNSUBSCRIBE ch"))
}

func TestClusterCommandsDescribeTheNode(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	c := k.dial(t)
	require.Contains(t, c.do("CLUSTER INFO"), "cluster_state:ok")
	require.Contains(t, c.do("CLUSTER SLOTS"), "[:0 :16383 [127.0.0.1 :6379 "+k.ID())
	require.Equal(t, ":12182", c.do("CLUSTER KEYSLOT foo"))
	require.Equal(t, "+OK", c.do("SET foo 1"))
	require.Equal(t, ":1", c.do("CLUSTER COUNTKEYSINSLOT 12182"))
	require.Equal(t, "[foo]", c.do("CLUSTER GETKEYSINSLOT 12182 10"))
	require.Contains(t, c.do("CLUSTER MEET 127.0.0.1 1"), "-ERR unknown subcommand 'MEET'. Try CLUSTER HELP.")
	require.Equal(t, "-CROSSSLOT Keys in request don't hash to the same slot", c.do("WATCH a b"))
}

// TestDigestIsRedis checks DEBUG DIGEST against values that redis-server 7.0.15 gave.
func TestDigestIsRedis(t *testing.T) {
	t.Parallel()
	k := startKit(t, func(c *Config) { c.ClusterMode, c.Unrestricted = false, true })
	c := k.dial(t)
	require.Equal(t, "+0000000000000000000000000000000000000000", c.do("DEBUG DIGEST"))
	c.do("SET a 1")
	require.Equal(t, "+943d800368fb9c0e951138f1bc0e313ac769d91f", c.do("DEBUG DIGEST"))
	require.Equal(t, "[+b4fc66738120fba0b5aa500ab5c2bf89cea1c5da +0000000000000000000000000000000000000000]", c.do("DEBUG DIGEST-VALUE a nope"))
	for _, line := range []string{"RPUSH l a b c", "SADD s x y 3", "ZADD z 1.5 a 2 b", "HSET h f v g w", "SELECT 3", "SET e 1 PXAT 99999999999999"} {
		c.do(line)
	}
	require.Equal(t, "+3b7211f1bbd7d45a1b9e2a52a09a3007029ebbf2", c.do("DEBUG DIGEST"))
}

func TestWritesWantReplicasWhenTold(t *testing.T) {
	t.Parallel()
	k := startKit(t, func(c *Config) { c.Unrestricted = true })
	c := k.dial(t)
	require.Equal(t, "+OK", c.do("CONFIG SET min-replicas-to-write 1"))
	require.Equal(t, "-NOREPLICAS Not enough good replicas to write.", c.do("SET a 1"))
	require.Equal(t, "(nil)", c.do("GET a"))
	require.Equal(t, "+OK", c.do("CONFIG SET min-replicas-to-write 0"))
	require.Equal(t, "+OK", c.do("SET a 1"))
}

// TestWhatABrowserSendsIsNotAnswered, as in Redis: the lines below a POST come
// from a web page that wants them executed.
func TestWhatABrowserSendsIsNotAnswered(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	for _, line := range []string{"POST / HTTP/1.1", "Host: 127.0.0.1:6379", "pOsT"} {
		c := k.dial(t)
		go c.Write([]byte("PING\r\n" + line + "\r\nSET a 1\r\n"))
		all, err := io.ReadAll(c.r)
		require.NoError(t, err)
		require.Equal(t, "+PONG\r\n", string(all))
	}
	require.Equal(t, "(nil)", k.dial(t).do("GET a"))
}
