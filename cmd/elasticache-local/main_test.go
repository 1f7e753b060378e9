package main

import (
	"bytes"
	"flag"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
)

// output is a writer that a test may read while the program writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
	got chan struct{} // one token whenever something came
}

func newOutput() *output { return &output{got: make(chan struct{}, 1)} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.got <- struct{}{}:
	default:
	}
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// waitFor waits until word was written.
func (o *output) waitFor(t *testing.T, word string) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for !strings.Contains(o.String(), word) {
		select {
		case <-o.got:
		case <-limit:
			require.Fail(t, "never written: "+word, o.String())
		}
	}
}

func noEnvironment(string) (string, bool) { return "", false }

// free are flags that take any free port.
var free = []string{"--port", "0", "--reader-port", "0", "--node-port", "0", "--api", "127.0.0.1:0", "--dns", "127.0.0.1:0"}

func TestItServesUntilASignalComes(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		out, signals, status := newOutput(), make(chan os.Signal, 2), make(chan int, 1)
		go func() { status <- run(free, noEnvironment, out, io.Discard, signals) }()
		out.waitFor(t, "\nready in ")
		text := out.String()
		for _, want := range []string{
			"configuration endpoint  127.0.0.1:", "local.1pot4r.clustercfg.use1.cache.amazonaws.com", "management API          http://127.0.0.1:",
			"DNS                     127.0.0.1:", "local-0001-001  primary  us-east-1", "local-0003-002  replica", "10923-16383",
		} {
			require.Contains(t, text, want)
		}
		signals <- sig
		require.Equal(t, exitOK, <-status)
	}
}

func TestACPUProfileIsWrittenAtTheEnd(t *testing.T) {
	t.Parallel()
	if f := flag.Lookup("test.cpuprofile"); f.Value.String() != "" {
		t.Skip("the tests themselves are profiled, and there is one profile at a time")
	}
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		file := filepath.Join(t.TempDir(), "cpu.prof")
		out, signals, status := newOutput(), make(chan os.Signal, 2), make(chan int, 1)
		args := append([]string{"--shards", "1", "--cpu-profile", file}, free...)
		go func() { status <- run(args, noEnvironment, out, io.Discard, signals) }()
		out.waitFor(t, "\nready in ")
		signals <- sig
		require.Equal(t, exitOK, <-status)
		profile, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(profile, []byte("\x1f\x8b")), "a gzip of %d bytes", len(profile))
	}
}

func TestAProfileThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	file, err := os.Open(os.DevNull) // not for writing
	require.NoError(t, err)
	p := &cpuProfile{file: file}
	p.data.WriteString("profile")
	require.ErrorContains(t, p.stop(), "--cpu-profile: the profile was not written: ")
	require.NoError(t, p.stop(), "once is enough")
}

func TestClusterModeDisabledHasTwoEndpoints(t *testing.T) {
	t.Parallel()
	out, signals, status := newOutput(), make(chan os.Signal, 2), make(chan int, 1)
	args := append([]string{"--cluster-mode", "disabled", "--replicas", "2"}, free...)
	go func() { status <- run(args, noEnvironment, out, io.Discard, signals) }()
	out.waitFor(t, "\nready in ")
	require.Contains(t, out.String(), "primary endpoint  127.0.0.1:")
	require.Contains(t, out.String(), "reader endpoint   127.0.0.1:")
	require.Contains(t, out.String(), "local-003  replica")
	signals <- os.Interrupt
	require.Equal(t, exitOK, <-status)
}

