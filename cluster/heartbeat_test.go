package cluster_test

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
	"elasticache-local/slots"
)

// TestKeysThatExpireAtOnceAreDeletedInPortions with rests in between, the nodes
// taking turns, and are gone soon all the same.
func TestKeysThatExpireAtOnceAreDeletedInPortions(t *testing.T) {
	simulated(t, cluster.Config{Shards: 3, Replicas: 1}, func(t *testing.T, c *cluster.Cluster) {
		const (
			each    = 4500 // keys of a shard
			portion = 1000 // about, see node/tick.go
		)
		var primaries []*wire
		do := func(w *wire, args ...string) string {
			reply, err := w.do(args...)
			require.NoError(t, err)
			return reply
		}
		for i, set := range slots.Even(3) {
			w, err := dial(c, c.Names().Node(fmt.Sprintf("local-%04d-001", i+1))+":6379")
			require.NoError(t, err)
			defer w.close()
			primaries = append(primaries, w)
			for n, written := 0, 0; written < each; n++ {
				if key := strconv.Itoa(n); set.Has(slots.Of([]byte(key))) {
					require.Equal(t, "OK", do(w, "SET", key, "v", "PX", "5000"))
					written++
				}
			}
		}
		left := func() (total int) {
			for _, w := range primaries {
				n, err := strconv.Atoi(do(w, "DBSIZE"))
				require.NoError(t, err)
				total += n
			}
			return total
		}
		time.Sleep(5 * time.Second)
		require.Equal(t, 3*each, left())
		start := time.Now()
		for before, now := 3*each, 0; before > 0; before = now {
			time.Sleep(time.Millisecond / 2)
			synctest.Wait()
			now = left()
			require.Less(t, before-now, portion+portion/5)
			require.Less(t, time.Since(start), time.Second)
		}
		replicated()
		for i := range 3 {
			require.Equal(t, "0", ask(t, c, fmt.Sprintf("local-%04d-002", i+1), "DBSIZE"))
		}
	})
}
