//go:build !linux

package engine

import "time"

var cpuStart = time.Now()

// threadCPU is the clock's time where the thread's cannot be had.
func threadCPU() time.Duration { return time.Since(cpuStart) }
