package corpus

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/internal/solo"
)

// TestFollowersOfRandomCommandsHoldTheSame runs random commands on sets and
// hashes, random removals among them, and their effects on a follower: both
// must hold the same in the same order.
func TestFollowersOfRandomCommandsHoldTheSame(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	r := rand.New(rand.NewPCG(seed, seed))
	primary, follower := solo.New(seed), solo.New(seed)
	follower.Ctx.Applying = true
	for range 6000 {
		args := followedCommand(r)
		if strings.HasPrefix(args[0], "@") {
			args = args[1:]
		}
		primary.Log = nil
		primary.Do(args...)
		apply(t, follower, effectsWithSelect(t, primary))
		for _, key := range []string{"{t}1", "{t}2", "{t}3", "{t}4", "{t}5", "{t}6"} {
			a, b := primary.Ctx.Peek([]byte(key)), follower.Ctx.Peek([]byte(key))
			require.Equal(t, a.Kind(), b.Kind(), "%q", args)
			if a.Exists() && a.Object() != nil {
				require.Equal(t, encoding(a), encoding(b), "%q", args)
				require.Equal(t, listed(primary, key), listed(follower, key), "%q", args)
			}
		}
	}
}

func followedCommand(r *rand.Rand) []string {
	switch r.IntN(8) {
	case 0:
		return []string{"SPOP", setKey(r)}
	case 1:
		return []string{"SPOP", setKey(r), one(r, "1", "2", "3", "10")}
	case 2, 3:
		return hashCommand(r)
	}
	return setCommand(r)
}

// listed is what a set or a hash lists, in its order.
func listed(e *solo.Engine, key string) string {
	return string(e.Do("SMEMBERS", key)) + string(e.Do("HGETALL", key))
}
