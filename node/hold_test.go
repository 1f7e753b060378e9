package node

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/replication"
	"elasticache-local/slots"
	"elasticache-local/topology"
)

// A stretch of a pipeline comes into the log as a whole, before its locks are released.

// stretch is a session that executes a stretch of a pipeline command by command.
type stretch struct {
	*kit
	s     *Session
	lines []string
}

// ahead prepares for commands in a new session.
func (k *kit) ahead(t *testing.T, lines ...string) *stretch {
	t.Helper()
	c := k.dial(t)
	c.expect("PING", "+PONG")
	all := k.sessions.all()
	st := &stretch{k, all[len(all)-1], lines}
	var pipelined [][][]byte
	for _, line := range lines {
		pipelined = append(pipelined, words(line))
	}
	require.Equal(t, len(lines), k.Ahead(st.s.conn, pipelined))
	return st
}

// next executes the next command.
func (st *stretch) next() {
	line := st.lines[0]
	st.lines = st.lines[1:]
	st.Command(st.s.conn, words(line))
}

// logged are the commands that cursor reads, as words.
func logged(t *testing.T, cursor *replication.Cursor) (lines []string) {
	t.Helper()
	for {
		b, err := cursor.Next(1 << 60)
		require.NoError(t, err)
		if b.Len() == 0 {
			return lines
		}
		for i := range b.Len() {
			var cmds replication.Commands
			for cmds.Reset(b.Entry(i).Payload); cmds.Next(); {
				lines = append(lines, string(bytes.Join(cmds.Args(), []byte(" "))))
			}
		}
	}
}

func TestAPanicLosesNoEffectOfTheCommandsBefore(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	cursor := k.log.Tail("test")
	st := k.ahead(t, "SET a 1", "SET b 2", "SET c 3", "SET d 4")
	st.s.locked.group.commands[2] = &engine.Command{
		Name: "set", Flags: engine.Write, Keys: []engine.KeySpec{engine.Key(1, engine.RW)},
		Run: func(*engine.Ctx) { panic("in the middle") },
	}
	st.next()
	st.next()
	require.Panics(t, st.next)
	k.Release(st.s.conn) // as the connection does
	require.Equal(t, []string{"SET a 1", "SET b 2"}, logged(t, cursor))
	require.Equal(t, k.log.Offset(), st.s.woff)
	c := k.dial(t)
	for i, want := range []string{"1", "2", "(nil)", "(nil)"} {
		c.expect("GET "+string(rune('a'+i)), want)
	}
}

// slowSink takes its time.
type slowSink struct{ engine.Sink }

func (s slowSink) Append(effects []engine.Effect) {
	time.Sleep(5 * time.Millisecond)
	s.Sink.Append(effects)
}

// TestWhatIsUnderTheLockOfASlotIsInTheLog: whoever copies a slot reads the log's offset
// under its lock, and takes what is behind that for news.
func TestWhatIsUnderTheLockOfASlotIsInTheLog(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	k.StartLog()
	st := k.ahead(t, "SET a 1", "SET b 2")
	st.s.ctx.Sink = slowSink{k}
	copied := make(chan int64, 1)
	go func() {
		slot := slots.Of([]byte("b"))
		k.ks.Lock(slot)
		copied <- k.log.Offset()
		k.ks.Unlock(slot)
	}()
	st.next()
	st.next()
	k.Release(st.s.conn)
	require.Equal(t, k.log.Offset(), <-copied)
	require.NotZero(t, k.log.Offset())
}

// TestAWaitBehindAStretchIsForAllOfIt: its replica has to have the last write.
func TestAWaitBehindAStretchIsForAllOfIt(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	k.StartLog()
	st := k.ahead(t, "SET a 1", "GET a", "SET b 2", "GET b")
	for range 4 {
		st.next()
	}
	k.Release(st.s.conn)
	require.Equal(t, k.log.Offset(), st.s.woff)
	wrote := st.s.woff
	k.log.AppendPing(0)
	reads := k.ahead(t, "GET a", "GET b")
	reads.next()
	reads.next()
	k.Release(reads.s.conn)
	require.Zero(t, reads.s.woff, "it wrote nothing")
	require.Less(t, wrote, k.log.Offset())
}

