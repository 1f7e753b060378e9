package node

import (
	"fmt"
	"net"
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

// TestEveryCommandHasAScript holds but for the groups that other tests cover,
// or whose scripts are still being written.
func TestEveryCommandHasAScript(t *testing.T) {
	t.Parallel()
	missing, err := corpus.Uncovered(commands)
	require.NoError(t, err)
	for _, group := range []string{"bitmap", "cluster", "generic", "server", "string"} {
		t.Logf("%s commands without a script: %v", group, missing[group])
		delete(missing, group)
	}
	require.Empty(t, missing)
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
