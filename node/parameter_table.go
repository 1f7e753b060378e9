package node

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"elasticache-local/engine"
	"elasticache-local/topology"
)

// parameter is one row of the configuration: its form, its bounds, and what it
// does here. A parameter without apply is kept and shown but means nothing in
// this program.
type parameter struct {
	Name, Alias string
	Kind        parameterKind
	Default     string
	Min, Max    int64
	Words       []string // of an enum
	Fixed       bool     // cannot be changed while the node runs
	apply       func(p *Parameters, v parsed)
}

type parameterKind uint8

const (
	kindText parameterKind = iota
	kindBool
	kindInt
	kindMemory // bytes, with units on input
	kindEnum
	kindEvents  // notify-keyspace-events
	kindBuffers // client-output-buffer-limit
)

// parsed is a value in the form that its kind has.
type parsed struct {
	n    int64
	on   bool
	text string
}

const anyInt = math.MaxInt32

// parameterTable lists what CONFIG knows, sorted by name. Defaults are
// ElastiCache's where they differ from Redis'.
var parameterTable = []parameter{
	{Name: "acl-pubsub-default", Kind: kindEnum, Default: "allchannels", Words: []string{"allchannels", "resetchannels"}},
	{Name: "acllog-max-len", Kind: kindInt, Default: "128", Max: anyInt},
	{Name: "active-expire-effort", Kind: kindInt, Default: "1", Min: 1, Max: 10},
	{Name: "active-defrag-cycle-max", Kind: kindInt, Default: "25", Min: 1, Max: 99},
	{Name: "active-defrag-cycle-min", Kind: kindInt, Default: "1", Min: 1, Max: 99},
	{Name: "active-defrag-ignore-bytes", Kind: kindMemory, Default: "104857600", Min: 1, Max: math.MaxInt64},
	{Name: "active-defrag-max-scan-fields", Kind: kindInt, Default: "1000", Min: 1, Max: anyInt},
	{Name: "active-defrag-threshold-lower", Kind: kindInt, Default: "10", Max: 1000},
	{Name: "active-defrag-threshold-upper", Kind: kindInt, Default: "100", Max: 1000},
	{Name: "activedefrag", Kind: kindBool, Default: "no"},
	{Name: "activerehashing", Kind: kindBool, Default: "yes"},
	{Name: "appendfsync", Kind: kindEnum, Default: "everysec", Words: []string{"everysec", "always", "no"}},
	{Name: "appendonly", Kind: kindBool, Default: "no"},
	{Name: "busy-reply-threshold", Alias: "lua-time-limit", Kind: kindInt, Default: "5000", Max: anyInt},
	{Name: "client-output-buffer-limit", Kind: kindBuffers, Default: "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
	{Name: "client-query-buffer-limit", Kind: kindMemory, Default: "1073741824", Min: 1 << 20, Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.QueryBufferLimit = v.n }},
	{Name: "close-on-replica-write", Alias: "close-on-slave-write", Kind: kindBool, Default: "yes",
		apply: func(p *Parameters, v parsed) { p.CloseOnReplicaWrite = v.on }},
	{Name: "cluster-allow-pubsubshard-when-down", Kind: kindBool, Default: "yes",
		apply: func(p *Parameters, v parsed) { p.AllowShardChannelsWhenDown = v.on }},
	{Name: "cluster-allow-reads-when-down", Kind: kindBool, Default: "no",
		apply: func(p *Parameters, v parsed) { p.AllowReadsWhenDown = v.on }},
	{Name: "cluster-enabled", Kind: kindBool, Default: "yes", Fixed: true},
	{Name: "cluster-node-timeout", Kind: kindInt, Default: "15000", Max: math.MaxInt64},
	{Name: "cluster-preferred-endpoint-type", Kind: kindEnum, Default: "tls-dynamic", Words: []string{"ip", "tls-dynamic", "hostname", "unknown-endpoint"},
		apply: func(p *Parameters, v parsed) {
			p.PreferredEndpoint = map[string]topology.Endpoint{"ip": topology.PreferIP, "tls-dynamic": topology.PreferHostname,
				"hostname": topology.PreferHostname, "unknown-endpoint": topology.PreferUnknown}[v.text]
		}},
	{Name: "cluster-require-full-coverage", Kind: kindBool, Default: "no",
		apply: func(p *Parameters, v parsed) { p.RequireFullCoverage = v.on }},
	{Name: "databases", Kind: kindInt, Default: "16", Min: 1, Max: anyInt, Fixed: true},
	{Name: "dir", Kind: kindText, Default: "/", Fixed: true},
	{Name: "hash-max-listpack-entries", Alias: "hash-max-ziplist-entries", Kind: kindInt, Default: "512", Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.Engine.HashMaxListpackEntries = int(v.n) }},
	{Name: "hash-max-listpack-value", Alias: "hash-max-ziplist-value", Kind: kindMemory, Default: "64", Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.Engine.HashMaxListpackValue = int(v.n) }},
	{Name: "hll-sparse-max-bytes", Kind: kindMemory, Default: "3000", Max: math.MaxInt64},
	{Name: "hz", Kind: kindInt, Default: "10", Max: anyInt},
	{Name: "latency-monitor-threshold", Kind: kindInt, Default: "0", Max: math.MaxInt64},
	{Name: "latency-tracking", Kind: kindBool, Default: "no"},
	{Name: "latency-tracking-info-percentiles", Kind: kindText, Default: "50 99 99.9"},
	{Name: "lazyfree-lazy-eviction", Kind: kindBool, Default: "no"},
	{Name: "lazyfree-lazy-expire", Kind: kindBool, Default: "no"},
	{Name: "lazyfree-lazy-server-del", Kind: kindBool, Default: "no"},
	{Name: "lazyfree-lazy-user-del", Kind: kindBool, Default: "no", apply: func(p *Parameters, v parsed) { p.Engine.LazyfreeUserDel = v.on }},
	{Name: "lazyfree-lazy-user-flush", Kind: kindBool, Default: "no", apply: func(p *Parameters, v parsed) { p.Engine.LazyfreeUserFlush = v.on }},
	{Name: "lfu-decay-time", Kind: kindInt, Default: "1", Max: anyInt, apply: func(p *Parameters, v parsed) { p.Engine.LFUDecayTime = int(v.n) }},
	{Name: "lfu-log-factor", Kind: kindInt, Default: "10", Max: anyInt, apply: func(p *Parameters, v parsed) { p.Engine.LFULogFactor = int(v.n) }},
	{Name: "list-compress-depth", Kind: kindInt, Default: "0", Max: anyInt, apply: func(p *Parameters, v parsed) { p.Engine.ListCompressDepth = int(v.n) }},
	{Name: "list-max-listpack-size", Alias: "list-max-ziplist-size", Kind: kindInt, Default: "-2", Min: math.MinInt32, Max: anyInt,
		apply: func(p *Parameters, v parsed) { p.Engine.ListMaxListpackSize = int(v.n) }},
	{Name: "loglevel", Kind: kindEnum, Default: "notice", Words: []string{"debug", "verbose", "notice", "warning"}},
	{Name: "maxclients", Kind: kindInt, Default: "65000", Min: 1, Max: math.MaxUint32, apply: func(p *Parameters, v parsed) { p.MaxClients = int(v.n) }},
	{Name: "maxmemory", Kind: kindMemory, Default: "0", Max: math.MaxInt64, apply: func(p *Parameters, v parsed) { p.Engine.MaxMemory = v.n }},
	{Name: "maxmemory-clients", Kind: kindMemory, Default: "0", Max: math.MaxInt64},
	{Name: "maxmemory-eviction-tenacity", Kind: kindInt, Default: "10", Max: 100},
	{Name: "maxmemory-policy", Kind: kindEnum, Default: "volatile-lru",
		Words: []string{"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction"},
		apply: func(p *Parameters, v parsed) { p.Engine.MaxMemoryPolicy, _ = engine.ParsePolicy(v.text) }},
	{Name: "maxmemory-samples", Kind: kindInt, Default: "3", Min: 1, Max: anyInt, apply: func(p *Parameters, v parsed) { p.Engine.MaxMemorySamples = int(v.n) }},
	{Name: "min-replicas-max-lag", Alias: "min-slaves-max-lag", Kind: kindInt, Default: "10", Max: anyInt,
		apply: func(p *Parameters, v parsed) { p.MinReplicasMaxLag = v.n }},
	{Name: "min-replicas-to-write", Alias: "min-slaves-to-write", Kind: kindInt, Default: "0", Max: anyInt,
		apply: func(p *Parameters, v parsed) { p.MinReplicas = int(v.n) }},
	{Name: "notify-keyspace-events", Kind: kindEvents, Default: ""},
	{Name: "port", Kind: kindInt, Default: "6379", Max: 65535, Fixed: true},
	{Name: "proto-max-bulk-len", Kind: kindMemory, Default: "536870912", Min: 1 << 20, Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.Engine.ProtoMaxBulk = v.n }},
	{Name: "rename-commands", Kind: kindText, Default: "", Fixed: true},
	{Name: "repl-backlog-size", Kind: kindMemory, Default: "1048576", Min: 1, Max: math.MaxInt64, apply: func(p *Parameters, v parsed) { p.ReplBacklogSize = v.n }},
	{Name: "repl-backlog-ttl", Kind: kindInt, Default: "3600", Max: math.MaxInt64},
	{Name: "repl-diskless-sync", Kind: kindBool, Default: "yes"},
	{Name: "repl-ping-replica-period", Alias: "repl-ping-slave-period", Kind: kindInt, Default: "10", Min: 1, Max: anyInt},
	{Name: "repl-timeout", Kind: kindInt, Default: "60", Min: 1, Max: anyInt},
	{Name: "replica-allow-chaining", Alias: "slave-allow-chaining", Kind: kindBool, Default: "yes"},
	{Name: "replica-ignore-maxmemory", Alias: "slave-ignore-maxmemory", Kind: kindBool, Default: "yes"},
	{Name: "replica-lazy-flush", Alias: "slave-lazy-flush", Kind: kindBool, Default: "no"},
	{Name: "replica-priority", Alias: "slave-priority", Kind: kindInt, Default: "100", Max: anyInt},
	{Name: "replica-read-only", Alias: "slave-read-only", Kind: kindBool, Default: "yes"},
	{Name: "replica-serve-stale-data", Alias: "slave-serve-stale-data", Kind: kindBool, Default: "yes"},
	{Name: "requirepass", Kind: kindText, Default: "", Fixed: true},
	{Name: "reserved-memory-percent", Kind: kindInt, Default: "25", Max: 100, Fixed: true},
	{Name: "save", Kind: kindText, Default: ""},
	{Name: "set-max-intset-entries", Kind: kindInt, Default: "512", Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.Engine.SetMaxIntsetEntries = int(v.n) }},
	{Name: "set-max-listpack-entries", Kind: kindInt, Default: "128", Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.Engine.SetMaxListpackEntries = int(v.n) }},
	{Name: "set-max-listpack-value", Kind: kindInt, Default: "64", Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.Engine.SetMaxListpackValue = int(v.n) }},
	{Name: "slowlog-log-slower-than", Kind: kindInt, Default: "10000", Min: -1, Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.SlowlogSlowerThan = v.n }},
	{Name: "slowlog-max-len", Kind: kindInt, Default: "128", Max: math.MaxInt64, apply: func(p *Parameters, v parsed) { p.SlowlogMaxLen = int(min(v.n, maxSlowlog)) }},
	{Name: "stream-node-max-bytes", Kind: kindMemory, Default: "4096", Max: math.MaxInt64},
	{Name: "stream-node-max-entries", Kind: kindInt, Default: "100", Max: math.MaxInt64},
	{Name: "tcp-backlog", Kind: kindInt, Default: "511", Max: anyInt, Fixed: true},
	{Name: "tcp-keepalive", Kind: kindInt, Default: "300", Max: anyInt},
	{Name: "timeout", Kind: kindInt, Default: "0", Max: anyInt, apply: func(p *Parameters, v parsed) { p.Timeout = v.n }},
	{Name: "tracking-table-max-keys", Kind: kindInt, Default: "1000000", Max: math.MaxInt64},
	{Name: "zset-max-listpack-entries", Alias: "zset-max-ziplist-entries", Kind: kindInt, Default: "128", Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.Engine.ZSetMaxListpackEntries = int(v.n) }},
	{Name: "zset-max-listpack-value", Alias: "zset-max-ziplist-value", Kind: kindMemory, Default: "64", Max: math.MaxInt64,
		apply: func(p *Parameters, v parsed) { p.Engine.ZSetMaxListpackValue = int(v.n) }},
}

