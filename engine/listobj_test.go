package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// listModel is a list and the simplest thing that behaves like it.
type listModel struct {
	t    *testing.T
	r    *rand.Rand
	list *list
	want [][]byte
}

func TestListBehavesLikeASlice(t *testing.T) {
	t.Parallel()
	for _, setting := range []int{-2, -1, 1, 2, 3, 16, 0, -9, 1 << 20} {
		t.Run(fmt.Sprint(setting), func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			s := *DefaultSettings()
			s.ListMaxListpackSize = setting
			m := &listModel{t: t, r: rand.New(rand.NewPCG(seed, 0)), list: newList(&s)}
			for range 500 {
				m.step()
				m.check()
			}
		})
	}
}

func (m *listModel) elem() []byte {
	size := []int{0, 1, 3, 10, 63, 125, 126, 127, 128, 200, 1000, 3000, 9000, 17000}[min(m.r.IntN(14), m.r.IntN(14))]
	return bytes.Repeat([]byte{byte('a' + m.r.IntN(3))}, size)
}

func (m *listModel) step() {
	n := len(m.want)
	switch op := m.r.IntN(20); {
	case op < 8:
		for range 1 + m.r.IntN(3) {
			m.push(m.elem(), op < 4)
		}
	case n == 0:
	case op < 12:
		k := 1 + min(m.r.IntN(n), m.r.IntN(20))
		if op < 10 {
			m.list.drop(k, true)
			m.want = slices.Clone(m.want[k:])
		} else {
			m.list.drop(k, false)
			m.want = m.want[:n-k]
		}
	case op < 15:
		i, e := m.r.IntN(n), m.elem()
		m.list.set(i, e)
		m.want[i] = e
	case op < 18:
		m.insert(m.want[m.r.IntN(n)], m.elem(), op == 15)
	case op == 18 && n > 200:
		m.list.drop(n-100, m.r.IntN(2) == 0)
		m.want = nil
		m.list.eachElement(func(e []byte) bool { m.want = append(m.want, bytes.Clone(e)); return true })
	default:
		m.remove(m.want[m.r.IntN(n)], 1+m.r.IntN(5), m.r.IntN(2) == 0)
	}
}

func (m *listModel) push(e []byte, front bool) {
	m.list.push(e, front)
	if front {
		m.want = slices.Insert(m.want, 0, e)
	} else {
		m.want = append(m.want, e)
	}
}

func (m *listModel) insert(pivot, e []byte, after bool) {
	i := slices.IndexFunc(m.want, func(w []byte) bool { return bytes.Equal(w, pivot) })
	if after {
		i++
	}
	require.True(m.t, m.list.insertAt(pivot, e, after))
	m.want = slices.Insert(m.want, i, e)
}

func (m *listModel) remove(e []byte, limit int, fromBack bool) {
	removed := 0
	for i := range len(m.want) {
		if fromBack {
			i = len(m.want) - 1 - i
		}
		if removed < limit && bytes.Equal(m.want[i], e) {
			m.want[i] = nil
			removed++
		}
	}
	m.want = slices.DeleteFunc(m.want, func(w []byte) bool { return w == nil })
	require.Equal(m.t, removed, m.list.remove(e, limit, fromBack))
}

func (m *listModel) check() {
	l := m.list
	require.Equal(m.t, len(m.want), l.Len())
	m.checkChunks()
	p := l.cursor(0)
	for i, want := range m.want {
		got, ok := p.next()
		require.True(m.t, ok && bytes.Equal(want, got), "element %d of %d", i, l.Len())
	}
	_, ok := p.next()
	require.False(m.t, ok)
	p = l.cursor(l.Len())
	for i := len(m.want) - 1; i >= 0; i-- {
		got, ok := p.prev()
		require.True(m.t, ok && bytes.Equal(m.want[i], got), "element %d of %d", i, l.Len())
	}
	_, ok = p.prev()
	require.False(m.t, ok)
	if n := len(m.want); n > 0 {
		i := m.r.IntN(n)
		require.Equal(m.t, m.want[i], l.at(i))
		require.Equal(m.t, m.want[0], l.end(true))
		require.Equal(m.t, m.want[n-1], l.end(false))
	}
	if m.r.IntN(20) == 0 {
		m.list = m.list.Clone().(*list)
		l.push([]byte("not in the clone"), true)
	}
}

