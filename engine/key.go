package engine

func keyCommands() []*Command { return nil }
