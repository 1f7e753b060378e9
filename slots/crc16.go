package slots

import "unsafe"

// The checksum is CRC16/XMODEM: the message as a polynomial over GF(2), most
// significant bit first, times x¹⁶, modulo
//
//	P = x¹⁶+x¹²+x⁵+1
//
// Start value 0, no reflection, no final XOR; "123456789" gives 0x31C3. As the
// start value is 0, zero bytes in front of a message change nothing: most of
// the ways below rest on that.
//
// What Go and the assembly have in common:
//
//	short  Go looks up 16 bytes at a time in tables, the assembly folds 16
//	       bytes at a time with carry-less multiplications.
//	long   P has four terms only, and so has P(xᵏ) = P(x)ᵏ for k = 2ⁿ. Taken
//	       modulo P(xᵏ), a block of k bits may be added to the blocks 4, 11 and
//	       16 further on and dropped. Such XORs of words or vectors shrink a
//	       message to 16 blocks with the same checksum, faster than anything
//	       that multiplies.
//	tag    The search for a hash tag is part of the function, because in a short
//	       key it works on bytes that have been loaded anyway.
//
// The build tag purego leaves the assembly out.

// CRC16 returns the CRC16/XMODEM checksum of b.
func CRC16(b []byte) uint16 {
	return tagCRC16(unsafe.SliceData(b), len(b), scanNot)
}

// What tagCRC16 does about a hash tag. It is a mask for the positions of '{'.
const (
	scanNot = 0
	scanTag = 1<<32 - 1
)

// tagCRC16Go returns the checksum of the n bytes at p or, with scanTag, that of
// their hash tag.
func tagCRC16Go(p *byte, n int, scan uint32) uint16 {
	b := unsafe.Slice(p, n)
	if scan != scanNot {
		b = Tag(b)
		if hasAsm {
			return CRC16(b)
		}
	}
	return crc16Go(b)
}
