package engine

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// zmodel is a sorted set as simple as can be.
type zmodel []zitem

func (m zmodel) find(member string) int {
	return slices.IndexFunc(m, func(it zitem) bool { return it.member == member })
}

func (m *zmodel) put(member string, score float64) {
	m.remove(member)
	*m = append(*m, zitem{score, member})
	slices.SortFunc(*m, compareItems)
}

func (m *zmodel) remove(member string) {
	if i := m.find(member); i >= 0 {
		*m = slices.Delete(*m, i, i+1)
	}
}

// TestBothEncodingsHoldWhatAListHolds drives the two encodings and a list with
// the same operations.
func TestBothEncodingsHoldWhatAListHolds(t *testing.T) {
	t.Parallel()
	for name, fresh := range map[string]func() sortedSet{
		"small": func() sortedSet { return newZSmall(nil) },
		"big":   func() sortedSet { return newZBig(3, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { checkEncoding(t, fresh()) })
		})
	}
}

func checkEncoding(t *rapid.T, z sortedSet) {
	var model zmodel
	c := newTestCtx()
	score := rapid.SampledFrom([]float64{0, 1, 2, 3, -1, 0.1, 1e300, 5e-324, math.Inf(1), math.Inf(-1), 256, 65536.5})
	member := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat("m", rapid.SampledFrom([]int{0, 1, 40, 200}).Draw(t, "len")) + fmt.Sprint(rapid.IntRange(0, 30).Draw(t, "n"))
	})
	t.Repeat(map[string]func(*rapid.T){
		"put": func(t *rapid.T) {
			m, s := member.Draw(t, "member"), score.Draw(t, "score")
			if z.hasMember([]byte(m)) {
				z.update([]byte(m), s)
			} else {
				z.add([]byte(m), s)
			}
			model.put(m, s)
		},
		"remove": func(t *rapid.T) {
			m := member.Draw(t, "member")
			require.Equal(t, model.find(m) >= 0, z.remove([]byte(m)))
			model.remove(m)
		},
		"remove span": func(t *rapid.T) {
			from := rapid.IntRange(0, len(model)).Draw(t, "from")
			to := rapid.IntRange(from, min(len(model), from+5)).Draw(t, "to")
			z.removeSpan(zspan{from, to})
			model = slices.Delete(model, from, to)
		},
		"clone": func(*rapid.T) {
			old := z
			z = z.Clone().(sortedSet)
			old.removeSpan(zspan{0, old.Len()})
		},
		"": func(t *rapid.T) {
			require.Equal(t, len(model), z.Len())
			require.True(t, slices.Equal(model, c.copyItems(z, zspan{0, z.Len()})))
			for i, it := range model {
				rank, s, ok := z.rank([]byte(it.member))
				require.True(t, ok && rank == i && s == it.score)
			}
			from := rapid.IntRange(0, len(model)).Draw(t, "from")
			to := rapid.IntRange(from, len(model)).Draw(t, "to")
			cur := c.walk(z, zspan{from, to}, true)
			for i := to - 1; i >= from; i-- {
				m, s, ok := cur.next()
				require.True(t, ok && string(m) == model[i].member && s == model[i].score)
			}
			_, _, ok := cur.next()
			require.False(t, ok)
			r := scoreRange{score.Draw(t, "min"), score.Draw(t, "max"), rapid.Bool().Draw(t, "exclude min"), rapid.Bool().Draw(t, "exclude max")}
			checkScoreSpan(t, model, r, z.scoreSpan(r))
		},
	})
}

func checkScoreSpan(t *rapid.T, model zmodel, r scoreRange, got zspan) {
	in := 0
	for i, it := range model {
		if r.fromMin(it.score) && r.toMax(it.score) {
			require.True(t, i >= got.from && i < got.to)
			in++
		}
	}
	require.Equal(t, in, got.len())
}

// TestMembersOfOneScoreAreFoundByRange compares ranges by member in both encodings.
func TestMembersOfOneScoreAreFoundByRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var items []zitem
		for _, m := range rapid.SliceOfNDistinct(rapid.StringN(0, 3, -1), 0, 40, rapid.ID[string]).Draw(t, "members") {
			items = append(items, zitem{7, m})
		}
		slices.SortFunc(items, compareItems)
		bound := rapid.Custom(func(t *rapid.T) lexBound {
			return lexBound{[]byte(rapid.StringN(0, 3, -1).Draw(t, "member")), rapid.Bool().Draw(t, "exclude"), rapid.SampledFrom([]int8{0, 0, 0, -1, 1}).Draw(t, "end")}
		})
		r := lexRange{bound.Draw(t, "min"), bound.Draw(t, "max")}
		want := 0
		for _, it := range items {
			if r.fromMin([]byte(it.member)) && r.toMax([]byte(it.member)) {
				want++
			}
		}
		small, big := newZSmall(items).lexSpan(r, false), newZBig(1, items).lexSpan(r, false)
		require.Equal(t, want, small.len())
		require.Equal(t, want, big.len())
		if want > 0 {
			require.Equal(t, small, big)
			require.Equal(t, small, newZSmall(items).lexSpan(r, true))
		}
	})
}

