package tidy

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	link   = regexp.MustCompile(`\]\(([^)#:]+)\)`)                             // [text](file)
	quoted = regexp.MustCompile("`([\\w.*-]+(?:/[\\w.*-]+)*)`")                // `file`
	folder = regexp.MustCompile(`(?m)^([a-z]+(?:/[a-z-]+)*)/ `)                // a line of the list of rooms
	flag   = regexp.MustCompile("--([a-z]+(?:-[a-z]+)*)")                      // --flag
	ours   = regexp.MustCompile(`\.\w*Var\w*\(&o\.\w+, "([a-z]+(?:-[a-z]+)*)`) // a flag's declaration
)

func TestDocumentsMentionFilesThatExist(t *testing.T) {
	t.Parallel()
	all := load(t)
	require.NotEmpty(t, all.docs)
	for name, text := range all.docs {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			assert.True(t, all.paths[path.Join(path.Dir(name), m[1])], "%s links to %s, which does not exist", name, m[1])
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			if isPath(m[1]) {
				assert.True(t, all.exists(path.Dir(name), m[1]), "%s mentions %s, which does not exist", name, m[1])
			}
		}
	}
}

// isPath tells files and folders of the repository from other words.
func isPath(word string) bool {
	room, _, deeper := strings.Cut(word, "/")
	_, known := arrows[room]
	return deeper && (known || room == kits) || slices.Contains([]string{".go", ".md", ".s"}, path.Ext(word))
}

// exists reports whether there is such a file or folder, from the document's
// folder or the root. The word may have a * in it.
func (t *tree) exists(from, word string) bool {
	for p := range t.paths {
		for _, pattern := range []string{path.Join(from, word), word} {
			if ok, _ := path.Match(pattern, p); ok {
				return true
			}
		}
	}
	return false
}

func TestTheArchitectureListsTheRoomsThatExist(t *testing.T) {
	t.Parallel()
	all := load(t)
	text := all.docs["ARCHITECTURE.md"]
	var listed []string
	for _, m := range folder.FindAllStringSubmatch(text, -1) {
		assert.True(t, all.paths[m[1]], "ARCHITECTURE.md lists %s/, which does not exist", m[1])
		room, _, _ := strings.Cut(m[1], "/")
		listed = append(listed, room)
	}
	for _, s := range all.sources {
		assert.Contains(t, listed, s.room(), "ARCHITECTURE.md does not list %s/", s.room())
	}
}

// foreign are flags of other programs that the README shows.
var foreign = []string{
	"endpoint-url", "replication-group-id", "node-group-id", "node-group-count", "apply-immediately", // aws
	"tls", "cacert", "sni", "cluster", // redis-cli
}

func TestTheReadmeTellsEveryFlagAndNoOther(t *testing.T) {
	t.Parallel()
	all := load(t)
	var declared []string
	for _, s := range all.sources {
		if s.path == "cmd/elasticache-local/flags.go" {
			for _, m := range ours.FindAllStringSubmatch(s.text, -1) {
				declared = append(declared, m[1])
			}
		}
	}
	require.Greater(t, len(declared), 20, "the flags' declarations look different now")
	text := all.docs["README.md"]
	for _, name := range declared {
		assert.Contains(t, text, "--"+name, "the README does not tell of --%s", name)
	}
	for _, m := range flag.FindAllStringSubmatch(text, -1) {
		assert.True(t, slices.Contains(declared, m[1]) || slices.Contains(foreign, m[1]), "the README tells of --%s, which does not exist", m[1])
	}
}
