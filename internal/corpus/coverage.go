package corpus

import (
	"bytes"
	"slices"

	"elasticache-local/engine"
	"elasticache-local/internal/realredis"
)

// Uncovered names the commands and subcommands of a table that no script has a
// case of, nor lines (commands that another test runs), by group; commands that the recorded release does not know count as
// covered.
func Uncovered(table *engine.Table, lines ...string) (map[string][]string, error) {
	scripts, err := Scripts()
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	use := func(args [][]byte) {
		if len(args) > 0 {
			used[string(bytes.ToLower(args[0]))] = true
		}
		if len(args) > 1 {
			used[string(bytes.ToLower(args[0]))+"|"+string(bytes.ToLower(args[1]))] = true
		}
	}
	for _, s := range scripts {
		for i := range s.Steps {
			use(s.Steps[i].Args)
		}
	}
	for _, line := range lines {
		use(bytes.Fields([]byte(line)))
	}
	recorded, err := engine.ParseVersion(realredis.Version)
	if err != nil {
		return nil, err
	}
	missing := map[string][]string{}
	for _, cmd := range table.All() {
		if len(cmd.Subs) == 0 && !used[cmd.Name] && cmd.Since <= recorded {
			missing[cmd.Group] = append(missing[cmd.Group], cmd.Name)
		}
	}
	for _, names := range missing {
		slices.Sort(names)
	}
	return missing, nil
}
