package engine

// Kind is the type of a value.
type Kind uint8

// The kinds, in the order in which Redis numbers them.
const (
	KindNone Kind = iota
	KindString
	KindList
	KindSet
	KindZSet
	KindHash
	KindStream
)

// String is the answer of TYPE.
func (k Kind) String() string {
	return kindNames[k]
}

var kindNames = [...]string{"none", "string", "list", "set", "zset", "hash", "stream"}

// Object is a container, or a string too long for the table's arena. Small
// containers may live in the arena too, see packedObject.
type Object interface {
	Kind() Kind
	// Encoding is the answer of OBJECT ENCODING.
	Encoding() string
	// Mem is the approximate size in bytes, kept up to date: O(1).
	Mem() int64
	// Clone is a deep copy that shares nothing mutable.
	Clone() Object
}
