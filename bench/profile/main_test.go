//go:build unix

package main

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/bench/internal/peer"
)

// A profile of very short loads is no good one, but what makes it is the same.
func TestTheProfileIsMadeOfEveryShape(t *testing.T) {
	t.Parallel()
	ours, err := peer.Build(t.Context())
	require.NoError(t, err)
	defer ours.Remove()
	file := filepath.Join(t.TempDir(), "merged")
	var status strings.Builder
	r := &recorder{program: ours, keys: 50, duration: 2 * time.Millisecond, status: &status}
	require.NoError(t, r.write(t.Context(), file), "%s", &status)
	require.Equal(t, count(sessions)+1, strings.Count(status.String(), "\n"), "%s", &status)
	top, err := peer.Go(t.Context(), "tool", "pprof", "-symbolize=none", "-raw", file)
	require.NoError(t, err)
	require.Contains(t, string(top), "elasticache-local/node.", "the program's own functions are in it")
}

func TestAnOldProfileSurvivesAnInterruption(t *testing.T) {
	t.Parallel()
	ours, err := peer.Build(t.Context())
	require.NoError(t, err)
	defer ours.Remove()
	file := filepath.Join(t.TempDir(), fileName)
	require.NoError(t, os.WriteFile(file, []byte("old"), 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	status := interrupting{after: 3, interrupt: cancel}
	r := &recorder{program: ours, keys: 50, duration: 2 * time.Millisecond, status: &status}
	require.ErrorIs(t, r.write(ctx, file), context.Canceled)
	require.GreaterOrEqual(t, status.lines, 3)
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "old", string(kept))
}

// interrupting is a status output that interrupts the program after some lines.
type interrupting struct {
	lines, after int
	interrupt    func()
}

func (w *interrupting) Write(b []byte) (int, error) {
	if w.lines++; w.lines == w.after {
		w.interrupt()
	}
	return len(b), nil
}

func TestBadArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"stray"}, {"-duration", "0"}, {"-duration", "1h"}, {"-no-such-flag"}} {
		require.Error(t, run(t.Context(), args, io.Discard), "%v", args)
	}
	var out strings.Builder
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, &out), flag.ErrHelp)
	require.Contains(t, out.String(), "-duration")
}
