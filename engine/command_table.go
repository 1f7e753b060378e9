package engine

import (
	"fmt"
	"sort"
)

// Table is a set of commands by name.
type Table struct {
	byName map[string]*Command
	all    []*Command // by ID
}

// NewTable makes a table of families. Declaring a name twice or a command
// without a Run is a programming error and panics.
func NewTable(families ...[]*Command) *Table {
	t := &Table{byName: map[string]*Command{}}
	for _, family := range families {
		for _, cmd := range family {
			if t.byName[cmd.Name] != nil {
				panic("engine: command declared twice: " + cmd.Name)
			}
			t.byName[cmd.Name] = cmd
			t.add(cmd)
		}
	}
	return t
}

func (t *Table) add(cmd *Command) {
	if cmd.Run == nil && len(cmd.Subs) == 0 {
		panic("engine: command without Run: " + cmd.Name)
	}
	cmd.ID = len(t.all)
	cmd.brief = cmd.Flags&Fast != 0 || cmd.Name == "set" // which frees what it overwrites, and is no "fast" command in Redis
	t.all = append(t.all, cmd)
	if len(cmd.Keys) == 1 && cmd.KeyFunc == nil {
		if k := cmd.Keys[0]; !k.NumKeys && !k.Unknown && k.Keyword == "" && k.Last == 0 && k.Flags&NotKey == 0 {
			cmd.oneKey = k.Begin
		}
	}
	cmd.simple = cmd.brief && cmd.oneKey > 0 && cmd.Flags&(Session|WholeKeyspace|Blocking) == 0
	if len(cmd.Subs) > 0 {
		cmd.subs = make(map[string]*Command, len(cmd.Subs))
	}
	for _, sub := range cmd.Subs {
		short := sub.ShortName()
		if cmd.subs[short] != nil {
			panic(fmt.Sprintf("engine: subcommand declared twice: %s|%s", cmd.Name, short))
		}
		cmd.subs[short] = sub
		sub.Name = cmd.Name + "|" + short
		sub.Parent = cmd
		t.add(sub)
	}
}

const maxCommandName = 32

func lower(dst, src []byte) []byte {
	for _, b := range src {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}

// Lookup finds a command by name in any case, without allocating.
func (t *Table) Lookup(name []byte) *Command {
	var buf [maxCommandName]byte
	if len(name) > len(buf) {
		return nil
	}
	return t.byName[string(lower(buf[:0], name))]
}

// All are the commands by ID, subcommands included.
func (t *Table) All() []*Command { return t.all }

// Names are the top-level commands' names, sorted.
func (t *Table) Names() []string {
	names := make([]string, 0, len(t.byName))
	for n := range t.byName {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// DataCommands are the families that act on keys.
func DataCommands() [][]*Command {
	return [][]*Command{stringCommands(), bitCommands(), keyCommands(), listCommands(), setCommands(), hashCommands(), zsetCommands(), sortCommands()}
}
