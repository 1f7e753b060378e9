//go:build !linux

package memory

// adviseHuge has an effect on Linux only.
func adviseHuge([]byte) {}
