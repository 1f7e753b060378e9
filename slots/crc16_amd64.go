//go:build !purego

package slots

import "golang.org/x/sys/cpu"

// hasAsm tells whether the processor has what the assembly uses. Those with
// AVX2 have the rest as well, but a virtual machine may hide a part.
var hasAsm = cpu.X86.HasAVX2 && cpu.X86.HasPCLMULQDQ && cpu.X86.HasBMI1 && cpu.X86.HasBMI2
