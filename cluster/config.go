package cluster

import (
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"elasticache-local/endpoint"
	"elasticache-local/engine"
	"elasticache-local/slots"
)

// Values of Config.ClusterMode, Addresses, Engine and Mover.
const (
	Enabled  = "enabled"
	Disabled = "disabled"

	// Ports: all nodes listen on Bind, each on a port of its own.
	Ports = "ports"
	// IPs: each node listens on port 6379 of a loopback address of its own, the
	// shape of the real service. A replaced node gets another address. Linux only.
	IPs = "ips"
	// FixedIPs: as IPs, but a node comes back at the address that it had, as the
	// service promises for recovery in a VPC.
	FixedIPs = "fixed-ips"
	// Memory: nothing listens; the nodes are reached through Dialer only. Such a
	// cluster can live inside a testing/synctest bubble, where time is simulated.
	Memory = "memory"

	Redis  = "redis"
	Valkey = "valkey"

	// MoverAuto moves slots as the engine version does.
	MoverAuto = "auto"
	// MoverKey moves slots key by key, as engines before Valkey 9 do: clients see ASK and TRYAGAIN.
	MoverKey = "key"
	// MoverSlot moves slots as a whole: clients see MOVED only.
	MoverSlot = "slot"
)

// Bounds of the service.
const (
	maxShards   = 500
	maxReplicas = 5
	maxNodes    = 500
	minToken    = 16 // characters of an AUTH token
	maxToken    = 128

	databasesWithoutClusterMode = 16

	nodePort = 6379 // of every node that has an address of its own
)

// Config is what a cluster is made with. The zero value is a usable cluster: in
// cluster mode, three shards without replicas, on free ports of 127.0.0.1.
// The name in brackets is the setting's name in a ConfigError.
type Config struct {
	ID          string   // [id] of the replication group; "" is "local"
	Shards      int      // [shards] 0 is 3, or as many as Slots has elements; 1 with cluster mode disabled
	Replicas    int      // [replicas] of each shard, 0 to 5
	ClusterMode string   // [cluster-mode] Enabled ("" too) or Disabled
	Slots       []string // [slots] for each shard its ranges, "0-5461,6000"; nil: dealt evenly

	Engine        string // [engine] Redis ("" too) or Valkey
	EngineVersion string // [engine-version] "" is the engine's default, redis 7.1 and valkey 8.1

	Bind         string // [bind] address to listen on; "" is 127.0.0.1
	Port         int    // [port] of the configuration endpoint, or of the primary endpoint; 0: any that is free
	ReaderPort   int    // [reader-port] of the reader endpoint with cluster mode disabled; 0: any that is free
	NodePort     int    // [node-port] of the first node, the others follow; 0: any that are free
	Addresses    string // [addresses] Ports ("" too), IPs, FixedIPs or Memory
	AnnounceHost string // [announce-host] what clients are told in place of the address that they dialled

	Region string   // [region] "" is us-east-1
	Zones  []string // [zones] "a" or "us-east-1a"; nil is a, b, c

	AuthToken string // [auth-token] "" is none
	TLS       bool   // [tls]
	TLSCert   string // [tls-cert] PEM file with the certificate for all nodes; "": one is generated
	TLSKey    string // [tls-key] PEM file with its key

	ReplicationDelay time.Duration // [replication-delay] how much later a replica applies what its primary did
	TopologyDelay    time.Duration // [topology-delay] how much later a node learns of a change of the topology
	FailoverDelay    time.Duration // [failover-delay] how long it takes to notice that a node is dead
	ReplaceDelay     time.Duration // [replace-delay] how long a failed or upgraded node stays away

	MoveDelay    time.Duration // [move-delay] pause after each step of a move of slots, so that it can be watched
	Mover        string        // [mover] MoverAuto ("" too), MoverKey or MoverSlot
	Unrestricted bool          // [unrestricted] allow the commands that ElastiCache hides

	Logger *slog.Logger // nil is silent
	Seed   uint64       // of everything random; 0: another one each time
}

// versions are the engine versions on offer, lowest first.
var versions = map[string][]engine.Version{
	Redis:  {engine.V(7, 0, 7), engine.V(7, 1, 0)},
	Valkey: {engine.V(7, 2, 6), engine.V(8, 0, 1), engine.V(8, 1, 0)},
}

// Versions lists the versions of an engine, lowest first, as MAJOR.MINOR.PATCH.
func Versions(engineName string) []string {
	var list []string
	for _, v := range versions[engineName] {
		list = append(list, v.String())
	}
	return list
}

// ParseVersion finds the version of an engine that text names: "7.1", "7.1.0"
// or "7" for the highest 7. "" is the highest of all.
func ParseVersion(engineName, text string) (engine.Version, error) {
	all, known := versions[engineName]
	if !known {
		return 0, refuse(ErrUnknownVersion, "%q is no engine: write %s or %s", engineName, Redis, Valkey)
	}
	for _, v := range slices.Backward(all) {
		if text == "" || v.String() == text || strings.HasPrefix(v.String(), text+".") {
			return v, nil
		}
	}
	return 0, refuse(ErrUnknownVersion, "%s has no version %q: write one of %s", engineName, text, strings.Join(Versions(engineName), ", "))
}

