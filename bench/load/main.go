// Command load puts load on a Redis, Valkey or elasticache-local server and
// reports the rate and the latencies.
//
//	go run ./bench/load -addr 127.0.0.1:6379 -t get -P 16 -duration 5s
//	go run ./bench/load -addr 127.0.0.1:6379 -t mixed -rate 20000
//
// Without -rate it is a closed loop that finds the highest rate; with -rate it
// keeps to a timetable and measures each latency from the moment when the
// request was due. The server's CLUSTER SLOTS decides whether keys are routed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/program"
)

func main() {
	program.Main("load", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout) })
}

func run(ctx context.Context, args []string, out io.Writer) error {
	cfg := generator.Defaults()
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&cfg.Addr, "addr", cfg.Addr, "any `node` of the server")
	flags.StringVar(&cfg.Login.User, "user", "", "`user` for AUTH")
	flags.StringVar(&cfg.Login.Password, "password", os.Getenv("REDISCLI_AUTH"), "`password` for AUTH, default $REDISCLI_AUTH")
	flags.IntVar(&cfg.Connections, "c", cfg.Connections, "`connections`, over all shards")
	flags.IntVar(&cfg.Pipeline, "P", cfg.Pipeline, "`requests` under way per connection")
	flags.IntVar(&cfg.Threads, "threads", cfg.Threads, "`threads` of the generator")
	flags.IntVar(&cfg.Keys, "keys", cfg.Keys, "size of the key space")
	flags.IntVar(&cfg.Members, "members", cfg.Members, "different members of a container")
	flags.IntVar(&cfg.ValueSize, "d", cfg.ValueSize, "`bytes` of a value")
	flags.StringVar(&cfg.Prefix, "prefix", "", "what the `name` of every key begins with")
	flags.Float64Var(&cfg.Rate, "rate", 0, "requests per `second` of an open loop; 0 is a closed loop")
	flags.DurationVar(&cfg.Duration, "duration", cfg.Duration, "how long to measure")
	flags.DurationVar(&cfg.Warmup, "warmup", 500*time.Millisecond, "time before that is not counted")
	flags.IntVar(&cfg.Requests, "n", 0, "stop after so many `requests`; 0 is no bound")
	flags.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "of the random numbers")
	names := flags.String("t", "set,get", "comma-separated `workloads`: "+strings.ToLower(strings.Join(generator.Names(), " ")))
	prepare := flags.Bool("prepare", true, "write beforehand what the workload reads or overwrites")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	fmt.Fprintf(out, "%-13s %11s %9s %9s %9s %9s %9s %9s\n", "workload", "requests/s", "mean", "p50", "p99", "p99.9", "max", "lag p99")
	for name := range strings.SplitSeq(*names, ",") {
		cfg.Workload = strings.TrimSpace(name)
		if err := measure(ctx, cfg, *prepare, out); err != nil {
			return fmt.Errorf("%s: %w", cfg.Workload, err)
		}
	}
	return nil
}

func measure(ctx context.Context, cfg generator.Config, prepare bool, out io.Writer) error {
	if prepare {
		if err := generator.Prepare(ctx, cfg); err != nil {
			return err
		}
	}
	r, err := generator.Run(ctx, cfg)
	if err != nil {
		return err
	}
	h := &r.Latency
	fmt.Fprintf(out, "%-13s %11.0f", strings.ToUpper(cfg.Workload), r.PerSecond())
	for _, d := range []time.Duration{h.Mean(), h.Quantile(0.5), h.Quantile(0.99), h.Quantile(0.999), h.Max(), r.Lag.Quantile(0.99)} {
		fmt.Fprintf(out, " %9s", short(d))
	}
	fmt.Fprintln(out)
	switch {
	case r.Errors > 0:
		fmt.Fprintf(out, "  %d error replies, the first: %s\n", r.Errors, r.FirstError)
	case r.Unanswered > 0:
		fmt.Fprintf(out, "  %d requests were not answered in time\n", r.Unanswered)
	}
	return nil
}

// short writes a duration with three digits.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.3gµs", float64(d)/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.3gms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.3gs", d.Seconds())
}
