package corpus

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestRandomSetCommandsAnswerAsRedis(t *testing.T) {
	t.Parallel()
	Differential(t, setCommand, 4000)
}

func setKey(r *rand.Rand) string { return one(r, "{t}1", "{t}2", "{t}3", "{t}4", "{t}5", "{t}6") }

func setMember(r *rand.Rand) string {
	switch n := r.IntN(300); {
	case n == 0:
		return strings.Repeat("m", 60+r.IntN(10))
	case n < 12:
		return one(r, "a", "b", "c", "", "01", "+1", " 1", "-0", "1.0")
	case n < 20:
		return one(r, "32767", "32768", "-32769", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808")
	}
	return strconv.Itoa(r.IntN(40) - 10)
}

func someMembers(r *rand.Rand) (out []string) {
	for range 1 + r.IntN(5) {
		out = append(out, setMember(r))
	}
	return out
}

func someSets(r *rand.Rand) (out []string) {
	for range 1 + r.IntN(4) {
		out = append(out, setKey(r))
	}
	return out
}

func setCommand(r *rand.Rand) []string {
	k := setKey(r)
	switch r.IntN(25) {
	case 0, 1, 2, 3:
		return append([]string{"SADD", k}, someMembers(r)...)
	case 4, 5, 6:
		return append([]string{"SREM", k}, someMembers(r)...)
	case 7:
		return []string{one(r, "SMEMBERS", "SCARD"), k}
	case 8:
		return []string{"SISMEMBER", k, setMember(r)}
	case 9:
		return append([]string{"SMISMEMBER", k}, someMembers(r)...)
	case 10, 11:
		return []string{"SMOVE", k, setKey(r), setMember(r)}
	case 12, 13:
		return append([]string{one(r, "SINTER", "SUNION", "SDIFF")}, someSets(r)...)
	case 14, 15, 16:
		return append([]string{one(r, "SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"), k}, someSets(r)...)
	case 17:
		sets := someSets(r)
		args := append([]string{"SINTERCARD", strconv.Itoa(len(sets))}, sets...)
		if r.IntN(2) == 0 {
			args = append(args, "LIMIT", one(r, "0", "1", "2", "5", "-1", "x"))
		}
		return args
	case 18:
		return []string{"@unordered", "SSCAN", k, one(r, "0", "0", "x", "-"), "COUNT", "1000", one(r, "MATCH", "COUNT", "x"), one(r, "*", "[0-9]", "-?", "1*", "700")}
	case 19:
		return []string{"@unordered", one(r, "SRANDMEMBER", "SRANDMEMBER", "SPOP"), k, "1000"}
	case 20:
		return []string{"@type", "SRANDMEMBER", k, one(r, "1", "-3", "0", "x", "2", "-9223372036854775808")}
	case 21:
		return moveKey(r, k, setKey(r))
	case 22, 23:
		return []string{"OBJECT", "ENCODING", k}
	default:
		switch r.IntN(12) {
		case 0:
			return []string{"SET", k, "a string"}
		case 1:
			return []string{"DEL", k}
		case 2:
			return []string{"SPOP", k, one(r, "0", "-1", "x")}
		}
		return []string{one(r, "SADD", "SREM", "SMOVE", "TYPE", "SINTERCARD"), k, one(r, "1", "2")}
	}
}

// moveKey does something to a key that moves its value about.
func moveKey(r *rand.Rand, k, other string) []string {
	switch r.IntN(8) {
	case 0:
		return []string{"DEL", k}
	case 1:
		return []string{"RENAME", k, other}
	case 2:
		return []string{"COPY", k, other, "REPLACE"}
	case 3:
		return []string{"SET", other, strings.Repeat("s", r.IntN(300))}
	case 4:
		return []string{"PERSIST", k}
	case 5:
		return []string{"@type", "TTL", k}
	}
	return []string{"EXPIRE", k, "1000"}
}
