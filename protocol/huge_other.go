//go:build !linux

package protocol

// adviseHuge has an effect on Linux only.
func adviseHuge([]byte) {}
