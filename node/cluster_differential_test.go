package node

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elasticache-local/internal/corpus"
	"elasticache-local/internal/realredis"
	"elasticache-local/protocol"
)

// clusterScript is what a cluster node is asked; "type:" compares only the type
// of the reply, "len:" the type and the number of elements.
const clusterScript = `
CLUSTER KEYSLOT foo
CLUSTER KEYSLOT {foo}bar
CLUSTER KEYSLOT foo{}{bar}
CLUSTER KEYSLOT ""
CLUSTER KEYSLOT
CLUSTER KEYSLOT a b
SET foo 1
CLUSTER COUNTKEYSINSLOT 12182
CLUSTER COUNTKEYSINSLOT 12183
CLUSTER COUNTKEYSINSLOT -1
CLUSTER COUNTKEYSINSLOT 16384
CLUSTER COUNTKEYSINSLOT x
CLUSTER GETKEYSINSLOT 12182 10
CLUSTER GETKEYSINSLOT 12182 0
CLUSTER GETKEYSINSLOT 12182 -1
CLUSTER GETKEYSINSLOT 12182 x
CLUSTER GETKEYSINSLOT x 1
type:CLUSTER MYID
type:CLUSTER INFO
type:CLUSTER NODES
len:CLUSTER SLOTS
len:CLUSTER SHARDS
CLUSTER REPLICAS nosuchnode
CLUSTER SLAVES nosuchnode
CLUSTER COUNT-FAILURE-REPORTS nosuchnode
len:CLUSTER LINKS
CLUSTER NOSUCH
CLUSTER
type:CLUSTER HELP
READONLY
READWRITE
ASKING
READONLY x
SELECT 0
SELECT 1
SWAPDB 0 1
MOVE foo 1
COPY foo {foo}b DB 1
MGET foo bar
MGET foo {foo}x foo
MSET a 1 b 2
DEL a b
SUNION a b
MULTI
SET a 1
SET b 1
EXEC
MULTI
MGET a b
EXEC
WATCH a b
WATCH {x}a {x}b
UNWATCH
SORT foo BY w_*
SORT_RO foo GET w_*
LMPOP 2 a b LEFT
ZUNIONSTORE a 1 b
BLPOP a b 0
SPUBLISH ch x
SSUBSCRIBE a b
RENAME a b
SCAN 0 COUNT 1000
DBSIZE
RANDOMKEY
KEYS *
FLUSHALL
DBSIZE
COMMAND GETKEYS MGET a b
WAIT 0 0
ROLE
`

// TestClusterNodeAnswersAsRedis asks a node and a real server with cluster mode
// enabled, each of which has all the slots, the same questions.
func TestClusterNodeAnswersAsRedis(t *testing.T) {
	t.Parallel()
	real := realredis.Start(t, "--cluster-enabled", "yes")
	theirs := dialWire(t, real.Network, real.Addr)
	require.Equal(t, byte('+'), theirs.do(t, "CLUSTER ADDSLOTSRANGE 0 16383").Type)
	for !strings.Contains(theirs.do(t, "CLUSTER INFO").Text, "cluster_state:ok") {
		time.Sleep(5 * time.Millisecond) // the real server decides that in its own time
	}
	k := startKit(t, func(c *Config) { c.Unrestricted = true })
	near, far := net.Pipe()
	require.NoError(t, k.server.ServeConn(far))
	ours := &wire{near, bufio.NewReader(near)}
	t.Cleanup(func() { near.Close() })
	for _, line := range strings.Split(strings.TrimSpace(clusterScript), "\n") {
		mode, command := corpus.Exact, line
		if rest, ok := strings.CutPrefix(line, "type:"); ok {
			mode, command = corpus.TypeOnly, rest
		}
		command = strings.TrimPrefix(command, "len:")
		want, got := theirs.do(t, command), ours.do(t, command)
		if strings.HasPrefix(line, "len:") {
			require.Equal(t, want.Type, got.Type, line)
			require.Equal(t, len(want.Elems), len(got.Elems), line)
			continue
		}
		assert.True(t, mode.Same(want, got), "%s\nwant %q\ngot  %q", line, want, got)
	}
}

// wire is a connection over which commands are sent as they are typed.
type wire struct {
	net.Conn
	r *bufio.Reader
}

func dialWire(t *testing.T, network, addr string) *wire {
	t.Helper()
	c, err := net.Dial(network, addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return &wire{c, bufio.NewReader(c)}
}

func (w *wire) do(t *testing.T, line string) corpus.Value {
	t.Helper()
	args, ok := protocol.SplitArgs([]byte(line))
	require.True(t, ok, line)
	require.NoError(t, w.SetDeadline(time.Now().Add(20*time.Second)))
	_, err := w.Write(corpus.AppendCommand(nil, args))
	require.NoError(t, err, line)
	v, err := corpus.ReadValue(w.r)
	require.NoError(t, err, line)
	return v
}
