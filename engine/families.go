package engine

func bitCommands() []*Command  { return nil }
func keyCommands() []*Command  { return nil }
func listCommands() []*Command { return nil }
func setCommands() []*Command  { return nil }
func hashCommands() []*Command { return nil }
func zsetCommands() []*Command { return nil }
