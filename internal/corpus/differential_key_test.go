package corpus

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func keyCommand(r *rand.Rand) []string {
	k := stringKey(r)
	switch r.IntN(30) {
	case 0:
		return []string{one(r, "DEL", "UNLINK"), k, stringKey(r), stringKey(r)}
	case 1:
		return []string{one(r, "EXISTS", "TOUCH"), k, stringKey(r), k}
	case 2:
		return []string{"TYPE", k}
	case 3, 4, 5, 6:
		return expireArgs(r, k)
	case 7:
		return []string{one(r, "TTL@", "PTTL@", "EXPIRETIME@", "PEXPIRETIME@"), k}
	case 8:
		return []string{"PERSIST", k}
	case 9, 10:
		return []string{one(r, "RENAME", "RENAMENX"), k, stringKey(r)}
	case 11, 12, 13:
		args := []string{"COPY", k, stringKey(r)}
		for range r.IntN(3) {
			switch r.IntN(3) {
			case 0:
				args = append(args, "REPLACE")
			case 1:
				args = append(args, "DB", dbIndex(r))
			case 2:
				args = append(args, one(r, "replace", "DB", "x"))
			}
		}
		return args
	case 14, 15:
		return []string{"MOVE", k, dbIndex(r)}
	case 16:
		return []string{"SWAPDB", dbIndex(r), dbIndex(r)}
	case 17:
		return []string{"DBSIZE"}
	case 18:
		return []string{"KEYS", one(r, "*", "{t}*", "{t}[1-3]", "*[^2]", "?t?3", "{t}4", "x*", "{*}1", `{\t}2`)}
	case 19:
		args := []string{"@unordered", "SCAN", one(r, "0", "", "x", "-1x"), "COUNT", one(r, "1000", "1000", "9223372036854775807", "0", "x")}
		switch r.IntN(6) {
		case 0, 1:
			args = append(args, "MATCH", one(r, "*", "{t}[12]", "*3", "{t}4"))
		case 2, 3:
			args = append(args, "TYPE", one(r, "string", "hash", "HASH", "foo", "list"))
		case 4:
			args = append(args, one(r, "MATCH", "TYPE", "foo"))
		}
		return args
	case 20:
		return []string{"OBJECT", one(r, "ENCODING", "FREQ", "encoding", "x"), k}
	case 21:
		return []string{"OBJECT@", one(r, "IDLETIME", "REFCOUNT", "HELP"), k}
	case 22:
		if r.IntN(10) == 0 {
			return []string{one(r, "FLUSHALL", "FLUSHDB"), one(r, "SYNC", "ASYNC", "async", "now")}
		}
		return []string{"RANDOMKEY@"}
	case 23:
		return []string{"MEMORY@", "USAGE", k, "SAMPLES", one(r, "0", "5", "-1", "x")}
	case 24, 25:
		return []string{"HSET", k, stringValue(r), stringValue(r)}
	}
	return stringCommand(r)
}

func dbIndex(r *rand.Rand) string {
	return one(r, "0", "1", "1", "0", "1", "15", "16", "-1", "x", "4294967296", "2147483647")
}

func expireArgs(r *rand.Rand, k string) []string {
	times := map[string][]string{
		"EXPIRE":    {"100000", "200000", "300000", "0", "-1", "9223372036854775807", "9223372036854775", "-9223372036854776", "x", "1.5"},
		"PEXPIRE":   {"100000000", "200000000", "300000000", "0", "-1", "9223372036854775807", "-9223372036854775808", ""},
		"EXPIREAT":  {"99999999999", "99999999998", "99999999997", "1", "-1", "9223372036854775807", "9223372036854775"},
		"PEXPIREAT": {"99999999999000", "99999999998000", "99999999998999", "1", "0", "-1", "9223372036854775807"},
	}
	name := one(r, "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "PEXPIREAT")
	args := []string{name, k, one(r, times[name]...)}
	if r.IntN(4) == 0 {
		args[2] = times[name][r.IntN(3)]
	}
	for range r.IntN(3) {
		options := []string{"NX", "XX", "foo"}
		if strings.HasSuffix(name, "AT") { // the others depend on the very millisecond
			options = append(options, "GT", "LT", "gt", "lt")
		}
		args = append(args, one(r, options...))
	}
	return args
}

func TestKeysDoAsRedis(t *testing.T) {
	t.Parallel()
	Differential(t, settled(keyCommand), 10_000)
}
