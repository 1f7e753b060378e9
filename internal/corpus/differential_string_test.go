package corpus

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// one draws a string.
func one(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func stringKey(r *rand.Rand) string { return "{t}" + strconv.Itoa(r.IntN(5)) }

func stringValue(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0:
		return ""
	case 1:
		return one(r, "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-0", "+1", " 1", "1 ", "0x10", "1e3", "-1e-3", "inf", "nan", "007")
	case 2:
		b := make([]byte, one2(r, 10, 50, 1023, 1025, 3000))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b)
	case 3:
		b := make([]byte, r.IntN(30))
		for i := range b {
			b[i] = "abc"[r.IntN(3)]
		}
		return string(b)
	case 4:
		return strconv.FormatFloat(r.NormFloat64()*100, 'g', -1, 64)
	case 5:
		return strconv.Itoa(r.IntN(100000) - 50000)
	}
	return strconv.Itoa(r.IntN(20))
}

func one2(r *rand.Rand, of ...int) int { return of[r.IntN(len(of))] }

// smallInt draws what is an integer, most of the time.
func smallInt(r *rand.Rand) string {
	if r.IntN(20) == 0 {
		return one(r, "9223372036854775807", "-9223372036854775808", "x", "", "1.5", "4294967296", "2147483647", "-2147483649")
	}
	return strconv.Itoa(r.IntN(40) - 20)
}

// far are times to live that do not end during a test.
func far(r *rand.Rand) []string {
	return [][]string{{"EX", "100000"}, {"PX", "100000000"}, {"EXAT", "99999999999"}, {"PXAT", "99999999999000"},
		{"EX", "0"}, {"PX", "-1"}, {"EX", "9223372036854775807"}, {"PX", "9223372036854775807"}, {"EXAT", "9223372036854775"},
		{"PXAT", "9223372036854775807"}, {"EX", "x"}, {"EX"}, {"PXAT"}}[r.IntN(13)]
}

func stringCommand(r *rand.Rand) []string {
	k := stringKey(r)
	switch r.IntN(26) {
	case 0, 1, 2:
		return []string{"SET", k, stringValue(r)}
	case 3, 4:
		args := []string{"SET", k, stringValue(r)}
		for range 1 + r.IntN(3) {
			switch r.IntN(6) {
			case 0:
				args = append(args, one(r, "NX", "nx"))
			case 1:
				args = append(args, "XX")
			case 2, 3:
				args = append(args, "GET")
			case 4:
				args = append(args, one(r, "KEEPTTL", "PERSIST", "IFEQ", "foo"))
			case 5:
				args = append(args, far(r)...)
			}
		}
		return args
	case 5:
		return []string{"SETNX", k, stringValue(r)}
	case 6:
		return []string{one(r, "SETEX", "PSETEX"), k, one(r, "100000000", "0", "-1", "x", "9223372036854775807", "9223372036854775"), stringValue(r)}
	case 7:
		return []string{"GETSET", k, stringValue(r)}
	case 8:
		args := []string{"GETEX", k}
		for range r.IntN(3) {
			if r.IntN(3) == 0 {
				args = append(args, one(r, "PERSIST", "KEEPTTL", "NX"))
			} else {
				args = append(args, far(r)...)
			}
		}
		return args
	case 9:
		return []string{"GETDEL", k}
	case 10:
		return []string{"APPEND", k, stringValue(r)}
	case 11:
		return []string{"STRLEN", k}
	case 12:
		return []string{one(r, "GETRANGE", "SUBSTR"), k, smallInt(r), smallInt(r)}
	case 13:
		offset := smallInt(r)
		if r.IntN(10) == 0 {
			offset = one(r, "536870912", "2000", "5000")
		}
		return []string{"SETRANGE", k, offset, one(r, "", "abc", "Z", stringValue(r))}
	case 14:
		return []string{one(r, "INCR", "DECR"), k}
	case 15:
		return []string{one(r, "INCRBY", "DECRBY"), k, smallInt(r)}
	case 16, 17:
		return []string{"INCRBYFLOAT", k, one(r, stringValue(r), "0.1", "-2.5", "1e10", "1e-10", "3.0e2", "1e4931")}
	case 18:
		return []string{"MGET", k, stringKey(r), stringKey(r)}
	case 19:
		args := []string{one(r, "MSET", "MSETNX"), k, stringValue(r), stringKey(r), stringValue(r)}
		return args[:len(args)-r.IntN(10)/9]
	case 20, 21:
		args := []string{"LCS", k, stringKey(r)}
		for range r.IntN(4) {
			switch r.IntN(4) {
			case 0:
				args = append(args, "LEN")
			case 1:
				args = append(args, "IDX")
			case 2:
				args = append(args, "WITHMATCHLEN")
			case 3:
				args = append(args, "MINMATCHLEN", smallInt(r))
			}
		}
		return args
	case 22:
		if r.IntN(10) == 0 {
			return []string{"HSET", "{t}0", "f", "x"}
		}
		return []string{"GET", k}
	case 23:
		return []string{"OBJECT", "ENCODING", k}
	case 24:
		return []string{"DEL", k}
	}
	return []string{one(r, "TYPE", "PEXPIRETIME@"), k}
}