func TestWrongCommandLinesSayWhatToWrite(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for args, want := range map[string]string{
		"--shard 3":                          "unknown flag --shard; did you mean --shards?",
		"--shards x":                         "--shards x: no valid value; write something like --shards 3 (number of shards",
		"--slots 5-4":                        "--slots",
		"--shards 0":                         "--shards: 0 is not possible: write a number from 1 to 500",
		"--failover-delay 5":                 "--failover-delay 5: no valid value; write something like --failover-delay 15s",
		"--shards 501":                       "--shards: 501 is not possible: write a number from 1 to 500",
		"--replicas 6":                       "--replicas: 6 is not possible",
		"--shards 2 --cluster-mode disabled": "--shards: 2 shards need cluster mode",
		"--cluster-mode maybe":               "write enabled or disabled",
		"--engine memcached":                 "write redis or valkey",
		"--engine-version 9":                 "--engine-version: redis has no version \"9\": write one of",
		"--slots 0-100":                      "every slot from 0 to 16383 has to be in exactly one",
		"--slots 0-100 --slots 50-16383":     "--slots",
		"--auth-token short --tls":           "the service wants 16 to 128",
		"--auth-token 0123456789abcdef":      "add --tls",
		"--tls-cert x.pem":                   "write both --tls-cert and --tls-key",
		"--failover-delay -1s":               "negative",
		"--log-level loud":                   "write debug, info, warn or error",
		"--log-format xml":                   "write text or json",
		"--bind nowhere":                     "is no IP address",
		"--shards=-1":                        "--shards: -1 is not possible",
		"-port=7000":                         "unknown flag -port; did you mean --port?",
		"-y":                                 "unknown flag -y; --help lists all flags",
		"hosts /etc/hosts":                   "hosts takes flags only",
		"--tls-ca x.pem":                     "add --tls",
		"--tls --tls-ca a --tls-cert b":      "leave one of them out",
		"--region us":                        "write something like us-east-1",
		"--addresses memory":                 "write ports or ips or fixed-ips",
		"--zones a,a":                        "given twice",
		"nosuch":                             "unknown sub-command \"nosuch\"",
		"--cpu-profile /nowhere/cpu.prof":    "--cpu-profile: open /nowhere/cpu.prof: no such file or directory: write a file name that can be written",
		"--dns nonsense":                     "--dns: cannot listen on nonsense",
		"--port " + portOf(taken):            "--port: port " + portOf(taken) + " is taken by another program: stop that one or write another --port",
		"--node-port " + portOf(taken):       "--node-port: port " + portOf(taken) + " is taken by another program",
		"--api " + taken.Addr().String():     "--api: " + taken.Addr().String() + " is taken by another program: stop that one, write another --api, or off",
		"--dns " + taken.Addr().String():     "--dns: " + taken.Addr().String() + " is taken by another program",
	} {
		var stderr bytes.Buffer
		status := run(append(slices.Clone(free), strings.Fields(args)...), noEnvironment, io.Discard, &stderr, nil)
		require.Equal(t, exitUsage, status, "%s: %s", args, stderr.String())
		require.Contains(t, stderr.String(), want, args)
		require.Equal(t, strings.Contains(want, "is taken"), strings.Contains(stderr.String(), anyPorts), args)
	}
}

func portOf(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestTheEnvironmentIsReadWhereNoFlagIsGiven(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"ELASTICACHE_LOCAL_SHARDS": "5", "ELASTICACHE_LOCAL_REPLICAS": "2", "ELASTICACHE_LOCAL_FAILOVER_DELAY": "15s",
		"ELASTICACHE_LOCAL_SLOTS": "0-99; 100-16383", "ELASTICACHE_LOCAL_TLS": "true",
	}
	lookup := func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}
	o, _, err := parse([]string{"--shards", "2"}, lookup)
	require.NoError(t, err)
	require.Equal(t, 2, o.shards)
	require.Equal(t, 2, o.replicas)
	require.Equal(t, 15*time.Second, o.failoverDelay)
	require.Equal(t, []string{"0-99", "100-16383"}, o.slots)
	require.True(t, o.tls)

	env["ELASTICACHE_LOCAL_REPLICAS"] = "many"
	_, _, err = parse(nil, lookup)
	require.ErrorContains(t, err, `environment variable ELASTICACHE_LOCAL_REPLICAS: "many" is no valid value`)
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Equal(t, exitOK, run([]string{"--help"}, noEnvironment, &out, io.Discard, nil))
	for _, want := range []string{"The replication group:", "Where it listens:", "Security:", "Behaviour in time:", "--node-port int", "ELASTICACHE_LOCAL_NODE_PORT"} {
		require.Contains(t, out.String(), want)
	}
	out.Reset()
	require.Equal(t, exitOK, run([]string{"--version"}, noEnvironment, &out, io.Discard, nil))
	require.Contains(t, out.String(), "elasticache-local ")
}

func TestHostsPrintsTheNames(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Equal(t, exitOK, run(append([]string{"hosts"}, free...), noEnvironment, &out, io.Discard, nil))
	require.Contains(t, out.String(), "127.0.0.1")
	require.Contains(t, out.String(), "local-0003-002.1pot4r.0001.use1.cache.amazonaws.com")
}

func TestHostsSaysThatTheFirstAddressesAreTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", cluster.FirstIP+":6379")
	if err != nil {
		t.Skip("no loopback addresses here, or somebody else's: ", err)
	}
	defer taken.Close()
	var out bytes.Buffer
	args := []string{"hosts", "--addresses", "fixed-ips", "--shards", "1", "--replicas", "0"}
	require.Equal(t, exitOK, run(args, noEnvironment, &out, io.Discard, nil))
	require.Regexp(t, `^# another cluster has the addresses from 127\.31\.0\.2 on: .*\n127\.31\.`, out.String())
}
