package slots

import "unsafe"

// The checksum is CRC16/XMODEM: polynomial x¹⁶+x¹²+x⁵+1, most significant bit
// first, start value 0, no final XOR. Its check value for "123456789" is
// 0x31C3.

// crcPoly is the polynomial without its x¹⁶.
const crcPoly = 0x1021

// crcTables[k][v] is the checksum of the byte v followed by k zero bytes.
var crcTables = makeCRCTables()

func makeCRCTables() *[16][256]uint16 {
	t := new([16][256]uint16)
	for v := range 256 {
		c := uint16(v) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ crcPoly
			} else {
				c <<= 1
			}
		}
		t[0][v] = c
	}
	for k := 1; k < len(t); k++ {
		for v := range 256 {
			prev := t[k-1][v]
			t[k][v] = prev<<8 ^ t[0][prev>>8]
		}
	}
	return t
}

// CRC16 returns the CRC16/XMODEM checksum of b.
func CRC16(b []byte) uint16 {
	return uint16(tagCRC16(unsafe.SliceData(b), len(b), scanNot))
}

// What tagCRC16 does about a hash tag.
const (
	scanNot = 0
	scanTag = 1<<32 - 1
)

// tagCRC16Go returns the checksum of the n bytes at p or, with scanTag, that of
// their hash tag.
func tagCRC16Go(p *byte, n int, scan uint32) uint32 {
	b := unsafe.Slice(p, n)
	if scan != scanNot {
		b = Tag(b)
		if hasAsm {
			return uint32(CRC16(b))
		}
	}
	return uint32(crc16Go(b))
}

func crc16Go(b []byte) uint16 {
	t := crcTables
	var c uint16
	for len(b) >= 8 {
		c = t[7][b[0]^byte(c>>8)] ^ t[6][b[1]^byte(c)] ^
			t[5][b[2]] ^ t[4][b[3]] ^ t[3][b[4]] ^
			t[2][b[5]] ^ t[1][b[6]] ^ t[0][b[7]]
		b = b[8:]
	}
	for _, v := range b {
		c = c<<8 ^ t[0][byte(c>>8)^v]
	}
	return c
}
