package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"elasticache-local/cluster"
	"elasticache-local/control"
	"elasticache-local/dns"
	"elasticache-local/endpoint"
)

// config is the cluster that the options describe.
func (o *options) config(log *slog.Logger) cluster.Config {
	shards := o.shards
	if !o.set.Changed("shards") && (len(o.slots) > 0 || o.clusterMode == cluster.Disabled) {
		shards = 0 // as many as there are range lists, or one
	}
	return cluster.Config{
		ID: o.id, Shards: shards, Replicas: o.replicas, ClusterMode: o.clusterMode, Slots: o.slots,
		Engine: o.engine, EngineVersion: o.defaultVersion(),
		Bind: o.bind, Port: o.port, ReaderPort: o.readerPort, NodePort: o.nodePortFor(), Addresses: o.addresses, AnnounceHost: o.announceHost,
		Region: o.region, Zones: o.zones,
		AuthToken: o.authToken, TLS: o.tls, TLSCert: o.tlsCert, TLSKey: o.tlsKey,
		ReplicationDelay: o.replicationDelay, TopologyDelay: o.topologyDelay, FailoverDelay: o.failoverDelay, ReplaceDelay: o.replaceDelay,
		Unrestricted: o.unrestricted, Logger: log,
	}
}

// defaultVersion leaves the choice to the engine unless one was given.
func (o *options) defaultVersion() string { return o.engineVersion }

// nodePortFor is the default port of the first node only where nodes have ports
// of their own.
func (o *options) nodePortFor() int {
	if o.addresses != cluster.Ports && !o.set.Changed("node-port") {
		return 0
	}
	return o.nodePort
}

func (o *options) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logLevel)); err != nil {
		return nil, usagef("--log-level %s: write debug, info, warn or error", o.logLevel)
	}
	opts := &slog.HandlerOptions{Level: level}
	switch o.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return nil, usagef("--log-format %s: write text or json", o.logFormat)
}

// services are the cluster and what stands beside it.
type services struct {
	cluster *cluster.Cluster
	api     *control.Server
	dns     *dns.Server
}

// serve runs until a signal comes. A second signal ends the program at once.
func serve(o *options, stdout, stderr io.Writer, signals <-chan os.Signal) (err error) {
	began := time.Now()
	defer tuneGC()()
	log, err := o.logger(stderr)
	if err != nil {
		return err
	}
	profile, err := startProfile(o.cpuProfile)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, profile.stop()) }()
	s, err := start(o, log)
	if err != nil {
		return err
	}
	defer s.close()
	if err := o.writeAuthority(s.cluster, stdout); err != nil {
		return err
	}
	s.describe(stdout)
	fmt.Fprintf(stdout, "ready in %.0f ms\n", float64(time.Since(began).Microseconds())/1000)

	<-signals
	fmt.Fprintln(stdout, "stopping (once more to stop at once)")
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.close()
	}()
	select {
	case <-done:
	case <-signals:
		if err := profile.stop(); err != nil {
			os.Exit(fail(stderr, err))
		}
		os.Exit(exitOK)
	}
	return nil
}

func start(o *options, log *slog.Logger) (s *services, err error) {
	s = &services{}
	if s.cluster, err = cluster.Start(o.config(log)); err != nil {
		return nil, err
	}
	if o.api != "off" {
		if s.api, err = control.Listen(control.Config{Addr: o.api, Region: o.region, Backend: control.ForCluster(s.cluster), Log: log}); err != nil {
			s.close()
			return nil, listenError("api", o.api, err)
		}
	}
	if o.dns != "off" {
		if s.dns, err = dns.Listen(dns.Config{Addr: o.dns, Zone: endpoint.Zone(o.region), Groups: dns.ForCluster(s.cluster), Log: log}); err != nil {
			s.close()
			return nil, listenError("dns", o.dns, err)
		}
	}
	return s, nil
}

// listenError says which flag is to blame for an address that cannot be had.
func listenError(flag, addr string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return usageError{fmt.Sprintf("--%s: %s is taken by another program: stop that one, write another --%s, or off", flag, addr, flag), err}
	}
	return usagef("--%s: cannot listen on %s: %v (write host:port, or off)", flag, addr, err)
}

func (s *services) close() {
	if s.dns != nil {
		s.dns.Close()
	}
	if s.api != nil {
		s.api.Close()
	}
	if s.cluster != nil {
		s.cluster.Close()
	}
}

// writeAuthority writes the generated authority's certificate for clients.
func (o *options) writeAuthority(c *cluster.Cluster, stdout io.Writer) error {
	if !o.tls || o.tlsCert != "" {
		return nil
	}
	if err := os.WriteFile(o.tlsCA, c.CertificateAuthority(), 0o644); err != nil {
		return usagef("--tls-ca: %v: write a file name that can be written", err)
	}
	fmt.Fprintf(stdout, "certificate authority written to %s\n%s\n", o.tlsCA, c.CertificateAuthority())
	return nil
}

// describe prints what runs where.
func (s *services) describe(w io.Writer) {
	st := s.cluster.Status()
	names := s.cluster.Names()
	fmt.Fprintf(w, "replication group %s: %s %s, cluster mode %s\n\n", st.ID, st.Engine, st.Version, mode(st.ClusterMode))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if st.ClusterMode {
		fmt.Fprintf(t, "configuration endpoint\t%s\t%s\n", s.cluster.ConfigurationEndpoint(), names.Configuration())
	} else {
		fmt.Fprintf(t, "primary endpoint\t%s\t%s\n", s.cluster.PrimaryEndpoint(), names.Primary())
		fmt.Fprintf(t, "reader endpoint\t%s\t%s\n", s.cluster.ReaderEndpoint(), names.Reader())
	}
	if s.api != nil {
		fmt.Fprintf(t, "management API\thttp://%s\n", s.api.Addr())
	}
	if s.dns != nil {
		fmt.Fprintf(t, "DNS\t%s\n", s.dns.Addr())
	}
	t.Flush()
	fmt.Fprintln(w)
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tROLE\tZONE\tSLOTS\tADDRESS")
	for _, shard := range st.Shards {
		for _, n := range shard.Nodes {
			role := "replica"
			if n.Primary {
				role = "primary"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s:%d\n", n.Name, role, n.Zone, shortSlots(shard.Slots), n.IP, n.Port)
		}
	}
	t.Flush()
	fmt.Fprintln(w)
}

// shortSlots keeps the table's lines short when slots were chosen in pieces.
func shortSlots(s string) string {
	if parts := strings.Split(s, ","); len(parts) > 3 {
		return strings.Join(parts[:3], ",") + fmt.Sprintf(",… (%d ranges)", len(parts))
	}
	return s
}

func mode(enabled bool) string {
	if enabled {
		return cluster.Enabled
	}
	return cluster.Disabled
}
