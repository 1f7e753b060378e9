package engine

import "strings"

// KeyFlag says what a command does to the keys of a KeySpec.
type KeyFlag uint16

// The key flags, in the order in which Redis prints them.
const (
	RO KeyFlag = 1 << iota
	RW
	OW
	RM
	Access
	Update
	Insert
	Delete
	NotKey
	Incomplete
	VariableFlags
)

var keyFlagNames = [...]string{"RO", "RW", "OW", "RM", "access", "update", "insert", "delete", "not_key", "incomplete", "variable_flags"}

// Names are the key flags' names in COMMAND INFO.
func (f KeyFlag) Names() []string {
	var out []string
	for i, n := range keyFlagNames {
		if f&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// KeySpec finds keys among the arguments, in the terms of COMMAND INFO's key
// specifications: where the search begins, and how the keys lie from there.
type KeySpec struct {
	Flags KeyFlag
	// Begin is an index, or with Keyword the keyword's search start.
	Begin   int
	Keyword string
	// A range: the last key relative to Begin (negative: from the end), the
	// step, and the limit.
	Last, Step, Limit int
	// Or a number: NumKeys is set and the count stands at Begin+NumIdx, the
	// first key at Begin+FirstKey.
	NumKeys          bool
	NumIdx, FirstKey int
	// Unknown: the keys cannot be found by this specification.
	Unknown bool
}

// Key is one key at argument at.
func Key(at int, flags KeyFlag) KeySpec { return KeySpec{Flags: flags, Begin: at, Step: 1} }

// KeyRange is keys from argument first to argument last (negative: counted
// from the end), every step.
func KeyRange(first, last, step int, flags KeyFlag) KeySpec {
	if last > 0 {
		last -= first
	}
	return KeySpec{Flags: flags, Begin: first, Last: last, Step: step}
}

// NumKeys is a count at argument at, followed by that many keys.
func NumKeys(at int, flags KeyFlag) KeySpec {
	return KeySpec{Flags: flags, Begin: at, NumKeys: true, FirstKey: 1, Step: 1}
}

// appendKeys adds the positions that the specification names in args.
// ok is false when the arguments do not fit it.
func (k *KeySpec) appendKeys(dst []int, args [][]byte) (pos []int, ok bool) {
	begin := k.Begin
	switch {
	case k.Unknown:
		return dst, true
	case k.Keyword != "":
		begin = keywordAt(args, k.Keyword, k.Begin)
		if begin == 0 {
			return dst, true
		}
	}
	if begin >= len(args) {
		return dst, true
	}
	first, last, step := begin, begin+k.Last, k.Step
	switch {
	case k.NumKeys:
		n, ok := parseInt(args[begin+k.NumIdx])
		first = begin + k.FirstKey
		if !ok || n < 0 || n > int64(len(args)-first) {
			return dst, false
		}
		last = first + int(n)*step - step
	case k.Last < 0:
		last = len(args) + k.Last
		if k.Limit > 1 {
			last = first + ((last-first)/k.Limit + step - 1)
		}
	}
	if last >= len(args) {
		return dst, false
	}
	for i := first; i <= last; i += step {
		dst = append(dst, i)
	}
	return dst, true
}

func keywordAt(args [][]byte, word string, from int) int {
	if from < 0 {
		for i := len(args) + from; i > 0; i-- {
			if strings.EqualFold(string(args[i]), word) && i+1 < len(args) {
				return i + 1
			}
		}
		return 0
	}
	for i := from; i+1 < len(args); i++ {
		if strings.EqualFold(string(args[i]), word) {
			return i + 1
		}
	}
	return 0
}

// OneKey is the position of the command's only key, 0 when it has none or
// possibly several: the router's fast path.
func (cmd *Command) OneKey() int { return cmd.oneKey }

// AppendKeys adds the positions of the keys in args to dst. ok is false when
// the arguments name no valid set of keys (the command will then refuse them).
func (cmd *Command) AppendKeys(dst []int, args [][]byte) (pos []int, ok bool) {
	return cmd.appendKeys(dst, args, false)
}

// AppendRouted is AppendKeys with what is no key but decides about the slot as
// well: the names of shard channels.
func (cmd *Command) AppendRouted(dst []int, args [][]byte) (pos []int, ok bool) {
	return cmd.appendKeys(dst, args, true)
}

func (cmd *Command) appendKeys(dst []int, args [][]byte, channels bool) (pos []int, ok bool) {
	if cmd.KeyFunc != nil {
		p := cmd.KeyFunc(args)
		return append(dst, p...), p != nil
	}
	ok = true
	for i := range cmd.Keys {
		if cmd.Keys[i].Flags&NotKey != 0 && !channels {
			continue
		}
		var fits bool
		if dst, fits = cmd.Keys[i].appendKeys(dst, args); !fits {
			ok = false
		}
	}
	return dst, ok
}

// FirstLastStep is the old form of the key specification in COMMAND INFO.
func (cmd *Command) FirstLastStep() (first, last, step int) {
	for i := range cmd.Keys {
		k := &cmd.Keys[i]
		if k.Keyword != "" || k.NumKeys || k.Unknown {
			continue
		}
		l := k.Last
		if l >= 0 {
			l += k.Begin
		}
		switch {
		case first == 0:
			first, last, step = k.Begin, l, k.Step
		case k.Begin < first:
			first = k.Begin
		default:
			if last >= 0 && (l < 0 || l > last) {
				last = l
			}
		}
	}
	return first, last, step
}
