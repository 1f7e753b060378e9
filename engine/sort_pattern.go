package engine

import "bytes"

// sortPattern names a value for each element of a SORT: "weight_*" the string
// at the key in which the element stands for the first '*', "object_*->price" a
// field of the hash at such a key, "#" the element itself.
type sortPattern struct {
	text  []byte
	star  int    // offset of the '*', -1 when there is none
	field []byte // nil for a string
	tail  int    // offset of the end of the key's name
	buf   []byte // for the key's name
}

// newSortPattern reads a pattern. As in C, a '*' and an arrow behind a NUL are
// not seen.
func newSortPattern(text []byte) sortPattern {
	visible := untilNUL(text)
	p := sortPattern{text: text, star: bytes.IndexByte(visible, '*'), tail: len(text)}
	if p.star < 0 {
		return p
	}
	arrow := bytes.Index(visible[p.star+1:], []byte("->"))
	if arrow >= 0 && p.star+1+arrow+2 < len(visible) {
		p.tail = p.star + 1 + arrow
		p.field = text[p.tail+2:]
	}
	return p
}

// isElement reports whether the pattern is "#".
func (p *sortPattern) isElement() bool { return string(untilNUL(p.text)) == "#" }

// lookupPattern gives a view of the value that p names for elem, valid until
// the next lookup.
func (c *Ctx) lookupPattern(p *sortPattern, elem []byte) (val []byte, ok bool) {
	switch {
	case p.isElement():
		return elem, true
	case p.star < 0:
		return nil, false
	}
	p.buf = append(append(append(p.buf[:0], p.text[:p.star]...), elem...), p.text[p.star+1:p.tail]...)
	e := c.Read(p.buf)
	switch {
	case p.field == nil && e.Kind() == KindString:
		return e.Str(), true
	case p.field != nil && e.Kind() == KindHash:
		return e.Object().(fieldGetter).getField(p.field)
	}
	return nil, false
}
