package replication

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"elasticache-local/slots"
)

// model is a log that keeps everything.
type model struct {
	stream  []byte
	entries []Entry
	db      int
}

func (m *model) append(slot slots.Slot, db int, at int64, payload string) {
	start := len(m.stream)
	if db != m.db && db >= 0 {
		m.stream = append(m.stream, command("SELECT", fmt.Sprint(db))...)
		m.db = db
	}
	m.stream = append(m.stream, payload...)
	m.entries = append(m.entries, Entry{
		Slot: slot, DB: db, At: at, Offset: int64(len(m.stream)),
		Payload: []byte(payload), raw: append([]byte(nil), m.stream[start:]...),
	})
}

// after returns the number of entries up to offset.
func (m *model) after(offset int64) (index int, boundary bool) {
	for i, e := range m.entries {
		if e.Offset > offset {
			return i, i == 0 && offset == 0 || i > 0 && m.entries[i-1].Offset == offset
		}
	}
	return len(m.entries), offset == int64(len(m.stream))
}

type modelCursor struct {
	*Cursor
	read  int // entries
	delay int64
	lost  bool
}

// A log with any mixture of writers, followers, delays and limits hands out
// exactly the entries of a log that keeps everything, or says that they are
// lost, which may only happen beyond the limits.
func TestALogIsLikeOneThatKeepsEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		backlog, maxLag := int64(20<<10), int64(40<<10)
		l := recording(backlog, maxLag)
		m := &model{db: -1}
		now, largest := int64(0), 0
		// What lies before these offsets may be gone: for a new follower, for one
		// that was there.
		keptFrom, heldFrom := int64(0), int64(0)
		limit := func() {
			keptFrom = max(keptFrom, int64(len(m.stream))-backlog)
			heldFrom = max(heldFrom, int64(len(m.stream))-maxLag)
		}
		var cursors []*modelCursor
		slotGen := rapid.SampledFrom([]slots.Slot{0, 7, 16383, AllSlots})
		pick := func(t *rapid.T) *modelCursor {
			if len(cursors) == 0 {
				t.Skip("no cursor")
			}
			return cursors[rapid.IntRange(0, len(cursors)-1).Draw(t, "cursor")]
		}
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				slot, db := slotGen.Draw(t, "slot"), rapid.IntRange(0, 11).Draw(t, "db")
				size := rapid.SampledFrom([]int{0, 1, 50, 900, 5000, 70000}).Draw(t, "size")
				for i := range rapid.IntRange(1, 100).Draw(t, "times") {
					payload := command("SET", fmt.Sprint(i), strings.Repeat("v", size))
					largest = max(largest, len(payload))
					m.append(slot, db, now, payload)
					require.Equal(t, int64(len(m.stream)), l.Append(slot, db, now, []byte(payload)))
					limit()
					if size > 5000 {
						break
					}
				}
			},
			"append all": func(t *rapid.T) {
				var changes []Change
				for i := range rapid.IntRange(0, 20).Draw(t, "changes") {
					size := rapid.SampledFrom([]int{0, 1, 50, 900, 5000}).Draw(t, "size")
					ch := Change{slotGen.Draw(t, "slot"), rapid.IntRange(0, 3).Draw(t, "db"), []byte(command("SET", fmt.Sprint(i), strings.Repeat("v", size)))}
					largest = max(largest, len(ch.Payload))
					m.append(ch.Slot, ch.DB, now, string(ch.Payload))
					changes = append(changes, ch)
				}
				require.Equal(t, int64(len(m.stream)), l.AppendAll(now, changes))
				limit()
			},
			"ping": func(t *rapid.T) {
				m.append(NoSlot, -1, now, string(ping))
				l.AppendPing(now)
				limit()
			},
			"time": func(t *rapid.T) { now++ },
			"follow": func(t *rapid.T) {
				offset := rapid.Int64Range(0, int64(len(m.stream))).Draw(t, "offset")
				index, boundary := m.after(offset)
				if !boundary && index < len(m.entries) && rapid.Bool().Draw(t, "at a boundary") {
					offset, index, boundary = m.entries[index].Offset, index+1, true
				}
				c, partial := l.Follow("r", testID(1), offset)
				require.False(t, partial && !boundary)
				require.True(t, partial || !boundary || offset < keptFrom)
				if !partial {
					index, m.db = len(m.entries), -1
				}
				cursors = append(cursors, &modelCursor{Cursor: c, read: index})
			},
			"read": func(t *rapid.T) {
				c := pick(t)
				before := c.Offset()
				b, err := c.Next(now)
				if err != nil {
					require.Less(t, before, heldFrom)
					c.lost = true
					return
				}
				require.False(t, c.lost)
				for i := range b.Len() {
					require.Equal(t, m.entries[c.read], b.Entry(i))
					require.LessOrEqual(t, b.Entry(i).At+c.delay, now)
					c.read++
				}
				switch {
				case b.Len() > 0:
				case c.read == len(m.entries):
					require.EqualValues(t, Never, b.Wake)
				default:
					require.Equal(t, m.entries[c.read].At+c.delay, b.Wake)
					require.Greater(t, b.Wake, now)
				}
			},
			"delay": func(t *rapid.T) {
				c := pick(t)
				c.delay = rapid.Int64Range(0, 3).Draw(t, "delay")
				c.SetDelay(c.delay)
			},
			"close": func(t *rapid.T) {
				c := pick(t)
				c.Close()
				_, err := c.Next(now)
				require.ErrorIs(t, err, ErrClosed)
				for i := range cursors {
					if cursors[i] == c {
						cursors = append(cursors[:i], cursors[i+1:]...)
						break
					}
				}
			},
			"limits": func(t *rapid.T) {
				backlog = rapid.SampledFrom([]int64{4 << 10, 20 << 10, 2 << 20}).Draw(t, "backlog")
				maxLag = backlog * rapid.Int64Range(1, 4).Draw(t, "factor")
				l.SetLimits(backlog, maxLag)
				limit()
			},
			"": func(t *rapid.T) {
				i := l.Info()
				require.Equal(t, int64(len(m.stream)), i.Offset)
				require.Equal(t, i.Offset-i.Length+1, i.FirstByte)
				require.LessOrEqual(t, i.Length, maxLag+2*maxChunkBytes+2*int64(largest))
				var kept []byte
				l.mu.Lock()
				for c := l.head; c != nil; c = c.next {
					kept = append(kept, c.buf...)
				}
				l.mu.Unlock()
				require.True(t, bytes.Equal(m.stream[i.FirstByte-1:], kept), "the bytes kept are the stream's end")
			},
		})
	})
}