// settings is a Config made complete and checked.
type settings struct {
	Config
	clusterMode bool
	names       endpoint.Names
	version     engine.Version
	sets        []slots.Set // per shard
	zones       []string    // in full
	multiAZ     bool
}

// complete fills in the defaults and checks everything. The errors are *ConfigError.
func complete(cfg Config) (*settings, error) {
	s := &settings{Config: cfg}
	for _, check := range []func() error{
		s.checkIdentity, s.checkEngine, s.checkShape, s.checkSlots, s.checkAddresses, s.checkPorts, s.checkZones, s.checkSecurity, s.checkDelays,
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	if s.Seed == 0 {
		var b [8]byte
		rand.Read(b[:])
		s.Seed = binary.LittleEndian.Uint64(b[:]) | 1
	}
	s.names = endpoint.For(endpoint.Group{ID: s.ID, Region: s.Region, TLS: s.TLS, ClusterMode: s.clusterMode})
	return s, nil
}

// choice checks one of a few words and fills in the first of them for "".
func choice(setting string, value *string, words ...string) error {
	if *value == "" {
		*value = words[0]
	}
	if !slices.Contains(words, *value) {
		return wrong(setting, "%q is not possible: write %s", *value, strings.Join(words, " or "))
	}
	return nil
}

// regionForm is what regions look like: us-east-1, us-gov-west-1.
var regionForm = regexp.MustCompile(`^[a-z]{2,8}(-[a-z]{1,16}){1,3}-[0-9]{1,2}$`)

func (s *settings) checkIdentity() error {
	if s.ID == "" {
		s.ID = "local"
	}
	s.ID = strings.ToLower(s.ID)
	if err := endpoint.ValidateGroupID(s.ID); err != nil {
		return wrong("id", "%v: write something like local or my-cache", err)
	}
	if s.Region == "" {
		s.Region = endpoint.DefaultRegion
	}
	if !regionForm.MatchString(s.Region) {
		return wrong("region", "%q is no region: write something like us-east-1", s.Region)
	}
	return nil
}

func (s *settings) checkEngine() (err error) {
	if err := choice("engine", &s.Engine, Redis, Valkey); err != nil {
		return err
	}
	if s.version, err = ParseVersion(s.Engine, s.EngineVersion); err != nil {
		return wrong("engine-version", "%v", err)
	}
	s.EngineVersion = s.version.String()
	return choice("mover", &s.Mover, MoverAuto, MoverKey, MoverSlot)
}

func (s *settings) checkShape() error {
	if err := choice("cluster-mode", &s.ClusterMode, Enabled, Disabled); err != nil {
		return err
	}
	s.clusterMode = s.ClusterMode == Enabled
	if s.Shards == 0 {
		switch {
		case !s.clusterMode:
			s.Shards = 1
		case len(s.Slots) > 0:
			s.Shards = len(s.Slots)
		default:
			s.Shards = 3
		}
	}
	switch nodes := s.Shards * (1 + s.Replicas); {
	case s.Shards < 1 || s.Shards > maxShards:
		return wrong("shards", "%d is not possible: write a number from 1 to %d", s.Shards, maxShards)
	case !s.clusterMode && s.Shards != 1:
		return wrong("shards", "%d shards need cluster mode: write --shards 1 or --cluster-mode enabled", s.Shards)
	case s.Replicas < 0 || s.Replicas > maxReplicas:
		return wrong("replicas", "%d is not possible: write a number from 0 to %d", s.Replicas, maxReplicas)
	case nodes > maxNodes:
		return wrong("shards", "%d shards with %d replicas each are %d nodes: the service allows %d", s.Shards, s.Replicas, nodes, maxNodes)
	}
	return nil
}

func (s *settings) checkSlots() error {
	if len(s.Slots) == 0 {
		s.sets = slots.Even(s.Shards)
		return nil
	}
	if !s.clusterMode {
		return wrong("slots", "slots can be chosen only with --cluster-mode enabled")
	}
	if len(s.Slots) != s.Shards {
		return wrong("slots", "there are %d range lists for %d shards: write one for each shard", len(s.Slots), s.Shards)
	}
	for _, text := range s.Slots {
		set, err := slots.Parse(text)
		if err != nil {
			return wrong("slots", "%v: write ranges like 0-5461,6000", err)
		}
		s.sets = append(s.sets, set)
	}
	if err := slots.Partition(s.sets); err != nil {
		return wrong("slots", "%v: every slot from 0 to %d has to be in exactly one", err, slots.Count-1)
	}
	return nil
}

func (s *settings) checkAddresses() error {
	if s.Addresses != Memory { // which is no choice for a user
		if err := choice("addresses", &s.Addresses, Ports, IPs, FixedIPs); err != nil {
			return err
		}
	}
	if s.Bind == "" {
		s.Bind = "127.0.0.1"
	}
	if net.ParseIP(s.Bind) == nil {
		return wrong("bind", "%q is no IP address: write 127.0.0.1 for this machine alone, 0.0.0.0 for everybody", s.Bind)
	}
	switch {
	case s.loopback() && runtime.GOOS != "linux":
		return wrong("addresses", "%s needs Linux, where all of 127.0.0.0/8 can be listened on: write ports", s.Addresses)
	case s.loopback() && s.AnnounceHost != "":
		return wrong("announce-host", "with --addresses %s each node announces its own address: leave it out or write --addresses ports", s.Addresses)
	case s.loopback() && s.NodePort != 0 && s.NodePort != nodePort:
		return wrong("node-port", "with --addresses %s every node listens on port %d: leave it out or write --addresses ports", s.Addresses, nodePort)
	case strings.ContainsAny(s.AnnounceHost, " \t\r\n,/@"):
		return wrong("announce-host", "%q is neither a host name nor an address", s.AnnounceHost)
	}
	return nil
}

// loopback reports whether each node listens at a loopback address of its own.
func (s *settings) loopback() bool { return s.Addresses == IPs || s.Addresses == FixedIPs }

// comesBack reports whether a node's next life listens where its last one did.
func (s *settings) comesBack() bool { return s.Addresses == Ports || s.Addresses == FixedIPs }

func (s *settings) checkPorts() error {
	if s.loopback() {
		s.NodePort = nodePort
	}
	for _, p := range []struct {
		setting string
		port    int
	}{{"port", s.Port}, {"reader-port", s.ReaderPort}, {"node-port", s.NodePort}} {
		if p.port < 0 || p.port > 65535 {
			return wrong(p.setting, "%d is not possible: write a number from 0 (any free port) to 65535", p.port)
		}
	}
	if s.Addresses != Ports {
		return nil
	}
	first, last := s.NodePort, s.NodePort+s.Shards*(1+s.Replicas)-1
	within := func(p int) bool { return first != 0 && p >= first && p <= last }
	switch {
	case last > 65535:
		return wrong("node-port", "the %d nodes would need ports up to %d: write at most %d", last-first+1, last, 65535-(last-first))
	case within(s.Port):
		return wrong("port", "%d is one of the nodes' ports, %d to %d: write another, or another --node-port", s.Port, first, last)
	case !s.clusterMode && within(s.ReaderPort):
		return wrong("reader-port", "%d is one of the nodes' ports, %d to %d: write another, or another --node-port", s.ReaderPort, first, last)
	case !s.clusterMode && s.Port != 0 && s.Port == s.ReaderPort:
		return wrong("reader-port", "%d is the primary endpoint's port too: write another", s.ReaderPort)
	}
	return nil
}

func (s *settings) checkZones() error {
	zones := s.Zones
	if len(zones) == 0 {
		zones = []string{"a", "b", "c"}
	}
	for _, z := range zones {
		full, err := s.zone(z)
		if err != nil {
			return err
		}
		if slices.Contains(s.zones, full) {
			return wrong("zones", "%q is given twice", z)
		}
		s.zones = append(s.zones, full)
	}
	s.multiAZ = s.Replicas > 0 && len(s.zones) > 1
	return nil
}

// zone gives the full name of a zone: "a" is "us-east-1a".
func (s *settings) zone(name string) (string, error) {
	letter := strings.TrimPrefix(name, s.Region)
	if len(letter) != 1 || letter[0] < 'a' || letter[0] > 'z' {
		return "", wrong("zones", "%q is no zone of %s: write a letter, or something like %sa", name, s.Region, s.Region)
	}
	return s.Region + letter, nil
}

func (s *settings) checkSecurity() error {
	if s.AuthToken != "" {
		if n := len(s.AuthToken); n < minToken || n > maxToken {
			return wrong("auth-token", "it has %d characters: the service wants %d to %d", n, minToken, maxToken)
		}
		for i := range len(s.AuthToken) {
			if c := s.AuthToken[i]; !tokenChar(c) {
				return wrong("auth-token", "the character %q is not allowed: write letters, digits and ! & # $ ^ < > -", c)
			}
		}
		if !s.TLS {
			return wrong("auth-token", "the service allows it with encryption in transit only: add --tls")
		}
	}
	switch {
	case (s.TLSCert == "") != (s.TLSKey == ""):
		return wrong("tls-cert", "the certificate and its key belong together: write both --tls-cert and --tls-key")
	case s.TLSCert != "" && !s.TLS:
		return wrong("tls-cert", "it is of no use without encryption: add --tls")
	}
	return nil
}

func tokenChar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!&#$^<>-", c) >= 0
}

func (s *settings) checkDelays() error {
	for _, d := range []struct {
		setting string
		value   time.Duration
	}{
		{"replication-delay", s.ReplicationDelay}, {"topology-delay", s.TopologyDelay},
		{"failover-delay", s.FailoverDelay}, {"replace-delay", s.ReplaceDelay}, {"move-delay", s.MoveDelay},
	} {
		if d.value < 0 {
			return wrong(d.setting, "%v is negative: write something like 0, 150ms or 15s", d.value)
		}
	}
	return nil
}
