package engine

import (
	"fmt"
	"strconv"
	"testing"
)

// bench is an engine with one client, as light as can be.
type bench struct {
	c     *Ctx
	table *Table
}

func newBench() *bench {
	return &bench{c: newTestCtx(), table: NewTable(DataCommands()...)}
}

// run runs a command and leaves its reply in the writer.
func (b *bench) run(args [][]byte) {
	b.c.W.Reset()
	b.c.Args = args
	b.c.Call(b.table.Lookup(args[0]), 0)
}

func command(args ...string) [][]byte {
	out := make([][]byte, len(args))
	for i, a := range args {
		out[i] = []byte(a)
	}
	return out
}

// memberSizes are the sizes of the containers that are measured.
var memberSizes = []int{10, 1000, 100_000}

func fieldName(i int) string { return "field:" + strconv.Itoa(i) }

// filled is an engine with a hash h and a set s of n members, and an intset i.
func filled(n int) *bench {
	b := newBench()
	for i := range n {
		b.run(command("HSET", "h", fieldName(i), "value"))
		b.run(command("SADD", "s", fieldName(i)))
		b.run(command("SADD", "i", strconv.Itoa(i)))
	}
	return b
}

// commands are k commands on spread members of a container of n.
func commands(n, k int, make func(member string) [][]byte) [][][]byte {
	out := [][][]byte(nil)
	for i := range k {
		out = append(out, make(fieldName(i*7919%n)))
	}
	return out
}

func benchMembers(b *testing.B, make func(member string) [][]byte) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filled(n)
			cmds := commands(n, 1024, make)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				e.run(cmds[i%1024])
			}
		})
	}
}

func BenchmarkHSet(b *testing.B) {
	benchMembers(b, func(m string) [][]byte { return command("HSET", "h", m, "other") })
}

func BenchmarkHGet(b *testing.B) {
	benchMembers(b, func(m string) [][]byte { return command("HGET", "h", m) })
}

func BenchmarkHIncrBy(b *testing.B) {
	benchMembers(b, func(m string) [][]byte { return command("HINCRBY", "counters", m, "1") })
}

func BenchmarkSIsMember(b *testing.B) {
	benchMembers(b, func(m string) [][]byte { return command("SISMEMBER", "s", m) })
}

func BenchmarkSIsMemberInt(b *testing.B) {
	benchMembers(b, func(m string) [][]byte { return command("SISMEMBER", "i", m[len("field:"):]) })
}

// BenchmarkSAdd adds one member to a set and takes it out again.
func BenchmarkSAdd(b *testing.B) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filled(n)
			add, remove := command("SADD", "s", "a new one"), command("SREM", "s", "a new one")
			b.ReportAllocs()
			for b.Loop() {
				e.run(add)
				e.run(remove)
			}
		})
	}
}

// BenchmarkSmallContainer makes a container of ten members and deletes it.
func BenchmarkSmallContainer(b *testing.B) {
	hset, sadd, ints := []string{"HSET", "k"}, []string{"SADD", "k"}, []string{"SADD", "k"}
	for i := range 10 {
		hset = append(hset, fieldName(i), "value")
		sadd = append(sadd, fieldName(i))
		ints = append(ints, strconv.Itoa(100*i))
	}
	for _, make := range []struct {
		name string
		args []string
	}{{"hash", hset}, {"set", sadd}, {"intset", ints}} {
		b.Run(make.name, func(b *testing.B) {
			e := filled(10)
			add, del := command(make.args...), command("DEL", "k")
			b.ReportAllocs()
			for b.Loop() {
				e.run(add)
				e.run(del)
			}
		})
	}
}

// BenchmarkSPop takes a random member out and adds another.
func BenchmarkSPop(b *testing.B) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filled(n)
			pop := command("SPOP", "s")
			add := command("SADD", "s", "")
			b.ReportAllocs()
			for i := n; b.Loop(); i++ {
				e.run(pop)
				add[2] = strconv.AppendInt(add[2][:0], int64(i), 10)
				e.run(add)
			}
		})
	}
}

// BenchmarkHScan is a whole iteration; ns/member is its share.
func BenchmarkHScan(b *testing.B) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filled(n)
			scan := command("HSCAN", "h", "0", "COUNT", "100")
			b.ReportAllocs()
			for b.Loop() {
				scan[2] = append(scan[2][:0], '0')
				for {
					e.run(scan)
					scan[2] = append(scan[2][:0], cursorOf(e.c.W.Bytes())...)
					if string(scan[2]) == "0" {
						break
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/member")
		})
	}
}

// cursorOf is the cursor in a reply of the SCAN family: *2, $n, cursor.
func cursorOf(reply []byte) []byte {
	lines := [3]int{}
	for i, at := 0, 0; i < 3; at++ {
		if reply[at] == '\n' {
			lines[i] = at
			i++
		}
	}
	return reply[lines[1]+1 : lines[2]-1]
}

func BenchmarkSInter(b *testing.B) {
	for _, n := range memberSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := filled(n)
			for i := range 10 {
				e.run(command("SADD", "few", fieldName(i)))
			}
			inter := command("SINTER", "s", "few")
			b.ReportAllocs()
			for b.Loop() {
				e.run(inter)
			}
		})
	}
}
