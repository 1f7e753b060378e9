package corpus

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/internal/solo"
)

// TestKeysPropagateAsRedis compares effects and events of random commands on
// strings, bits and keys, and plays the effects on a follower, which must hold
// the same in the end.
func TestKeysPropagateAsRedis(t *testing.T) {
	t.Parallel()
	for name, gen := range map[string]func(*rand.Rand) []string{"keys": keyCommand, "bits": bitCommand} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPropagation(t, "EAnm")
			follower := solo.New(2)
			follower.Ctx.Applying = true
			seed := seedOf(t)
			r := rand.New(rand.NewPCG(seed, seed))
			used := &Script{}
			for range 1500 {
				args := plain(gen(r))
				// A failing write that makes a key is not told to replicas.
				if slices.ContainsFunc(args, func(a string) bool { return strings.EqualFold(a, "FAIL") }) {
					continue
				}
				p.engine.Advance(time.Now().UnixMilli() - p.engine.Ctx.Now)
				follower.Ctx.Now = p.engine.Ctx.Now
				p.compare(t, args)
				apply(t, follower, effectsWithSelect(t, p.engine))
				used.Steps = append(used.Steps, Step{Args: byteArgs(args)})
			}
			p.engine.Ctx.Applying = true // look without expiring anything
			require.Equal(t, state(p.engine, used), state(follower, used))
		})
	}
}

// plain takes the directives off a command.
func plain(args []string) []string {
	if strings.HasPrefix(args[0], "@") {
		args = args[1:]
	}
	args[0] = strings.TrimSuffix(args[0], "@")
	return args
}
