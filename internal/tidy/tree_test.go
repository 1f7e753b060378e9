package tidy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "elasticache-local"

// root is the repository as seen from here.
const root = "../.."

// source is a Go file of the repository.
type source struct {
	path  string // from the root, with slashes
	text  string
	lines int
	ast   *ast.File
}

// dir is the package's path from the root.
func (s source) dir() string { return path.Dir(s.path) }

// room is the first element of the package's path.
func (s source) room() string { room, _, _ := strings.Cut(s.path, "/"); return room }

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// imports are the paths that the file imports.
func (s source) imports() (list []string) {
	for _, spec := range s.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, p)
	}
	return list
}

// tree is everything in the repository that the rules are about.
type tree struct {
	fset    *token.FileSet
	sources []source
	paths   map[string]bool   // every file and folder, from the root
	docs    map[string]string // the Markdown files' texts
}

var readTree = sync.OnceValues(func() (*tree, error) {
	t := &tree{fset: token.NewFileSet(), paths: map[string]bool{}, docs: map[string]string{}}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		t.paths[rel] = true
		return t.read(name, rel)
	})
	return t, err
})

func (t *tree) read(name, rel string) error {
	switch path.Ext(rel) {
	case ".md":
		text, err := os.ReadFile(name)
		t.docs[rel] = string(text)
		return err
	case ".go":
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(t.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
		t.sources = append(t.sources, source{path: rel, text: string(text), lines: strings.Count(string(text), "\n"), ast: f})
		return err
	}
	return nil
}

// load reads the repository, once for all tests.
func load(t *testing.T) *tree {
	t.Helper()
	all, err := readTree()
	require.NoError(t, err)
	require.NotEmpty(t, all.sources)
	return all
}

// packages are the folders that hold Go files, in order.
func (t *tree) packages() []string {
	var list []string
	for _, s := range t.sources {
		list = append(list, s.dir())
	}
	slices.Sort(list)
	return slices.Compact(list)
}