func TestPackedScoresComeBack(t *testing.T) {
	t.Parallel()
	var buf [8]byte
	for score, size := range map[float64]int{0: 0, 1: 2, 100: 2, -3: 2, 1000: 3, 1.5: 2, 1e6: 4, 1700000000: 5, 0.1: 8, math.Inf(1): 2} {
		b := packScore(&buf, score)
		require.Len(t, b, size, "%v", score)
		require.Equal(t, score, unpackScore(b))
	}
	require.False(t, math.Signbit(unpackScore(packScore(&buf, math.Copysign(0, -1)))))
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "score")
		require.Equal(t, f, unpackScore(packScore(&buf, f)))
	})
}

func FuzzScoreRange(f *testing.F) {
	for _, s := range []string{"1", "(1", "((1", "(", "", "-inf", "+inf", "(inf", "nan", "1e400", " 1", "1 ", "0x1p3", "1\x002"} {
		f.Add([]byte(s), []byte("(5"))
	}
	f.Fuzz(func(t *testing.T, min, max []byte) {
		r, ok := parseScoreRange(min, max)
		if !ok {
			return
		}
		require.False(t, math.IsNaN(r.min) || math.IsNaN(r.max))
		require.Equal(t, len(min) > 0 && min[0] == '(', r.minExclude)
		require.Equal(t, !r.minExclude, r.fromMin(r.min))
		require.Equal(t, !r.maxExclude, r.toMax(r.max))
		for _, s := range []float64{r.min, r.max, 0, 1, math.Inf(1)} {
			require.False(t, r.empty() && r.fromMin(s) && r.toMax(s))
		}
	})
}

func FuzzLexRange(f *testing.F) {
	for _, s := range []string{"-", "+", "[a", "(a", "[", "(", "", "a", "-x", "+\x00"} {
		f.Add([]byte(s), []byte("[b"), []byte("a"))
	}
	f.Fuzz(func(t *testing.T, min, max, m []byte) {
		r, ok := parseLexRange(min, max)
		if !ok {
			return
		}
		require.False(t, r.empty() && r.fromMin(m) && r.toMax(m))
		if r.min.end == 0 {
			require.Equal(t, min[1:], r.min.member)
			require.Equal(t, bytes.Compare(m, min[1:]) > 0 || bytes.Equal(m, min[1:]) && min[0] == '[', r.fromMin(m))
		}
	})
}

func TestRankKnowsScoresFrom72On(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	r.do("ZADD", "z", "1", "a", "2.5", "b")
	zrank := r.table.Lookup([]byte("zrank"))
	require.False(t, zrank.ArityOK(4, V(7, 1, 0)))
	require.True(t, zrank.ArityOK(4, V(7, 2, 0)))
	require.Equal(t, "*2\r\n:1\r\n$3\r\n2.5", r.do("ZRANK", "z", "b", "WITHSCORE"))
	require.Equal(t, "*2\r\n:0\r\n$3\r\n2.5", r.do("ZREVRANK", "z", "b", "withscore"))
	require.Equal(t, "*-1", r.do("ZRANK", "z", "x", "WITHSCORE"))
	require.Equal(t, "-ERR syntax error", r.do("ZRANK", "z", "b", "WITHSCORES"))
	require.Equal(t, "-ERR syntax error", r.do("ZRANK", "z", "b", "WITHSCORE", "x"))
}

// TestZScanVisitsAllMembersWhileTheSetGrows: what is there from begin to end is
// listed, whatever is added and removed meanwhile.
func TestZScanVisitsAllMembersWhileTheSetGrows(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	for i := range 500 {
		r.do("ZADD", "z", "1", fmt.Sprintf("stay%d,", i), "2", fmt.Sprintf("go%d,", i))
	}
	var seen strings.Builder
	cursor := "0"
	for i := 0; ; i++ {
		reply := r.do("ZSCAN", "z", cursor, "COUNT", "20")
		seen.WriteString(reply)
		cursor = strings.Split(reply, "\r\n")[2]
		if cursor == "0" {
			break
		}
		r.do("ZREM", "z", fmt.Sprintf("go%d,", i))
		for j := range 20 {
			r.do("ZADD", "z", "3", fmt.Sprintf("new%d.%d", i, j))
		}
	}
	for i := range 500 {
		require.Contains(t, seen.String(), fmt.Sprintf("\nstay%d,", i))
	}
}

// TestRandomMembersAreSpread: every member comes up, samples repeat nothing.
func TestRandomMembersAreSpread(t *testing.T) {
	t.Parallel()
	for _, n := range []int{5, 200} {
		r := newRig(false)
		for i := range n {
			r.do("ZADD", "z", fmt.Sprint(i), fmt.Sprintf("m%d.", i))
		}
		for _, cmd := range [][]string{{"ZRANDMEMBER", "z", "-4000"}, {"ZRANDMEMBER", "z", fmt.Sprint(n)}} {
			reply := r.do(cmd...)
			for i := range n {
				require.Contains(t, reply, fmt.Sprintf("\nm%d.", i))
			}
		}
		seen := map[string]bool{}
		for range 20 * n {
			seen[r.do("ZRANDMEMBER", "z")] = true
		}
		require.Len(t, seen, n)
		for k := 1; k < n; k += 1 + n/20 {
			lines := strings.Split(r.do("ZRANDMEMBER", "z", fmt.Sprint(k)), "\r\n")
			distinct := map[string]bool{}
			for i := 2; i < len(lines); i += 2 {
				distinct[lines[i]] = true
			}
			require.Len(t, distinct, k)
		}
	}
}
