package node

import (
	"fmt"
	"runtime"
	"sort"
	"strconv"
	"strings"

	"elasticache-local/engine"
	"elasticache-local/topology"
)

// infoSection writes one section of INFO. Where the service differs from Redis
// (os, executable, build), the service's form is written.
type infoSection struct {
	name  string
	usual bool // part of INFO without arguments
	write func(b *infoText, s *Session)
}

var infoSections = []infoSection{
	{"Server", true, infoServer},
	{"Clients", true, infoClients},
	{"Memory", true, infoMemory},
	{"Persistence", true, infoPersistence},
	{"Stats", true, infoStats},
	{"Replication", true, infoReplication},
	{"CPU", true, infoCPU},
	{"Modules", true, func(*infoText, *Session) {}},
	{"Commandstats", false, infoCommandStats},
	{"Errorstats", true, infoErrorStats},
	{"Latencystats", false, func(*infoText, *Session) {}},
	{"Cluster", true, func(b *infoText, s *Session) { b.field("cluster_enabled", bit(s.node.cfg.ClusterMode)) }},
	{"Keyspace", true, infoKeyspace},
}

// infoText is the answer in the making.
type infoText struct{ b []byte }

func (t *infoText) field(name string, value any) { t.b = fmt.Appendf(t.b, "%s:%v\r\n", name, value) }

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

