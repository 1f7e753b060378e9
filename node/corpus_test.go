package node

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/internal/corpus"
)

// TestCorpus runs every transcript against a node behind a socket, with cluster
// mode enabled and disabled, over RESP2 and RESP3.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, mode := range []bool{false, true} {
		for _, proto := range []int{2, 3} {
			t.Run(fmt.Sprintf("cluster=%v/resp%d", mode, proto), func(t *testing.T) {
				t.Parallel()
				corpus.Run(t, &corpus.Remote{
					Version: proto,
					Can:     func(s *corpus.Script) bool { return !mode || !s.Standalone },
					Open:    func(t testing.TB, s *corpus.Script) (network, addr string) { return openForScript(t, s, mode) },
				})
			})
		}
	}
}

func openForScript(t testing.TB, s *corpus.Script, mode bool) (network, addr string) {
	p := DefaultParameters()
	for i := 0; i < len(s.Config); i += 2 {
		changed, problem := p.With(s.Config[i], s.Config[i+1])
		require.Empty(t, problem, s.Config[i])
		p = changed
	}
	k := startKit(t, func(c *Config) { c.ClusterMode, c.Unrestricted, c.Parameters = mode, true, p })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = k.server.Serve(l)
	}()
	t.Cleanup(func() {
		k.server.Close()
		<-done
	})
	return "tcp", l.Addr().String()
}

func TestEveryCommandHasAScript(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, line := range strings.Split(clusterScript, "\n") {
		_, command, modal := strings.Cut(line, ":")
		if !modal {
			command = line
		}
		lines = append(lines, command)
	}
	for _, name := range managedCommands {
		lines = append(lines, "CLUSTER "+name)
	}
	missing, err := corpus.Uncovered(commands, lines...)
	require.NoError(t, err)
	require.Empty(t, missing)
}

// managedCommands are what changes a cluster from inside.
var managedCommands = []string{"ADDSLOTS 1", "ADDSLOTSRANGE 1 2", "BUMPEPOCH", "DELSLOTS 1", "DELSLOTSRANGE 1 2", "FAILOVER", "FLUSHSLOTS",
	"FORGET x", "MEET 127.0.0.1 1", "REPLICATE x", "RESET", "SAVECONFIG", "SET-CONFIG-EPOCH 1", "SETSLOT 1 STABLE"}

func TestWhatChangesAClusterIsRefused(t *testing.T) {
	t.Parallel()
	hidden, open := startKit(t, nil).dial(t), startKit(t, func(c *Config) { c.Unrestricted = true }).dial(t)
	for _, name := range managedCommands {
		sub, _, _ := strings.Cut(name, " ")
		require.Equal(t, "-ERR unknown subcommand '"+sub+"'. Try CLUSTER HELP.", hidden.do("CLUSTER "+name))
		require.Contains(t, open.do("CLUSTER "+name), "is not available: change the cluster through the management API")
	}
}

func TestSessionCommandsAreDeclaredAsInRedis(t *testing.T) {
	t.Parallel()
	var session []*engine.Command
	for _, cmd := range commands.All() {
		if cmd.Flags.Has(engine.Session) {
			session = append(session, cmd)
		}
	}
	corpus.CheckDeclarations(t, session)
}