// replica is a node that is to follow k.
func (k *kit) replica(t *testing.T) *Node {
	t.Helper()
	cfg := k.cfg
	cfg.Name, cfg.ID, cfg.RunID = "local-0001-002", strings.Repeat("d", 40), strings.Repeat("e", 40)
	r := New(cfg)
	topo, err := topology.New([]slots.Set{slots.Full()},
		[]topology.Shard{{ID: strings.Repeat("c", 40), NodeGroupID: "0001", ConfigEpoch: 1}},
		[]topology.Node{
			{ID: k.cfg.ID, Name: k.cfg.Name, IP: "127.0.0.1", Port: 6379, BusPort: topology.BusPort},
			{ID: cfg.ID, Name: cfg.Name, IP: "127.0.0.1", Port: 6380, BusPort: topology.BusPort},
		})
	require.NoError(t, err)
	r.SetTopology(topo)
	require.True(t, r.IsReplica())
	t.Cleanup(r.StopFollowing)
	return r
}

// inSync waits until r holds what k does.
func (k *kit) inSync(t *testing.T, r *Node) {
	t.Helper()
	require.Eventually(t, func() bool { return r.Synced() && r.log.Offset() == k.log.Offset() }, 10*time.Second, time.Millisecond)
	ours, theirs := k.newCtx(), r.newCtx()
	assert.Equal(t, ours.Digest(), theirs.Digest())
	assert.Equal(t, k.ks.Keys(0), r.ks.Keys(0))
}

// TestAFollowerMayComeInTheMiddleOfAStretch: what was executed before is not recorded, and
// is in the copy that it makes when the locks are released.
func TestAFollowerMayComeInTheMiddleOfAStretch(t *testing.T) {
	t.Parallel()
	for _, mode := range []bool{true, false} {
		for before := range 5 {
			t.Run(fmt.Sprintf("cluster=%v/after %d", mode, before), func(t *testing.T) {
				t.Parallel()
				k := startKit(t, func(c *Config) { c.ClusterMode = mode })
				st := k.ahead(t, "INCR a", "INCR b", "INCR a", "RPUSH c x")
				for range before {
					st.next()
				}
				r := k.replica(t)
				r.Follow(k.Node, nil)
				for len(st.lines) > 0 {
					st.next()
				}
				time.Sleep(time.Millisecond) // the copy gets as far as it can
				k.Release(st.s.conn)
				k.inSync(t, r)
				if before == 4 {
					assert.Zero(t, k.log.Offset())
				} else {
					assert.NotZero(t, k.log.Offset())
				}
			})
		}
	}
}

// TestFollowersOfManyPipelines come while clients write, and are equal in the end.
func TestFollowersOfManyPipelines(t *testing.T) {
	t.Parallel()
	for _, mode := range []bool{true, false} {
		t.Run(fmt.Sprintf("cluster=%v", mode), func(t *testing.T) {
			t.Parallel()
			k := startKit(t, func(c *Config) { c.ClusterMode = mode })
			var all sync.WaitGroup
			for w := range 3 {
				all.Go(func() {
					r := rand.New(rand.NewPCG(uint64(w), 5))
					var lines []string
					for range 2000 {
						lines = append(lines, fmt.Sprintf([]string{"INCR %d", "APPEND s%d x", "RPUSH l%d x", "LPOP l%d", "SADD h%d a b", "SPOP h%d", "DEL %d"}[r.IntN(7)], r.IntN(50)))
					}
					lines[500+w] = "FLUSHALL"
					replies(t, k, append(lines, "QUIT"), 40)
				})
			}
			first := k.replica(t)
			first.Follow(k.Node, nil)
			all.Wait()
			second := k.replica(t)
			second.Follow(k.Node, nil)
			k.inSync(t, first)
			k.inSync(t, second)
		})
	}
}
