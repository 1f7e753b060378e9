package slots

import (
	"math/rand/v2"
	"testing"
	"unsafe"
)

// The ways to a checksum. Each is tested on every machine that has it; without
// assembly, or with the build tag purego, the two are the same.
var crcWays = map[string]func(b []byte, scan uint32) uint16{
	"native": func(b []byte, scan uint32) uint16 {
		return tagCRC16(unsafe.SliceData(b), len(b), scan)
	},
	"Go": func(b []byte, scan uint32) uint16 {
		if scan == scanTag {
			b = Tag(b)
		}
		return crc16Go(b)
	},
	"where the assembly gives up": func(b []byte, scan uint32) uint16 {
		return tagCRC16Go(unsafe.SliceData(b), len(b), scan)
	},
}

// checkWays compares all ways with the reference, for the bytes as they are and
// for their hash tag. The bytes are not copied: where they lie is part of the
// test.
func checkWays(t *testing.T, b []byte) {
	t.Helper()
	whole, tag := referenceCRC16(b), referenceCRC16(referenceTag(b))
	for name, crc := range crcWays {
		if got := crc(b, scanNot); got != whole {
			t.Fatalf("%s: checksum of %d bytes %.300q = %#04x, want %#04x", name, len(b), b, got, whole)
		}
		if got := crc(b, scanTag); got != tag {
			t.Fatalf("%s: checksum of the tag of %d bytes %.300q = %#04x, want %#04x", name, len(b), b, got, tag)
		}
	}
}

func newRand(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// Bytes around a key must not matter, and braces would.
func TestEveryLengthAtEveryAlignment(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	room := make([]byte, 512)
	for n := range 301 {
		for at := 0; at < 64; at += 1 + n/64 {
			for i := range room {
				room[i] = "{}"[r.IntN(2)]
			}
			key := room[at : at+n : at+n]
			fillWithoutBraces(r, key)
			checkWays(t, key)
		}
	}
}

// A tag in every place and of every size in keys of the lengths around those
// where the way of searching changes.
func TestEveryTag(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for _, n := range []int{1, 2, 3, 8, 14, 15, 16, 17, 18, 25, 31, 32, 33, 47, 48, 49, 50, 63, 64, 65, 70} {
		for open := range n {
			for shut := range n {
				key := make([]byte, n)
				fillWithoutBraces(r, key)
				key[open], key[shut] = '{', '}'
				for range r.IntN(3) {
					key[r.IntN(n)] = "{}"[r.IntN(2)]
				}
				checkWays(t, key)
			}
		}
	}
}

func TestLongKeys(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	lengths := []int{1 << 16, 1<<16 + 7}
	for n := 340; n < 2200; n += 1 + r.IntN(5) {
		lengths = append(lengths, n)
	}
	for _, n := range append(lengths, 1023, 1024, 1025, 1535, 1536, 1537, 4096) {
		at := r.IntN(64)
		key := make([]byte, at+n)[at:]
		fillWithoutBraces(r, key)
		checkWays(t, key)
		key[r.IntN(n)] = '{'
		checkWays(t, key)
		key[r.IntN(n)] = '}'
		checkWays(t, key)
	}
}

func fillWithoutBraces(r *rand.Rand, b []byte) {
	for i := range b {
		for b[i] = '{'; b[i] == '{' || b[i] == '}'; {
			b[i] = byte(r.Uint32())
		}
	}
}

// A checksum is linear, so that messages of one bit tell all about a way: this
// finds a wrong bit in a constant without luck.
func TestEveryBit(t *testing.T) {
	t.Parallel()
	for _, n := range []int{16, 32, 48, 64, 80, 128, 192, 400, 1040} {
		key := make([]byte, n)
		for bit := range n * 8 {
			if n > 192 && bit%8 != bit/8%8 {
				continue // one bit of a byte is enough
			}
			key[bit/8] = 0x80 >> (bit % 8)
			want := referenceCRC16(key[bit/8:])
			for name, crc := range crcWays {
				if got := crc(key, scanNot); got != want {
					t.Fatalf("%s: bit %d of %d bytes: %#04x, want %#04x", name, bit, n, got, want)
				}
			}
			key[bit/8] = 0
		}
	}
}

func FuzzCRC16(f *testing.F) {
	for _, n := range []int{0, 1, 16, 17, 64, 65, 256, 1024, 1600} {
		f.Add(make([]byte, n), uint8(n))
	}
	f.Fuzz(func(t *testing.T, b []byte, at uint8) {
		room := make([]byte, int(at%64)+len(b)+64)
		for i := range room {
			room[i] = "{}"[i&1]
		}
		key := room[at%64:][:len(b):len(b)]
		copy(key, b)
		checkWays(t, key)
	})
}
