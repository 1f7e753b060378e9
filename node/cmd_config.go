package node

import (
	"slices"
	"strings"

	"elasticache-local/engine"
)

func configCommands() []*engine.Command {
	const admin = engine.Session | engine.Admin | engine.NoScript | engine.Loading | engine.Stale | engine.Restricted
	sub := func(name string, arity int, flags engine.Flag, since engine.Version, complexity, summary string, run func(*Session)) *engine.Command {
		return &engine.Command{Name: name, Arity: arity, Flags: flags, Group: "server", Since: since,
			Complexity: complexity, Summary: summary, Run: session(run)}
	}
	set := sub("set", -4, admin, engine.V(2, 0, 0), "O(N) when N is the number of configuration parameters provided", "Changes parameters.", (*Session).configSet)
	set.Tips = []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
	reset := sub("resetstat", 2, admin, engine.V(2, 0, 0), "O(1)", "Sets the statistics back to zero.", (*Session).configResetStat)
	return []*engine.Command{
		{Name: "config", Arity: -2, Flags: engine.Session | engine.Restricted, Group: "server", Since: engine.V(2, 0, 0),
			Complexity: "Depends on subcommand.", Summary: "Shows and changes the configuration.",
			Subs: []*engine.Command{
				sub("get", -3, admin, engine.V(2, 0, 0), "O(N) when N is the number of configuration parameters provided", "Shows parameters.", (*Session).configGet),
				set, reset,
				sub("rewrite", 2, admin, engine.V(2, 8, 0), "O(1)", "Writes the configuration to its file.", (*Session).configRewrite),
				sub("help", 2, engine.Session|engine.Loading|engine.Stale|engine.Restricted, engine.V(5, 0, 0), "O(1)", "Lists the subcommands.", (*Session).configHelp),
			}},
	}
}

func (s *Session) configGet() {
	p, w := s.node.Parameters(), s.ctx.W
	var names []string
	for _, pattern := range s.ctx.Args[2:] {
		for _, name := range matchParameters(string(pattern)) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	w.Map(len(names))
	for _, name := range names {
		w.BulkString(name)
		w.BulkString(s.node.shownValue(p, name))
	}
}

// shownValue is a parameter's value, where the node itself knows better.
func (n *Node) shownValue(p *Parameters, name string) string {
	switch name {
	case "cluster-enabled":
		return yesNo(n.cfg.ClusterMode)
	case "databases":
		return itoa(n.ks.Databases())
	case "requirepass":
		return "" // as in the service, nobody reads the token back
	case "port":
		return itoa(n.port())
	}
	return p.Value(name)
}

func yesNo(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}

// port is the port that the node's own topology entry names.
func (n *Node) port() int {
	v := n.view.Load()
	if v.self < 0 {
		return 6379
	}
	if self := &v.topo.Nodes[v.self]; self.Port != 0 {
		return self.Port
	}
	return v.topo.Nodes[v.self].TLSPort
}

// configSet changes all the parameters given or none.
func (s *Session) configSet() {
	args, w := s.ctx.Args[2:], s.ctx.W
	if len(args)%2 != 0 {
		w.Error("ERR wrong number of arguments for 'config|set' command")
		return
	}
	changed := s.node.Parameters()
	seen := map[string]bool{}
	for ; len(args) > 0; args = args[2:] {
		name := string(args[0])
		row := findParameter(name)
		problem := ""
		switch {
		case row == nil:
			w.Error("ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'")
			return
		case row.Fixed:
			problem = "can't set immutable config"
		case seen[row.Name]:
			problem = "duplicate parameter"
		default:
			var next *Parameters
			if next, problem = changed.With(name, string(args[1])); problem == "" {
				changed = next
			}
		}
		if problem != "" {
			w.Error("ERR CONFIG SET failed (possibly related to argument '" + strings.ToLower(name) + "') - " + problem)
			return
		}
		seen[row.Name] = true
	}
	s.node.SetParameters(changed)
	w.OK()
}

func (s *Session) configResetStat() {
	s.node.stats.reset()
	s.node.ks.Stats.Reset()
	s.ctx.W.OK()
}

func (s *Session) configRewrite() {
	s.ctx.W.Error("ERR The server is running without a config file")
}

func (s *Session) configHelp() {
	s.help("CONFIG",
		"GET <pattern>", "    The parameters that match the glob-like <pattern> and their values.",
		"SET <directive> <value>", "    Change the parameter <directive> to <value>.",
		"RESETSTAT", "    Set the statistics that INFO shows back to zero.",
		"REWRITE", "    Write the configuration to its file.")
}
