package engine

func bitCommands() []*Command { return nil }
