package engine

// listCursor stands between two elements of a list; it is stale after a write
// to the list.
type listCursor struct {
	l     *list
	c     *chunk
	chunk int
	at    int
}

// cursor stands in front of element i; i == Len() is the end.
func (l *list) cursor(i int) listCursor {
	k, at := l.seek(i)
	return listCursor{l: l, c: l.chunk(k), chunk: k, at: at}
}

// next steps over an element towards the back; ok is false at the end.
func (p *listCursor) next() (elem []byte, ok bool) {
	if p.at == len(p.c.buf) {
		if p.chunk+1 >= p.l.chunks() {
			return nil, false
		}
		p.chunk++
		p.c = p.l.chunk(p.chunk)
		p.at = int(p.c.head)
	}
	elem, p.at = p.c.next(p.at)
	return elem, true
}

// prev steps over an element towards the front; ok is false at the beginning.
func (p *listCursor) prev() (elem []byte, ok bool) {
	if p.at == int(p.c.head) {
		if p.chunk == 0 {
			return nil, false
		}
		p.chunk--
		p.c = p.l.chunk(p.chunk)
		p.at = len(p.c.buf)
	}
	elem, p.at = p.c.prev(p.at)
	return elem, true
}

// step is next or prev.
func (p *listCursor) step(back bool) ([]byte, bool) {
	if back {
		return p.prev()
	}
	return p.next()
}

// eachElement visits the elements from front to back.
func (l *list) eachElement(visit func(elem []byte) bool) {
	for p := l.cursor(0); ; {
		elem, ok := p.next()
		if !ok || !visit(elem) {
			return
		}
	}
}
