package node

import (
	"strconv"

	"elasticache-local/engine"
	"elasticache-local/protocol"
	"elasticache-local/slots"
	"elasticache-local/topology"
)

func clusterCommands() []*engine.Command {
	return []*engine.Command{
		{Name: "cluster", Arity: -2, Flags: engine.Session, Group: "cluster", Since: engine.V(3, 0, 0),
			Complexity: "Depends on subcommand.", Summary: "Looks into the cluster.", Subs: clusterSubs()},
	}
}

func clusterSubs() []*engine.Command {
	const look = engine.Session | engine.Stale
	const admin = engine.Session | engine.Admin | engine.Stale | engine.NoAsyncLoading
	sub := func(name string, arity int, flags engine.Flag, since engine.Version, complexity, summary string, run func(*Session)) *engine.Command {
		return &engine.Command{Name: name, Arity: arity, Flags: flags, Group: "cluster", Since: since,
			Complexity: complexity, Summary: summary, Run: session(run)}
	}
	v3, v7 := engine.V(3, 0, 0), engine.V(7, 0, 0)
	subs := []*engine.Command{
		sub("slots", 2, look, v3, "O(N) where N is the total number of Cluster nodes", "Lists the slot ranges and who serves them.", (*Session).clusterSlots),
		sub("shards", 2, look, v7, "O(N) where N is the total number of cluster nodes", "Lists the shards, their slots and their nodes.", (*Session).clusterShards),
		sub("nodes", 2, look, v3, "O(N) where N is the total number of Cluster nodes", "Describes every node as a line of text.", (*Session).clusterNodes),
		sub("info", 2, look, v3, "O(1)", "Describes the state of the cluster.", (*Session).clusterInfo),
		sub("myid", 2, look, v3, "O(1)", "Returns the node's id.", (*Session).clusterMyID),
		sub("myshardid", 2, look, engine.V(7, 2, 0), "O(1)", "Returns the id of the node's shard.", (*Session).clusterMyShardID),
		sub("keyslot", 3, look, v3, "O(N) where N is the number of bytes in the key", "Computes the slot of a key.", (*Session).clusterKeySlot),
		sub("countkeysinslot", 3, engine.Session|engine.Stale, v3, "O(1)", "Counts the keys of a slot on this node.", (*Session).clusterCountKeys),
		sub("getkeysinslot", 4, engine.Session|engine.Stale, v3, "O(log(N)) where N is the number of requested keys", "Lists keys of a slot on this node.", (*Session).clusterGetKeys),
		sub("replicas", 3, engine.Session|engine.Admin|engine.Stale, engine.V(5, 0, 0), "O(1)", "Describes the replicas of a primary.", (*Session).clusterReplicas),
		sub("slaves", 3, engine.Session|engine.Admin|engine.Stale, v3, "O(1)", "Describes the replicas of a primary, under its old name.", (*Session).clusterReplicas),
		sub("count-failure-reports", 3, engine.Session|engine.Admin|engine.Stale, v3, "O(N) where N is the number of failure reports", "Counts who reported a node as failing.", (*Session).clusterFailureReports),
		sub("links", 2, engine.Session|engine.Stale|engine.Restricted, v7, "O(N) where N is the total number of Cluster nodes", "Lists the bus links to the other nodes.", (*Session).clusterLinks),
		sub("help", 2, look|engine.Loading, engine.V(5, 0, 0), "O(1)", "Lists the subcommands.", (*Session).clusterHelp),
	}
	for _, r := range []struct {
		name       string
		arity      int
		since      engine.Version
		complexity string
	}{
		{"addslots", -3, v3, "O(N) where N is the total number of hash slot arguments"},
		{"addslotsrange", -4, v7, "O(N) where N is the total number of the slots between the start slot and end slot arguments."},
		{"bumpepoch", 2, v3, "O(1)"},
		{"delslots", -3, v3, "O(N) where N is the total number of hash slot arguments"},
		{"delslotsrange", -4, v7, "O(N) where N is the total number of the slots between the start slot and end slot arguments."},
		{"failover", -2, v3, "O(1)"},
		{"flushslots", 2, v3, "O(1)"},
		{"forget", 3, v3, "O(1)"},
		{"meet", -4, v3, "O(1)"},
		{"replicate", 3, v3, "O(1)"},
		{"reset", -2, v3, "O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect."},
		{"saveconfig", 2, v3, "O(1)"},
		{"set-config-epoch", 3, v3, "O(1)"},
		{"setslot", -4, v3, "O(1)"},
	} {
		subs = append(subs, sub(r.name, r.arity, admin|engine.Restricted, r.since, r.complexity,
			"Changes the cluster; the service does it instead.", (*Session).clusterManaged))
	}
	for _, cmd := range subs {
		switch cmd.Name {
		case "reset":
			cmd.Flags = cmd.Flags&^engine.NoAsyncLoading | engine.NoScript
		case "slots", "shards", "nodes", "info", "getkeysinslot", "replicas", "slaves", "count-failure-reports", "links", "bumpepoch":
			cmd.Tips = []string{"nondeterministic_output"}
		}
	}
	return subs
}

