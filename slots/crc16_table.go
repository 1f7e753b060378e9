package slots

import "encoding/binary"

// crcPoly is P without its x¹⁶.
const crcPoly = 0x1021

// crcTable[k][v] is the checksum of the byte v followed by k zero bytes.
var crcTable = makeCRCTable()

func makeCRCTable() *[16][256]uint16 {
	t := new([16][256]uint16)
	for v := range 256 {
		c := uint16(v) << 8
		for range 8 {
			c = c<<1 ^ c>>15*crcPoly
		}
		t[0][v] = c
	}
	for k := 1; k < len(t); k++ {
		for v := range 256 {
			t[k][v] = t[k-1][v]<<8 ^ t[0][t[k-1][v]>>8]
		}
	}
	return t
}

// shrinkFrom is the number of bytes from which on shrinking pays.
const shrinkFrom = 384

// crc16Go is CRC16 without assembly.
func crc16Go(b []byte) uint16 {
	if len(b) < shrinkFrom {
		return crcUpdate(0, b)
	}
	short, rest := shrink(b)
	return crcUpdate(crcUpdate(0, short[:]), rest)
}

// crcUpdate returns the checksum of a message with checksum c that is continued
// by b: c is added to the first two bytes of b.
func crcUpdate(c uint16, b []byte) uint16 {
	t := crcTable
	for ; len(b) >= 16; b = b[16:] {
		c = t[15][b[0]^byte(c>>8)] ^ t[14][b[1]^byte(c)] ^ t[13][b[2]] ^ t[12][b[3]] ^
			t[11][b[4]] ^ t[10][b[5]] ^ t[9][b[6]] ^ t[8][b[7]] ^
			t[7][b[8]] ^ t[6][b[9]] ^ t[5][b[10]] ^ t[4][b[11]] ^
			t[3][b[12]] ^ t[2][b[13]] ^ t[1][b[14]] ^ t[0][b[15]]
	}
	if len(b) >= 8 {
		c = t[7][b[0]^byte(c>>8)] ^ t[6][b[1]^byte(c)] ^ t[5][b[2]] ^ t[4][b[3]] ^
			t[3][b[4]] ^ t[2][b[5]] ^ t[1][b[6]] ^ t[0][b[7]]
		b = b[8:]
	}
	switch len(b) {
	case 0:
		return c
	case 1:
		return c<<8 ^ t[0][byte(c>>8)^b[0]]
	}
	sum := t[len(b)-1][b[0]^byte(c>>8)] ^ t[len(b)-2][b[1]^byte(c)]
	for i, v := range b[2:] {
		sum ^= t[len(b)-3-i][v]
	}
	return sum
}

// shrink returns a message of 128 bytes that can take the place of all bytes
// before rest. b has at least 128 bytes, rest has less.
//
// Blocks are of 64 bits. The front block, with all that was added to it before,
// is what is to be added 4, 11 and 16 blocks on; so q, a ring of the last 16
// front blocks, gives each next one.
func shrink(b []byte) (short [128]byte, rest []byte) {
	var q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13, q14, q15 uint64
	for ; len(b) >= 256; b = b[128:] {
		q0 ^= word(b, 0) ^ q12 ^ q5
		q1 ^= word(b, 1) ^ q13 ^ q6
		q2 ^= word(b, 2) ^ q14 ^ q7
		q3 ^= word(b, 3) ^ q15 ^ q8
		q4 ^= word(b, 4) ^ q0 ^ q9
		q5 ^= word(b, 5) ^ q1 ^ q10
		q6 ^= word(b, 6) ^ q2 ^ q11
		q7 ^= word(b, 7) ^ q3 ^ q12
		q8 ^= word(b, 8) ^ q4 ^ q13
		q9 ^= word(b, 9) ^ q5 ^ q14
		q10 ^= word(b, 10) ^ q6 ^ q15
		q11 ^= word(b, 11) ^ q7 ^ q0
		q12 ^= word(b, 12) ^ q8 ^ q1
		q13 ^= word(b, 13) ^ q9 ^ q2
		q14 ^= word(b, 14) ^ q10 ^ q3
		q15 ^= word(b, 15) ^ q11 ^ q4
	}
	q := [16]uint64{q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12, q13, q14, q15}
	for k := range 16 {
		w := word(b, k) ^ q[k]
		if k < 4 {
			w ^= q[k+12]
		}
		if k < 11 {
			w ^= q[k+5]
		}
		binary.LittleEndian.PutUint64(short[8*k:], w)
	}
	return short, b[128:]
}

// word returns the k-th 64 bits of b; their byte order does not matter, it is
// undone when they are stored.
func word(b []byte, k int) uint64 {
	return binary.LittleEndian.Uint64(b[8*k:])
}
