package corpus

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestRandomHashCommandsAnswerAsRedis(t *testing.T) {
	t.Parallel()
	Differential(t, hashCommand, 4000)
}

func hashKey(r *rand.Rand) string { return one(r, "{t}1", "{t}1", "{t}2", "{t}3") }

func hashField(r *rand.Rand) string {
	if r.IntN(200) == 0 {
		return strings.Repeat("f", 60+r.IntN(10))
	}
	return one(r, "a", "b", "c", "d", "e", "f", "g", "h", "i", "", "field one", "A", "\x00", "1", "01")
}

func hashValue(r *rand.Rand) string {
	if r.IntN(300) == 0 {
		return strings.Repeat("v", 60+r.IntN(10))
	}
	return one(r, "0", "1", "-7", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.5", "3.0e3", "0x10", "inf", "",
		"text", " 1", "01", "+1", "-0", "1e-18", "0.1", strings.Repeat("w", r.IntN(20)))
}

func hashCommand(r *rand.Rand) []string {
	k := hashKey(r)
	switch r.IntN(26) {
	case 0, 1, 2, 3:
		args := []string{one(r, "HSET", "HSET", "HMSET"), k}
		for range 1 + r.IntN(4) {
			args = append(args, hashField(r), hashValue(r))
		}
		if r.IntN(20) == 0 {
			args = append(args, "odd")
		}
		return args
	case 4:
		return []string{"HSETNX", k, hashField(r), hashValue(r)}
	case 5, 6:
		return []string{one(r, "HGET", "HEXISTS", "HSTRLEN"), k, hashField(r)}
	case 7:
		return []string{"HMGET", k, hashField(r), hashField(r), hashField(r)}
	case 8, 9:
		return []string{one(r, "HGETALL", "HKEYS", "HVALS", "HLEN"), k}
	case 10, 11, 12:
		return []string{"HDEL", k, hashField(r), hashField(r), hashField(r), hashField(r)}
	case 13, 14, 15:
		return []string{"HINCRBY", k, hashField(r), hashValue(r)}
	case 16, 17, 18:
		return []string{"HINCRBYFLOAT", k, hashField(r), hashValue(r)}
	case 19:
		return []string{"@unordered", "HSCAN", k, one(r, "0", "0", "x", "-"), "COUNT", "1000", one(r, "MATCH", "COUNT", "x"), one(r, "*", "[a-f]", "?", "field*", "700")}
	case 20:
		return []string{"@unordered", "HRANDFIELD", k, "100", one(r, "WITHVALUES", "withvalues", "x")}
	case 21:
		return []string{"@type", "HRANDFIELD", k, one(r, "1", "-3", "0", "x", "2", "-9223372036854775808")}
	case 22:
		return []string{"OBJECT", "ENCODING", k}
	case 23:
		if r.IntN(4) == 0 {
			return []string{"SET", k, "a string"}
		}
		return []string{"TYPE", k}
	case 24:
		return moveKey(r, k, hashKey(r))
	default:
		return []string{one(r, "HSET", "HGET", "HGETALL", "HDEL", "HSCAN", "HINCRBY"), k}
	}
}
