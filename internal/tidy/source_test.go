package tidy

import (
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// timeless are the rooms that are given the time and a random source, so that
// the same input gives the same output: everything below cluster.
var timeless = []string{"slots", "endpoint", "protocol", "topology", "replication", "engine", "node"}

// clockReaders are what timeless rooms may not use of package time. A timer is
// allowed: package protocol gives connections deadlines.
var clockReaders = []string{"Now", "Sleep", "Since", "Until", "After", "Tick", "NewTicker"}

// ownSources are what they may use of math/rand: anything but the global source.
var ownSources = []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf"}

func TestBelowClusterNobodyAsksTheTimeOrDrawsLots(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, s := range all.sources {
		if s.isTest() || !slices.Contains(timeless, s.room()) {
			continue
		}
		clock, random := s.localName("time"), s.localName("math/rand/v2")
		assert.NotContains(t, s.imports(), "math/rand", "%s: math/rand/v2 is the one to use", s.path)
		ast.Inspect(s.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			at := all.fset.Position(sel.Pos())
			if clock != "" && x.Name == clock {
				assert.NotContains(t, clockReaders, sel.Sel.Name, "%v: the time is an argument here", at)
			}
			if random != "" && x.Name == random {
				assert.Contains(t, ownSources, sel.Sel.Name, "%v: the random source is an argument here", at)
			}
			return true
		})
	}
}

// localName is what the file calls an imported package, "" if it does not.
func (s source) localName(importPath string) string {
	for _, spec := range s.ast.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		parts := strings.Split(strings.TrimSuffix(importPath, "/v2"), "/")
		return parts[len(parts)-1]
	}
	return ""
}

func TestPackagesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, dir := range all.packages() {
		documented := 0
		for _, s := range all.sources {
			if s.dir() == dir && s.ast.Doc != nil && !s.isTest() {
				documented++
				want := "Package " + s.ast.Name.Name + " "
				if s.ast.Name.Name == "main" {
					want = "Command "
				}
				assert.True(t, strings.HasPrefix(s.ast.Doc.Text(), want), "%s: the package comment does not begin with %q", s.path, want)
			}
		}
		assert.Equal(t, 1, documented, "%s: one file has the package comment", dir)
	}
}

// maxLines is how long a program file may be. Tests, tables and assembly may be
// longer.
const maxLines = 600

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).sources {
		if !s.isTest() && !isTable(s) {
			assert.LessOrEqual(t, s.lines, maxLines, s.path)
		}
	}
}

// isTable reports whether nearly all of a file is one literal.
func isTable(s source) bool {
	return strings.HasSuffix(s.path, "_table.go") || ast.IsGenerated(s.ast)
}

// unfinished are words of work that is not done. They are put together here so
// that this file does not contain them.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

func TestNothingIsLeftUnfinished(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).sources {
		for _, at := range unfinished.FindAllStringIndex(s.text, -1) {
			assert.Fail(t, "unfinished", "%s:%d: %s", s.path, 1+strings.Count(s.text[:at[0]], "\n"), s.text[at[0]:at[1]])
		}
	}
}

// fileWord is a Go file's name in a package comment.
var fileWord = regexp.MustCompile(`\b([a-z0-9_]+\.go)\b`)

func TestPackageCommentsNameFilesThatExist(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, s := range all.sources {
		if s.ast.Doc == nil {
			continue
		}
		for _, m := range fileWord.FindAllStringSubmatch(s.ast.Doc.Text(), -1) {
			assert.True(t, all.paths[s.dir()+"/"+m[1]], "%s: there is no %s", s.path, m[1])
		}
	}
}