func infoCommands() []*engine.Command {
	return []*engine.Command{
		{Name: "info", Arity: -1, Flags: engine.Session | engine.Loading | engine.Stale, Group: "server", ACL: []string{"dangerous"}, Since: engine.V(1, 0, 0),
			Complexity: "O(1)", Summary: "Describes the node.",
			Tips: []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"}, Run: session((*Session).info)},
	}
}

func (s *Session) info() {
	s.flushStats()
	wanted := s.infoWanted(s.ctx.Args[1:])
	var t infoText
	for i := range infoSections {
		sec := &infoSections[i]
		if !wanted(sec) {
			continue
		}
		if len(t.b) > 0 {
			t.b = append(t.b, "\r\n"...)
		}
		t.b = append(t.b, "# "+sec.name+"\r\n"...)
		sec.write(&t, s)
	}
	s.ctx.W.Verbatim("txt", string(t.b))
}

// infoWanted tells which sections the arguments ask for.
func (s *Session) infoWanted(args [][]byte) func(*infoSection) bool {
	names, all, usual := map[string]bool{}, false, len(args) == 0
	for _, a := range args {
		switch name := strings.ToLower(string(a)); name {
		case "all", "everything":
			all = true
		case "default":
			usual = true
		default:
			names[name] = true
		}
	}
	return func(sec *infoSection) bool { return all || usual && sec.usual || names[strings.ToLower(sec.name)] }
}

func infoServer(t *infoText, s *Session) {
	n := s.node
	mode := "standalone"
	if n.cfg.ClusterMode {
		mode = "cluster"
	}
	uptime := (s.ctx.Now - n.started.UnixMilli()) / 1000
	t.field("redis_version", n.redisVersion())
	if n.cfg.Engine == "valkey" {
		if n.cfg.Version >= engine.V(8, 0, 0) {
			t.field("server_name", "valkey")
		}
		t.field("valkey_version", n.cfg.Version)
	}
	t.field("redis_git_sha1", 0)
	t.field("redis_git_dirty", 0)
	t.field("redis_build_id", 0)
	t.field("redis_mode", mode)
	t.field("os", "Amazon ElastiCache")
	t.field("arch_bits", 64)
	t.field("monotonic_clock", "POSIX clock_gettime")
	t.field("multiplexing_api", "epoll")
	t.field("atomicvar_api", "c11-builtin")
	t.field("gcc_version", "0.0.0")
	t.field("process_id", 1)
	t.field("process_supervised", "no")
	t.field("run_id", n.cfg.RunID)
	t.field("tcp_port", n.port())
	t.field("server_time_usec", s.ctx.NowMicros)
	t.field("uptime_in_seconds", uptime)
	t.field("uptime_in_days", uptime/86400)
	t.field("hz", n.Parameters().Value("hz"))
	t.field("configured_hz", n.Parameters().Value("hz"))
	t.field("lru_clock", s.ctx.Now/1000&0xffffff)
	t.field("executable", "-")
	t.field("config_file", "-")
	t.field("io_threads_active", 0)
}

func infoClients(t *infoText, s *Session) {
	n := s.node
	t.field("connected_clients", n.sessions.count())
	t.field("cluster_connections", 0)
	t.field("maxclients", n.Parameters().MaxClients)
	t.field("client_recent_max_input_buffer", 0)
	t.field("client_recent_max_output_buffer", 0)
	t.field("blocked_clients", n.stats.blocked.Load())
	t.field("tracking_clients", 0)
	t.field("clients_in_timeout_table", 0)
}

func infoMemory(t *infoText, s *Session) {
	n := s.node
	used := n.ks.Mem()
	limit := n.ks.Settings().MaxMemory
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	size := func(name string, v int64) {
		t.field(name, v)
		t.field(name+"_human", human(v))
	}
	peak := n.stats.peakMemory(used)
	size("used_memory", used)
	size("used_memory_rss", int64(m.Sys)) // of the whole process, all nodes together
	size("used_memory_peak", peak)
	t.field("used_memory_peak_perc", percent(used, peak))
	t.field("used_memory_overhead", 0)
	t.field("used_memory_startup", 0)
	t.field("used_memory_dataset", used)
	t.field("used_memory_dataset_perc", "100.00%")
	t.field("allocator_allocated", used)
	t.field("allocator_active", used)
	t.field("allocator_resident", used)
	size("total_system_memory", 0)
	size("used_memory_lua", 0)
	size("used_memory_scripts", 0)
	size("maxmemory", limit)
	t.field("maxmemory_policy", n.ks.Settings().MaxMemoryPolicy)
	t.field("mem_fragmentation_ratio", "1.00")
	t.field("mem_fragmentation_bytes", 0)
	t.field("mem_not_counted_for_evict", 0)
	t.field("mem_replication_backlog", n.log.Info().Length)
	t.field("mem_clients_slaves", 0)
	t.field("mem_clients_normal", int64(n.sessions.count())*sessionBytes)
	t.field("mem_cluster_links", 0)
	t.field("mem_aof_buffer", 0)
	t.field("mem_allocator", "go")
	t.field("active_defrag_running", 0)
	t.field("lazyfree_pending_objects", 0)
	t.field("lazyfreed_objects", 0)
}

// human writes bytes as Redis does: 943.31K.
func human(n int64) string {
	units := []struct {
		size float64
		name string
	}{{1 << 40, "T"}, {1 << 30, "G"}, {1 << 20, "M"}, {1 << 10, "K"}}
	for _, u := range units {
		if float64(n) >= u.size {
			return strconv.FormatFloat(float64(n)/u.size, 'f', 2, 64) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

func percent(part, whole int64) string {
	if whole == 0 {
		return "0.00%"
	}
	return strconv.FormatFloat(100*float64(part)/float64(whole), 'f', 2, 64) + "%"
}

func infoPersistence(t *infoText, s *Session) {
	t.field("loading", bit(s.node.loading.Load()))
	t.field("async_loading", 0)
	t.field("rdb_changes_since_last_save", s.node.log.Offset())
	t.field("rdb_bgsave_in_progress", 0)
	t.field("rdb_last_save_time", s.node.started.Unix())
	t.field("rdb_last_bgsave_status", "ok")
	t.field("rdb_last_bgsave_time_sec", -1)
	t.field("rdb_current_bgsave_time_sec", -1)
	t.field("rdb_last_cow_size", 0)
	t.field("aof_enabled", 0)
	t.field("aof_rewrite_in_progress", 0)
	t.field("aof_rewrite_scheduled", 0)
	t.field("aof_last_rewrite_time_sec", -1)
	t.field("aof_current_rewrite_time_sec", -1)
	t.field("aof_last_bgrewrite_status", "ok")
	t.field("aof_last_write_status", "ok")
	t.field("aof_last_cow_size", 0)
	t.field("module_fork_in_progress", 0)
	t.field("module_fork_last_cow_size", 0)
}

func infoStats(t *infoText, s *Session) {
	n := s.node
	st, ks := &n.stats, &n.ks.Stats
	in, out := n.traffic()
	t.field("total_connections_received", st.connections.Load())
	t.field("total_commands_processed", st.commands.Load())
	t.field("instantaneous_ops_per_sec", st.rate.perSecond(st.commands.Load(), s.ctx.Now))
	t.field("total_net_input_bytes", in)
	t.field("total_net_output_bytes", out)
	t.field("instantaneous_input_kbps", "0.00")
	t.field("instantaneous_output_kbps", "0.00")
	t.field("rejected_connections", st.rejected.Load())
	t.field("sync_full", st.syncFull.Load())
	t.field("sync_partial_ok", st.syncPartial.Load())
	t.field("sync_partial_err", 0)
	t.field("expired_keys", ks.Expired.Load())
	t.field("expired_stale_perc", "0.00")
	t.field("expired_time_cap_reached_count", 0)
	t.field("evicted_keys", ks.Evicted.Load())
	t.field("evicted_clients", 0)
	t.field("keyspace_hits", ks.Hits.Load())
	t.field("keyspace_misses", ks.Misses.Load())
	channels, patterns, shard := n.pubsub.counts()
	t.field("pubsub_channels", channels)
	t.field("pubsub_patterns", patterns)
	t.field("pubsubshard_channels", shard)
	t.field("latest_fork_usec", 0)
	t.field("total_forks", 0)
	t.field("migrate_cached_sockets", 0)
	t.field("slave_expires_tracked_keys", 0)
	t.field("tracking_total_keys", 0)
	t.field("tracking_total_items", 0)
	t.field("tracking_total_prefixes", 0)
	t.field("unexpected_error_replies", 0)
	t.field("total_error_replies", st.errorTotal())
}

func infoReplication(t *infoText, s *Session) {
	n := s.node
	v := n.view.Load()
	log := n.log.Info()
	if !n.IsReplica() {
		t.field("role", "master")
		infoReplicas(t, s, v)
	} else {
		t.field("role", "slave")
		primary, _ := s.peerAddress(v, v.topo.Nodes[v.topo.PrimaryOf(v.self)].ID)
		up := n.Source() != nil && n.Synced()
		t.field("master_host", primary.IP)
		t.field("master_port", primary.Port)
		t.field("master_link_status", map[bool]string{true: "up", false: "down"}[up])
		t.field("master_last_io_seconds_ago", map[bool]int{true: 0, false: -1}[up])
		t.field("master_sync_in_progress", bit(n.Source() != nil && !n.Synced()))
		t.field("slave_read_repl_offset", log.Offset)
		t.field("slave_repl_offset", log.Offset)
		if !up {
			t.field("master_link_down_since_seconds", n.linkDownSeconds(s.ctx.Now))
		}
		t.field("slave_priority", 100)
		t.field("slave_read_only", 1)
		t.field("replica_announced", 1)
		infoReplicas(t, s, v)
	}
	t.field("master_failover_state", "no-failover")
	t.field("master_replid", log.ID)
	t.field("master_replid2", log.ID2)
	t.field("master_repl_offset", log.Offset)
	t.field("second_repl_offset", log.SecondOffset)
	t.field("repl_backlog_active", bit(log.Recording))
	t.field("repl_backlog_size", log.BacklogSize)
	t.field("repl_backlog_first_byte_offset", log.FirstByte)
	t.field("repl_backlog_histlen", log.Length)
}

func infoReplicas(t *infoText, s *Session, v *view) {
	type line struct {
		addr  topology.Address
		state string
		at    int64
		off   int64
	}
	var lines []line
	for _, r := range s.node.log.Replicas() {
		addr, ok := s.peerAddress(v, r.Peer)
		if !ok {
			continue
		}
		state := "online"
		if !r.Online {
			state = "wait_bgsave"
		}
		lines = append(lines, line{addr, state, r.AckedAt, r.Offset})
	}
	t.field("connected_slaves", len(lines))
	for i, l := range lines {
		t.field("slave"+itoa(i), fmt.Sprintf("ip=%s,port=%d,state=%s,offset=%d,lag=%d",
			l.addr.IP, l.addr.Port, l.state, l.off, max(0, (s.ctx.Now-l.at)/1000)))
	}
}

func infoCPU(t *infoText, s *Session) {
	sys, user := cpuTimes() // of the whole process, all nodes together
	t.field("used_cpu_sys", fmt.Sprintf("%.6f", sys))
	t.field("used_cpu_user", fmt.Sprintf("%.6f", user))
	t.field("used_cpu_sys_children", "0.000000")
	t.field("used_cpu_user_children", "0.000000")
	t.field("used_cpu_sys_main_thread", fmt.Sprintf("%.6f", sys))
	t.field("used_cpu_user_main_thread", fmt.Sprintf("%.6f", user))
}

func infoCommandStats(t *infoText, s *Session) {
	for _, cmd := range commands.All() {
		st := &s.node.stats.perCmd[cmd.ID]
		calls, rejected, failed := st.calls.Load(), st.rejected.Load(), st.failed.Load()
		if calls == 0 && rejected == 0 && failed == 0 {
			continue
		}
		micros, per := st.nanos.Load()/1000, 0.0
		if calls > 0 {
			per = float64(st.nanos.Load()) / 1000 / float64(calls)
		}
		t.field("cmdstat_"+cmd.Name, fmt.Sprintf("calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
			calls, micros, per, rejected, failed))
	}
}

func infoErrorStats(t *infoText, s *Session) {
	e := &s.node.stats.errors
	e.Lock()
	defer e.Unlock()
	codes := make([]string, 0, len(e.byCode))
	for code := range e.byCode {
		codes = append(codes, code)
	}
	sort.Strings(codes)
	for _, code := range codes {
		t.field("errorstat_"+code, "count="+strconv.FormatInt(e.byCode[code], 10))
	}
}

func infoKeyspace(t *infoText, s *Session) {
	ks := s.node.ks
	for db := range ks.Databases() {
		if keys := ks.Keys(db); keys > 0 {
			t.field("db"+itoa(db), fmt.Sprintf("keys=%d,expires=%d,avg_ttl=0", keys, ks.Volatile(db)))
		}
	}
}
