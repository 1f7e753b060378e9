package main

import (
	"fmt"
	"io"
	"net/netip"

	"elasticache-local/cluster"
	"elasticache-local/dns"
)

// hosts prints the endpoint names with the addresses they have, as lines of a
// hosts file: for machines whose resolver cannot be pointed at the DNS server.
// Nothing keeps running; names that move stand still there.
func hosts(o *options, stdout io.Writer) error {
	cfg := o.config(nil)
	cfg.Logger = nil
	cfg.Port, cfg.ReaderPort = 0, 0
	if cfg.Addresses == cluster.Ports {
		cfg.NodePort = 0
	}
	c, err := cluster.Start(cfg)
	if err != nil {
		return err
	}
	defer c.Close()
	fallback, err := netip.ParseAddr(o.bind)
	if err != nil || fallback.IsUnspecified() {
		fallback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if cfg.Addresses != cluster.Ports && c.Status().Shards[0].Nodes[0].IP != cluster.FirstIP {
		fmt.Fprintf(stdout, "# another cluster has the addresses from %s on: these are those that the next one gets\n", cluster.FirstIP)
	}
	_, err = io.WriteString(stdout, dns.Hosts(dns.ForCluster(c)(), fallback))
	return err
}
