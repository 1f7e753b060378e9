package node

import (
	"fmt"
	"net"
	"testing"

	"elasticache-local/engine"
	"elasticache-local/protocol"
)

// BenchmarkCommand runs commands through a session as a connection would, in
// pipelines, without a socket.
func BenchmarkCommand(b *testing.B) {
	for _, mode := range []bool{true, false} {
		for _, c := range []struct{ name, line string }{
			{"GET", "GET key:%012d"}, {"SET", "SET key:%012d xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}, {"INCR", "INCR n:%012d"},
			{"HSET", "HSET h:%012d f v"}, {"SADD", "SADD s:%012d m"}, {"ZADD", "ZADD z:%012d 1 m"},
		} {
			for _, pipeline := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("cluster=%v/%s/pipeline=%d", mode, c.name, pipeline), func(b *testing.B) {
					benchCommand(b, mode, c.line, pipeline)
				})
			}
		}
	}
}

const benchKeys = 10_000

func benchCommand(b *testing.B, mode bool, line string, pipeline int) {
	k := startKit(b, func(c *Config) { c.ClusterMode = mode })
	ours, theirs := net.Pipe()
	defer ours.Close()
	if err := k.server.ServeConn(theirs); err != nil {
		b.Fatal(err)
	}
	var conn *protocol.Conn
	for conn == nil {
		for _, s := range k.sessions.all() {
			conn = s.conn
		}
	}
	commands := make([][][]byte, benchKeys)
	for i := range commands {
		commands[i], _ = protocol.SplitArgs(fmt.Appendf(nil, line, i))
	}
	k.Batch(conn)
	fill := func(args [][]byte) { // what is measured is a keyspace that is there
		k.Command(conn, args)
		conn.W.Reset()
	}
	for _, args := range commands {
		if string(args[0]) == "GET" {
			fill([][]byte{[]byte("SET"), args[1], make([]byte, 64)})
		}
		fill(args)
	}
	k.BatchDone(conn)
	b.ReportAllocs()
	commands = append(commands, commands[:engine.GroupSize]...)
	i := 0
	for b.Loop() {
		k.Batch(conn)
		for left := pipeline; left > 0; {
			group := commands[i : i+min(left, engine.GroupSize)]
			if len(group) > 1 && k.Ahead(conn, group) != len(group) {
				b.Fatal("the commands are not simple")
			}
			for _, args := range group {
				k.Command(conn, args)
			}
			k.Release(conn)
			left -= len(group)
			i = (i + len(group)) % benchKeys
		}
		k.BatchDone(conn)
		conn.W.Reset()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*pipeline), "ns/command")
}
