package dns

import (
	"net/netip"
	"strings"
)

// Hosts gives the groups' names as lines of a hosts file, one name a line, for
// machines that cannot be pointed at this server. Such a file stands still: of
// the names that move or rotate it has the present first address. fallback
// stands for nodes that have no address of their own.
func Hosts(groups []Group, fallback netip.Addr) string {
	var lines strings.Builder
	for _, g := range groups {
		for _, name := range g.names() {
			addrs, _ := g.resolve(name, 0)
			if len(addrs) == 0 {
				continue
			}
			addr := addrs[0]
			if !addr.IsValid() || addr.IsUnspecified() {
				addr = fallback
			}
			lines.WriteString(addr.String() + "\t" + name + "\n")
		}
	}
	return lines.String()
}
