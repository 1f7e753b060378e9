package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"elasticache-local/cluster"
)

// options are the command line, as given or from the environment.
type options struct {
	id            string
	shards        int
	replicas      int
	clusterMode   string
	slots         []string
	engine        string
	engineVersion string

	bind         string
	port         int
	readerPort   int
	nodePort     int
	addresses    string
	announceHost string
	api          string
	dns          string
	region       string
	zones        []string

	authToken string
	tls       bool
	tlsCA     string
	tlsCert   string
	tlsKey    string

	replicationDelay time.Duration
	topologyDelay    time.Duration
	failoverDelay    time.Duration
	replaceDelay     time.Duration
	unrestricted     bool

	logLevel   string
	logFormat  string
	cpuProfile string
	version    bool
	help       bool

	set *pflag.FlagSet // all of them, to ask which were given
}

// flagGroup is a heading of --help with the flags under it.
type flagGroup struct {
	title string
	flags *pflag.FlagSet
}

func (o *options) groups() []flagGroup {
	group := func(title string, declare func(f *pflag.FlagSet)) flagGroup {
		f := pflag.NewFlagSet(title, pflag.ContinueOnError)
		f.SortFlags = false
		declare(f)
		return flagGroup{title, f}
	}
	return []flagGroup{
		group("The replication group", func(f *pflag.FlagSet) {
			f.StringVar(&o.id, "id", "local", "replication group `id`: letters, digits and hyphens")
			f.IntVar(&o.shards, "shards", 3, "number of shards (node groups), 1 to 500")
			f.IntVar(&o.replicas, "replicas", 1, "replicas of each shard, 0 to 5")
			f.StringVar(&o.clusterMode, "cluster-mode", "enabled", "`enabled` or disabled: sharded, or one shard with a primary and a reader endpoint")
			f.StringArrayVar(&o.slots, "slots", nil, "slot `ranges` of one shard, such as 0-5461,9000-9100; once for each shard instead of the even distribution")
			f.StringVar(&o.engine, "engine", "redis", "`redis` or valkey")
			f.StringVar(&o.engineVersion, "engine-version", "", "engine `version`: redis 7.0, 7.1; valkey 7.2, 8.0, 8.1; by default the highest")
		}),
		group("Where it listens", func(f *pflag.FlagSet) {
			f.StringVar(&o.bind, "bind", "127.0.0.1", "`address` to listen on; 0.0.0.0 for all, as in a container")
			f.IntVar(&o.port, "port", 6379, "port of the configuration endpoint; with cluster mode disabled of the primary endpoint; 0 is any free one, here and below")
			f.IntVar(&o.readerPort, "reader-port", 6380, "port of the reader endpoint, with cluster mode disabled")
			f.IntVar(&o.nodePort, "node-port", 6400, "port of the first node; the others follow, primaries first")
			f.StringVar(&o.addresses, "addresses", "ports", "`ports`: every node on a port of its own; ips (Linux): every node on port 6379 of its own loopback address, another one after each replacement; fixed-ips: always the same")
			f.StringVar(&o.announceHost, "announce-host", "", "`host` that clients are told to connect to; by default the one that they dialled")
			f.StringVar(&o.api, "api", "127.0.0.1:6300", "`address` of the management API, or off")
			f.StringVar(&o.dns, "dns", "127.0.0.1:6353", "`address` of the DNS server for the endpoint names, or off")
			f.StringVar(&o.region, "region", "us-east-1", "AWS `region` in names and zones")
			f.StringSliceVar(&o.zones, "zones", []string{"a", "b", "c"}, "availability `zones` over which a shard's nodes are spread")
		}),
		group("Security", func(f *pflag.FlagSet) {
			f.StringVar(&o.authToken, "auth-token", "", "AUTH `token` that clients must give, 16 to 128 characters")
			f.BoolVar(&o.tls, "tls", false, "encrypt connections, with a generated authority unless --tls-cert and --tls-key are given")
			f.StringVar(&o.tlsCA, "tls-ca", "elasticache-local-ca.pem", "`file` to which the generated authority's certificate is written")
			f.StringVar(&o.tlsCert, "tls-cert", "", "certificate `file` in PEM, instead of a generated one")
			f.StringVar(&o.tlsKey, "tls-key", "", "key `file` of --tls-cert")
			f.BoolVar(&o.unrestricted, "unrestricted", false, "allow the commands that ElastiCache hides: CONFIG, DEBUG, …")
		}),
		group("Behaviour in time", func(f *pflag.FlagSet) {
			f.DurationVar(&o.replicationDelay, "replication-delay", 0, "how long after a primary its replicas apply a write")
			f.DurationVar(&o.topologyDelay, "topology-delay", 0, "how long a node goes on with the topology it knows after a change")
			f.DurationVar(&o.failoverDelay, "failover-delay", 0, "how long a dead primary goes unnoticed; 15s feels like production")
			f.DurationVar(&o.replaceDelay, "replace-delay", 0, "how long a failed or upgraded node stays away")
		}),
		group("The program", func(f *pflag.FlagSet) {
			f.StringVar(&o.logLevel, "log-level", "warn", "`level` from which log lines are written: debug, info, warn or error")
			f.StringVar(&o.logFormat, "log-format", "text", "`text` or json")
			f.StringVar(&o.cpuProfile, "cpu-profile", "", "`file` to which a CPU profile of the whole run is written at its end, for go tool pprof")
			f.BoolVar(&o.version, "version", false, "print the version and exit")
			f.BoolVarP(&o.help, "help", "h", false, "print this and exit")
		}),
	}
}

