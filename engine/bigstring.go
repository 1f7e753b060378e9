package engine

import (
	"slices"

	"elasticache-local/memory"
)

// bigString is a string too long for the arena. Its buffer grows with spare
// room, so that appending to it is not quadratic.
type bigString struct{ b []byte }

func (s *bigString) Kind() Kind       { return KindString }
func (s *bigString) Encoding() string { return "raw" }
func (s *bigString) Mem() int64       { return int64(cap(s.b)) + 24 }
func (s *bigString) Clone() Object    { return &bigString{b: memory.Clone(s.b)} }

// grow makes it size bytes long, zeros behind the former end.
func (s *bigString) grow(size int) {
	n := len(s.b)
	s.b = slices.Grow(s.b, size-n)[:size]
	clear(s.b[n:])
}
