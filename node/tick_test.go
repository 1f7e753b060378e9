package node

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAFollowerWritesNothingOfItsOwn even while it does not know, or not any more,
// that it is a replica: its log is its source's.
func TestAFollowerWritesNothingOfItsOwn(t *testing.T) {
	t.Parallel()
	source, follower := startKit(t, nil), startKit(t, func(c *Config) { c.ID = strings.Repeat("d", 40) })
	synced := make(chan struct{}, 1)
	follower.Follow(source.Node, func() { synced <- struct{}{} })
	t.Cleanup(follower.StopFollowing)
	<-synced

	removed := *source.Topology()
	removed.Version += 2
	for _, forget := range []bool{false, true} {
		if forget {
			follower.SetTopology(&removed)
			require.True(t, follower.IsReplica())
			require.False(t, follower.Recording())
		}
		follower.Ping()
		source.Ping()
		for end := time.Now().Add(10 * time.Second); follower.Log().Offset() != source.Log().Offset(); runtime.Gosched() {
			require.True(t, time.Now().Before(end), "the follower stops")
		}
	}
}