// usageError is a command line that cannot be: exit status 2.
type usageError struct {
	text  string
	cause error // nil, or what the operating system said
}

func (e usageError) Error() string { return e.text }
func (e usageError) Unwrap() error { return e.cause }

func usagef(format string, args ...any) error { return usageError{text: fmt.Sprintf(format, args...)} }

// envPrefix begins the environment variable of each flag.
const envPrefix = "ELASTICACHE_LOCAL_"

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// parse reads the command line and, for what it does not say, the environment.
// rest are the arguments that are not flags.
func parse(args []string, lookup func(string) (string, bool)) (o *options, rest []string, err error) {
	o = &options{}
	o.set = pflag.NewFlagSet("elasticache-local", pflag.ContinueOnError)
	o.set.SetOutput(io.Discard)
	o.set.Usage = func() {}
	for _, g := range o.groups() {
		o.set.AddFlagSet(g.flags)
	}
	if err := o.set.Parse(args); err != nil {
		return nil, nil, explain(err, o.set)
	}
	if err := o.fromEnvironment(lookup); err != nil {
		return nil, nil, err
	}
	return o, o.set.Args(), o.check()
}

// check finds what a Config allows, or takes for a default, and a command line
// must not say.
func (o *options) check() error {
	switch {
	case o.shards == 0:
		return usagef("--shards: 0 is not possible: write a number from 1 to 500")
	case o.addresses == cluster.Memory: // nobody outside this process could connect
		return usagef("--addresses: %q is not possible: write ports or ips or fixed-ips", o.addresses)
	case o.set.Changed("tls-ca") && !o.tls:
		return usagef("--tls-ca: there is no authority without encryption: add --tls")
	case o.set.Changed("tls-ca") && o.tlsCert != "":
		return usagef("--tls-ca: with --tls-cert no authority is generated: leave one of them out")
	}
	return nil
}

func (o *options) fromEnvironment(lookup func(string) (string, bool)) (err error) {
	o.set.VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" || f.Name == "version" {
			return
		}
		value, ok := lookup(envName(f.Name))
		if !ok || value == "" {
			return
		}
		values := []string{value}
		if f.Name == "slots" { // one range list per shard, separated by semicolons or blanks
			values = strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == ' ' })
		}
		for _, v := range values {
			if setErr := o.set.Set(f.Name, v); setErr != nil && err == nil {
				err = usagef("environment variable %s: %q is no valid value (%s)", envName(f.Name), v, f.Usage)
			}
		}
	})
	return err
}

// explain turns pflag's error into one that says what to write instead.
func explain(err error, set *pflag.FlagSet) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		name, dashes := unknown.GetSpecifiedName(), "--"
		if letters := unknown.GetSpecifiedShortnames(); letters != "" { // one dash, as with Go's own flags
			name, _, _ = strings.Cut(letters, "=")
			dashes = "-"
		}
		if near := nearest(name, set); near != "" {
			return usagef("unknown flag %s%s; did you mean --%s? (--help lists all flags)", dashes, name, near)
		}
		return usagef("unknown flag %s%s; --help lists all flags", dashes, name)
	}
	var bad *pflag.InvalidValueError
	if errors.As(err, &bad) {
		f := bad.GetFlag()
		return usagef("--%s %s: no valid value; write something like --%s %s (%s)", f.Name, bad.GetValue(), f.Name, example(f), plainUsage(f))
	}
	return usagef("%s; --help lists all flags", err)
}

// example is a value that can be written for a flag.
func example(f *pflag.Flag) string {
	if f.Value.Type() == "duration" {
		return "15s"
	}
	return f.DefValue
}

func plainUsage(f *pflag.Flag) string { return strings.ReplaceAll(f.Usage, "`", "") }

// nearest is the flag whose name is at most two letters away.
func nearest(name string, set *pflag.FlagSet) (best string) {
	least := min(3, len(name)) // a change of every letter is no likeness
	set.VisitAll(func(f *pflag.Flag) {
		if d := distance(name, f.Name); d < least {
			best, least = f.Name, d
		}
	})
	return best
}

// distance is the number of letters to change, add or drop from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(b)]
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, `elasticache-local is a Redis or Valkey cluster with ElastiCache's topology and behaviour, in one process.

Usage:
  elasticache-local [flags]         start a replication group and serve until Ctrl-C
  elasticache-local hosts [flags]   print lines for a hosts file with the endpoint names

Each flag is also an environment variable: --node-port is ELASTICACHE_LOCAL_NODE_PORT.
`)
	for _, g := range (&options{}).groups() {
		fmt.Fprintf(w, "\n%s:\n%s", g.title, g.flags.FlagUsagesWrapped(110))
	}
}