// checkChunks holds the bounds of the chunks and the sums over them.
func (m *listModel) checkChunks() {
	l := m.list
	maxBytes, maxN := l.limit.bounds()
	n, size := 0, int64(0)
	for i := range l.chunks() {
		c := l.chunk(i)
		n += int(c.n)
		size += int64(cap(c.buf))
		require.True(m.t, c.n == 1 || c.size() <= maxBytes && int(c.n) <= maxN, "chunk of %d bytes, %d elements", c.size(), c.n)
		require.True(m.t, c.n > 0 || l.row == nil, "an empty chunk in the row")
		require.True(m.t, cap(c.buf) <= max(128, 4*c.size(), safeChunkBytes*5/4), "%d bytes for %d", cap(c.buf), c.size())
	}
	require.Equal(m.t, l.Len(), n)
	if l.row != nil {
		require.Equal(m.t, l.row.bytes, size+int64(cap(l.row.spare)))
		require.LessOrEqual(m.t, cap(l.row.all), max(64, 8*l.chunks()))
	}
}

func TestListEncodingByVersion(t *testing.T) {
	t.Parallel()
	s := *DefaultSettings()
	old := newList(&s)
	s.Version = V(7, 2, 0)
	l := newList(&s)
	for range 100 {
		old.push([]byte("0123456789"), true)
		l.push([]byte("0123456789"), true)
	}
	require.Equal(t, "quicklist", old.Encoding())
	require.Equal(t, "listpack", l.Encoding())
	for range 1000 {
		l.push([]byte("0123456789"), true)
	}
	require.Equal(t, "quicklist", l.Encoding())
	l.drop(500, true)
	require.Equal(t, "quicklist", l.Encoding(), "only half the limit makes a list small again")
	l.drop(500, false)
	require.Equal(t, "listpack", l.Encoding())
}

func TestQueueInAListKeepsItsMemory(t *testing.T) {
	t.Parallel()
	for _, size := range []int{10, 5000} {
		l := newList(DefaultSettings())
		elem := bytes.Repeat([]byte("x"), size)
		for range 100 {
			l.push(elem, false)
		}
		most := int64(0)
		for range 20000 {
			l.push(elem, false)
			l.drop(1, true)
			most = max(most, l.Mem())
		}
		require.Less(t, most, int64(size+20)*100*2+1<<13)
	}
}

func FuzzChunk(f *testing.F) {
	f.Add([]byte("\x00abc\x01de\x02\x03\x80"))
	f.Fuzz(func(t *testing.T, script []byte) {
		var c chunk
		var want [][]byte
		for len(script) >= 2 {
			op, size := script[0], int(script[1])*int(script[0]&3)
			script = script[2:]
			elem := bytes.Repeat([]byte{op}, size)
			i := 0
			if len(want) > 0 {
				i = size % len(want)
			}
			at := c.offset(i)
			switch {
			case op&0xc0 == 0 || len(want) == 0:
				c.insert(at, elem)
				want = slices.Insert(want, i, elem)
			case op&0xc0 == 0x40:
				_, after := c.next(at)
				c.replace(at, after, elem)
				want[i] = elem
			case op&0xc0 == 0x80:
				_, after := c.next(at)
				c.remove(at, after, 1)
				want = slices.Delete(want, i, i+1)
				c.fit()
			default:
				back := c.split(at)
				for p := 0; p < len(back.buf); {
					e, after := back.next(p)
					c.insert(len(c.buf), e)
					p = after
				}
			}
			require.Equal(t, len(want), int(c.n))
			end := len(c.buf)
			for k := len(want) - 1; k >= 0; k-- {
				var e []byte
				e, end = c.prev(end)
				require.True(t, bytes.Equal(want[k], e))
			}
			require.Equal(t, int(c.head), end)
		}
	})
}
