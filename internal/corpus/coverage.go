package corpus

import (
	"bytes"
	"slices"

	"elasticache-local/engine"
	"elasticache-local/internal/realredis"
)

// Uncovered names the commands and subcommands of a table that no script has a
// case of, by group; commands that the recorded release does not know count as
// covered.
func Uncovered(table *engine.Table) (map[string][]string, error) {
	scripts, err := Scripts()
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, s := range scripts {
		for i := range s.Steps {
			if args := s.Steps[i].Args; len(args) > 0 {
				name := string(bytes.ToLower(args[0]))
				used[name] = true
				if len(args) > 1 {
					used[name+"|"+string(bytes.ToLower(args[1]))] = true
				}
			}
		}
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
