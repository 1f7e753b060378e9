package clients

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/cluster/clustertest"
	"elasticache-local/slots"
)

// hook sees every command that goes to a node, redirected ones again.
type hook struct{ seen func(cmd redis.Cmder) }

func (h hook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		h.seen(cmd)
		return err
	}
}

func (h hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			h.seen(cmd)
		}
		return err
	}
}

// redirections counts the errors that nodes answer, by their first word.
type redirections struct {
	mu    sync.Mutex
	count map[string]int
}

// client is a client whose nodes are listened to.
func (r *redirections) client(t testing.TB, c *cluster.Cluster) *redis.ClusterClient {
	r.count = map[string]int{}
	rdb := clusterClient(t, c)
	rdb.OnNewNode(func(node *redis.Client) { node.AddHook(hook{r.seen}) })
	return rdb
}

func (r *redirections) seen(cmd redis.Cmder) {
	if err := cmd.Err(); err != nil {
		word, _, _ := strings.Cut(err.Error(), " ")
		r.mu.Lock()
		r.count[word]++
		r.mu.Unlock()
	}
}

func (r *redirections) of(word string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count[word]
}

// load is clients that write and read their own keys, of all shards.
type load struct {
	rdb     *redis.ClusterClient
	stop    chan struct{}
	workers sync.WaitGroup

	commands atomic.Int64
	longest  atomic.Int64 // nanoseconds of a command
	mu       sync.Mutex
	failed   []error
	last     map[string]int // what was acknowledged last, by key
}

const (
	loadWorkers = 8
	loadKeys    = 40 // of a worker
)

func startLoad(rdb *redis.ClusterClient) *load {
	l := &load{rdb: rdb, stop: make(chan struct{}), last: map[string]int{}}
	for w := range loadWorkers {
		l.workers.Go(func() { l.work(w) })
	}
	return l
}

// underWay waits until the clients have made their connections.
func (l *load) underWay(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return l.commands.Load() > 10*loadWorkers }, patience, time.Millisecond)
}

func (l *load) work(worker int) {
	ctx := context.Background()
	for n := 1; ; n++ {
		select {
		case <-l.stop:
			return
		default:
		}
		key := fmt.Sprintf("load:%d:%d", worker, n%loadKeys)
		began := time.Now()
		err := l.rdb.Set(ctx, key, n, 0).Err()
		l.took(time.Since(began), err)
		if err != nil {
			continue
		}
		l.mu.Lock()
		l.last[key] = n
		l.mu.Unlock()
		began = time.Now()
		got, err := l.rdb.Get(ctx, key).Int()
		if err == nil && got != n {
			err = fmt.Errorf("%s is %d after %d was written", key, got, n)
		}
		l.took(time.Since(began), err)
	}
}

func (l *load) took(d time.Duration, err error) {
	l.commands.Add(1)
	for {
		longest := l.longest.Load()
		if int64(d) <= longest || l.longest.CompareAndSwap(longest, int64(d)) {
			break
		}
	}
	if err != nil {
		l.mu.Lock()
		l.failed = append(l.failed, err)
		l.mu.Unlock()
	}
}

// end stops the clients and fails the test if any command failed or any
// acknowledged write is gone.
func (l *load) end(t *testing.T) {
	t.Helper()
	close(l.stop)
	l.workers.Wait()
	t.Logf("%d commands, the longest took %v, %d failed", l.commands.Load(), time.Duration(l.longest.Load()), len(l.failed))
	for key, n := range l.last {
		got, err := l.rdb.Get(context.Background(), key).Int()
		require.NoError(t, err, key)
		require.Equal(t, n, got, "an acknowledged write of %s is lost", key)
	}
	require.Empty(t, l.failed)
}

// stable waits until nothing changes any more.
func stable(t testing.TB, c *cluster.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, c.WaitStable(ctx))
}

func TestGoRedisFollowsAFailover(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t)
	var seen redirections
	rdb := seen.client(t, c)
	setAndGet(t, rdb, 50)
	ps := subscribed(t, rdb.Subscribe(t.Context(), "news"))
	for _, shard := range []string{"0001", "0002", "0003"} {
		was := primaryOf(t, c, shard)
		popped := make(chan error, 1)
		go func() {
			_, err := rdb.BLPop(t.Context(), patience, "queue:"+shard).Result()
			popped <- err
		}()
		require.NoError(t, c.TestFailover(shard))
		setAndGet(t, rdb, 50)
		stable(t, c)
		require.NotEqual(t, was, primaryOf(t, c, shard))
		require.NoError(t, rdb.RPush(t.Context(), "queue:"+shard, "x").Err())
		require.NoError(t, <-popped)
	}
	// A subscription to a node that has died is made again by the client.
	messages := ps.Channel()
	require.Eventually(t, func() bool {
		rdb.Publish(t.Context(), "news", "again")
		select {
		case m := <-messages:
			return m.Payload == "again"
		default:
			return false
		}
	}, patience, 10*time.Millisecond)
}

