package corpus

import "testing"

// record puts the replies of two targets, one per protocol version, into the
// script. A reply that is the same under the step's mode is left as it stands.
func record(t testing.TB, s *Script, resp2, resp3 Target) {
	replay(t, resp2, s, func(step *Step, c Client) {
		v, replied := c.Settle(t)
		switch {
		case !replied:
			step.Reply = nil
		case step.Reply == nil || !step.Mode.Same(*step.Reply, v):
			step.Reply = &v
		}
	})
	replay(t, resp3, s, func(step *Step, c Client) {
		v, replied := c.Settle(t)
		switch {
		case !replied || step.Reply != nil && step.Mode.Same(*step.Reply, v):
			step.Reply3 = nil
		case step.Reply3 == nil || !step.Mode.Same(*step.Reply3, v):
			step.Reply3 = &v
		}
	})
}
