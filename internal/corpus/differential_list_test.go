package corpus

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDifferentialLists(t *testing.T) {
	t.Parallel()
	Differential(t, randomListCommand, 20000)
}

// randomListCommand is no blocking command. It works on few keys, one of them of another type, and few
// elements, some of which fill a node.
func randomListCommand(r *rand.Rand) []string {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	key := func() string { return pick("a", "a", "a", "b", "b", "c", "d") }
	elem := func() string {
		switch r.IntN(12) {
		case 0:
			return strings.Repeat(pick("x", "y"), r.IntN(10000))
		case 1:
			return strings.Repeat("z", 120+r.IntN(20))
		}
		return pick("", "1", "-7", "12345678901", "007", "a", "b", "c", "some longer element", "\x00\xff")
	}
	index := func() string { return fmt.Sprint(r.IntN(24) - 12) }
	side := func() string { return pick("LEFT", "RIGHT", "left", "riGHt") }
	elems := func() (e []string) {
		for range 1 + r.IntN(6) {
			e = append(e, elem())
		}
		return e
	}
	switch r.IntN(23) {
	case 0, 1, 2:
		return append([]string{pick("LPUSH", "RPUSH"), key()}, elems()...)
	case 3:
		return append([]string{pick("LPUSHX", "RPUSHX"), key()}, elems()...)
	case 4:
		return []string{pick("LPOP", "RPOP"), key()}
	case 5:
		return []string{pick("LPOP", "RPOP"), key(), pick("0", "1", "2", "5", "-1", "x")}
	case 6:
		return []string{"LLEN", key()}
	case 7, 8, 9:
		return []string{"LRANGE", key(), index(), index()}
	case 10, 11:
		return []string{"LINDEX", key(), index()}
	case 12:
		return []string{"LSET", key(), index(), elem()}
	case 13, 14:
		return []string{"LINSERT", key(), pick("BEFORE", "AFTER", "after", "over"), elem(), elem()}
	case 15:
		return []string{"LREM", key(), pick("0", "1", "2", "-1", "-2", "100"), elem()}
	case 16:
		return []string{"LTRIM", key(), pick("0", "0", "1", "2", "-30"), pick("-1", "-1", "-2", "-3", "30")}
	case 17:
		return append([]string{"LPOS", key(), elem()}, posOptions(r)...)
	case 18:
		return []string{"LMOVE", key(), key(), side(), side()}
	case 19:
		return []string{"RPOPLPUSH", key(), key()}
	case 20:
		return []string{"LMPOP", "2", key(), key(), side(), "COUNT", pick("1", "2", "3", "0")}
	case 21:
		return []string{"SET", "d", "not a list"}
	}
	return []string{"GET", "d"}
}

func posOptions(r *rand.Rand) (opts []string) {
	for _, o := range []string{"RANK", "COUNT", "MAXLEN"} {
		if r.IntN(2) == 0 {
			opts = append(opts, o, fmt.Sprint(r.IntN(8)-3))
		}
	}
	return opts
}
