package engine

func setCommands() []*Command { return nil }
