package corpus

import (
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/internal/solo"
)

func TestEveryDataCommandHasAScript(t *testing.T) {
	t.Parallel()
	missing, err := Uncovered(solo.New(0).Table)
	require.NoError(t, err)
	require.Empty(t, missing)
}
