package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/internal/solo"
	"elasticache-local/replication"
)

// TestRebuiltKeysAreTheSame applies what RebuildSlotLocked gives to an empty
// engine and compares the digests.
func TestRebuiltKeysAreTheSame(t *testing.T) {
	t.Parallel()
	from, to := solo.New(1), solo.New(1)
	from.Do("SET", "{t}s", "v")
	from.Do("SET", "{t}big", strings.Repeat("x", 5000), "PXAT", "99999999999999")
	for i := range 300 {
		n := fmt.Sprint(i)
		from.Do("RPUSH", "{t}l", n)
		from.Do("SADD", "{t}ints", n)
		from.Do("SADD", "{t}set", "m"+n)
		from.Do("HSET", "{t}h", "f"+n, "v"+n)
		from.Do("ZADD", "{t}z", n+".5", "m"+n)
	}
	from.Do("HSET", "{t}small", "a", "1", "b", "2")
	from.Do("PEXPIREAT", "{t}l", "88888888888888")
	var cmds replication.Commands
	from.Ctx.KS.RebuildSlotLocked(15891, func(db int, payload []byte) {
		for cmds.Reset(payload); cmds.Next(); {
			args := cmds.Args()
			if name := string(args[0]); name != "MULTI" && name != "EXEC" {
				require.NotEqual(t, byte('-'), to.DoBytes(args)[0])
			}
		}
	})
	require.Equal(t, from.Ctx.KS.Keys(0), to.Ctx.KS.Keys(0))
	require.Equal(t, from.Ctx.Digest(), to.Ctx.Digest())
}

func TestKeysMoveWithTheirValues(t *testing.T) {
	t.Parallel()
	from, to := solo.New(1), solo.New(1)
	from.Do("SADD", "k", "a", "b")
	from.Do("PEXPIREAT", "k", "99999999999999")
	want := from.Ctx.DigestValue([]byte("k"))
	from.Log, to.Log = nil, nil
	from.Ctx.Within(0, func() {
		m, ok := from.Ctx.TakeKey([]byte("k"))
		require.True(t, ok)
		to.Ctx.Within(0, func() { to.Ctx.PutKey(m) })
	})
	require.Equal(t, want, to.Ctx.DigestValue([]byte("k")))
	require.Zero(t, from.Ctx.KS.Keys(0))
	require.Equal(t, "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n", string(from.Log[0]))
	require.Contains(t, string(to.Log[0]), "SADD")
	require.Contains(t, string(to.Log[0]), "PEXPIREAT")
}
