package slots

import (
	"fmt"
	"strconv"
	"strings"
)

// String writes the set the way CLUSTER NODES and the ElastiCache API write
// slots: "0-5461,10923-16383", a single slot as "7", the empty set as "".
func (s Set) String() string {
	var b []byte
	for i, r := range s.Ranges() {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.append(b)
	}
	return string(b)
}

// String writes "0-5461", or "7" for a range of one slot.
func (r Range) String() string { return string(r.append(nil)) }

func (r Range) append(b []byte) []byte {
	b = strconv.AppendUint(b, uint64(r.First), 10)
	if r.Last != r.First {
		b = append(b, '-')
		b = strconv.AppendUint(b, uint64(r.Last), 10)
	}
	return b
}

// Parse reads what String writes; parts may stand in any order. "" is the
// empty set. It refuses an empty part, anything but decimal digits, a slot
// above 16383, a range that runs backwards and a slot that is named twice.
func Parse(text string) (Set, error) {
	var s Set
	if text == "" {
		return s, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		r, err := parseRange(part)
		if err != nil {
			return Set{}, fmt.Errorf("slots %s: %w", quote(text), err)
		}
		more := SetOf(r)
		if twice := s.Intersect(more); !twice.Empty() {
			return Set{}, fmt.Errorf("slots %s: %s given twice", quote(text), twice)
		}
		s = s.Union(more)
	}
	return s, nil
}

func parseRange(part string) (Range, error) {
	if part == "" {
		return Range{}, fmt.Errorf("empty part")
	}
	a, b, isRange := strings.Cut(part, "-")
	first, err := parseSlot(a)
	if err != nil {
		return Range{}, err
	}
	if !isRange {
		return Range{first, first}, nil
	}
	last, err := parseSlot(b)
	if err != nil {
		return Range{}, err
	}
	if first > last {
		return Range{}, fmt.Errorf("%s runs backwards", clip(part))
	}
	return Range{first, last}, nil
}

func parseSlot(digits string) (Slot, error) {
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, fmt.Errorf("%s is not a slot number", quote(digits))
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n >= Count {
		return 0, fmt.Errorf("slot %s is above %d", clip(digits), Count-1)
	}
	return Slot(n), nil
}

// maxQuoted is how many bytes of a faulty text an error repeats.
const maxQuoted = 64

func quote(text string) string { return strconv.Quote(clip(text)) }

func clip(text string) string {
	if len(text) > maxQuoted {
		return text[:maxQuoted] + "…"
	}
	return text
}