// topologyView is how this client sees the topology. It may be asked for on any
// thread.
func (s *Session) topologyView(v *view) *topology.View {
	n := s.node
	local, name := s.conn.LocalAddr(), s.conn.ServerName()
	endpoint := n.Parameters().PreferredEndpoint
	if endpoint == topology.PreferHostname && !n.cfg.TLS {
		endpoint = topology.PreferIP // tls-dynamic: host names with TLS only
	}
	return &topology.View{
		Self: v.self, Endpoint: endpoint, TLS: n.cfg.TLS,
		Announce: func(node *topology.Node) topology.Address { return n.cfg.Cluster.Announce(local, name, node) },
		Offset:   func(node int) int64 { return n.cfg.Cluster.Offset(v.topo, node) },
	}
}

// topologyNow is topologyView with the time, on the connection's own thread.
func (s *Session) topologyNow(v *view) *topology.View {
	t := s.topologyView(v)
	t.Now = s.ctx.Now
	return t
}

// inCluster replies an error where cluster mode is disabled.
func (s *Session) inCluster() (*view, bool) {
	if !s.node.cfg.ClusterMode {
		s.ctx.W.Error(protocol.ErrNoCluster)
		return nil, false
	}
	return s.node.view.Load(), true
}

func (s *Session) clusterMyID() {
	if _, ok := s.inCluster(); ok {
		s.ctx.W.BulkString(s.node.cfg.ID)
	}
}

func (s *Session) clusterKeySlot() {
	if _, ok := s.inCluster(); ok {
		s.ctx.W.Int(int64(slots.Of(s.ctx.Args[2])))
	}
}

func (s *Session) clusterSlots() {
	v, ok := s.inCluster()
	if !ok {
		return
	}
	w := s.ctx.W
	entries := v.topo.SlotsEntries(*s.topologyView(v))
	w.Array(len(entries))
	for _, e := range entries {
		w.Array(2 + len(e.Nodes))
		w.Int(int64(e.First))
		w.Int(int64(e.Last))
		for _, n := range e.Nodes {
			s.slotsNode(n)
		}
	}
}

func (s *Session) slotsNode(n topology.SlotsNode) {
	w := s.ctx.W
	w.Array(4)
	if n.HostNull {
		w.Null()
	} else {
		w.BulkString(n.Host)
	}
	w.Int(int64(n.Port))
	w.BulkString(n.ID)
	w.Map(len(n.Metadata))
	for _, f := range n.Metadata {
		w.BulkString(f.Name)
		w.BulkString(f.Value)
	}
}

func (s *Session) clusterShards() {
	v, ok := s.inCluster()
	if !ok {
		return
	}
	w := s.ctx.W
	shards := v.topo.ShardsEntries(*s.topologyView(v))
	w.Array(len(shards))
	for _, sh := range shards {
		w.Map(2)
		w.BulkString("slots")
		w.Array(2 * len(sh.Slots))
		for _, r := range sh.Slots {
			w.Int(int64(r.First))
			w.Int(int64(r.Last))
		}
		w.BulkString("nodes")
		w.Array(len(sh.Nodes))
		for i := range sh.Nodes {
			s.shardsNode(&sh.Nodes[i])
		}
	}
}

func (s *Session) shardsNode(n *topology.ShardsNode) {
	w := s.ctx.W
	mark, fields := w.Deferred(), 0
	text := func(name, value string) {
		w.BulkString(name)
		w.BulkString(value)
		fields++
	}
	number := func(name string, value int64) {
		w.BulkString(name)
		w.Int(value)
		fields++
	}
	text("id", n.ID)
	if n.Port != 0 {
		number("port", int64(n.Port))
	}
	if n.TLSPort != 0 {
		number("tls-port", int64(n.TLSPort))
	}
	text("ip", n.IP)
	if n.EndpointNull {
		w.BulkString("endpoint")
		w.Null()
		fields++
	} else {
		text("endpoint", n.Endpoint)
	}
	if n.Hostname != "" {
		text("hostname", n.Hostname)
	}
	text("role", n.Role)
	number("replication-offset", n.Offset)
	text("health", n.Health)
	w.EndMap(mark, fields)
}

func (s *Session) clusterNodes() {
	if v, ok := s.inCluster(); ok {
		s.ctx.W.Verbatim("txt", string(v.topo.AppendNodes(nil, *s.topologyNow(v))))
	}
}

func (s *Session) clusterInfo() {
	if v, ok := s.inCluster(); ok {
		up := v.self >= 0 && v.flags&slots.FailState == 0 && (v.flags&slots.RequireFullCoverage == 0 || v.flags&slots.Uncovered == 0)
		s.ctx.W.Verbatim("txt", string(v.topo.AppendInfo(nil, *s.topologyView(v), up)))
	}
}