// findParameter looks a parameter up by its name or its old name.
func findParameter(name string) *parameter {
	name = strings.ToLower(name)
	for i := range parameterTable {
		if row := &parameterTable[i]; row.Name == name || row.Alias == name && name != "" {
			return row
		}
	}
	return nil
}

// matchParameters are the names, old ones included, that match a glob pattern,
// sorted.
func matchParameters(pattern string) []string {
	pattern = strings.ToLower(pattern)
	var names []string
	for i := range parameterTable {
		for _, name := range []string{parameterTable[i].Name, parameterTable[i].Alias} {
			if name == "" {
				continue
			}
			if engine.MatchGlob([]byte(pattern), []byte(name)) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// set stores a value in p and applies it. The answer is what is wrong with the
// value in Redis' words, "" when nothing is.
func (row *parameter) set(p *Parameters, value string) (problem string) {
	v := parsed{text: value}
	switch row.Kind {
	case kindBool:
		v.text = strings.ToLower(value)
		if v.on = v.text == "yes"; !v.on && v.text != "no" {
			return "argument must be 'yes' or 'no'"
		}
	case kindInt:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return "argument couldn't be parsed into an integer"
		}
		v.n = n
	case kindMemory:
		n, ok := parseMemory(value)
		if !ok {
			return "argument must be a memory value"
		}
		v.n, v.text = n, strconv.FormatInt(n, 10)
	case kindEnum:
		v.text = strings.ToLower(value)
		if !slices.Contains(row.Words, v.text) {
			return "argument(s) must be one of the following: " + strings.Join(row.Words, ", ")
		}
	case kindEvents:
		class, ok := engine.ParseNotify(value)
		if !ok {
			return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
		}
		p.Engine.NotifyEvents, v.text = class, class.String()
	case kindBuffers:
		text, problem := p.setBuffers(value)
		if problem != "" {
			return problem
		}
		v.text = text
	}
	if (row.Kind == kindInt || row.Kind == kindMemory) && (v.n < row.Min || v.n > row.Max) {
		return fmt.Sprintf("argument must be between %d and %d inclusive", row.Min, row.Max)
	}
	p.values[row.Name] = v.text
	if row.Alias != "" {
		p.values[row.Alias] = v.text
	}
	if row.apply != nil {
		row.apply(p, v)
	}
	return ""
}

// parseMemory reads a number of bytes with an optional unit: k, kb, m, mb, g,
// gb; without the b it is a power of ten.
func parseMemory(s string) (int64, bool) {
	units := map[string]int64{"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000 * 1000, "mb": 1 << 20, "g": 1000 * 1000 * 1000, "gb": 1 << 30}
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	unit, ok := units[strings.ToLower(s[i:])]
	n, err := strconv.ParseInt(s[:i], 10, 64)
	if !ok || err != nil || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}

// setBuffers reads client-output-buffer-limit: class, hard and soft limit,
// seconds, as often as wanted. Classes left out stay as they are.
func (p *Parameters) setBuffers(value string) (text, problem string) {
	classes := map[string][4]string{}
	order := []string{"normal", "slave", "pubsub"}
	for f := strings.Fields(p.values["client-output-buffer-limit"]); len(f) >= 4; f = f[4:] {
		classes[f[0]] = [4]string{f[0], f[1], f[2], f[3]}
	}
	f := strings.Fields(value)
	if len(f)%4 != 0 {
		return "", "Wrong number of arguments in buffer limit configuration."
	}
	for ; len(f) > 0; f = f[4:] {
		class := strings.ToLower(f[0])
		if class == "replica" {
			class = "slave"
		}
		if !slices.Contains(order, class) {
			return "", "Invalid client class specified in buffer limit configuration."
		}
		hard, ok1 := parseMemory(f[1])
		soft, ok2 := parseMemory(f[2])
		seconds, err := strconv.ParseInt(f[3], 10, 32)
		if !ok1 || !ok2 || err != nil || seconds < 0 {
			return "", "Error in hard, soft or soft_seconds setting in buffer limit configuration."
		}
		classes[class] = [4]string{class, strconv.FormatInt(hard, 10), strconv.FormatInt(soft, 10), strconv.FormatInt(seconds, 10)}
		switch class {
		case "normal":
			p.NormalHard, p.NormalSoft, p.NormalSoftSeconds = hard, soft, seconds
		case "pubsub":
			p.PubSubHard, p.PubSubSoft, p.PubSubSoftSeconds = hard, soft, seconds
		}
	}
	var parts []string
	for _, class := range order {
		if c, ok := classes[class]; ok {
			parts = append(parts, c[0]+" "+c[1]+" "+c[2]+" "+c[3])
		}
	}
	return strings.Join(parts, " "), ""
}
