package replication

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettleWaitsForReplicasThatHaveAllTheKeys(t *testing.T) {
	t.Parallel()
	l := NewLog("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", DefaultBacklog, DefaultMaxLag)
	require.Nil(t, l.Settle(0), "nobody follows")
	c, _ := l.Follow("r", "", 0)
	c.SetDelay(1000)
	offset := l.Append(1, 0, 5, ping)
	require.Nil(t, l.Settle(offset), "who still copies does not count")
	c.SetOnline(0, 5)

	changed := l.Settle(offset)
	require.NotNil(t, changed)
	b, err := c.Next(6)
	require.NoError(t, err)
	require.Equal(t, 1, b.Len(), "the delay does not hold for what is to settle")
	c.Ack(offset, 6)
	<-changed
	require.Nil(t, l.Settle(offset))

	offset = l.Append(1, 0, 7, ping)
	changed = l.Settle(offset)
	c.Close()
	<-changed
	require.Nil(t, l.Settle(offset), "who is gone does not count")

	c, _ = l.Follow("s", "", 0)
	c.SetOnline(0, 7)
	offset = l.Append(1, 0, 8, ping)
	changed = l.Settle(offset)
	require.NotNil(t, changed)
	l.Close()
	<-changed
	require.Nil(t, l.Settle(offset), "the log is closed")
}