func (s *Session) clusterMyShardID() {
	v, ok := s.inCluster()
	switch {
	case !ok:
	case v.self < 0:
		s.ctx.W.Error(protocol.ErrClusterDown)
	default:
		s.ctx.W.BulkString(v.topo.Shards[v.shard].ID)
	}
}

// slotArg reads a slot number.
func (s *Session) slotArg(arg []byte) (slots.Slot, bool) {
	n, ok := engine.ParseInt(arg)
	switch {
	case !ok:
		s.ctx.W.Error(protocol.ErrNotInteger)
		return 0, false
	case n < 0 || n >= slots.Count:
		s.ctx.W.Error("ERR Invalid slot")
		return 0, false
	}
	return slots.Slot(n), true
}

func (s *Session) clusterCountKeys() {
	if _, ok := s.inCluster(); !ok {
		return
	}
	if slot, ok := s.slotArg(s.ctx.Args[2]); ok {
		s.ctx.W.Int(int64(s.ctx.CountSlot(slot)))
	}
}

func (s *Session) clusterGetKeys() {
	if _, ok := s.inCluster(); !ok {
		return
	}
	slot, ok := s.slotArg(s.ctx.Args[2])
	if !ok {
		return
	}
	n, ok := engine.ParseInt(s.ctx.Args[3])
	if !ok {
		s.ctx.W.Error(protocol.ErrNotInteger)
		return
	}
	if n < 0 {
		s.ctx.W.Error("ERR Invalid slot or number of keys")
		return
	}
	keys := s.ctx.SlotKeys(slot, int(min(n, 1<<30)))
	s.ctx.W.Array(len(keys))
	for _, k := range keys {
		s.ctx.W.Bulk(k)
	}
}

func (s *Session) clusterReplicas() {
	v, ok := s.inCluster()
	if !ok {
		return
	}
	id := string(s.ctx.Args[2])
	lines, err := v.topo.ReplicaLines(*s.topologyNow(v), id)
	switch err {
	case nil:
		s.ctx.W.Array(len(lines))
		for _, l := range lines {
			s.ctx.W.Bulk(l)
		}
	case topology.ErrNotPrimary:
		s.ctx.W.Error("ERR The specified node is not a master")
	default:
		s.ctx.W.Error("ERR Unknown node " + id)
	}
}

func (s *Session) clusterFailureReports() {
	v, ok := s.inCluster()
	if !ok {
		return
	}
	if id := string(s.ctx.Args[2]); v.topo.NodeByID(id) < 0 {
		s.ctx.W.Error("ERR Unknown node " + id)
		return
	}
	s.ctx.W.Int(0)
}

// clusterLinks lists a link to and from each other node, as a bus would have.
func (s *Session) clusterLinks() {
	v, ok := s.inCluster()
	if !ok {
		return
	}
	w := s.ctx.W
	w.Array(2 * max(0, len(v.topo.Nodes)-1))
	for i := range v.topo.Nodes {
		if i == v.self {
			continue
		}
		for _, dir := range []string{"to", "from"} {
			w.Map(6)
			w.BulkString("direction")
			w.BulkString(dir)
			w.BulkString("node")
			w.BulkString(v.topo.Nodes[i].ID)
			w.BulkString("create-time")
			w.Int(s.node.started.UnixMilli())
			w.BulkString("events")
			w.BulkString("r")
			w.BulkString("send-buffer-allocated")
			w.Int(0)
			w.BulkString("send-buffer-used")
			w.Int(0)
		}
	}
}

// clusterManaged answers what changes a cluster from inside: here, as in the
// service, the cluster is changed through the management API.
func (s *Session) clusterManaged() {
	if _, ok := s.inCluster(); ok {
		s.ctx.W.Error("ERR CLUSTER " + string(s.ctx.Args[1]) + " is not available: change the cluster through the management API")
	}
}

func (s *Session) clusterHelp() {
	if _, ok := s.inCluster(); !ok {
		return
	}
	s.help("CLUSTER",
		"COUNTKEYSINSLOT <slot>", "    How many keys of <slot> are on this node.",
		"COUNT-FAILURE-REPORTS <node-id>", "    How many nodes report <node-id> as failing.",
		"GETKEYSINSLOT <slot> <count>", "    At most <count> keys of <slot> on this node.",
		"INFO", "    The state of the cluster.",
		"KEYSLOT <key>", "    The slot of <key>.",
		"MYID", "    The id of this node.",
		"NODES", "    A line of text for every node.",
		"REPLICAS <node-id>", "    A line of text for every replica of <node-id>.",
		"SLOTS", "    The slot ranges and who serves them.",
		"SHARDS", "    The shards with their slots and nodes.")
}

func itoa(n int) string { return strconv.Itoa(n) }
