package engine

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"elasticache-local/slots"
)

// generous gives every argument away, and remembers which.
type generous struct{ given []int }

func (g *generous) Give(i int) bool {
	g.given = append(g.given, i)
	return true
}

func TestLongArgumentsAreKeptInsteadOfCopied(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("v", minAdopted)
	for _, test := range []struct {
		command string // the value is the argument V
		given   []int
	}{
		{"SET k V", []int{2}}, {"SET k V EX 10", []int{2}}, {"SET k V GET", []int{2}}, {"SETNX k V", []int{2}}, {"SETEX k 10 V", []int{3}},
		{"PSETEX k 10 V", []int{3}}, {"GETSET k V", []int{2}}, {"APPEND k V", []int{2}}, {"MSET a 1 k V", []int{4}}, {"MSETNX k V a V", []int{2, 4}},
		{"SETRANGE k 0 V", nil}, {"SET k V XX", nil}, {"RPUSH k V", nil},
	} {
		r := newRig(false)
		giver := new(generous)
		r.c.Giver = giver
		words := strings.Fields(strings.ReplaceAll(test.command, "V", long))
		reply := r.do(words...)
		assert.NotEqual(t, "-", reply[:1], test.command)
		assert.Equal(t, test.given, giver.given, test.command)
		if len(test.given) > 0 {
			e := r.c.find(0, []byte("k"))
			arg := r.c.Args[test.given[0]]
			if test.command[:4] == "MSET" {
				arg = r.c.Args[strings.Count(test.command[:strings.Index(test.command, "V")], " ")]
			}
			assert.Same(t, unsafe.SliceData(arg), unsafe.SliceData(e.Str()), test.command)
			assert.Contains(t, strings.Join(r.log, "\n"), long, test.command)
		}
	}
}

func TestShortAndWastefulArgumentsAreCopied(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	giver := new(generous)
	r.c.Giver = giver
	assert.Equal(t, "+OK", r.do("SET", "k", strings.Repeat("v", minAdopted-1)))
	cmd := r.table.Lookup([]byte("set"))
	wasteful := make([]byte, minAdopted, 2*minAdopted)
	r.c.Args = [][]byte{[]byte("SET"), []byte("k"), wasteful}
	r.c.KS.Lock(0)
	r.c.Call(cmd, slots.Of([]byte("k")))
	r.c.KS.Unlock(0)
	assert.Empty(t, giver.given)
}

// The keyspace is the sole owner of what it was given, so it may write there and use the room behind.
func TestAKeptArgumentGrowsAndChangesAsAnyString(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	r.c.Giver = new(generous)
	value := []byte(strings.Repeat("v", minAdopted))
	spare := append(make([]byte, 0, len(value)+100), value...)
	copy(spare[len(value):cap(spare)], strings.Repeat("?", 100)) // as read buffers may
	r.c.Args = [][]byte{[]byte("SET"), []byte("k"), spare}
	r.call(r.table.Lookup([]byte("set")))
	r.c.Giver = nil
	r.do("COPY", "k", "copy")
	assert.Equal(t, ":32778", r.do("SETRANGE", "k", "32777", "e"))
	assert.Equal(t, "$10\r\n"+strings.Repeat("\x00", 9)+"e", r.do("GETRANGE", "k", "32768", "-1"))
	r.do("SETRANGE", "k", "0", "begin")
	assert.Equal(t, "$6\r\nbeginv", r.do("GETRANGE", "k", "0", "5"))
	assert.Equal(t, "$6\r\nvvvvvv", r.do("GETRANGE", "copy", "0", "5"))
	assert.Equal(t, "$3\r\nraw", r.do("OBJECT", "ENCODING", "copy"))
}
