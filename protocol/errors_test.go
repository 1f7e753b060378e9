package protocol

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestErrorTextsAreThoseOfRedis(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server to compare with")
	}
	if version, _ := exec.Command(path, "--version").Output(); !bytes.Contains(version, []byte("v="+comparedVersion)) {
		t.Skipf("redis-server is not version %s", comparedVersion)
	}
	binary, err := os.ReadFile(path)
	require.NoError(t, err)
	texts := errorTexts(t)
	assert.Greater(t, len(texts), 80)
	for name, text := range texts {
		assert.True(t, bytes.Contains(binary, []byte(strings.TrimPrefix(text, "ERR "))), "%s: %q", name, text)
	}
}

// errorTexts returns the constants of errors.go that are errors.
func errorTexts(t *testing.T) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	require.NoError(t, err)
	texts := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Err") {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		texts[spec.Names[0].Name] = text
		return false
	})
	return texts
}
