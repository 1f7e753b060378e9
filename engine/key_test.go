package engine

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDatabasesAreRefusedInClusterMode(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.do("SET", "a", "1")
	require.Equal(t, "-ERR MOVE is not allowed in cluster mode", r.do("MOVE", "a", "x"))
	require.Equal(t, "-ERR SWAPDB is not allowed in cluster mode", r.do("SWAPDB", "x", "y"))
	require.Equal(t, "-ERR Copying to another database is not allowed in cluster mode", r.do("COPY", "a", "a", "DB", "1"))
	require.Equal(t, "-ERR DB index is out of range", r.do("COPY", "a", "a", "DB", "16"))
	require.Equal(t, "-ERR source and destination objects are the same", r.do("COPY", "a", "a", "DB", "0"))
	require.Equal(t, "+OK", r.do("FLUSHALL"))
	require.Equal(t, []string{"65535:FLUSHALL"}, r.takeLog()[1:])
	r.check(t)
}

func TestFlushTouchesOnlyTheSlotsItMay(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.do("SET", "a", "1") // slot 15495
	r.do("SET", "b", "1") // slot 3300
	r.c.Only = func(s uint16) bool { return s == 3300 }
	r.do("FLUSHALL")
	r.c.Only = nil
	require.Equal(t, ":1", r.do("EXISTS", "a"))
	require.Equal(t, ":0", r.do("EXISTS", "b"))
	r.check(t)
}

// TestSetIfEqual is Valkey's SET … IFEQ, from engine 8.1 on.
func TestSetIfEqual(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	require.Equal(t, "-ERR syntax error", r.do("SET", "a", "1", "IFEQ", "0"))
	r.set(func(s *Settings) { s.Version = V(8, 1, 0) })
	require.Equal(t, "$-1", r.do("SET", "a", "1", "IFEQ", "0"))
	require.Equal(t, "$-1", r.do("SET", "a", "1", "IFEQ", "0", "GET"))
	require.Equal(t, ":0", r.do("EXISTS", "a"))
	r.do("SET", "a", "1")
	r.takeLog()
	require.Equal(t, "$-1", r.do("SET", "a", "2", "IFEQ", "0"))
	require.Equal(t, "$1\r\n1", r.do("SET", "a", "2", "IFEQ", "0", "GET"))
	require.Empty(t, r.takeLog())
	require.Equal(t, "+OK", r.do("SET", "a", "2", "IFEQ", "1"))
	require.Equal(t, "$1\r\n2", r.do("SET", "a", "3", "IFEQ", "2", "GET"))
	require.Equal(t, "+OK", r.do("SET", "a", "4", "IFEQ", "3", "PXAT", "2000000000000"))
	require.Equal(t, "+OK", r.do("SET", "a", "5", "IFEQ", "4", "KEEPTTL"))
	require.Equal(t, []string{"SET a 2", "SET a 3", "SET a 4 PXAT 2000000000000", "SET a 5 KEEPTTL"}, r.takeLog())
	for _, bad := range [][]string{{"NX", "IFEQ", "1"}, {"IFEQ", "1", "XX"}, {"IFEQ"}} {
		require.Equal(t, "-ERR syntax error", r.do(append([]string{"SET", "a", "1"}, bad...)...))
	}
	r.do("HSET", "h", "f", "v")
	require.True(t, strings.HasPrefix(r.do("SET", "h", "1", "IFEQ", "1"), "-WRONGTYPE"))
}

func TestIdleTimeAndFrequency(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	r.do("SET", "a", "1")
	r.c.Now += 7500
	require.Equal(t, ":7", r.do("OBJECT", "IDLETIME", "a"))
	for _, quiet := range [][]string{{"EXISTS", "a"}, {"TTL", "a"}, {"TYPE", "a"}, {"OBJECT", "ENCODING", "a"}, {"MEMORY", "USAGE", "a"}, {"SCAN", "0"}} {
		r.do(quiet...)
		require.Equal(t, ":7", r.do("OBJECT", "IDLETIME", "a"), quiet)
	}
	r.c.NoTouch = true
	r.do("GET", "a")
	require.Equal(t, ":7", r.do("OBJECT", "IDLETIME", "a"))
	r.do("SET", "new", "1")
	require.Equal(t, ":0", r.do("OBJECT", "IDLETIME", "new"))
	r.c.NoTouch = false
	require.Equal(t, "+OK", r.do("RENAME", "new", "b"))
	r.do("TOUCH", "a")
	require.Equal(t, ":0", r.do("OBJECT", "IDLETIME", "a"))

	r.limit(PolicyAllKeysLFU, 0)
	require.Contains(t, r.do("OBJECT", "IDLETIME", "a"), "-ERR An LFU maxmemory policy is selected")
	r.do("SET", "f", "1")
	require.Equal(t, ":5", r.do("OBJECT", "FREQ", "f"))
	for range 1000 {
		r.do("GET", "f")
	}
	n, err := strconv.Atoi(r.do("OBJECT", "FREQ", "f")[1:])
	require.NoError(t, err)
	require.InDelta(t, 18, n, 8) // Redis' documentation: 18 after a thousand accesses
	r.c.Now += 3 * 60_000
	require.Equal(t, ":"+strconv.Itoa(n-3), r.do("OBJECT", "FREQ", "f"))
	r.c.Now += 1000 * 60_000
	require.Equal(t, ":0", r.do("OBJECT", "FREQ", "f"))
}

