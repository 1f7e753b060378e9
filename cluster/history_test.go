package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
	"elasticache-local/slots"
)

// TestHistoriesInSimulatedTime lets clients write and read while the cluster is
// changed and broken in random order, many rounds for each seed.
func TestHistoriesInSimulatedTime(t *testing.T) {
	t.Parallel()
	rounds := 40
	if testing.Short() {
		rounds = 3
	}
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			cfg := cluster.Config{Shards: 3, Replicas: 1, Seed: seed + 1, EngineVersion: "7.0", ReplaceDelay: time.Second}
			cfg.Mover = []string{cluster.MoverKey, cluster.MoverSlot}[seed%2]
			cfg.ReplicationDelay = []time.Duration{0, 20 * time.Millisecond}[seed/2%2]
			cfg.FailoverDelay = []time.Duration{0, 300 * time.Millisecond}[seed/3%2]
			simulated(t, cfg, func(t *testing.T, c *cluster.Cluster) { checkHistory(t, c, r, rounds) })
		})
	}
}

// TestHistoriesOverSockets is the same over real sockets, a few rounds.
func TestHistoriesOverSockets(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := clustertest.Run(t, cluster.Config{Shards: 3, Replicas: 1, EngineVersion: "7.0"})
	checkHistory(t, c, rand.New(rand.NewPCG(seed, 2)), 5)
}

// A disturbance is something that happens to a cluster. Those that fail a
// primary may lose what it had not replicated, the others nothing.
type disturbance struct {
	name  string
	loses bool
	do    func(c *cluster.Cluster, r *rand.Rand) error
}

var disturbances = []disturbance{
	{"kill a primary", true, func(c *cluster.Cluster, r *rand.Rand) error { return c.Kill(aNode(c, r, true)) }},
	{"test failover", true, func(c *cluster.Cluster, r *rand.Rand) error {
		shards := c.Status().Shards
		return c.TestFailover(shards[r.IntN(len(shards))].ID)
	}},
	{"kill a replica", false, func(c *cluster.Cluster, r *rand.Rand) error { return c.Kill(aNode(c, r, false)) }},
	{"cut a replica off", false, func(c *cluster.Cluster, r *rand.Rand) error {
		replica := aNode(c, r, false)
		if err := c.Partition(replica); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
		return c.Heal(replica)
	}},
	{"upgrade", false, func(c *cluster.Cluster, _ *rand.Rand) error { return c.Upgrade("", "") }},
	{"upgrade to valkey", false, func(c *cluster.Cluster, _ *rand.Rand) error { return c.Upgrade(cluster.Valkey, "") }},
	{"add a shard", false, func(c *cluster.Cluster, _ *rand.Rand) error {
		if len(c.Status().Shards) > 4 {
			return nil
		}
		return c.AddShards(1)
	}},
	{"remove a shard", false, func(c *cluster.Cluster, r *rand.Rand) error {
		shards := c.Status().Shards
		if len(shards) < 3 {
			return nil
		}
		return c.RemoveShards(shards[r.IntN(len(shards))].ID)
	}},
	{"two replicas", false, func(c *cluster.Cluster, _ *rand.Rand) error { return c.SetReplicaCount(2) }},
	{"one replica", false, func(c *cluster.Cluster, _ *rand.Rand) error { return c.SetReplicaCount(1) }},
}

// aNode names a random primary or replica.
func aNode(c *cluster.Cluster, r *rand.Rand, primary bool) string {
	var names []string
	for _, s := range c.Status().Shards {
		for _, n := range s.Nodes {
			if n.Primary == primary {
				names = append(names, n.Name)
			}
		}
	}
	return names[r.IntN(len(names))]
}

const (
	historyClients = 4
	keysPerClient  = 12
)

// register is one key that one client writes ever higher numbers to.
type register struct {
	key       string
	attempted int64   // the highest number that was sent
	acked     int64   // the highest number that was confirmed
	safe      int64   // the highest number that a replica has confirmed too
	confirmed []int64 // all numbers confirmed since the last check
}

func (r *register) confirm() {
	r.acked = r.attempted
	r.confirmed = append(r.confirmed, r.attempted)
}

// history is one client's view of its keys.
type history struct {
	regs   []register
	served *served
	to     *follower
}

// served remembers which node served a slot at an epoch: there is one.
type served struct {
	mu sync.Mutex
	by map[string]string
}

func (s *served) note(t *testing.T, slot slots.Slot, epoch, node string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := fmt.Sprintf("slot %d at epoch %s", slot, epoch)
	if was, ok := s.by[at]; ok {
		assert.Equal(t, was, node, at+" was served by two nodes")
		return
	}
	s.by[at] = node
}

