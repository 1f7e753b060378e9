package realredis

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStartedServerAnswersAndStops(t *testing.T) {
	t.Parallel()
	s := Start(t, "--maxmemory", "100mb")
	require.NoError(t, s.ping())
	s.Close()
	s.Close()
	require.Error(t, s.ping())
}
