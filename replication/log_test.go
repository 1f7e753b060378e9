package replication

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALogThatNobodyEverFollowedRecordsNothing(t *testing.T) {
	t.Parallel()
	l := NewLog(testID(1), DefaultBacklog, DefaultMaxLag)
	require.Zero(t, l.Append(5, 0, 1, []byte(command("SET", "a", "b"))))
	require.Equal(t, Info{ID: testID(1), ID2: strings.Repeat("0", 40), SecondOffset: -1, BacklogSize: 1 << 20}, l.Info())
	_, partial := l.Follow("r", testID(1), 0)
	require.False(t, partial)
}

func TestOffsetsCountTheBytesOfTheStream(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	c := l.Tail("x")
	set, sel0, sel12 := command("SET", "a", "b"), command("SELECT", "0"), command("SELECT", "12")
	require.EqualValues(t, len(sel0+set), l.Append(5, 0, 1, []byte(set)))
	require.EqualValues(t, len(sel0+set+set), l.Append(5, 0, 1, []byte(set)))
	require.EqualValues(t, len(sel0+set+set+sel12+set), l.Append(5, 12, 1, []byte(set)))
	require.EqualValues(t, len(sel0+set+set+sel12+set)+14, l.AppendPing(1))
	b, err := c.Next(1)
	require.NoError(t, err)
	require.Equal(t, 4, b.Len())
	require.Equal(t, set, string(b.Entry(2).Payload))
	require.Equal(t, sel12+set, string(b.Entry(2).raw))
	require.Equal(t, 12, b.Entry(2).DB)
	require.Equal(t, NoSlot, b.Entry(3).Slot)
	require.Equal(t, l.Offset(), b.Entry(3).Offset)
	require.Equal(t, l.Offset(), c.Offset())
	i := l.Info()
	require.Equal(t, []int64{1, l.Offset(), l.Offset()}, []int64{i.FirstByte, i.Length, i.Offset})
}

func TestAFullSyncMakesTheStreamSelectAgain(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	set := command("SET", "a", "b")
	l.Append(5, 0, 1, []byte(set))
	c, partial := l.Follow("r", "?", -1)
	require.False(t, partial)
	l.Append(5, 0, 1, []byte(set))
	b, err := c.Next(1)
	require.NoError(t, err)
	require.Equal(t, command("SELECT", "0")+set, string(b.Entry(0).raw))
}

func TestEntriesAreDueAfterTheDelay(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	c := l.Tail("x")
	c.SetDelay(10)
	require.True(t, woken(c))
	for i, at := range []int64{100, 105, 103, 120} { // time that goes back counts as standing still
		l.Append(5, 0, at, []byte(command("SET", string(rune('a'+i)), "x")))
	}
	b, err := c.Next(109)
	require.NoError(t, err)
	require.Zero(t, b.Len())
	require.EqualValues(t, 110, b.Wake)
	got, _ := drain(c, 114)
	require.Len(t, got, 1)
	got, _ = drain(c, 115)
	require.Len(t, got, 2)
	b, _ = c.Next(115)
	require.EqualValues(t, 130, b.Wake)
	c.Hurry(l.Offset())
	require.True(t, woken(c))
	got, _ = drain(c, 115)
	require.Len(t, got, 1)
	b, _ = c.Next(115)
	require.EqualValues(t, Never, b.Wake)
}

func TestACursorIsWokenOnceByTheFirstEntryAfterNone(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	c := l.Tail("x")
	l.AppendPing(1)
	require.False(t, woken(c), "it has not found the log empty yet")
	got, _ := drain(c, 1)
	require.Len(t, got, 1)
	l.AppendPing(1)
	require.True(t, woken(c))
	l.AppendPing(1)
	require.False(t, woken(c))
	got, _ = drain(c, 1)
	require.Len(t, got, 2)
	l.Close()
	require.True(t, woken(c))
	_, err := c.Next(1)
	require.ErrorIs(t, err, ErrClosed)
	require.Equal(t, l.Offset(), l.AppendPing(1))
	_, err = l.Tail("late").Next(1)
	require.ErrorIs(t, err, ErrClosed)
}

func TestPartialSyncNeedsAKnownHistoryAndABacklogThatReachesBack(t *testing.T) {
	t.Parallel()
	l := recording(64<<10, 64<<10)
	payload := []byte(command("SET", "k", strings.Repeat("v", 1000)))
	var ends []int64
	for range 200 {
		ends = append(ends, l.Append(5, 0, 1, payload))
	}
	last := len(ends) - 1
	for name, c := range map[string]struct {
		id      string
		offset  int64
		partial bool
	}{
		"at the end":           {testID(1), ends[last], true},
		"within":               {testID(1), ends[last-20], true},
		"another history":      {testID(2), ends[last], false},
		"beyond the end":       {testID(1), ends[last] + 1, false},
		"in an entry's middle": {testID(1), ends[last-1] + 5, false},
		"too far back":         {testID(1), ends[3], false},
		"no history":           {"", ends[last], false},
	} {
		cursor, partial := l.Follow("r", c.id, c.offset)
		require.Equal(t, c.partial, partial, name)
		if partial {
			require.Equal(t, c.offset, cursor.Offset())
		} else {
			require.Equal(t, ends[last], cursor.Offset())
		}
		cursor.Close()
	}
	i := l.Info()
	require.GreaterOrEqual(t, i.Length, int64(64<<10))
	require.Less(t, i.Length, int64(64<<10+2*minChunkBytes+2000))
}

