package engine

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func membersOf(s *set) []string {
	out := []string{}
	s.eachMember(func(m []byte) bool {
		out = append(out, string(m))
		return true
	})
	return out
}

// setModel is a set as a list in the order of insertion, with its encoding.
type setModel struct {
	members  []string
	encoding string
}

func (m *setModel) add(v string, ver Version) bool {
	if slices.Contains(m.members, v) {
		return false
	}
	_, isInt := parseInt([]byte(v))
	n, listpacks := len(m.members), ver >= V(7, 2, 0)
	switch {
	case m.encoding == "intset" && isInt:
		if n+1 > 8 {
			m.encoding = "hashtable"
		}
	case m.encoding == "intset":
		m.sortInts()
		m.encoding = "hashtable"
		if listpacks && n < 6 && len(v) <= 20 {
			m.encoding = "listpack"
		}
	case m.encoding == "listpack" && (n >= 6 || len(v) > 20):
		m.encoding = "hashtable"
	}
	m.members = append(m.members, v)
	return true
}

func (m *setModel) sortInts() {
	slices.SortFunc(m.members, func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	})
}

// TestSetHoldsWhatAListHolds drives a set and a list with the same operations,
// over all conversions, in both generations of engines.
func TestSetHoldsWhatAListHolds(t *testing.T) {
	t.Parallel()
	for _, ver := range []Version{V(7, 1, 0), V(7, 2, 0)} {
		ks := smallLimits(ver)
		rapid.Check(t, func(t *rapid.T) {
			words := strings.Split(",a,b,c,01,1,2,3,-4,5,6,7,8,9,10,11,70000,-3000000000,"+strings.Repeat("x", 20)+","+strings.Repeat("x", 70), ",")
			word := rapid.SampledFrom(words)
			if rapid.Bool().Draw(t, "integers") {
				word = rapid.Map(rapid.IntRange(-9, 9), strconv.Itoa)
			}
			first := word.Draw(t, "first")
			made := newSet(nil, []byte(first), 1, ks)
			s := &made
			model := setModel{members: []string{}, encoding: s.Encoding()}
			t.Repeat(map[string]func(*rapid.T){
				"add": func(t *rapid.T) {
					v := word.Draw(t, "member")
					require.Equal(t, model.add(v, ver), s.add([]byte(v), ks))
				},
				"remove": func(t *rapid.T) {
					v := word.Draw(t, "member")
					i := slices.Index(model.members, v)
					require.Equal(t, i >= 0, s.remove([]byte(v)))
					if i >= 0 {
						model.members = slices.Delete(model.members, i, i+1)
					}
				},
				"clone": func(*rapid.T) { s = s.Clone().(*set) },
				"": func(t *rapid.T) {
					require.Equal(t, model.encoding, s.Encoding())
					require.Equal(t, len(model.members), s.Len())
					switch model.encoding {
					case "intset":
						model.sortInts()
						require.Equal(t, model.members, membersOf(s))
					case "listpack":
						require.Equal(t, model.members, membersOf(s))
					default:
						require.ElementsMatch(t, model.members, membersOf(s))
					}
					for i, m := range membersOf(s) {
						require.True(t, s.hasMember([]byte(m)))
						require.Equal(t, m, string(s.appendMember(nil, i)))
					}
					v := word.Draw(t, "probe")
					require.Equal(t, slices.Contains(model.members, v), s.hasMember([]byte(v)))
					require.Equal(t, bytesOf(s.big), accounted(s.big))
				},
			})
		})
	}
}

func TestManyMembersAtOnceDecideTheEncoding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ver  Version
		args string
		want string
	}{
		{V(7, 1, 0), "1 2 3 4 5 6 7 8", "intset"},
		{V(7, 1, 0), "1 2 3 4 5 6 7 8 9", "hashtable"},
		{V(7, 1, 0), "1 1 1 1 1 1 1 1 1 1 1", "intset"},
		{V(7, 1, 0), "1 a", "hashtable"},
		{V(7, 2, 0), "1 2 3 4 5 6 7 8", "intset"},
		{V(7, 2, 0), "1 2 3 4 5 6 7 8 9", "hashtable"},
		{V(7, 2, 0), "1 1 1 1 1 1 1 1 1 1 1", "hashtable"},
		{V(7, 2, 0), "a b c d e f", "listpack"},
		{V(7, 2, 0), "1 2 a", "listpack"},
		{V(7, 2, 0), "a b c d e f g", "hashtable"},
		{V(7, 2, 0), "a a a a a a a", "hashtable"},
		{V(7, 2, 0), "123456789012345678901", "hashtable"},
		{V(7, 2, 0), "1 123456789012345678901", "hashtable"},
	} {
		ks := smallLimits(c.ver)
		words := command(strings.Fields(c.args)...)
		s := newSet(nil, words[0], len(words), ks)
		for _, w := range words {
			s.add(w, ks)
		}
		require.Equal(t, c.want, s.Encoding(), "%s %s", c.ver, c.args)
	}
}
