package generator

import (
	"fmt"
	"slices"
	"strings"
)

// A Workload is a mix of commands, and what has to be there before they make
// sense.
type Workload struct {
	commands []template
	fill     []template // sent beforehand until every key has depth elements
	perFill  int        // elements that a fill command adds to its key
	depth    int        // elements per key after filling; 0: nothing is filled
	maxKeys  int        // bound on the number of keys, 0: none
	consumes bool       // a request removes an element: no more requests than elements, keys in turn
}

// Containers are few and deep, so that they have a size worth measuring.
const (
	containerKeys = 1000
	popDepth      = 1000 // elements per key for the commands that remove them
	lrangeKeys    = 100
	lrangeDepth   = 600
	smallSize     = 10 // elements of a small container
	fillWords     = 50 // elements per command that fills a container
)

// catalogue lists the workloads in the order in which they are shown.
var catalogue = []struct {
	name string
	make func(writer) Workload
}{
	{"PING", func(w writer) Workload { return plain(w.one("key", "PING")) }},
	{"SET", func(w writer) Workload { return stored(w, w.set()) }},
	{"GET", func(w writer) Workload { return stored(w, w.one("key", "GET", w.key("key"))) }},
	{"SETGET", func(w writer) Workload {
		return stored(w, w.weighted(1, "key", "GET", w.key("key")), w.weighted(1, "key", "SET", w.key("key"), w.value))
	}},
	{"INCR", func(w writer) Workload { return plain(w.one("ctr", "INCR", w.key("ctr"))) }},
	{"LPUSH", func(w writer) Workload { return container(w.one("lst", "LPUSH", w.key("lst"), w.value)) }},
	{"RPUSH", func(w writer) Workload { return container(w.one("lst", "RPUSH", w.key("lst"), w.value)) }},
	{"LPOP", func(w writer) Workload {
		return pop(w.one("lst", "LPOP", w.key("lst")), w.many("lst", "RPUSH", w.value))
	}},
	{"SADD", func(w writer) Workload { return container(w.one("set", "SADD", w.key("set"), member)) }},
	{"HSET", func(w writer) Workload {
		return container(w.one("hsh", "HSET", w.key("hsh"), "field:"+randomMark, w.value))
	}},
	{"SPOP", func(w writer) Workload {
		return pop(w.one("set", "SPOP", w.key("set")), w.many("set", "SADD", newMember))
	}},
	{"ZADD", func(w writer) Workload {
		return container(w.one("zst", "ZADD", w.key("zst"), randomMark, member))
	}},
	{"ZPOPMIN", func(w writer) Workload {
		return pop(w.one("zst", "ZPOPMIN", w.key("zst")), w.many("zst", "ZADD", randomMark, newMember))
	}},
	{"LRANGE_100", func(w writer) Workload { return lrange(w, 100) }},
	{"LRANGE_300", func(w writer) Workload { return lrange(w, 300) }},
	{"LRANGE_600", func(w writer) Workload { return lrange(w, 600) }},
	{"MSET", func(w writer) Workload { return plain(w.mset()) }},
	{"MIXED", mixed},
	{"EXPIRING", func(w writer) Workload {
		return plain(w.one("exp", "SET", w.key("exp"), w.value, "PXAT", w.expireAt))
	}},

	// One small container per key, for measuring memory.
	{"SMALL_HASHES", func(w writer) Workload {
		return plain(w.small("hsh", "HSET", func(i int) []string { return []string{fmt.Sprint("field", i), fmt.Sprint("value", i)} }))
	}},
	{"SMALL_SETS", func(w writer) Workload {
		return plain(w.small("set", "SADD", func(i int) []string { return []string{fmt.Sprint("member", i)} }))
	}},
	{"SMALL_ZSETS", func(w writer) Workload {
		return plain(w.small("zst", "ZADD", func(i int) []string { return []string{fmt.Sprint(i), fmt.Sprint("member", i)} }))
	}},
	{"SMALL_LISTS", func(w writer) Workload {
		return plain(w.small("lst", "RPUSH", func(i int) []string { return []string{fmt.Sprint("element", i)} }))
	}},
}

// Names returns the names of all workloads.
func Names() []string {
	var names []string
	for _, entry := range catalogue {
		names = append(names, entry.name)
	}
	return names
}

// newWorkload returns the workload that c names, in any case of letters.
func newWorkload(c *Config) (*Workload, error) {
	for _, entry := range catalogue {
		if strings.EqualFold(entry.name, c.Workload) {
			w := entry.make(writer{c.Prefix, strings.Repeat("x", c.ValueSize), fmt.Sprint(c.expireAt().UnixMilli())})
			return &w, nil
		}
	}
	return nil, fmt.Errorf("no workload %q; there are %s", c.Workload, strings.Join(Names(), ", "))
}

