package engine

import (
	"bytes"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSmallContainersLiveInTheArena follows a hash, a set and a sorted set on
// their way out of the arena.
func TestSmallContainersLiveInTheArena(t *testing.T) {
	t.Parallel()
	b := newBench()
	inArena := func(key string) bool {
		e := b.c.find(0, []byte(key))
		return e.Exists() && e.t.isPacked(e.r)
	}
	b.run(command("HSET", "h", "f", "v"))
	b.run(command("SADD", "i", "1"))
	b.run(command("SADD", "s", "m"))
	b.run(command("ZADD", "z", "1", "m"))
	require.True(t, inArena("h") && inArena("i") && inArena("s") && inArena("z"))
	for i := range 600 {
		b.run(command("HSET", "h", fieldName(i), "v"))
		b.run(command("SADD", "i", strconv.Itoa(i)))
		b.run(command("SADD", "s", fieldName(i)))
		b.run(command("ZADD", "z", strconv.Itoa(i), fieldName(i)))
		for _, key := range []string{"h", "z"} {
			e := b.c.find(0, []byte(key))
			require.Equal(t, len(e.packed()) > 0, inArena(key))
			require.LessOrEqual(t, len(e.packed()), maxInlineValue)
			require.LessOrEqual(t, cap(e.packed()), maxInlineValue)
		}
	}
	require.False(t, inArena("h") || inArena("i") || inArena("s") || inArena("z"))
	b.run(command("ZCARD", "z"))
	require.Equal(t, ":601\r\n", string(b.c.W.Bytes()))
	b.run(command("HLEN", "h"))
	require.Equal(t, ":601\r\n", string(b.c.W.Bytes()))
}

// TestContainersKeepTheBooksStraight does random things to few keys of one
// slot and holds the sums of the keyspace against its tables.
func TestContainersKeepTheBooksStraight(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, seed))
	b := newBench()
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	for range 8000 {
		k, m := "{t}"+strconv.Itoa(r.IntN(5)), strconv.Itoa(r.IntN(80))
		cmd := one("HSET k m v", "HSET k m v", "HDEL k m", "HINCRBY k m 1", "SADD k m", "SADD k m x", "SREM k m", "SPOP k", "SPOP k 3",
			"ZADD k v m", "ZADD k v m 7 x", "ZINCRBY k v m", "ZREM k m", "ZPOPMIN k", "ZPOPMAX k 3", "ZREMRANGEBYRANK k 1 2",
			"ZUNIONSTORE {t}2 2 k {t}1", "ZRANGESTORE {t}0 k 0 5",
			"SMOVE k {t}1 m", "SUNIONSTORE {t}2 k {t}1", "SET k v", "DEL k", "EXPIRE k 100", "PERSIST k", "RENAME k {t}3", "COPY k {t}4 REPLACE")
		args := strings.Fields(cmd)
		for i := 1; i < len(args); i++ {
			switch args[i] {
			case "k":
				args[i] = k
			case "m":
				args[i] = m
			case "v":
				if args[i] = strings.Repeat("v", r.IntN(80)); cmd[0] == 'Z' {
					args[i] = strconv.Itoa(r.IntN(100))
				}
			case "x":
				args[i] = "x" + strings.Repeat("y", r.IntN(70))
			}
		}
		b.run(command(args...))
		if r.IntN(10) == 0 {
			b.c.KS.compact()
		}
		table, keys := b.c.KS.dbs[0].slots[b.c.slotOf([]byte("{t}"))].t, 0
		if table != nil {
			keys = table.count
		}
		require.Equal(t, table.mem(), b.c.KS.Mem(), "%q", args)
		require.EqualValues(t, keys, b.c.KS.Keys(0), "%q", args)
	}
}

// TestAMovedContainerSharesNothing changes the copy and the original.
func TestAMovedContainerSharesNothing(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.run(command("HSET", "{t}a", "f", "1", "g", "2"))
	b.run(command("COPY", "{t}a", "{t}b"))
	b.run(command("HSET", "{t}a", "f", "9"))
	b.run(command("HGET", "{t}b", "f"))
	require.Equal(t, "$1\r\n1\r\n", string(b.c.W.Bytes()))
	copied := b.c.KS.CopySlotLocked(b.c.slotOf([]byte("{t}a")))
	b.run(command("HSET", "{t}b", "f", "8"))
	other := NewKeyspace(16, true, 1)
	other.InstallSlotLocked(b.c.slotOf([]byte("{t}a")), copied)
	c := newTestCtx()
	c.KS = other
	e := c.Peek([]byte("{t}b"))
	val, _ := e.Object().(*hash).getField([]byte("f"))
	require.True(t, bytes.Equal([]byte("1"), val))
}
