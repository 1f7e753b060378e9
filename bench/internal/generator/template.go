package generator

import "strconv"

// A template is one request as it goes over the wire, with places where twelve
// decimal digits are put in.
type template struct {
	bytes  []byte
	places []place
	key    string   // the key that decides on the slot, with keyMark for its number
	keys   []string // all keys, if there are more
	weight int      // share among the templates of a workload
}

// A place is where a number goes.
type place struct {
	offset int
	kind   placeKind
}

type placeKind uint8

const (
	keyPlace    placeKind = iota // the number of the key, the same in all such places of a request
	randomPlace                  // a number below Config.Members, drawn anew
	serialPlace                  // a number that was not used before
)

// digits is the width of a number. With a prefix of four bytes a key has 16.
const digits = 12

const zeros = "000000000000"

// Stand-ins for the numbers in a command's words. No word contains them by
// accident: RESP words are chosen in workload.go.
const (
	keyMark    = "<<<<key>>>>>"
	randomMark = "<<<random>>>"
	serialMark = "<<<serial>>>"
)

// newTemplate encodes a command on a key. A word may contain marks.
func newTemplate(key string, weight int, words ...string) template {
	t := template{key: key, weight: weight}
	t.bytes = append(t.bytes, '*')
	t.bytes = strconv.AppendInt(t.bytes, int64(len(words)), 10)
	t.bytes = append(t.bytes, "\r\n"...)
	for _, w := range words {
		t.bytes = append(t.bytes, '$')
		t.bytes = strconv.AppendInt(t.bytes, int64(len(w)), 10)
		t.bytes = append(t.bytes, "\r\n"...)
		t.addWord(w)
		t.bytes = append(t.bytes, "\r\n"...)
	}
	return t
}

func (t *template) addWord(w string) {
	for len(w) >= digits {
		kind, marked := markKind(w[:digits])
		if !marked {
			t.bytes = append(t.bytes, w[0])
			w = w[1:]
			continue
		}
		t.places = append(t.places, place{offset: len(t.bytes), kind: kind})
		t.bytes = append(t.bytes, zeros...)
		w = w[digits:]
	}
	t.bytes = append(t.bytes, w...)
}

func markKind(s string) (placeKind, bool) {
	switch s {
	case keyMark:
		return keyPlace, true
	case randomMark:
		return randomPlace, true
	case serialMark:
		return serialPlace, true
	}
	return 0, false
}

// appendTo appends the request for a key to b. The other numbers come from n.
func (t *template) appendTo(b []byte, key uint32, n *numbers) []byte {
	start := len(b)
	b = append(b, t.bytes...)
	for _, p := range t.places {
		var v uint64
		switch p.kind {
		case keyPlace:
			v = uint64(key)
		case randomPlace:
			v = n.below(n.members)
		case serialPlace:
			v = n.serial
			n.serial += n.serialStep
		}
		putDigits(b[start+p.offset:start+p.offset+digits], v)
	}
	return b
}

// putDigits writes v over b, a run of zeros, in decimal; digits beyond the
// twelfth are lost.
func putDigits(b []byte, v uint64) {
	for i := digits - 1; v > 0 && i >= 0; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
}

// numbers draws the numbers of one thread's requests.
type numbers struct {
	state      uint64 // of the random generator
	members    uint64 // bound of randomPlace
	serial     uint64 // next serialPlace
	serialStep uint64 // number of threads: each has its own residue class
}

// next returns 64 random bits (SplitMix64).
func (n *numbers) next() uint64 {
	n.state += 0x9E3779B97F4A7C15
	z := n.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below returns a random number below bound, which is between 1 and 2³².
func (n *numbers) below(bound uint64) uint64 {
	return (n.next() >> 32) * bound >> 32
}
