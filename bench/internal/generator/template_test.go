package generator

import (
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"elasticache-local/slots"
)

func TestTemplateIsTheCommandWithItsNumbers(t *testing.T) {
	t.Parallel()
	tm := newTemplate("k:"+keyMark, 1, "ZADD", "k:"+keyMark, serialMark, "m:"+serialMark)
	n := numbers{members: 5, serial: 7, serialStep: 2}
	got := string(tm.appendTo([]byte("before"), 1234567, &n))
	require.Equal(t, "before*4\r\n$4\r\nZADD\r\n$14\r\nk:000001234567\r\n$12\r\n000000000007\r\n$14\r\nm:000000000009\r\n", got)
	require.Equal(t, uint64(11), n.serial)
}

func TestEveryWorkloadIsWellFormed(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		w, err := newWorkload(&Config{Workload: strings.ToLower(name), ValueSize: 64})
		require.NoError(t, err)
		n := numbers{members: 10}
		for _, tm := range append(w.commands, w.fill...) {
			var r replies // a command is an array of bulk strings, so it can be counted like a reply
			require.Equal(t, 1, r.feed(tm.appendTo(nil, 99, &n)), "%s", name)
			require.Zero(t, r.open)
			require.Contains(t, tm.key, keyMark)
			require.Positive(t, tm.weight)
		}
		if w.depth > 0 {
			require.Zero(t, w.depth%w.perFill, "%s: filled exactly", name)
		}
		require.Equal(t, w.consumes, w.requestLimit(10) > 0)
	}
	_, err := newWorkload(&Config{Workload: "nonsense", ValueSize: 1})
	require.ErrorContains(t, err, "no workload")
}

func TestStringKeysHaveSixteenBytes(t *testing.T) {
	t.Parallel()
	w, err := newWorkload(&Config{Workload: "SET", ValueSize: 64})
	require.NoError(t, err)
	require.Contains(t, string(w.commands[0].bytes), "$16\r\nkey:"+zeros+"\r\n$64\r\n")
}

func TestRandomNumbersStayBelowTheirBound(t *testing.T) {
	t.Parallel()
	n := numbers{state: 1}
	seen := make(map[uint64]int)
	for range 10_000 {
		seen[n.below(7)]++
	}
	require.Len(t, seen, 7)
	for v, times := range seen {
		require.Less(t, v, uint64(7))
		require.InDelta(t, 10_000/7, times, 300)
	}
}

func clusterOf(ranges ...[2]int) []redis.ClusterSlot {
	var all []redis.ClusterSlot
	for i, r := range ranges {
		all = append(all, redis.ClusterSlot{Start: r[0], End: r[1], Nodes: []redis.ClusterNode{
			{Addr: "10.0.0." + strconv.Itoa(1+i%3) + ":6379"}, {Addr: "10.9.9.9:6379"},
		}})
	}
	return all
}

func TestKeysGoToTheOwnerOfTheirTag(t *testing.T) {
	t.Parallel()
	route, err := newRoute("seed:1", clusterOf([2]int{0, 5000}, [2]int{5001, 10000}, [2]int{10001, 16000}, [2]int{16001, 16383}))
	require.NoError(t, err)
	require.Len(t, route.Addrs, 3, "the fourth range belongs to the first shard")
	const n = 1000
	for _, pattern := range []string{"key:" + keyMark, "x{" + keyMark + "}0"} {
		index := newKeyIndex(pattern, n, route)
		total := 0
		for shard := range route.Addrs {
			for i := range index.size(shard, n) {
				key := strings.Replace(pattern, keyMark, pad(index.at(shard, i)), 1)
				require.Equal(t, uint16(shard), route.owner[slots.OfString(key)], "%s", key)
				total++
			}
		}
		require.Equal(t, n, total)
	}
}

func pad(v uint32) string {
	s := strconv.Itoa(int(v))
	return zeros[len(s):] + s
}

func TestRouteRefusesAClusterWithHoles(t *testing.T) {
	t.Parallel()
	_, err := newRoute("seed:1", clusterOf([2]int{0, 16382}))
	require.ErrorContains(t, err, "16383 of 16384")
	_, err = newRoute("seed:1", []redis.ClusterSlot{{Start: 0, End: 16383}})
	require.ErrorContains(t, err, "strange")
	require.Equal(t, "seed:7", absolute("seed:1", ":7"))
	require.Equal(t, "a:7", absolute("seed:1", "a:7"))
}

func TestRequestsInTurnMeetEveryKeyEquallyOften(t *testing.T) {
	t.Parallel()
	index := keyIndex{make([]uint32, 5), make([]uint32, 1), make([]uint32, 4)}
	require.Equal(t, []int{15, 3, 12}, splitByShard(30, index, 3, 10))
	require.Equal(t, []int{3, 1, 3}, splitByShard(7, index, 3, 10))
	require.Equal(t, []int{7}, splitByShard(7, nil, 1, 10))
}

func BenchmarkAppendRequest(b *testing.B) {
	w, err := newWorkload(&Config{Workload: "MIXED", ValueSize: 64})
	if err != nil {
		b.Fatal(err)
	}
	l := &loop{
		cfg: Config{Keys: 100_000}, workload: w, pick: pickByWeight(w.commands),
		keys: make([]keyIndex, len(w.commands)), numbers: numbers{members: 1000}, cursor: make([]int, 1),
	}
	out := make([]byte, 0, 1<<10)
	b.ReportAllocs()
	for b.Loop() {
		out = l.appendRequest(out[:0], 0)
	}
}

func BenchmarkRepliesFeed(b *testing.B) {
	stream := []byte(strings.Repeat("$64\r\n"+strings.Repeat("x", 64)+"\r\n", 64))
	var r replies
	b.ReportAllocs()
	b.SetBytes(int64(len(stream)))
	for b.Loop() {
		r.feed(stream)
	}
}