func checkHistory(t *testing.T, c *cluster.Cluster, r *rand.Rand, rounds int) {
	seen := &served{by: map[string]string{}}
	var clients []*history
	for i := range historyClients {
		h := &history{served: seen, to: &follower{c: c, conns: map[string]*wire{}}}
		defer h.to.close()
		for k := range keysPerClient {
			h.regs = append(h.regs, register{key: fmt.Sprintf("h:%d:%d", i, k)})
		}
		clients = append(clients, h)
	}
	for round := range rounds {
		d := disturbances[r.IntN(len(disturbances))]
		lostBefore := c.Status().LostWrites
		runRound(t, c, clients, d, r)
		lost := int64(0)
		for _, h := range clients {
			lost += h.check(t, fmt.Sprintf("round %d, %s", round, d.name), d.loses)
		}
		counted := int64(c.Status().LostWrites - lostBefore)
		require.LessOrEqual(t, lost, counted, "round %d, %s: more writes are lost than were counted", round, d.name)
		if !d.loses {
			require.Zero(t, counted, "round %d, %s: writes were counted as lost", round, d.name)
		}
		checkReplicas(t, c)
		if t.Failed() {
			return
		}
	}
}

// runRound lets all clients work while d happens, until the cluster is stable.
func runRound(t *testing.T, c *cluster.Cluster, clients []*history, d disturbance, r *rand.Rand) {
	var stop atomic.Bool
	var all sync.WaitGroup
	for _, h := range clients {
		rng := rand.New(rand.NewPCG(r.Uint64(), 3))
		all.Go(func() {
			for !stop.Load() {
				h.write(t, rng)
				time.Sleep(time.Duration(rng.IntN(2000)) * time.Microsecond)
			}
		})
	}
	time.Sleep(10 * time.Millisecond)
	if err := d.do(c, r); err != nil {
		t.Logf("%s: %v", d.name, err) // already even, already that version: nothing happens
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(t, c.WaitStable(ctx), d.name)
	time.Sleep(10 * time.Millisecond)
	stop.Store(true)
	all.Wait()
}

// write sends the next number to one of the keys, in one of three ways.
func (h *history) write(t *testing.T, r *rand.Rand) {
	reg := &h.regs[r.IntN(len(h.regs))]
	reg.attempted++
	number := fmt.Sprint(reg.attempted)
	set := []string{"SET", reg.key, number}
	switch r.IntN(8) {
	case 0: // with WAIT, on the same connection
		replies, err := h.to.do(reg.key, set, []string{"WAIT", "1", "1000"})
		if err == nil {
			reg.confirm()
			if replies[1] != "0" {
				reg.safe = reg.attempted
			}
		}
	case 1: // in a transaction that tells who serves it
		replies, err := h.to.do(reg.key, []string{"MULTI"}, set, []string{"CLUSTER", "MYID"}, []string{"CLUSTER", "INFO"}, []string{"EXEC"})
		if err != nil {
			return
		}
		reg.confirm()
		fields := strings.Fields(replies[4]) // of EXEC: OK, the id, the lines of CLUSTER INFO
		for _, f := range fields {
			if epoch, ok := strings.CutPrefix(f, "cluster_my_epoch:"); ok {
				h.served.note(t, slots.OfString(reg.key), epoch, fields[1])
			}
		}
	default:
		if _, err := h.to.do(reg.key, set); err == nil {
			reg.confirm()
		}
	}
}

// check reads every key: nothing that was confirmed may be missing, unless a
// primary failed; then nothing that a replica had confirmed. It gives how many
// confirmed writes are lost, and goes on from what is there.
func (h *history) check(t *testing.T, when string, mayLose bool) (lost int64) {
	for i := range h.regs {
		reg := &h.regs[i]
		replies, err := h.to.do(reg.key, []string{"GET", reg.key})
		require.NoError(t, err, "%s: %s", when, reg.key)
		got, _ := strconv.ParseInt(replies[0], 10, 64) // nil is 0
		require.LessOrEqual(t, got, reg.attempted, "%s: %s has a number that nobody wrote", when, reg.key)
		require.GreaterOrEqual(t, got, reg.safe, "%s: %s lost a write that a replica had confirmed", when, reg.key)
		if got < reg.acked {
			require.True(t, mayLose, "%s: %s is %d, %d was confirmed", when, reg.key, got, reg.acked)
			for _, n := range reg.confirmed {
				if n > got {
					lost++
				}
			}
		}
		reg.attempted, reg.acked, reg.safe, reg.confirmed = got, got, min(reg.safe, got), reg.confirmed[:0]
	}
	return lost
}

// checkReplicas waits until every replica has caught up and holds what its
// primary holds.
func checkReplicas(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	for _, s := range c.Status().Shards {
		want := ""
		for _, primary := range []bool{true, false} {
			for _, n := range s.Nodes {
				if n.Primary != primary {
					continue
				}
				addr := net.JoinHostPort(n.IP, fmt.Sprint(n.Port))
				if primary {
					want = keysOf(t, c, addr)
					continue
				}
				for range 2000 {
					if keysOf(t, c, addr) == want {
						break
					}
					time.Sleep(5 * time.Millisecond)
				}
				require.Equal(t, want, keysOf(t, c, addr), "%s differs from its primary", n.Name)
			}
		}
	}
}

// keysOf is all keys and values of a node, in the order of the keys' names.
func keysOf(t *testing.T, c *cluster.Cluster, addr string) string {
	t.Helper()
	w, err := dial(c, addr)
	require.NoError(t, err)
	defer w.close()
	_, err = w.do("READONLY")
	require.NoError(t, err)
	var b strings.Builder
	for i := range historyClients {
		for k := range keysPerClient {
			key := fmt.Sprintf("h:%d:%d", i, k)
			v, err := w.do("GET", key)
			require.NoError(t, err)
			if !strings.HasPrefix(v, "MOVED") {
				fmt.Fprintf(&b, "%s=%s ", key, v)
			}
		}
	}
	return b.String()
}

// follower is a client that goes where it is sent and tries again while the
// cluster is in motion, on connections of its own.
type follower struct {
	c     *cluster.Cluster
	conns map[string]*wire
	last  string // the address that answered last
}

// tries bounds how often a command is sent; with the pause between them that is
// far longer than any disturbance lasts.
const tries = 2000

// do sends commands about one key to the node that serves it, one after the
// other, and gives their replies. All are sent again when one of them is refused
// because of the cluster's state.
func (f *follower) do(key string, commands ...[]string) (replies []string, err error) {
	addr, asking := f.last, false
	for range tries {
		if addr == "" {
			addr = f.anyPrimary(key)
		}
		if replies, err = f.send(addr, asking, commands); err == nil {
			f.last = addr
			return replies, nil
		}
		words := strings.Fields(err.Error())
		asking = false
		switch {
		case len(words) == 3 && words[0] == "MOVED":
			addr = words[2]
			continue
		case len(words) == 3 && words[0] == "ASK":
			addr, asking = words[2], true
			continue
		}
		addr = "" // a broken connection, CLUSTERDOWN, TRYAGAIN, LOADING
		time.Sleep(5 * time.Millisecond)
	}
	return nil, err
}

// anyPrimary is where a client that knows nothing begins.
func (f *follower) anyPrimary(key string) string {
	t := f.c.Topology()
	n := t.OwnerPrimary(slots.OfString(key))
	if n == nil {
		n = &t.Nodes[0]
	}
	return net.JoinHostPort(n.IP, fmt.Sprint(n.Port))
}

func (f *follower) send(addr string, asking bool, commands [][]string) ([]string, error) {
	w := f.conns[addr]
	if w == nil {
		var err error
		if w, err = dial(f.c, addr); err != nil {
			return nil, err
		}
		f.conns[addr] = w
	}
	if asking {
		if _, err := f.one(addr, w, []string{"ASKING"}); err != nil {
			return nil, err
		}
	}
	var replies []string
	for _, command := range commands {
		reply, err := f.one(addr, w, command)
		if err != nil {
			if w == f.conns[addr] && command[0] != "EXEC" && commands[0][0] == "MULTI" {
				_, _ = f.one(addr, w, []string{"DISCARD"})
			}
			return nil, err
		}
		replies = append(replies, reply)
	}
	return replies, nil
}

// one sends one command. A refusal because of the cluster's state is an error.
func (f *follower) one(addr string, w *wire, command []string) (string, error) {
	reply, err := w.do(command...)
	if err != nil {
		w.close()
		delete(f.conns, addr)
		return "", err
	}
	for _, code := range []string{"MOVED ", "ASK ", "CLUSTERDOWN ", "TRYAGAIN ", "LOADING ", "READONLY ", "EXECABORT ", "ERR ", "UNBLOCKED "} {
		if strings.HasPrefix(reply, code) {
			return "", errors.New(reply)
		}
	}
	return reply, nil
}

func (f *follower) close() {
	for _, w := range f.conns {
		w.close()
	}
}
