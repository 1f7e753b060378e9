package engine

func zsetCommands() []*Command { return nil }
