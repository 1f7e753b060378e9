// Command profile makes the profile with which the go command compiles
// elasticache-local (profile-guided optimisation).
//
//	go run ./bench/profile        writes cmd/elasticache-local/default.pgo
//
//	load.go  what the servers do while they are watched
//
// It builds the program without a profile, so that what is hot does not depend on
// what was hot before, puts load on a cluster and on one node, and merges what
// both have written with --cpu-profile. The machine need not be idle: a profile
// says where the program's own time goes, and shares hardly change with the rate.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elasticache-local/bench/internal/generator"
	"elasticache-local/bench/internal/peer"
	"elasticache-local/bench/internal/program"
)

const (
	mainPackage = "elasticache-local/cmd/elasticache-local"
	fileName    = "default.pgo" // the name that the go command looks for beside a main package
	maxBytes    = 300 << 10     // of a profile that is worth its place in the repository
)

func main() {
	program.Main("profile", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stderr) })
}

func run(ctx context.Context, args []string, status io.Writer) error {
	flags := flag.NewFlagSet("profile", flag.ContinueOnError)
	flags.SetOutput(status)
	output := flags.String("o", "", "`file` to write; default "+fileName+" of the main package")
	duration := flags.Duration("duration", 400*time.Millisecond, "of one of the "+fmt.Sprint(count(sessions))+" loads")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *duration < time.Millisecond || *duration > time.Minute:
		return errors.New("-duration must be between 1ms and 1m")
	}
	if *output == "" {
		dir, err := peer.Go(ctx, "list", "-f", "{{.Dir}}", mainPackage)
		if err != nil {
			return err
		}
		*output = filepath.Join(strings.TrimSpace(string(dir)), fileName)
	}
	fmt.Fprintln(status, "building elasticache-local without a profile")
	// -trimpath: the profile shall not tell where it was made.
	ours, err := peer.Build(ctx, "-pgo=off", "-trimpath")
	if err != nil {
		return err
	}
	defer ours.Remove()
	r := &recorder{program: ours, keys: generator.Defaults().Keys, duration: *duration, status: status}
	return r.write(ctx, *output)
}

// write watches the program under all loads and writes the merged profile. A
// file that exists is replaced only when all has gone well.
func (r *recorder) write(ctx context.Context, output string) error {
	dir, err := os.MkdirTemp("", "profile")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var parts []string
	for i, s := range sessions {
		part := filepath.Join(dir, fmt.Sprint("part", i))
		if err := r.session(ctx, s, part); err != nil {
			return fmt.Errorf("%v: %w", s.shape, err)
		}
		parts = append(parts, part)
	}
	merged, err := merge(ctx, parts, filepath.Join(dir, "merged"))
	if err != nil {
		return err
	}
	if len(merged) > maxBytes {
		return fmt.Errorf("the profile has %d KiB, more than the %d that are worth it: shorten -duration", len(merged)>>10, maxBytes>>10)
	}
	if err := os.WriteFile(output, merged, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(r.status, "wrote %s (%d KiB)\n", output, len(merged)>>10)
	return nil
}

// merge adds profiles up with the tool that comes with Go.
func merge(ctx context.Context, parts []string, into string) ([]byte, error) {
	args := append([]string{"tool", "pprof", "-proto", "-symbolize=none", "-output", into}, parts...)
	if _, err := peer.Go(ctx, args...); err != nil {
		return nil, err
	}
	return os.ReadFile(into)
}
