//go:build !purego

package slots

import "golang.org/x/sys/cpu"

// hasAsm tells whether the processor has what tagCRC16 uses. Those with AVX2
// have the rest as well, but a virtual machine may hide a part.
var hasAsm = cpu.X86.HasAVX2 && cpu.X86.HasPCLMULQDQ && cpu.X86.HasBMI1 && cpu.X86.HasBMI2

// tagCRC16 is tagCRC16Go in assembly, to which it turns if the processor
// cannot do it and for the hash tag of a key of more than 64 bytes.
//
//go:noescape
func tagCRC16(p *byte, n int, scan uint32) uint32

// bulkCRC16 is tagCRC16 for 1024 bytes and more, without a scan.
//
//go:noescape
func bulkCRC16(p *byte, n int, scan uint32) uint32
