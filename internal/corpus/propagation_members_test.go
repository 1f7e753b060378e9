package corpus

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestSetsAndHashesPropagateAsRedis compares effects and events of random
// commands that choose nothing at random.
func TestSetsAndHashesPropagateAsRedis(t *testing.T) {
	t.Parallel()
	for name, gen := range map[string]func(*rand.Rand) []string{"sets": setCommand, "hashes": hashCommand} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPropagation(t, "EAnm")
			seed := seedOf(t)
			r := rand.New(rand.NewPCG(seed, seed))
			for range 1500 {
				p.engine.Advance(time.Now().UnixMilli() - p.engine.Ctx.Now)
				p.compare(t, plain(gen(r)))
			}
		})
	}
}
