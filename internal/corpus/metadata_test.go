package corpus

import (
	"testing"

	"elasticache-local/internal/solo"
)

func TestCommandsAreDeclaredAsInRedis(t *testing.T) {
	t.Parallel()
	CheckDeclarations(t, solo.New(0).Table.All())
}