// TestAFailoverLosesNothingWithoutAReplicationDelay although nobody has waited
// for replicas.
func TestAFailoverLosesNothingWithoutAReplicationDelay(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 1, Replicas: 2})
	rdb := clusterClient(t, c)
	for i := range 20 {
		for key := range 5 {
			require.NoError(t, rdb.Set(t.Context(), fmt.Sprint(key), i, 0).Err())
		}
		require.NoError(t, c.Kill(primaryOf(t, c, "0001")))
		for key := range 5 {
			require.Equal(t, fmt.Sprint(i), rdb.Get(t.Context(), fmt.Sprint(key)).Val())
		}
		stable(t, c)
	}
	require.Zero(t, c.Status().LostWrites)
}

// TestTheWriteOutageOfAFailoverIsShort is the figure that people ask for: how
// long a client that writes all the time cannot write to a shard.
func TestTheWriteOutageOfAFailoverIsShort(t *testing.T) {
	c := clustertest.Run(t)
	rdb := clusterClient(t, c)
	shards := []string{"0001", "0002", "0003"}
	keys := map[string]string{} // a key of each shard
	table := c.Topology().Table
	for i := 0; len(keys) < len(shards); i++ {
		key := fmt.Sprint("k", i)

		keys[shards[table.Owner(slots.OfString(key))]] = key
	}
	const warm = 20 // writes until connections are made
	var outages []time.Duration
	for i := range 9 {
		shard := shards[i%len(shards)]
		longest := make(chan time.Duration, 1)
		stop, began := make(chan struct{}), make(chan struct{})
		go func() {
			var worst time.Duration
			defer func() { longest <- worst }()
			last := time.Now()
			for n := 0; ; n++ {
				if rdb.Set(context.Background(), keys[shard], n, 0).Err() == nil {
					now := time.Now()
					if n > warm {
						worst = max(worst, now.Sub(last))
					}
					last = now
				}
				if n == warm {
					close(began)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
		<-began
		require.NoError(t, c.TestFailover(shard))
		stable(t, c)
		close(stop)
		outages = append(outages, <-longest)
	}
	slices.Sort(outages)
	t.Log("outages", outages)
	if !raceDetector {
		require.Less(t, outages[len(outages)/2], 50*time.Millisecond, "the median")
	}
}

// TestNoCommandFailsInARollingUpgrade upgrades while clients write and read that
// know nothing of it and have go-redis' default retries.
func TestNoCommandFailsInARollingUpgrade(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Shards: 3, Replicas: 1, Engine: cluster.Valkey, EngineVersion: "7.2"})
	var seen redirections
	l := startLoad(seen.client(t, c))
	l.underWay(t)
	require.NoError(t, c.Upgrade("", "8.1"))
	stable(t, c)
	l.end(t)
	t.Log("answered by nodes:", seen.count)
	for _, s := range c.Status().Shards {
		for _, n := range s.Nodes {
			require.Equal(t, "8.1.0", n.Version)
		}
	}
}

func TestNoCommandFailsInAResharding(t *testing.T) {
	t.Parallel()
	for _, mover := range []string{cluster.MoverKey, cluster.MoverSlot} {
		t.Run(mover, func(t *testing.T) {
			t.Parallel()
			c := clustertest.Run(t, cluster.Config{Shards: 2, Replicas: 1, Mover: mover})
			var seen redirections
			l := startLoad(seen.client(t, c))
			l.underWay(t)
			require.NoError(t, c.AddShards(1))
			stable(t, c)
			require.Len(t, c.Status().Shards, 3)
			require.NoError(t, c.RemoveShards("0001"))
			stable(t, c)
			require.Len(t, c.Status().Shards, 2)
			l.end(t)
			t.Log("answered by nodes:", seen.count)
			if mover == cluster.MoverSlot {
				require.Zero(t, seen.of("ASK"))
			}
		})
	}
}

// TestGoRedisAsksWhereHalfMovedKeysAre moves a slot with many keys so slowly
// that clients come in the middle.
func TestGoRedisAsksWhereHalfMovedKeysAre(t *testing.T) {
	t.Parallel()
	c := clustertest.Run(t, cluster.Config{Slots: []string{"0-8193", "8194-16383"}, Replicas: 1, Mover: cluster.MoverKey, MoveDelay: 150 * time.Millisecond})
	var seen redirections
	rdb := seen.client(t, c)
	ctx := t.Context()
	tag := "" // of slot 0, the one that will move
	for i := 0; ; i++ {
		if tag = fmt.Sprint("{", i, "}"); slots.OfString(tag) == 0 {
			break
		}
	}
	const keys = 200
	for i := range keys {
		require.NoError(t, rdb.Set(ctx, tag+fmt.Sprint(i), 0, 0).Err())
	}
	require.NoError(t, c.Reshard(cluster.Resharding{}))
	require.Eventually(t, func() bool { return len(c.Topology().Migrations) > 0 }, patience, time.Millisecond)
	rounds := 0
	for c.Status().Status != cluster.StatusAvailable {
		rounds++
		for i := range keys {
			require.NoError(t, rdb.Incr(ctx, tag+fmt.Sprint(i)).Err())
		}
		pipe := rdb.Pipeline()
		for i := range keys {
			pipe.Incr(ctx, tag+fmt.Sprint(i))
		}
		_, err := pipe.Exec(ctx)
		require.NoError(t, err)
	}
	for i := range keys {
		require.Equal(t, fmt.Sprint(2*rounds), rdb.Get(ctx, tag+fmt.Sprint(i)).Val())
	}
	t.Log(rounds, "rounds, answered by nodes:", seen.count)
	require.NotZero(t, seen.of("ASK"))
}
