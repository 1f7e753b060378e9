package node

import (
	"sort"

	"elasticache-local/engine"
)

func pubsubSubs() []*engine.Command {
	const flags = engine.Session | engine.PubSub | engine.Loading | engine.Stale
	sub := func(name string, arity int, since engine.Version, complexity, summary string, run func(*Session)) *engine.Command {
		return &engine.Command{Name: name, Arity: arity, Flags: flags, Group: "pubsub", Since: since,
			Complexity: complexity, Summary: summary, Run: session(run)}
	}
	help := sub("help", 2, engine.V(6, 2, 0), "O(1)", "Lists the subcommands.", (*Session).pubsubHelp)
	help.Flags &^= engine.PubSub
	return []*engine.Command{
		sub("channels", -2, engine.V(2, 8, 0), "O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)",
			"Lists the channels that have subscribers.", func(s *Session) { s.pubsubChannels(byChannel) }),
		sub("numsub", -2, engine.V(2, 8, 0), "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
			"Counts the subscribers of channels.", func(s *Session) { s.pubsubNumSub(byChannel) }),
		sub("numpat", 2, engine.V(2, 8, 0), "O(1)", "Counts the patterns that have subscribers.", (*Session).pubsubNumPat),
		sub("shardchannels", -2, engine.V(7, 0, 0), "O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).",
			"Lists the shard channels that have subscribers.", func(s *Session) { s.pubsubChannels(byShard) }),
		sub("shardnumsub", -2, engine.V(7, 0, 0), "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
			"Counts the subscribers of shard channels.", func(s *Session) { s.pubsubNumSub(byShard) }),
		help,
	}
}

func (s *Session) pubsubChannels(kind int) {
	p, args := &s.node.pubsub, s.ctx.Args
	if len(args) > 3 {
		s.ctx.W.Error(errSubcommand("PUBSUB", args[1]))
		return
	}
	p.mu.RLock()
	var names []string
	for name := range p.channels[kind] {
		if len(args) < 3 || engine.MatchGlob(args[2], []byte(name)) {
			names = append(names, name)
		}
	}
	p.mu.RUnlock()
	sort.Strings(names)
	s.ctx.W.Array(len(names))
	for _, name := range names {
		s.ctx.W.BulkString(name)
	}
}

func (s *Session) pubsubNumSub(kind int) {
	p, names := &s.node.pubsub, s.ctx.Args[2:]
	p.mu.RLock()
	defer p.mu.RUnlock()
	s.ctx.W.Array(2 * len(names))
	for _, name := range names {
		s.ctx.W.Bulk(name)
		s.ctx.W.Int(int64(len(p.channels[kind][string(name)])))
	}
}

func (s *Session) pubsubNumPat() {
	p := &s.node.pubsub
	p.mu.RLock()
	defer p.mu.RUnlock()
	s.ctx.W.Int(int64(len(p.patterns)))
}

func (s *Session) pubsubHelp() {
	s.help("PUBSUB",
		"CHANNELS [<pattern>]", "    The channels that have subscribers, those that match <pattern> (default: all).",
		"NUMPAT", "    How many patterns have subscribers.",
		"NUMSUB [<channel> ...]", "    How many subscribers each channel has, patterns not counted.",
		"SHARDCHANNELS [<pattern>]", "    The shard channels that have subscribers, those that match <pattern> (default: all).",
		"SHARDNUMSUB [<shardchannel> ...]", "    How many subscribers each shard channel has.")
}

// help replies a HELP text in the form of Redis.
func (s *Session) help(container string, lines ...string) {
	w := s.ctx.W
	w.Array(len(lines) + 3)
	w.Simple(container + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, l := range lines {
		w.Simple(l)
	}
	w.Simple("HELP")
	w.Simple("    Print this help.")
}
