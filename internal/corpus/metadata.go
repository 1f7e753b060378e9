package corpus

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"testing"

	"elasticache-local/engine"
	"elasticache-local/internal/realredis"
)

// CheckDeclarations compares each command's declaration with COMMAND INFO and
// COMMAND DOCS of the real server, where that has the command.
func CheckDeclarations(t *testing.T, cmds []*engine.Command) {
	server := realredis.Start(t)
	session := &remoteSession{proto: 3, network: server.Network, addr: server.Addr}
	c := session.dial(t, 3)
	defer c.Close()
	for _, cmd := range cmds {
		if cmd.Since > engine.V(7, 0, 15) || cmd.Flags.Has(engine.Hidden) {
			continue
		}
		info, docs := c.do(t, "COMMAND", "INFO", cmd.Name), c.do(t, "COMMAND", "DOCS", cmd.Name)
		if e := info.Elems[0]; e.Null || e.Type == '_' {
			t.Errorf("%s: the real server has no such command", cmd.Name)
			continue
		}
		if want, got := describe(info.Elems[0], docs.Elems[1]), describeOurs(cmd); want != got {
			t.Errorf("%s is declared otherwise than in the real server\nwant:\n%s\ngot:\n%s", cmd.Name, want, got)
		}
	}
}

// describe renders what the two replies say, one property per line.
func describe(info, docs Value) string {
	e := info.Elems
	lines := []string{
		"arity " + e[1].Text,
		"flags " + words(e[2]),
		fmt.Sprintf("keys %s %s %s", e[3].Text, e[4].Text, e[5].Text),
		"categories " + words(e[6]),
		"tips " + words(e[7]),
		"group " + field(docs, "group").Text,
		"since " + field(docs, "since").Text,
		"complexity " + field(docs, "complexity").Text,
	}
	for _, spec := range e[8].Elems {
		begin, find := field(spec, "begin_search"), field(spec, "find_keys")
		lines = append(lines, fmt.Sprintf("spec %s | %s %s | %s %s", words(field(spec, "flags")),
			field(begin, "type").Text, flat(field(begin, "spec")), field(find, "type").Text, flat(field(find, "spec"))))
	}
	return strings.Join(lines, "\n")
}

func describeOurs(cmd *engine.Command) string {
	first, last, step := cmd.FirstLastStep()
	lines := []string{
		"arity " + strconv.Itoa(cmd.Arity),
		"flags " + sortedWords(cmd.FlagNames()),
		fmt.Sprintf("keys %d %d %d", first, last, step),
		"categories " + sortedWords(cmd.Categories()),
		"tips " + sortedWords(cmd.Tips),
		"group " + cmd.Group,
		"since " + cmd.Since.String(),
		"complexity " + cmd.Complexity,
	}
	for _, k := range cmd.Keys {
		lines = append(lines, "spec "+sortedWords(k.Flags.Names())+" | "+describeSpec(k))
	}
	return strings.Join(lines, "\n")
}

func describeSpec(k engine.KeySpec) string {
	begin := fmt.Sprintf("index index=%d", k.Begin)
	switch {
	case k.Unknown:
		return "unknown  | unknown "
	case k.Keyword != "":
		begin = fmt.Sprintf("keyword keyword=%s startfrom=%d", k.Keyword, k.Begin)
	}
	if k.NumKeys {
		return fmt.Sprintf("%s | keynum keynumidx=%d firstkey=%d keystep=%d", begin, k.NumIdx, k.FirstKey, k.Step)
	}
	return fmt.Sprintf("%s | range lastkey=%d keystep=%d limit=%d", begin, k.Last, k.Step, k.Limit)
}

func field(m Value, name string) Value {
	for i := 0; i+1 < len(m.Elems); i += 2 {
		if m.Elems[i].Text == name {
			return m.Elems[i+1]
		}
	}
	return Value{}
}

func words(v Value) string {
	var w []string
	for _, e := range v.Elems {
		w = append(w, e.Text)
	}
	return sortedWords(w)
}

func sortedWords(w []string) string {
	w = append([]string(nil), w...)
	sort.Strings(w)
	return strings.Join(w, " ")
}

func flat(m Value) string {
	var w []string
	for i := 0; i+1 < len(m.Elems); i += 2 {
		w = append(w, m.Elems[i].Text+"="+m.Elems[i+1].Text)
	}
	return strings.Join(w, " ")
}
