package node

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
)

// lasting are the session commands after which a connection is no longer of
// use to a test of transactions, or the node.
var lasting = map[string]bool{
	"exec": true, "discard": true, "multi": true, "watch": true, "quit": true, "reset": true, "auth": true, "hello": true,
	"subscribe": true, "psubscribe": true, "ssubscribe": true, "client|reply": true, "client|kill": true, "client|pause": true, "shutdown": true,
}

// TestNoCommandInATransactionWaitsForItsOwnLocks queues every session command
// behind a watched key for which another client waits.
func TestNoCommandInATransactionWaitsForItsOwnLocks(t *testing.T) {
	t.Parallel()
	for _, mode := range []bool{true, false} {
		k := startKit(t, func(c *Config) { c.ClusterMode, c.Unrestricted = mode, true })
		waiter, c := k.dial(t), k.dial(t)
		id := strings.TrimPrefix(waiter.do("CLIENT ID"), ":")
		for _, cmd := range commands.All() {
			if cmd.Flags&engine.Session == 0 || cmd.Run == nil || lasting[cmd.Name] {
				continue
			}
			args := strings.Fields(strings.ReplaceAll(cmd.Name, "|", " "))
			for len(args) < max(cmd.Arity, -cmd.Arity) {
				args = append(args, "1")
			}
			inTransaction(c, strings.Join(args, " "))
		}
		for _, line := range []string{"UNWATCH", "CLUSTER COUNTKEYSINSLOT 12539", "CLUSTER GETKEYSINSLOT 12539 10", "DEBUG DIGEST",
			"DEBUG DIGEST-VALUE k", "DEBUG RELOAD", "CONFIG SET maxmemory 0", "MEMORY PURGE", "FLUSHALL", "DBSIZE", "INFO", "KEYS *"} {
			inTransaction(c, line)
		}
		blockOn(waiter, c)
		inTransaction(c, "CLIENT UNBLOCK "+id)
		require.Equal(t, "(nil array)", waiter.read())
		blockOn(waiter, c)
		inTransaction(c, "CLIENT KILL ID "+id)
		c.expect("PING", "+PONG")
	}
}

// blockOn lets waiter wait for the key; c sees it waiting.
func blockOn(waiter, c *client) {
	c.t.Helper()
	waiter.send("BLPOP k 0")
	for !strings.Contains(c.do("CLIENT LIST"), "flags=b") {
	}
}

func inTransaction(c *client, line string) {
	c.t.Helper()
	c.expect("WATCH k", "+OK")
	c.expect("MULTI", "+OK")
	c.expect("TTL k", "+QUEUED")
	c.do(line)
	c.do("EXEC")
}