// settled puts the mode in front of commands whose replies depend on the clock.
func settled(gen func(*rand.Rand) []string) func(*rand.Rand) []string {
	return func(r *rand.Rand) []string {
		args := gen(r)
		if name := args[0]; name[len(name)-1] == '@' {
			return append([]string{"@type", name[:len(name)-1]}, args[1:]...)
		}
		return args
	}
}

func TestStringsDoAsRedis(t *testing.T) {
	t.Parallel()
	Differential(t, settled(stringCommand), 10_000)
}

func bitArg(r *rand.Rand) string {
	if r.IntN(20) == 0 {
		return one(r, "x", "-1", "4294967296", "", "9223372036854775807", "100000", "#3")
	}
	return strconv.Itoa(r.IntN(130))
}

func bitfieldArgs(r *rand.Rand) []string {
	width := one(r, "u8", "i8", "i64", "u63", "u1", "i1", "u3", "i5", "u16", "i33", "u64", "i0", "x8", "i65", "u", "", "I8")
	offset := one(r, bitArg(r), "#"+bitArg(r), "#0", "#1", "#576460752303423489")
	switch r.IntN(7) {
	case 0, 1:
		return []string{"GET", width, offset}
	case 2, 3:
		return []string{"SET", width, offset, bitOperand(r)}
	case 4, 5:
		return []string{"incrby", width, offset, bitOperand(r)}
	}
	return []string{"OVERFLOW", one(r, "WRAP", "sat", "FAIL", "SAT", "FAIL", "none")}
}

func bitOperand(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return strconv.FormatInt(int64(r.Uint64()), 10)
	case 1:
		return one(r, "9223372036854775807", "-9223372036854775808", "255", "-255", "127", "-128", "x", "0")
	}
	return strconv.Itoa(r.IntN(300) - 150)
}

func bitCommand(r *rand.Rand) []string {
	k := stringKey(r)
	switch r.IntN(13) {
	case 0, 1:
		return []string{"SETBIT", k, bitArg(r), one(r, "0", "1", "1", "1", "2", "x")}
	case 2:
		return []string{"GETBIT", k, bitArg(r)}
	case 3, 4:
		args := []string{"BITCOUNT", k, smallInt(r), smallInt(r), one(r, "BIT", "bit", "BYTE", "x"), "x"}
		return args[:one2(r, 2, 2, 4, 4, 5, 5, 5, 5, 3, 6)]
	case 5, 6:
		args := []string{"BITPOS", k, one(r, "0", "1", "0", "1", "2", "x"), smallInt(r), smallInt(r), one(r, "BIT", "bit", "BYTE", "x"), "x"}
		return args[:one2(r, 3, 4, 5, 6, 6, 6, 7)]
	case 7:
		args := []string{"BITOP", one(r, "AND", "or", "XOR", "NOT", "not", "NAND"), k, stringKey(r), stringKey(r), stringKey(r)}
		return args[:one2(r, 4, 5, 6)]
	case 8, 9, 10:
		args := []string{one(r, "BITFIELD", "BITFIELD", "BITFIELD_RO"), k}
		for range r.IntN(4) {
			args = append(args, bitfieldArgs(r)...)
		}
		return args
	}
	return stringCommand(r)
}

func TestBitsDoAsRedis(t *testing.T) {
	t.Parallel()
	Differential(t, settled(bitCommand), 10_000)
}