func plain(command template) Workload { return Workload{commands: []template{command}} }

// stored is for commands on strings that are there.
func stored(w writer, commands ...template) Workload {
	return Workload{commands: commands, fill: []template{w.set()}, perFill: 1, depth: 1}
}

// container is for a command that makes containers grow.
func container(command template) Workload {
	return Workload{commands: []template{command}, maxKeys: containerKeys}
}

// pop is for a command that removes an element.
func pop(command, fill template) Workload {
	return Workload{
		commands: []template{command}, fill: []template{fill}, perFill: fillWords,
		depth: popDepth, maxKeys: containerKeys, consumes: true,
	}
}

func lrange(w writer, n int) Workload {
	return Workload{
		commands: []template{w.one("lrg", "LRANGE", w.key("lrg"), "0", fmt.Sprint(n-1))},
		fill:     []template{w.many("lrg", "RPUSH", w.value)}, perFill: fillWords,
		depth: lrangeDepth, maxKeys: lrangeKeys,
	}
}

// mixed is what an application might do.
func mixed(w writer) Workload {
	return stored(
		w,
		w.weighted(60, "key", "GET", w.key("key")),
		w.weighted(20, "key", "SET", w.key("key"), w.value),
		w.weighted(5, "ctr", "INCR", w.key("ctr")),
		w.weighted(5, "hsh", "HSET", w.key("hsh"), "field:"+randomMark, w.value),
		w.weighted(4, "zst", "ZADD", w.key("zst"), randomMark, member),
		w.weighted(3, "lst", "LPUSH", w.key("lst"), w.value),
		w.weighted(3, "lst", "LPOP", w.key("lst")),
	)
}

// A writer writes commands. Each type of value has a prefix of its own, three
// letters and a colon, so that a key has 16 bytes and no workload meets a
// value of a wrong type.
type writer struct{ prefix, value, expireAt string }

const (
	member    = "element:" + randomMark
	newMember = "element:" + serialMark
)

func (w writer) key(kind string) string { return w.prefix + kind + ":" + keyMark }

func (w writer) one(kind string, words ...string) template { return w.weighted(1, kind, words...) }

func (w writer) weighted(weight int, kind string, words ...string) template {
	return newTemplate(w.key(kind), weight, words...)
}

func (w writer) set() template { return w.one("key", "SET", w.key("key"), w.value) }

// many is a command with fillWords elements.
func (w writer) many(kind, command string, element ...string) template {
	return w.one(kind, append([]string{command, w.key(kind)}, slices.Repeat(element, fillWords)...)...)
}

// small is a command that makes a whole small container.
func (w writer) small(kind, command string, element func(i int) []string) template {
	words := []string{command, w.key(kind)}
	for i := range smallSize {
		words = append(words, element(i)...)
	}
	return w.one(kind, words...)
}

// mset sets ten keys of one slot.
func (w writer) mset() template {
	var keys []string
	words := []string{"MSET"}
	for i := range 10 {
		keys = append(keys, fmt.Sprint(w.prefix+"mst:{"+keyMark+"}", i))
		words = append(words, keys[i], w.value)
	}
	t := newTemplate(keys[0], 1, words...)
	t.keys = keys
	return t
}

// erase returns workloads that delete what w has written, kind by kind.
func (w *Workload) erase() []*Workload {
	var all []*Workload
	seen := make(map[string]bool)
	for _, t := range w.commands {
		if seen[t.key] {
			continue
		}
		seen[t.key] = true
		keys := t.keys
		if keys == nil {
			keys = []string{t.key}
		}
		all = append(all, &Workload{commands: []template{newTemplate(t.key, 1, append([]string{"DEL"}, keys...)...)}})
	}
	return all
}

// keys returns how many keys the workload uses when asked for n.
func (w *Workload) keys(n int) int {
	if w.maxKeys > 0 {
		return min(n, w.maxKeys)
	}
	return n
}

// fillRequests returns how many fill commands make every one of n keys as deep
// as it has to be.
func (w *Workload) fillRequests(n int) int {
	if w.depth == 0 {
		return 0
	}
	return n * (w.depth / w.perFill)
}

// requestLimit returns how many requests find something to remove, or 0 if
// there is no such limit.
func (w *Workload) requestLimit(n int) int {
	if !w.consumes {
		return 0
	}
	return n * w.depth
}
