package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"elasticache-local/protocol"
)

// benchCtx is a keyspace with a client, and the commands by name.
func benchCtx() (*Ctx, *Table) {
	c := &Ctx{KS: NewKeyspace(1, true, 1), W: new(protocol.Writer), Now: 1e12, Rand: rand.New(rand.NewPCG(1, 1))}
	return c, NewTable(DataCommands()...)
}

func argsOf(words ...string) [][]byte {
	var args [][]byte
	for _, w := range words {
		args = append(args, []byte(w))
	}
	return args
}

func (c *Ctx) benchRun(cmd *Command, args [][]byte) {
	c.W.Reset()
	c.Args = args
	c.KS.Lock(0)
	c.Call(cmd, 0)
	c.KS.Unlock(0)
}

func BenchmarkList(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		c, table := benchCtx()
		run := func(words ...string) { c.benchRun(table.Lookup([]byte(words[0])), argsOf(words...)) }
		for i := range n {
			run("RPUSH", "l", fmt.Sprintf("element:%06d", i))
		}
		for _, bench := range []struct {
			name       string
			cmd, after []string
		}{
			{"LPUSH_LPOP", []string{"LPUSH", "l", "element:000000"}, []string{"LPOP", "l"}},
			{"RPUSH_LPOP", []string{"RPUSH", "l", "element:000000"}, []string{"LPOP", "l"}},
			{"LINDEX_middle", []string{"LINDEX", "l", fmt.Sprint(n / 2)}, nil},
			{"LRANGE_100_first", []string{"LRANGE", "l", "0", "99"}, nil},
			{"LRANGE_100_middle", []string{"LRANGE", "l", fmt.Sprint(n / 2), fmt.Sprint(n/2 + 99)}, nil},
			{"LSET_middle", []string{"LSET", "l", fmt.Sprint(n / 2), "element:000000"}, nil},
			{"LMOVE_rotate", []string{"LMOVE", "l", "l", "LEFT", "RIGHT"}, nil},
		} {
			b.Run(fmt.Sprintf("%s/members=%d", bench.name, n), func(b *testing.B) {
				cmd, args := table.Lookup([]byte(bench.cmd[0])), argsOf(bench.cmd...)
				var after *Command
				if bench.after != nil {
					after = table.Lookup([]byte(bench.after[0]))
				}
				afterArgs := argsOf(bench.after...)
				b.ReportAllocs()
				for b.Loop() {
					c.benchRun(cmd, args)
					if after != nil {
						c.benchRun(after, afterArgs)
					}
				}
			})
		}
	}
}

func BenchmarkListFill(b *testing.B) {
	const n = 100_000
	elem := []byte("element:000000")
	for _, front := range []bool{true, false} {
		b.Run(pushEvent(front)+"_then_drained", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l := newList(DefaultSettings())
				for range n {
					l.push(elem, front)
				}
				for range n {
					l.drop(1, !front)
				}
			}
		})
	}
}
