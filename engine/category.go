package engine

import (
	"slices"
	"strings"
)

// Categories are the command's ACL categories in the order of Redis: some
// follow from the flags, one from the group, the rest is declared.
func (cmd *Command) Categories() []string {
	has := map[string]bool{}
	if cmd.Flags&(Write|ReadOnly) != 0 {
		has["write"] = cmd.Flags&Write != 0
		has["read"] = cmd.Flags&ReadOnly != 0 && cmd.Group != "scripting"
	}
	if cmd.Flags&Admin != 0 {
		has["admin"], has["dangerous"] = true, true
	}
	has["pubsub"] = cmd.Flags&PubSub != 0
	has["blocking"] = cmd.Flags&Blocking != 0
	has["fast"] = cmd.Flags&Fast != 0
	has["slow"] = cmd.Flags&Fast == 0
	if cat := groupCategories[cmd.Group]; cat != "" && (cat != "keyspace" || cmd.Flags&Session == 0) && (cmd.Parent != nil || len(cmd.Subs) == 0) {
		has[cat] = true
	}
	for _, cat := range cmd.ACL {
		if without, ok := strings.CutPrefix(cat, "-"); ok {
			has[without] = false
			continue
		}
		has[cat] = true
	}
	var out []string
	for _, cat := range categoryOrder {
		if has[cat] {
			out = append(out, "@"+cat)
		}
	}
	return out
}

var categoryOrder = []string{"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap",
	"hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting"}

var groupCategories = map[string]string{"string": "string", "list": "list", "set": "set", "sorted-set": "sortedset", "hash": "hash",
	"bitmap": "bitmap", "hyperloglog": "hyperloglog", "geo": "geo", "stream": "stream", "transactions": "transaction",
	"generic": "keyspace", "connection": "connection", "scripting": "scripting"}

// FlagNames are the command's flags as COMMAND INFO lists them.
func (cmd *Command) FlagNames() []string {
	f := cmd.Flags
	if cmd.KeyFunc != nil || slices.ContainsFunc(cmd.Keys, func(k KeySpec) bool { return k.NumKeys || k.Unknown || k.Keyword != "" || k.Flags&Incomplete != 0 }) {
		f |= MovableKeys
	}
	return f.Names()
}

// KeyFlagsAt says what the command does to the key at position pos of args.
func (cmd *Command) KeyFlagsAt(args [][]byte, pos int) KeyFlag {
	for i := range cmd.Keys {
		k := &cmd.Keys[i]
		if found, _ := k.appendKeys(nil, args); slices.Contains(found, pos) {
			if k.Flags&VariableFlags != 0 {
				return cmd.variableFlags(args)
			}
			return k.Flags &^ (Incomplete | VariableFlags)
		}
	}
	return RW | Access | Update
}

// variableFlags says what SET and BITFIELD do to their key, which depends on
// their options: SET reads the value only with GET, BITFIELD writes it unless
// all it does is GET.
func (cmd *Command) variableFlags(args [][]byte) KeyFlag {
	has := func(words ...string) bool {
		return slices.ContainsFunc(args[2:], func(a []byte) bool {
			return slices.ContainsFunc(words, func(w string) bool { return isWord(a, w) })
		})
	}
	switch {
	case cmd.Name == "set" && !has("GET"):
		return OW | Update
	case cmd.Name == "bitfield" && !has("SET", "INCRBY"):
		return RO | Access
	}
	return RW | Access | Update
}
