//go:build !purego

package slots

import "golang.org/x/sys/cpu"

// hasAsm tells whether the processor has what tagCRC16 uses. Every one with
// AVX2 that is sold has the rest as well.
var hasAsm = cpu.X86.HasAVX2 && cpu.X86.HasPCLMULQDQ && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// tagCRC16 returns the checksum of the n bytes at p. If scan is all ones, it
// looks for a hash tag first and returns the tag's checksum; in a key of more
// than 64 bytes that has a '{' it leaves that to the caller and returns a value
// above 0xffff. If scan is 0, the bytes are taken as they are.
//
//go:noescape
func tagCRC16(p *byte, n int, scan uint32) uint32

// bulkCRC16 does the work of tagCRC16 for 1024 bytes and more, without a scan.
//
//go:noescape
func bulkCRC16(p *byte, n int, scan uint32) uint32
