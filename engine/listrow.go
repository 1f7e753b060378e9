package engine

// chunks is the row of a big list's chunks. None is empty, except while a
// method of list is at work.
type chunks struct {
	all   []chunk // all[:first] is room to grow at the front
	first int
	n     int   // elements
	bytes int64 // of the chunks' buffers and the spare
	// spare is the buffer of a chunk that was emptied, kept for the next new
	// one: where a list grows and shrinks, or only moves on, it is often full
	// chunks that come and go.
	spare []byte
}

// newChunk is an empty chunk with room for an element of n bytes. In a list
// that is big already, a chunk for small elements has at once all the room that
// it may use.
func (l *list) newChunk(n int, front bool) chunk {
	var c chunk
	size := elementSize(n)
	bytes, _ := l.limit.bounds()
	if full := min(bytes, safeChunkBytes); l.row != nil && l.limit < 0 && size <= full/4 {
		size = full
		c.buf, l.row.spare = l.row.spare, nil
		l.row.bytes -= int64(cap(c.buf)) // addChunk counts it
	}
	c.makeRoom(size, front)
	return c
}

// addChunk puts a chunk into the row at i and gives its place.
func (l *list) addChunk(i int, c chunk) *chunk {
	if l.row == nil {
		l.row = &chunks{all: []chunk{l.small}, n: int(l.small.n), bytes: int64(cap(l.small.buf))}
		l.small = chunk{}
	}
	r := l.row
	live := len(r.all) - r.first
	switch {
	case i < live/2 || i == 0: // open at the front
		if r.first == 0 {
			r.makeFront()
		}
		r.first--
		copy(r.all[r.first:], r.all[r.first+1:r.first+1+i])
	default:
		if len(r.all) == cap(r.all) && r.first > live {
			r.closeFront()
		}
		r.all = append(r.all, chunk{})
		copy(r.all[r.first+i+1:], r.all[r.first+i:])
	}
	r.all[r.first+i] = c
	l.counted(int(c.n), cap(c.buf))
	return l.chunk(i)
}

// makeFront makes room for chunks at the front.
func (r *chunks) makeFront() {
	room := len(r.all)/2 + 1
	all := make([]chunk, room+len(r.all), room+len(r.all)+1)
	copy(all[room:], r.all)
	r.all, r.first = all, room
}

// closeFront moves the chunks to the front.
func (r *chunks) closeFront() {
	n := copy(r.all, r.all[r.first:])
	clear(r.all[n:])
	r.all, r.first = r.all[:n], 0
}

// dropChunk takes chunk i out with all that it holds.
func (l *list) dropChunk(i int) {
	c := l.chunk(i)
	if l.row == nil {
		*c = chunk{}
		return
	}
	l.counted(-int(c.n), -cap(c.buf))
	r := l.row
	if r.spare == nil && cap(c.buf) == safeChunkBytes {
		r.spare = c.buf[:0]
		r.bytes += int64(cap(c.buf))
	}
	if i < l.chunks()/2 {
		copy(r.all[r.first+1:], r.all[r.first:r.first+i])
		r.all[r.first] = chunk{}
		r.first++
	} else {
		copy(r.all[r.first+i:], r.all[r.first+i+1:])
		r.all[len(r.all)-1] = chunk{}
		r.all = r.all[:len(r.all)-1]
	}
	if r.first == len(r.all) {
		l.row = nil
		return
	}
	r.fit()
}

// fit gives memory of a row back that has become short.
func (r *chunks) fit() {
	if live := len(r.all) - r.first; cap(r.all) > 64 && cap(r.all) > 4*live {
		r.all, r.first = append(make([]chunk, 0, 2*live), r.all[r.first:]...), 0
	}
}

// dropEmpty takes the empty chunks out of the row.
func (l *list) dropEmpty() {
	if l.row == nil {
		return
	}
	r := l.row
	kept := r.all[:r.first]
	for i := r.first; i < len(r.all); i++ {
		if r.all[i].n > 0 {
			kept = append(kept, r.all[i])
		} else {
			r.bytes -= int64(cap(r.all[i].buf))
		}
	}
	clear(r.all[len(kept):])
	if r.all = kept; r.first == len(r.all) {
		l.row = nil
		return
	}
	r.fit()
}
