package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"elasticache-local/bench/internal/generator"
)

// options is what the command line says.
type options struct {
	rounds    int
	duration  time.Duration // of one measurement
	quick     bool
	only      *regexp.Regexp // nil: everything
	drivers   []string
	addr      string
	against   string
	login     generator.Login
	ours      string // a binary; "" builds one
	reference string
	json, svg string
	list      bool
	scale     scale
}

const (
	loadDriver = "load"            // the generator of this repository
	rbDriver   = "redis-benchmark" // the one that comes with Redis
)

// scale is how much of everything there is.
type scale struct {
	keys       int           // key space of the throughput and latency measurements
	memoryKeys int           // strings of which the memory is measured
	containers int           // hashes, sets, sorted sets, lists of which the memory is measured
	idle       int           // connections
	resident   int           // keys under which the longest request is sought
	expiring   int           // keys that expire at the same moment
	bigValue   int           // bytes
	churn      time.Duration // how many times longer than others that measurement is
	fewRounds  int           // of what varies little or takes long, at most
	pipelines  []int
	settle     time.Duration // between two looks at whether memory still changes
}

var (
	fullScale  = scale{100_000, 1_000_000, 100_000, 10_000, 5_000_000, 1_000_000, 100 << 20, 10, 3, []int{1, 16, 64}, 250 * time.Millisecond}
	quickScale = scale{50_000, 200_000, 0, 0, 200_000, 50_000, 20 << 20, 4, 1, []int{1, 16}, 250 * time.Millisecond}
)

// Bounds, so that a slip of the pen does not occupy the machine for days.
const (
	maxRounds  = 101
	maxSeconds = 600
)

func parse(args []string, out io.Writer) (*options, error) {
	o := &options{scale: fullScale}
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.IntVar(&o.rounds, "rounds", 0, "how often each side is measured, in turn; default 5, or 3 with -quick")
	flags.DurationVar(&o.duration, "duration", 0, "of one measurement; default 2s, or 100ms with -quick")
	flags.BoolVar(&o.quick, "quick", false, "under a minute: fewer measurements, shorter and smaller")
	only := flags.String("only", "", "measure only what matches this regular `expression`; see -list")
	drivers := flags.String("drivers", "", "who generates the load: load, redis-benchmark or both (comma-separated); default both, but load with -addr")
	flags.StringVar(&o.addr, "addr", "", "measure the running server at this `address` instead of starting elasticache-local")
	flags.StringVar(&o.against, "against", "", "compare with the running server at this `address` instead of starting a real one")
	flags.StringVar(&o.login.User, "user", "", "`user` for AUTH at -addr and -against")
	flags.StringVar(&o.login.Password, "password", os.Getenv("REDISCLI_AUTH"), "`password` for AUTH there, default $REDISCLI_AUTH")
	flags.StringVar(&o.ours, "ours", "", "`binary` to measure instead of building elasticache-local; a redis-server shows how far two equal servers differ by chance")
	flags.StringVar(&o.reference, "reference", "redis-server,valkey-server", "real server to compare with: the first of these `programs` that is installed, or none")
	flags.StringVar(&o.json, "json", "", "`file` for the results")
	flags.StringVar(&o.svg, "svg", "", "`file` for the chart")
	flags.BoolVar(&o.list, "list", false, "only list what would be measured")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *only != "" {
		var err error
		if o.only, err = regexp.Compile("(?i)" + *only); err != nil {
			return nil, fmt.Errorf("-only: %w", err)
		}
	}
	o.drivers = []string{loadDriver, rbDriver}
	switch {
	case *drivers != "":
		o.drivers = strings.Split(*drivers, ",")
	case o.outside():
		o.drivers = o.drivers[:1]
	}
	return o, o.complete()
}

// complete fills in defaults and checks the bounds.
func (o *options) complete() error {
	rounds, duration := 5, 2*time.Second
	if o.quick {
		o.scale, rounds, duration = quickScale, 3, 100*time.Millisecond
	}
	if o.rounds == 0 {
		o.rounds = rounds
	}
	if o.duration == 0 {
		o.duration = duration
	}
	for _, d := range o.drivers {
		if d != loadDriver && d != rbDriver {
			return fmt.Errorf("-drivers: %q is neither %s nor %s", d, loadDriver, rbDriver)
		}
	}
	switch {
	case o.rounds < 1 || o.rounds > maxRounds:
		return fmt.Errorf("-rounds must be between 1 and %d", maxRounds)
	case o.duration < time.Millisecond || o.duration > maxSeconds*time.Second:
		return fmt.Errorf("-duration must be between 1ms and %ds", maxSeconds)
	case o.outside() && o.drive(rbDriver):
		return fmt.Errorf("%s overwrites and removes keys that it shares with others: with -addr write -drivers %s", rbDriver, loadDriver)
	case o.against != "" && o.addr == "":
		return errors.New("-against needs -addr")
	}
	return nil
}

// outside tells whether the servers run already.
func (o *options) outside() bool { return o.addr != "" }

func (o *options) drive(driver string) bool { return slices.Contains(o.drivers, driver) }

// fewRounds is fewer than the command line says if those will do.
func (o *options) fewRounds() int { return min(o.rounds, o.scale.fewRounds) }
