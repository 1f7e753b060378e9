package engine

// bigString is a string too long for the arena. Its buffer grows with spare
// room, so that appending to it is not quadratic.
type bigString struct{ b []byte }

func (s *bigString) Kind() Kind       { return KindString }
func (s *bigString) Encoding() string { return "raw" }
func (s *bigString) Mem() int64       { return int64(cap(s.b)) + 24 }
func (s *bigString) Clone() Object    { return &bigString{b: append([]byte(nil), s.b...)} }
