package engine

// What a container offers to commands of other families: ZUNION and SORT read
// sets, SORT reads lists and the hashes that its patterns name. The bytes
// passed to visit are views that are valid until it returns; visit must not
// change the container and stops the walk by returning false.

// memberWalker is a set or a sorted set.
type memberWalker interface {
	Object
	Len() int
	hasMember(m []byte) bool
	eachMember(visit func(m []byte) bool)
}

// elementWalker is a list.
type elementWalker interface {
	Object
	Len() int
	eachElement(visit func(elem []byte) bool)
}

// fieldGetter is a hash.
type fieldGetter interface {
	Object
	getField(field []byte) (val []byte, ok bool)
}

// scoredWalker is a sorted set.
type scoredWalker interface {
	memberWalker
	score(m []byte) (float64, bool)
}

// fieldWalker is a hash whose fields are visited.
type fieldWalker interface {
	fieldGetter
	eachField(visit func(field, val []byte) bool)
}
