package corpus

import (
	"sort"
	"strings"
)

// Mode says how a reply is compared with the expected one.
type Mode string

// The modes.
const (
	Exact       Mode = ""
	Unordered   Mode = "unordered"
	TypeOnly    Mode = "type"
	ErrorPrefix Mode = "error-prefix"
)

// Same compares two replies.
func (m Mode) Same(a, b Value) bool {
	switch m {
	case TypeOnly:
		return a.Type == b.Type && a.Null == b.Null
	case ErrorPrefix:
		return a.Type == '-' && b.Type == '-' && firstWord(a.Text) == firstWord(b.Text)
	case Unordered:
		a, b = a.sorted(), b.sorted()
	}
	return a.equal(b)
}

func (v Value) equal(o Value) bool {
	if v.Type != o.Type || v.Text != o.Text || v.Null != o.Null || len(v.Elems) != len(o.Elems) {
		return false
	}
	for i := range v.Elems {
		if !v.Elems[i].equal(o.Elems[i]) {
			return false
		}
	}
	return true
}

// sorted puts the elements of every level in order, a map's by pairs.
func (v Value) sorted() Value {
	if len(v.Elems) == 0 {
		return v
	}
	step := 1
	if v.Type == '%' {
		step = 2
	}
	type item struct {
		text  string
		elems []Value
	}
	var items []item
	for i := 0; i+step <= len(v.Elems); i += step {
		var it item
		for _, e := range v.Elems[i : i+step] {
			e = e.sorted()
			it.elems = append(it.elems, e)
			it.text += e.String() + "\n"
		}
		items = append(items, it)
	}
	sort.SliceStable(items, func(i, j int) bool { return items[i].text < items[j].text })
	v.Elems = nil
	for _, it := range items {
		v.Elems = append(v.Elems, it.elems...)
	}
	return v
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
