package corpus

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/internal/solo"
)

// familyOf names the folder of a command group's scripts.
var familyOf = map[string]string{"sorted-set": "zset", "generic": "key", "bitmap": "bit"}

// TestEveryCommandHasAScript holds for the families that have scripts.
func TestEveryCommandHasAScript(t *testing.T) {
	t.Parallel()
	scripts, err := Scripts()
	require.NoError(t, err)
	used := map[string]bool{}
	for _, s := range scripts {
		for i := range s.Steps {
			if args := s.Steps[i].Args; len(args) > 0 {
				used[string(bytes.ToLower(args[0]))] = true
				if len(args) > 1 {
					used[string(bytes.ToLower(args[0]))+"|"+string(bytes.ToLower(args[1]))] = true
				}
			}
		}
	}
	for _, cmd := range solo.New(0).Table.All() {
		family := cmd.Group
		if f := familyOf[family]; f != "" {
			family = f
		}
		if _, err := os.Stat("scripts/" + family); err != nil {
			continue
		}
		if len(cmd.Subs) == 0 && !used[cmd.Name] {
			t.Errorf("no script in scripts/%s has a case of %s", family, cmd.Name)
		}
	}
}
