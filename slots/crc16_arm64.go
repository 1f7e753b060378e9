//go:build !purego

package slots

import "golang.org/x/sys/cpu"

// hasAsm tells whether the processor has what the assembly uses.
var hasAsm = cpu.ARM64.HasASIMD && cpu.ARM64.HasPMULL
