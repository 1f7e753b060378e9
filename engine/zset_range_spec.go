package engine

import (
	"bytes"
	"math"
)

// scoreRange is the interval of scores that ZRANGEBYSCORE and its like name.
type scoreRange struct {
	min, max               float64
	minExclude, maxExclude bool
}

func (r scoreRange) fromMin(score float64) bool {
	return score > r.min || score == r.min && !r.minExclude
}

func (r scoreRange) toMax(score float64) bool {
	return score < r.max || score == r.max && !r.maxExclude
}

// empty reports whether no score can be in the range.
func (r scoreRange) empty() bool {
	return r.min > r.max || r.min == r.max && (r.minExclude || r.maxExclude)
}

// parseScoreRange reads "1.5", "(1.5", "-inf", "+inf".
func parseScoreRange(min, max []byte) (r scoreRange, ok bool) {
	var okMax bool
	r.min, r.minExclude, ok = parseScoreBound(min)
	r.max, r.maxExclude, okMax = parseScoreBound(max)
	return r, ok && okMax
}

// parseScoreBound is lax, as Redis is: C's strtod must consume the string up to
// its first NUL, so blanks in front are allowed and an empty string is 0.
func parseScoreBound(b []byte) (score float64, exclude, ok bool) {
	if len(b) > 0 && b[0] == '(' {
		exclude, b = true, b[1:]
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	score, end, _ := strtod(b)
	return score, exclude, end == len(b) && !math.IsNaN(score)
}

// lexRange is the interval of members that ZRANGEBYLEX and its like name.
type lexRange struct{ min, max lexBound }

// lexBound is a member, or one of the ends "-" and "+".
type lexBound struct {
	member  []byte
	exclude bool
	end     int8 // -1: before all members, 1: behind all members
}

func (r lexRange) fromMin(m []byte) bool {
	c := r.min.compare(m)
	return c > 0 || c == 0 && !r.min.exclude
}

func (r lexRange) toMax(m []byte) bool {
	c := r.max.compare(m)
	return c < 0 || c == 0 && !r.max.exclude
}

// compare says on which side of the bound m is.
func (b lexBound) compare(m []byte) int {
	if b.end != 0 {
		return -int(b.end)
	}
	return bytes.Compare(m, b.member)
}

// empty reports whether no member can be in the range.
func (r lexRange) empty() bool {
	if r.min.end != 0 || r.max.end != 0 {
		return r.min.end > 0 || r.max.end < 0
	}
	c := bytes.Compare(r.min.member, r.max.member)
	return c > 0 || c == 0 && (r.min.exclude || r.max.exclude)
}

// parseLexRange reads "[a", "(a", "-", "+".
func parseLexRange(min, max []byte) (r lexRange, ok bool) {
	var okMax bool
	r.min, ok = parseLexBound(min)
	r.max, okMax = parseLexBound(max)
	return r, ok && okMax
}

func parseLexBound(b []byte) (bound lexBound, ok bool) {
	if len(b) == 0 {
		return bound, false
	}
	switch b[0] {
	case '-', '+':
		bound.end = 1
		if b[0] == '-' {
			bound.end = -1
		}
		return bound, len(b) == 1 || b[1] == 0 // C sees the end of the string
	case '(', '[':
		return lexBound{member: b[1:], exclude: b[0] == '('}, true
	}
	return bound, false
}