func TestAPromotedReplicaGoesOnWithTheOldHistory(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	at := l.Append(5, 0, 1, []byte(command("SET", "a", "1")))
	l.Append(5, 0, 1, []byte(command("SET", "a", "2")))
	fork := l.Offset()
	l.Shift(testID(2))
	l.Append(5, 0, 1, []byte(command("SET", "a", "3")))

	i := l.Info()
	require.Equal(t, []any{testID(2), testID(1), fork + 1}, []any{i.ID, i.ID2, i.SecondOffset})
	c, partial := l.Follow("r", testID(1), at)
	require.True(t, partial)
	got, _ := drain(c, 1)
	require.Len(t, got, 2)
	_, partial = l.Follow("r", testID(1), fork)
	require.True(t, partial)
	_, partial = l.Follow("r", testID(1), l.Offset())
	require.False(t, partial, "the old history ended before")
	_, partial = l.Follow("r", testID(2), l.Offset())
	require.True(t, partial)
}

func TestAStuckCursorPinsNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	const limit = 256 << 10
	l := recording(16<<10, limit)
	c := l.Tail("stuck")
	payload := []byte(command("SET", "k", strings.Repeat("v", 500)))
	for l.Offset() < limit/2 {
		l.Append(5, 0, 1, payload)
	}
	require.GreaterOrEqual(t, l.Info().Length, int64(limit/2), "it is kept while it may still be read")
	for l.Offset() < 4*limit {
		l.Append(5, 0, 1, payload)
	}
	require.Less(t, l.Info().Length, int64(16<<10+2*maxChunkBytes))
	require.True(t, woken(c))
	_, err := c.Next(1)
	require.ErrorIs(t, err, ErrLost)
}

func TestASlowReaderKeepsItsBatchWhileTheLogMovesOn(t *testing.T) {
	t.Parallel()
	l := recording(16<<10, 16<<10)
	c := l.Tail("slow")
	first := command("SET", "k", "first")
	l.Append(5, 0, 1, []byte(first))
	b, err := c.Next(1)
	require.NoError(t, err)
	for range 5000 {
		l.Append(5, 0, 1, []byte(command("SET", "k", "others")))
	}
	require.Equal(t, first, string(b.Entry(0).Payload))
	_, err = c.Next(1)
	require.ErrorIs(t, err, ErrLost)
}

func TestAnEntryMayBeLargerThanTheBacklog(t *testing.T) {
	t.Parallel()
	l := recording(16<<10, 32<<10)
	c := l.Tail("x")
	big := command("SET", "k", strings.Repeat("v", 1<<20))
	small := command("DEL", "k")
	for _, payload := range []string{small, big, small, big, big, small} {
		l.Append(5, 0, 1, []byte(payload))
		got, err := drain(c, 1)
		require.NoError(t, err)
		require.Equal(t, []string{payload}, got)
	}
	for range 2000 {
		l.Append(5, 0, 1, []byte(small))
	}
	require.Less(t, l.Info().Length, int64(100<<10))
}

func TestLostWritesAreCounted(t *testing.T) {
	t.Parallel()
	l := recording(16<<10, 16<<10)
	var ends []int64
	for range 2000 {
		ends = append(ends, l.Append(5, 0, 1, []byte(command("SET", "k", "v"))))
		l.AppendPing(1)
	}
	n, ok := l.EntriesAfter(ends[len(ends)-11])
	require.True(t, ok)
	require.Equal(t, 10, n)
	n, ok = l.EntriesAfter(l.Offset())
	require.True(t, ok)
	require.Zero(t, n)
	_, ok = l.EntriesAfter(ends[0])
	require.False(t, ok)
}

func TestMirrorRefusesAGap(t *testing.T) {
	t.Parallel()
	l := recording(DefaultBacklog, DefaultMaxLag)
	l.Append(5, 0, 1, []byte(command("SET", "k", "v")))
	c, _ := l.Follow("r", testID(1), 0)
	b, err := c.Next(1)
	require.NoError(t, err)
	replica := NewLog(testID(9), DefaultBacklog, DefaultMaxLag)
	require.Panics(t, func() { replica.Mirror(&b) }, "it was never reset")
	replica.Reset(testID(1), 0)
	replica.Mirror(&b)
	require.Panics(t, func() { replica.Mirror(&b) })
	require.Equal(t, l.Info(), replica.Info())
}

func TestCommandsWalksThroughAPayload(t *testing.T) {
	t.Parallel()
	var cmds Commands
	var got []string
	for cmds.Reset([]byte(command("MULTI") + command("SET", "", "a\r\n$b") + command("DEL", "x", "y"))); cmds.Next(); {
		var args []string
		for _, a := range cmds.Args() {
			args = append(args, string(a))
		}
		got = append(got, strings.Join(args, "|"))
	}
	require.Equal(t, []string{"MULTI", "SET||a\r\n$b", "DEL|x|y"}, got)
	cmds.Reset([]byte("+OK\r\n"))
	require.Panics(t, func() { cmds.Next() })
}
