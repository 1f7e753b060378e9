package engine

import "elasticache-local/protocol"

func stringCommands() []*Command {
	return []*Command{
		{Name: "get", Arity: 2, Flags: ReadOnly | Fast, Keys: []KeySpec{Key(1, RO|Access)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Reads the string stored at a key.", Run: runGet},
		{Name: "set", Arity: -3, Flags: Write | DenyOOM, Keys: []KeySpec{Key(1, RW|Access|Update|VariableFlags)}, Group: "string", Since: V(1, 0, 0),
			Complexity: "O(1)", Summary: "Stores a string at a key, whatever was there before.", Run: runSet},
	}
}

// readStr looks a string up for reading. ok is false when a WRONGTYPE was replied.
func (c *Ctx) readStr(key []byte) (e Entry, ok bool) {
	e = c.Read(key)
	return e, !c.wrongKind(e, KindString)
}

func runGet(c *Ctx) {
	e, ok := c.readStr(c.Args[1])
	switch {
	case !ok:
	case !e.Exists():
		c.W.Null()
	default:
		c.W.Bulk(e.Str())
	}
}

func runSet(c *Ctx) {
	if len(c.Args) > 3 {
		c.W.Error(protocol.ErrSyntax)
		return
	}
	e := c.Write(c.Args[1])
	c.SetStr(&e, c.Args[2], 0)
	c.W.OK()
}
