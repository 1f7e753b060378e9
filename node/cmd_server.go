package node

import (
	"elasticache-local/engine"
	"elasticache-local/protocol"
)

func serverCommands() []*engine.Command {
	return []*engine.Command{
		{Name: "time", Arity: 1, Flags: engine.Session | engine.Loading | engine.Stale | engine.Fast, Group: "server", Since: engine.V(2, 6, 0),
			Complexity: "O(1)", Summary: "Returns the node's time.", Tips: []string{"nondeterministic_output"}, Run: session((*Session).time)},
		{Name: "lolwut", Arity: -1, Flags: engine.Session | engine.ReadOnly | engine.Fast, Group: "server", Since: engine.V(5, 0, 0),
			Summary: "Shows a picture and the version.", Run: session((*Session).lolwut)},
		{Name: "latency", Arity: -2, Flags: engine.Session, Group: "server", Since: engine.V(2, 8, 13),
			Complexity: "Depends on subcommand.", Summary: "Shows latency events; monitoring is off.", Subs: latencySubs()},
	}
}

func (s *Session) time() {
	s.ctx.W.Array(2)
	s.ctx.W.BulkInt(s.ctx.NowMicros / 1_000_000)
	s.ctx.W.BulkInt(s.ctx.NowMicros % 1_000_000)
}

// lolwut draws the shards of the cluster as bars of slots.
func (s *Session) lolwut() {
	if args := s.ctx.Args; len(args) > 2 && engine.IsWord(args[1], "VERSION") {
		if _, ok := engine.ParseInt(args[2]); !ok {
			s.ctx.W.Error(protocol.ErrNotInteger)
			return
		}
	}
	const width = 64
	v := s.node.view.Load()
	var b []byte
	for i, ranges := range v.topo.SlotRanges() {
		row := make([]byte, width)
		for j := range row {
			row[j] = '.'
		}
		for _, r := range ranges {
			for j := int(r.First) * width / 16384; j <= int(r.Last)*width/16384 && j < width; j++ {
				row[j] = '#'
			}
		}
		b = append(append(append(b, row...), " shard "+v.topo.Shards[i].NodeGroupID...), '\n')
	}
	b = append(b, "\nRedis ver. "+s.node.redisVersion()+"\n"...)
	s.ctx.W.Verbatim("txt", string(b))
}

func latencySubs() []*engine.Command {
	const flags = engine.Session | engine.Admin | engine.NoScript | engine.Loading | engine.Stale
	sub := func(name string, arity int, flags engine.Flag, since engine.Version, summary string, run func(*Session)) *engine.Command {
		return &engine.Command{Name: name, Arity: arity, Flags: flags, Group: "server", Since: since, Complexity: "O(1)", Summary: summary, Run: session(run)}
	}
	empty := func(s *Session) { s.ctx.W.Array(0) }
	subs := []*engine.Command{
		sub("latest", 2, flags, engine.V(2, 8, 13), "Lists the latest latency events.", empty),
		sub("history", 3, flags, engine.V(2, 8, 13), "Lists the events of one kind.", empty),
		sub("reset", -2, flags, engine.V(2, 8, 13), "Forgets latency events.", func(s *Session) { s.ctx.W.Int(0) }),
		sub("graph", 3, flags, engine.V(2, 8, 13), "Draws the events of one kind.", func(s *Session) {
			s.ctx.W.Error("ERR No samples available for event '" + string(s.ctx.Args[2]) + "'")
		}),
		sub("doctor", 2, flags, engine.V(2, 8, 13), "Explains latency events.", func(s *Session) {
			s.ctx.W.Verbatim("txt", "Latency monitoring is off: latency-monitor-threshold is 0.\n")
		}),
		sub("histogram", -2, flags, engine.V(7, 0, 0), "Shows how long commands took.", func(s *Session) { s.ctx.W.Map(0) }),
		sub("help", 2, engine.Session|engine.Loading|engine.Stale, engine.V(2, 8, 13), "Lists the subcommands.", func(s *Session) {
			s.help("LATENCY",
				"DOCTOR", "    Explain the latency events.",
				"GRAPH <event>", "    Draw the events of one kind.",
				"HISTORY <event>", "    List the events of one kind.",
				"LATEST", "    List the latest events.",
				"RESET [<event> ...]", "    Forget events.",
				"HISTOGRAM [COMMAND ...]", "    Show how long commands took.")
		}),
	}
	for _, cmd := range subs {
		switch cmd.Name {
		case "help":
		case "reset":
			cmd.Tips = []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
		case "histogram":
			cmd.Complexity = "O(N) where N is the number of commands with latency information being retrieved."
			fallthrough
		default:
			cmd.Tips = []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"}
		}
	}
	return subs
}
