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
		c.expect("PING", "+PONG")
		c.expect("SET a 1", "+OK")
		c.expect("GET a", "1")
		c.expect("GET", "-ERR wrong number of arguments for 'get' command")
		c.expect("NOPE a", "-ERR unknown command 'NOPE', with args beginning with: 'a' ")
	}
}

func TestTransactionsRunAsOne(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	a, b := k.dial(t), k.dial(t)
	a.expect("WATCH k", "+OK")
	a.expect("MULTI", "+OK")
	a.expect("SET k 1", "+QUEUED")
	b.expect("SET k 2", "+OK")
	a.expect("EXEC", "(nil array)")
	a.expect("MULTI", "+OK")
	a.expect("SET k 3", "+QUEUED")
	a.expect("GET k", "+QUEUED")
	a.expect("EXEC", "[+OK 3]")
	a.expect("MULTI", "+OK")
	a.expect("GET", "-ERR wrong number of arguments for 'get' command")
	a.expect("EXEC", "-EXECABORT Transaction discarded because of previous errors.")
}

func TestMessagesReachSubscribers(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	a, b := k.dial(t), k.dial(t)
	a.expect("SUBSCRIBE ch", "[subscribe ch :1]")
	a.expect("PSUBSCRIBE c*", "[psubscribe c* :2]")
	b.expect("PUBLISH ch hello", ":2")
	require.Equal(t, "[message ch hello]", a.read())
	require.Equal(t, "[pmessage c* ch hello]", a.read())
	require.Contains(t, a.do("GET x"), "-ERR Can't execute 'get'")
	a.expect("UNSUBSCRIBE ch", "[unsubscribe ch :1]")
}

func TestClusterCommandsDescribeTheNode(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	c := k.dial(t)
	require.Contains(t, c.do("CLUSTER INFO"), "cluster_state:ok")
	require.Contains(t, c.do("CLUSTER SLOTS"), "[:0 :16383 [127.0.0.1 :6379 "+k.ID())
	c.expect("CLUSTER KEYSLOT foo", ":12182")
	c.expect("SET foo 1", "+OK")
	c.expect("CLUSTER COUNTKEYSINSLOT 12182", ":1")
	c.expect("CLUSTER GETKEYSINSLOT 12182 10", "[foo]")
	require.Contains(t, c.do("CLUSTER MEET 127.0.0.1 1"), "-ERR unknown subcommand 'MEET'. Try CLUSTER HELP.")
	c.expect("WATCH a b", "-CROSSSLOT Keys in request don't hash to the same slot")
}

// TestDigestIsRedis checks DEBUG DIGEST against values that redis-server 7.0.15 gave.
func TestDigestIsRedis(t *testing.T) {
	t.Parallel()
	k := startKit(t, func(c *Config) { c.ClusterMode, c.Unrestricted = false, true })
	c := k.dial(t)
	c.expect("DEBUG DIGEST", "+0000000000000000000000000000000000000000")
	c.do("SET a 1")
	c.expect("DEBUG DIGEST", "+943d800368fb9c0e951138f1bc0e313ac769d91f")
	c.expect("DEBUG DIGEST-VALUE a nope", "[+b4fc66738120fba0b5aa500ab5c2bf89cea1c5da +0000000000000000000000000000000000000000]")
	for _, line := range []string{"RPUSH l a b c", "SADD s x y 3", "ZADD z 1.5 a 2 b", "HSET h f v g w", "SELECT 3", "SET e 1 PXAT 99999999999999"} {
		c.do(line)
	}
	c.expect("DEBUG DIGEST", "+3b7211f1bbd7d45a1b9e2a52a09a3007029ebbf2")
}

func TestWritesWantReplicasWhenTold(t *testing.T) {
	t.Parallel()
	k := startKit(t, func(c *Config) { c.Unrestricted = true })
	c := k.dial(t)
	c.expect("CONFIG SET min-replicas-to-write 1", "+OK")
	c.expect("SET a 1", "-NOREPLICAS Not enough good replicas to write.")
	c.expect("GET a", "(nil)")
	c.expect("CONFIG SET min-replicas-to-write 0", "+OK")
	c.expect("SET a 1", "+OK")
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
