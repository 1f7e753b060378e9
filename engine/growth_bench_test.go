package engine

import (
	"fmt"
	"strconv"
	"testing"
)

// growthCommands are commands whose cost should follow the logarithm of the
// container's size, or not depend on it. In an argument M stands for a member
// that is there, N for half the size. undo restores what a command takes away.
var growthCommands = []struct {
	name      string
	cmd, undo []string
}{
	{"ZADD-move", []string{"ZADD", "z", "N", "M"}, nil},
	{"ZINCRBY", []string{"ZINCRBY", "z", "1", "M"}, nil},
	{"ZRANK", []string{"ZRANK", "z", "M"}, nil},
	{"ZRANGE-by-rank", []string{"ZRANGE", "z", "N", "N"}, nil},
	{"ZRANGE-by-score", []string{"ZRANGE", "z", "N", "N", "BYSCORE"}, nil},
	{"ZCOUNT", []string{"ZCOUNT", "z", "N", "+inf"}, nil},
	{"ZLEXCOUNT", []string{"ZLEXCOUNT", "z", "[M", "+"}, nil},
	{"ZPOPMIN", []string{"ZPOPMIN", "z"}, []string{"ZADD", "z", "0", "M"}},
	{"ZPOPMAX", []string{"ZPOPMAX", "z"}, []string{"ZADD", "z", "N", "M"}},
	{"ZRANDMEMBER", []string{"ZRANDMEMBER", "z", "3"}, nil},
	{"ZSCAN", []string{"ZSCAN", "z", "N"}, nil},
	{"LINDEX-middle", []string{"LINDEX", "l", "N"}, nil},
	{"LSET-middle", []string{"LSET", "l", "N", "element"}, nil},
	{"LRANGE-middle", []string{"LRANGE", "l", "N", "N"}, nil},
	{"LINSERT-front", []string{"LINSERT", "l", "BEFORE", "first", "x"}, []string{"LPOP", "l"}},
	{"LINSERT-middle", []string{"LINSERT", "l", "BEFORE", "middle", "x"}, []string{"LREM", "l", "1", "x"}},
	{"LMOVE", []string{"LMOVE", "l", "l", "RIGHT", "LEFT"}, nil},
	{"SPOP", []string{"SPOP", "s"}, []string{"SADD", "s", "M"}},
	{"SPOP-int", []string{"SPOP", "i"}, []string{"SADD", "i", "N"}},
	{"SPOP-3", []string{"SPOP", "s", "3"}, []string{"SADD", "s", "M", "a", "b"}},
	{"SRANDMEMBER", []string{"SRANDMEMBER", "s"}, nil},
	{"SRANDMEMBER-3", []string{"SRANDMEMBER", "s", "3"}, nil},
	{"SREM", []string{"SREM", "s", "M"}, []string{"SADD", "s", "M"}},
	{"SSCAN", []string{"SSCAN", "s", "N"}, nil},
	{"SINTERCARD", []string{"SINTERCARD", "2", "s", "few"}, nil},
	{"HSET-HDEL", []string{"HDEL", "h", "M"}, []string{"HSET", "h", "M", "value"}},
	{"HRANDFIELD", []string{"HRANDFIELD", "h"}, nil},
	{"HRANDFIELD-3", []string{"HRANDFIELD", "h", "3"}, nil},
	{"HSCAN", []string{"HSCAN", "h", "N"}, nil},
	{"HINCRBY", []string{"HINCRBY", "h", "counter", "1"}, nil},
}

// BenchmarkGrowth shows how the cost of each grows with the number of members.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range memberSizes {
		e := filled(n)
		for i := range n {
			e.run(command("ZADD", "z", strconv.Itoa(i*7919%n), fieldName(i)))
			name := "element"
			switch i {
			case 0:
				name = "first"
			case n / 2:
				name = "middle"
			}
			e.run(command("RPUSH", "l", name))
		}
		e.run(command("SADD", "few", "field:1", "field:2", "nobody"))
		for _, g := range growthCommands {
			b.Run(fmt.Sprintf("%s/members=%d", g.name, n), func(b *testing.B) {
				cmds, undo := spread(g.cmd, n), spread(g.undo, n)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					e.run(cmds[i%len(cmds)])
					if undo != nil {
						e.run(undo[i%len(undo)])
					}
				}
			})
		}
	}
}

// spread is a command for each of some members of a container of n.
func spread(words []string, n int) (out [][][]byte) {
	if words == nil {
		return nil
	}
	for i := range 1024 {
		at := i * 7919 % n
		var args []string
		for _, w := range words {
			switch w {
			case "M":
				w = fieldName(at)
			case "[M":
				w = "[" + fieldName(at)
			case "N":
				w = strconv.Itoa(n / 2)
			}
			args = append(args, w)
		}
		out = append(out, command(args...))
	}
	return out
}