func TestSharedIntegersHaveManyReferences(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	for v, want := range map[string]string{"0": ":2147483647", "9999": ":2147483647", "10000": ":1", "-1": ":1", "x": ":1"} {
		r.do("SET", "a", v)
		require.Equal(t, want, r.do("OBJECT", "REFCOUNT", "a"), v)
	}
	r.do("SET", "a", "1")
	r.limit(PolicyVolatileTTL, 1<<30)
	require.Equal(t, ":2147483647", r.do("OBJECT", "REFCOUNT", "a"))
	r.limit(PolicyVolatileLRU, 1<<30)
	require.Equal(t, ":1", r.do("OBJECT", "REFCOUNT", "a"))
}

// TestMemoryUsageOfStrings holds what redis-server 7.0.15 says.
func TestMemoryUsageOfStrings(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	for _, c := range []struct {
		key, val string
		want     int
	}{{"k", "1", 48}, {"k", "12345", 48}, {"k", "abc", 64}, {"k", strings.Repeat("x", 44), 96}, {"k", strings.Repeat("x", 45), 112},
		{"k", strings.Repeat("x", 100), 160}, {"k", strings.Repeat("x", 1000), 1072}, {"k", strings.Repeat("x", 5000), 5168},
		{"k", "123456789012345678901", 80}, {"abcdefghijklmnopqrstuvwxyz0123456789", "1", 88}} {
		r.do("SET", c.key, c.val)
		require.Equal(t, ":"+strconv.Itoa(c.want), r.do("MEMORY", "USAGE", c.key), c)
	}
}

// TestLongStringsAreChangedInPlace: a thousand small changes of a long string
// do not copy it a thousand times.
func TestLongStringsAreChangedInPlace(t *testing.T) {
	t.Parallel()
	r := newRig(false)
	r.do("SETRANGE", "a", "1000000", "x")
	r.do("APPEND", "a", "x") // gets spare room
	e := r.c.Peek([]byte("a"))
	first := &e.Str()[0]
	for i := range 1000 {
		r.do("APPEND", "a", "x")
		r.do("SETRANGE", "a", strconv.Itoa(i), "y")
		r.do("SETBIT", "a", strconv.Itoa(i*8), "1")
		r.do("BITFIELD", "a", "SET", "u8", "#77", "1")
	}
	e = r.c.Peek([]byte("a"))
	require.Same(t, first, &e.Str()[0])
	require.Len(t, e.Str(), 1001002)
	r.check(t)
	clone := e.Object().Clone().(*bigString)
	r.do("SETRANGE", "a", "0", "z")
	require.NotEqual(t, byte('z'), clone.b[0], "a copy shares nothing")
	r.do("SET", "a", "small")
	r.check(t)
}

// TestAppliedEffectsExpireNothing: a follower keeps what the primary has not
// said to be deleted.
func TestAppliedEffectsExpireNothing(t *testing.T) {
	t.Parallel()
	r := newRig(true)
	r.c.Applying, r.c.Replica = true, true
	r.do("SET", "a", "1", "PXAT", "5")
	require.Equal(t, "$1\r\n1", r.do("GET", "a"))
	r.do("PEXPIREAT", "a", "0") // the past, even for a clock that stood at 0
	require.Equal(t, ":1", r.do("EXISTS", "a"))
	r.c.Applying = false
	require.Equal(t, "$-1", r.do("GET", "a"), "a client of the replica")
	require.Equal(t, ":-2", r.do("TTL", "a"))
	require.EqualValues(t, 1, r.c.KS.Keys(0))
	require.False(t, r.expireSome(10))
	require.EqualValues(t, 1, r.c.KS.Keys(0))
	require.Empty(t, r.takeLog())
}
