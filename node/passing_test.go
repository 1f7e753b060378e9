package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/engine"
	"elasticache-local/slots"
)

// follower is a replica of k that has nothing to do any more.
func (k *kit) follower(t *testing.T) *Node {
	t.Helper()
	r := k.replica(t)
	r.Follow(k.Node, nil)
	resting(t, r)
	return r
}

// resting waits until the goroutine that follows has nothing to do.
func resting(t *testing.T, r *Node) {
	t.Helper()
	require.Eventually(t, func() bool {
		r.follow.step.Lock()
		defer r.follow.step.Unlock()
		return r.follow.attended
	}, 10*time.Second, time.Millisecond)
}

// written is what a turn has written at a primary.
func written(k *kit, value string) {
	payload := "*3\r\n$3\r\nSET\r\n$1\r\na\r\n" + fmt.Sprintf("$%d\r\n%s\r\n", len(value), value)
	slot := slots.Slot(15495) // of a
	k.ks.Lock(slot)
	defer k.ks.Unlock(slot)
	k.Append([]engine.Effect{{Slot: slot, Payload: []byte(payload)}})
}

func TestReplicasFollowInPassing(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	r := k.follower(t)
	const times = 20
	atOnce := 0
	for i := range times {
		resting(t, r)
		behind := k.log.Offset()
		written(k, strings.Repeat("x", i))
		require.Equal(t, behind, r.log.Offset(), "not before the turn is done")
		k.TurnDone()
		if r.log.Offset() == k.log.Offset() {
			atOnce++
		}
		require.Eventually(t, func() bool { return r.log.Offset() == k.log.Offset() }, 10*time.Second, time.Millisecond)
	}
	require.Greater(t, atOnce, times/2, "the goroutine has a turn of its own once a second only")
	require.Equal(t, 1, k.log.Acked(k.log.Offset()))
}

func TestMuchIsLeftToTheGoroutine(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	r := k.follower(t)
	for range 10 {
		resting(t, r)
		for range 3 {
			written(k, strings.Repeat("x", passingBytes/2))
		}
		k.TurnDone()
		require.Eventually(t, func() bool { return r.log.Offset() == k.log.Offset() }, 10*time.Second, time.Millisecond)
	}
}

func TestADelayedReplicaDoesNotFollowInPassing(t *testing.T) {
	t.Parallel()
	k := startKit(t, func(c *Config) { c.ReplicationDelay = time.Hour })
	r := k.replica(t)
	r.Follow(k.Node, nil)
	require.Eventually(t, r.Synced, 10*time.Second, time.Millisecond)
	written(k, "x")
	k.TurnDone()
	require.Less(t, r.log.Offset(), k.log.Offset())
}

func TestWhatNoTurnHasWrittenWakesReplicasAtOnce(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	r := k.follower(t)
	for range 10 {
		resting(t, r)
		untimely{k.Node}.Append([]engine.Effect{{Slot: 15495, Payload: []byte("*2\r\n$3\r\nDEL\r\n$1\r\na\r\n")}})
		began := time.Now()
		require.Eventually(t, func() bool { return r.log.Offset() == k.log.Offset() }, 10*time.Second, time.Millisecond)
		if time.Since(began) < ackEvery*time.Millisecond/2 {
			return
		}
	}
	t.Error("replicas see it when they look by themselves only")
}
