package slots

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// divideByBits is the checksum straight from its definition: a long division,
// bit by bit.
func divideByBits(b []byte) uint16 {
	var rest uint32
	for _, v := range append(bytes.Clone(b), 0, 0) {
		for bit := 7; bit >= 0; bit-- {
			rest = rest<<1 | uint32(v>>bit&1)
			if rest&0x10000 != 0 {
				rest ^= 0x11021
			}
		}
	}
	return uint16(rest)
}

// referenceCRC16 does the same with a table look-up for every byte.
func referenceCRC16(b []byte) uint16 {
	var c uint16
	for _, v := range b {
		c = c<<8 ^ referenceTable[byte(c>>8)^v]
	}
	return c
}

var referenceTable = func() (t [256]uint16) {
	for v := range t {
		t[v] = divideByBits([]byte{byte(v)})
	}
	return t
}()

func TestReferenceFollowsTheDefinition(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for n := range 300 {
		key := randomKey(r, n)
		require.Equal(t, divideByBits(key), referenceCRC16(key))
	}
}

// referenceTag follows the wording of the cluster specification.
func referenceTag(key []byte) []byte {
	_, after, open := strings.Cut(string(key), "{")
	tag, _, closed := strings.Cut(after, "}")
	if open && closed && tag != "" {
		return []byte(tag)
	}
	return key
}

func referenceSlot(key []byte) Slot { return referenceCRC16(referenceTag(key)) % 16384 }

func checkKey(t *testing.T, key []byte) {
	t.Helper()
	if got, want := CRC16(key), referenceCRC16(key); got != want {
		t.Fatalf("CRC16(%q) = %#04x, want %#04x", key, got, want)
	}
	if got, want := Tag(key), referenceTag(key); !bytes.Equal(got, want) {
		t.Fatalf("Tag(%q) = %q, want %q", key, got, want)
	}
	if got, want := Of(key), referenceSlot(key); got != want {
		t.Fatalf("Of(%q) = %d, want %d", key, got, want)
	}
	if got, want := OfString(string(key)), referenceSlot(key); got != want {
		t.Fatalf("OfString(%q) = %d, want %d", key, got, want)
	}
}

// The slots that CLUSTER KEYSLOT of a redis-server 7.0.15 names.
func TestSlotsOfKnownKeys(t *testing.T) {
	t.Parallel()
	require.Equal(t, uint16(0x31C3), CRC16([]byte("123456789")))
	for key, want := range map[string]Slot{
		"":                     0,
		"foo":                  12182,
		"bar":                  5061,
		"123456789":            12739,
		"{user1000}.following": 3443,
		"{user1000}.followers": 3443,
		"user1000":             3443,
		"foo{}{bar}":           8363,
		"foo{{bar}}zap":        4015,
		"{bar":                 4015,
		"foo{bar}{zap}":        5061,
	} {
		require.Equal(t, want, OfString(key), key)
		checkKey(t, []byte(key))
	}
}

func TestTag(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"": "", "a": "a", "{": "{", "}": "}", "{}": "{}", "}{": "}{", "}a{": "}a{", "{a": "{a", "a}": "a}",
		"{a}": "a", "x{a}y": "a", "x{a}y{b}": "a", "{}{b}": "{}{b}", "{{}}": "{", "}{a}": "a", "{}}": "{}}",
	} {
		require.Equal(t, want, string(Tag([]byte(key))), key)
	}
}

func TestEverySlotOfShortKeysOverBraces(t *testing.T) {
	t.Parallel()
	const alphabet = "{}a"
	var walk func(key []byte)
	walk = func(key []byte) {
		checkKey(t, key)
		if len(key) < 8 {
			for i := range len(alphabet) {
				walk(append(key[:len(key):len(key)], alphabet[i]))
			}
		}
	}
	walk(nil)
}

func TestRandomKeys(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for range 5000 {
		checkKey(t, randomKey(r, r.IntN(400)))
	}
}

// randomKey returns n random bytes of which some are braces.
func randomKey(r *rand.Rand, n int) []byte {
	key := make([]byte, n)
	for i := range key {
		key[i] = byte(r.Uint32())
	}
	for range r.IntN(4) {
		if n > 0 {
			key[r.IntN(n)] = "{}"[r.IntN(2)]
		}
	}
	return key
}

func FuzzOf(f *testing.F) {
	for _, key := range []string{"", "foo", "{user1000}.following", "foo{}{bar}", strings.Repeat("x", 300) + "{a}"} {
		f.Add([]byte(key))
	}
	f.Fuzz(func(t *testing.T, key []byte) { checkKey(t, key) })
}

func TestNothingAllocates(t *testing.T) {
	key, text := []byte("x{user1000}.following"), strings.Repeat("k", 5000)
	table := NewTable(Even(3))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_ = Of(key)
		_ = OfString(text)
		_ = Decide(Query{Owner: Owner(table.Owner(CRC16(key) % Count))})
	}))
}
