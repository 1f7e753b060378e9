package replication

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWaitCountsReplicasThatAreOnlineAndHaveConfirmed(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	a, _ := l.Follow("a", "", 0)
	b, _ := l.Follow("b", "", 0)
	tail := l.Tail("mover")
	tail.SetOnline(1<<40, 1)
	offset := l.Append(5, 0, 1, []byte(command("SET", "k", "v")))

	var calls []int
	w, acked := l.WaitAcked(2, offset, func(n int) { calls = append(calls, n) })
	require.NotNil(t, w)
	require.Zero(t, acked, "a cursor that only tails the log is no replica")
	a.SetOnline(0, 5)
	a.Ack(offset, 6)
	require.Equal(t, 1, l.Acked(offset))
	b.Ack(offset, 7)
	require.Empty(t, calls, "b has confirmed but does not have all the keys")
	b.SetOnline(offset, 8)
	require.Equal(t, []int{2}, calls)
	_, cancelled := w.Cancel()
	require.False(t, cancelled)

	w, acked = l.WaitAcked(2, offset, func(int) { t.Error("called in vain") })
	require.Nil(t, w)
	require.Equal(t, 2, acked)
	b.Ack(offset-1, 9)
	require.Equal(t, 2, l.Acked(offset), "confirmed is confirmed")
	require.Equal(t, []Replica{{"a", true, offset, 6}, {"b", true, offset, 9}}, l.Replicas())
	require.Equal(t, 2, l.GoodReplicas(16, 10))
	require.Equal(t, 1, l.GoodReplicas(17, 10))
	b.Close()
	require.Equal(t, 1, l.Acked(offset))
}

func TestAWaiterCanBeCancelled(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	a, _ := l.Follow("a", "", 0)
	a.SetOnline(0, 1)
	offset := l.AppendPing(1)
	w, _ := l.WaitAcked(1, offset, func(int) { t.Error("called after Cancel") })
	acked, cancelled := w.Cancel()
	require.True(t, cancelled)
	require.Zero(t, acked)
	a.Ack(offset, 2)

	w, _ = l.WaitAcked(2, offset, func(int) { t.Error("called after Close") })
	l.Close()
	_, cancelled = w.Cancel()
	require.True(t, cancelled)
}

func TestDoneMayUseTheLog(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	a, _ := l.Follow("a", "", 0)
	a.SetOnline(0, 1)
	offset := l.AppendPing(1)
	seen := int64(0)
	l.WaitAcked(1, offset, func(int) { seen = l.Offset() })
	a.Ack(offset, 2)
	require.Equal(t, offset, seen)
}
