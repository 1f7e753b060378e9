package corpus

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "record the scripts' replies from a real redis-server")

func TestScripts(t *testing.T) {
	if *rewrite {
		t.Skip("recording")
	}
	targets := map[string]func(t *testing.T) Target{
		"engine/resp2": func(*testing.T) Target { return Engine(2) },
		"engine/resp3": func(*testing.T) Target { return Engine(3) },
		"redis/resp2":  func(t *testing.T) Target { return Real(t, 2) },
		"redis/resp3":  func(t *testing.T) Target { return Real(t, 3) },
	}
	for name, target := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Run(t, target(t))
		})
	}
}

func TestRewrite(t *testing.T) {
	if !*rewrite {
		t.Skip("only with -rewrite")
	}
	scripts, err := Scripts()
	require.NoError(t, err)
	resp2, resp3 := Real(t, 2), Real(t, 3)
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			before := s.Text()
			record(t, s, resp2, resp3)
			if t.Failed() || s.Text() == before {
				return
			}
			path := filepath.Join("scripts", filepath.FromSlash(s.Name)+".txt")
			require.NoError(t, os.WriteFile(path, []byte(s.Text()), 0o644))
			t.Logf("recorded %s", path)
		})
	}
}

func TestScriptsAreWrittenAsRecorded(t *testing.T) {
	t.Parallel()
	scripts, err := Scripts()
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, s := range scripts {
		text, err := files.ReadFile("scripts/" + s.Name + ".txt")
		require.NoError(t, err)
		require.Equal(t, string(text), s.Text(), "%s: run go test ./internal/corpus -rewrite -run TestRewrite/%s", s.Name, s.Name)
	}
}
