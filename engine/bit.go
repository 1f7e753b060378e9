package engine

import "elasticache-local/protocol"

func bitCommands() []*Command {
	return []*Command{
		{Name: "setbit", Arity: 4, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, RW|Access|Update)}, Group: "bitmap", Since: V(2, 2, 0),
			Complexity: "O(1)", Summary: "Sets or clears one bit of a string.", Run: runSetBit},
		{Name: "getbit", Arity: 3, Flags: ReadOnly | Fast, Keys: []KeySpec{Key(1, RO|Access)}, Group: "bitmap", Since: V(2, 2, 0),
			Complexity: "O(1)", Summary: "Reads one bit of a string.", Run: runGetBit},
		{Name: "bitcount", Arity: -2, Flags: ReadOnly, Keys: []KeySpec{Key(1, RO|Access)}, Group: "bitmap", Since: V(2, 6, 0),
			Complexity: "O(N)", Summary: "Counts the bits of a string that are set.", Run: runBitCount},
		{Name: "bitpos", Arity: -3, Flags: ReadOnly, Keys: []KeySpec{Key(1, RO|Access)}, Group: "bitmap", Since: V(2, 8, 7),
			Complexity: "O(N)", Summary: "Finds the first bit of a string that is set or clear.", Run: runBitPos},
		{Name: "bitop", Arity: -4, Flags: Write | DenyOOM, Keys: []KeySpec{Key(2, OW|Update), KeyRange(3, -1, 1, RO|Access)}, Group: "bitmap", Since: V(2, 6, 0),
			Complexity: "O(N)", Summary: "Combines the bits of several strings into another one.", Run: runBitOp},
		{Name: "bitfield", Arity: -2, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, RW|Access|Update|VariableFlags)}, Group: "bitmap", Since: V(3, 2, 0),
			Complexity: "O(1) for each subcommand specified", Summary: "Reads and changes integers of any width within a string.", Run: runBitfield},
		{Name: "bitfield_ro", Arity: -2, Flags: ReadOnly | Fast, Keys: []KeySpec{Key(1, RO|Access)}, Group: "bitmap", Since: V(6, 0, 0),
			Complexity: "O(1) for each subcommand specified", Summary: "Reads integers of any width within a string.", Run: runBitfieldRO},
	}
}

// bitOffset reads a bit's offset, or replies why not. width, if not 0, allows
// the form "#n": the n-th integer of that many bits.
func (c *Ctx) bitOffset(arg []byte, width int64) (offset int64, ok bool) {
	if width > 0 && len(arg) > 0 && arg[0] == '#' {
		offset, ok = parseInt(arg[1:])
		offset *= width // may wrap around, as in Redis
	} else {
		offset, ok = parseInt(arg)
	}
	if !ok || offset < 0 || !c.Applying && offset>>3 >= c.KS.Settings().ProtoMaxBulk {
		c.W.Error(protocol.ErrBitOffset)
		return 0, false
	}
	return offset, true
}

func runSetBit(c *Ctx) {
	key := c.Args[1]
	offset, ok := c.bitOffset(c.Args[2], 0)
	if !ok {
		return
	}
	on, ok := c.intArgOr(3, protocol.ErrBitValue)
	if !ok {
		return
	}
	if on&^1 != 0 {
		c.W.Error(protocol.ErrBitValue)
		return
	}
	e, ok := c.writeStr(key)
	if !ok {
		return
	}
	at, mask := int(offset>>3), byte(0x80>>(offset&7))
	grows := !e.Exists() || at >= len(e.Str())
	was := !grows && e.Str()[at]&mask != 0
	if !grows && was == (on == 1) {
		c.markRaw(&e)
	} else {
		setBit(c.editStr(&e, at+1), at, mask, on == 1)
		c.Notify(NotifyString, "setbit", key)
	}
	c.W.Int(boolInt(was))
}

func setBit(b []byte, at int, mask byte, on bool) {
	if on {
		b[at] |= mask
	} else {
		b[at] &^= mask
	}
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func runGetBit(c *Ctx) {
	offset, ok := c.bitOffset(c.Args[2], 0)
	if !ok {
		return
	}
	e, ok := c.readStr(c.Args[1])
	if !ok {
		return
	}
	on := e.Exists() && offset>>3 < int64(len(e.Str())) && e.Str()[offset>>3]&(0x80>>(offset&7)) != 0
	c.W.Int(boolInt(on))
}
