package tidy

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// arrows says for each room which others its program files may import:
// ARCHITECTURE.md's picture as data. The test kits are not in it: nothing but
// tests and other kits may import them.
var arrows = map[string][]string{
	"slots":       {},
	"endpoint":    {},
	"sockets":     {},
	"memory":      {},
	"protocol":    {"sockets", "memory"},
	"bench":       {"slots", "sockets"},
	"topology":    {"slots"},
	"replication": {"slots", "memory"},
	"engine":      {"protocol", "slots", "memory"},
	"node":        {"engine", "replication", "topology", "protocol", "slots"},
	"cluster":     {"node", "engine", "replication", "topology", "protocol", "slots", "endpoint"},
	"dns":         {"cluster", "topology", "endpoint"},
	"control":     {"cluster", "endpoint"},
	"cmd":         {"control", "dns", "cluster", "endpoint"},
}

// libraries says which rooms' program files may use what is not ours.
var libraries = map[string][]string{
	"github.com/tidwall/redcon":         {"protocol"},
	"github.com/spf13/pflag":            {"cmd"},
	"github.com/miekg/dns":              {"dns"},
	"github.com/redis/go-redis/v9":      {"bench"},
	"golang.org/x/sys/cpu":              {"slots"},
	"golang.org/x/sys/unix":             {"sockets", "memory", "protocol", "cluster", "bench"},
	"github.com/stretchr/testify":       {},
	"github.com/aws/aws-sdk-go-v2":      {},
	"github.com/aws/smithy-go":          {},
	"go.uber.org/goleak":                {},
	"pgregory.net/rapid":                {},
	"github.com/yuin/gopher-lua":        {"engine", "node"},
	"github.com/anishathalye/porcupine": {},
}

// kits may be imported by tests and by each other only.
const kits = "internal"

func TestRoomsImportOnlyWhatTheArchitectureSays(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).sources {
		if s.isTest() || s.room() == kits {
			continue
		}
		allowed, known := arrows[s.room()]
		if !assert.True(t, known, "%s: no arrow says what the room %s may import", s.path, s.room()) {
			continue
		}
		for _, p := range s.imports() {
			ours, found := strings.CutPrefix(p, module+"/")
			if !found {
				continue
			}
			room, _, _ := strings.Cut(ours, "/")
			assert.True(t, room == s.room() || slices.Contains(allowed, room), "%s imports %s", s.path, p)
		}
	}
}

func TestLibrariesAreUsedWhereTheArchitectureSays(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).sources {
		for _, p := range s.imports() {
			if first, _, _ := strings.Cut(p, "/"); !strings.Contains(first, ".") {
				continue // the standard library, or ours
			}
			name, rooms := library(p)
			if !assert.NotEmpty(t, name, "%s imports %s, which is not among the agreed libraries", s.path, p) || s.isTest() {
				continue
			}
			assert.Contains(t, rooms, s.room(), "%s imports %s", s.path, p)
		}
	}
}

// library finds the agreed library that an import path belongs to.
func library(importPath string) (name string, rooms []string) {
	for name, rooms := range libraries {
		if importPath == name || strings.HasPrefix(importPath, name+"/") {
			return name, rooms
		}
	}
	return "", nil
}

// TestTheArrowsHaveNoLoop keeps the table itself in order: who imports a room
// may not be imported by it, however far away.
func TestTheArrowsHaveNoLoop(t *testing.T) {
	t.Parallel()
	var visit func(room string, above []string)
	visit = func(room string, above []string) {
		if !assert.NotContains(t, above, room) {
			return
		}
		for _, next := range arrows[room] {
			assert.Contains(t, arrows, next)
			visit(next, append(slices.Clone(above), room))
		}
	}
	for room := range arrows {
		visit(room, nil)
	}
}
