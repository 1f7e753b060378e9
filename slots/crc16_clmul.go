//go:build (amd64 || arm64) && !purego

package slots

// How the assembly gets a checksum out of carry-less multiplications. A vector
// holds 128 bits of the message as a polynomial X, H its upper and L its lower
// 64 bits: X = H·x⁶⁴+L.
//
// Fold. What stands d bits before the end, H·x⁽ᵈ⁺⁶⁴⁾+L·xᵈ, is replaced by the
// congruent H·(x⁽ᵈ⁺⁶⁴⁾ mod P) + L·(xᵈ mod P), which fits into 128 bits and is
// added to the block that stands d bits further on.
//
// Finish. X·x¹⁶ mod P is wanted. Its quotient by P is Q = H·x⁸⁰/P + L·x¹⁶/P, and
// as X·x¹⁶ has no bits below x¹⁶, the remainder is the low half of Q·P:
//
//	(q·x¹² + q·x⁵ + q) mod x¹⁶     where q = Q mod x¹⁶
//
// So only 16 bits of the quotient are ever needed, and those are
//
//	bits 64-79 of L·⌊x⁸⁰/P⌋  + bits 64-79 of H·⌊x¹⁴⁴/P⌋
//
// Exactly so: what the rounding loses stays below x⁶⁴. ⌊x⁸⁰/P⌋ is x⁶⁴+m, so the
// first is L plus the upper half of L·m. Of ⌊x¹⁴⁴/P⌋ only bits 0-79 have a part
// in bits 64-79 of the product: its bits 0-63 with the upper half of their
// product, its bits 64-79 with the lower half of theirs. That makes three
// multiplications, none of which waits for another.

// foldBy has xᵈ mod P and x⁽ᵈ⁺⁶⁴⁾ mod P for d = 128, 256, 384, 512.
var foldBy = [8]uint64{0xaefc, 0x650b, 0x8e29, 0x26aa, 0xcde2, 0x2535, 0x13fc, 0x8832}

// quotient has bits 0-63 of ⌊x⁸⁰/P⌋, bits 0-63 of ⌊x¹⁴⁴/P⌋, nothing, and bits
// 64-79 of ⌊x¹⁴⁴/P⌋.
var quotient = [4]uint64{0x11303471a041b343, 0xe569d503417ca4a2, 0, 0xb343}

// tagCRC16 is tagCRC16Go in assembly, to which it turns if the processor
// cannot do it and for hash tags that it leaves alone.
//
//go:noescape
func tagCRC16(p *byte, n int, scan uint32) uint16

// bulkCRC16 is tagCRC16 for 1024 bytes and more, without a scan.
//
//go:noescape
func bulkCRC16(p *byte, n int, scan uint32) uint16
