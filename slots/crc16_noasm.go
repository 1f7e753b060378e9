//go:build purego || !(amd64 || arm64)

package slots

const hasAsm = false

func tagCRC16(p *byte, n int, scan uint32) uint16 { return tagCRC16Go(p, n, scan) }
