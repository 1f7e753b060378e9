// Command compare measures elasticache-local and a real Redis or Valkey of the
// same shape side by side on this machine.
//
//	go run ./bench/compare -quick          under a minute
//	go run ./bench/compare                 everything, about an hour
//	go run ./bench/compare -list           what that is
//	go run ./bench/compare -only 'SET, pipeline 16'
//	go run ./bench/compare -addr host:6379 -against other:6379
//
// Both servers run at the same time and are measured in turn, one round after
// the other, so that whatever else the machine does meets both. What counts is
// the ratio of two figures measured beside each other; its median and its
// extremes over the rounds are shown. Absolute figures are those of this
// machine at that time and no more.
//
// The load comes from the generator of this repository and, where it is
// installed, from redis-benchmark. Memory is the resident set of the processes
// as the kernel counts it.
//
// With -addr nothing is started and nobody's data is touched: keys begin with
// a prefix of their own and are deleted again, and no server is emptied.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"elasticache-local/bench/internal/peer"
	"elasticache-local/bench/internal/program"
)

func main() {
	program.Main("compare", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout, os.Stderr) })
}

func run(ctx context.Context, args []string, out, status io.Writer) error {
	o, err := parse(args, status)
	if err != nil {
		return err
	}
	return compare(ctx, o, "go run ./bench/compare "+strings.Join(args, " "), out, status)
}

// compare measures what the options ask for and reports it. What has been
// measured when it is interrupted is shown as well.
func compare(ctx context.Context, o *options, command string, out, status io.Writer) error {
	if o.drive(rbDriver) && !redisBenchmarkInstalled() {
		fmt.Fprintf(status, "%s is not installed: only the generator of this repository is used\n", rbDriver)
		o.drivers = []string{loadDriver}
	}
	sessions := plan(o)
	if o.list {
		_, err := io.WriteString(out, write(sessions))
		return err
	}
	if len(sessions) == 0 {
		return errors.New("-only matches no measurement; -list shows them all")
	}
	sides, remove, err := chooseSides(ctx, o, status)
	if err != nil {
		return err
	}
	defer remove()
	h := thisHost(ctx)
	r := &runner{options: o, sides: sides, progress: newProgress(status, sessions, sides)}
	runErr := r.run(ctx, sessions)
	r.progress.clear()
	rep := newReport(h, time.Now().UTC().Truncate(time.Second), strings.TrimSpace(command), sides, o.rounds, r.results)
	if len(rep.Rows) > 0 {
		rep.writeTable(out)
	}
	if runErr != nil {
		return runErr
	}
	if err := rep.save(o, status); err != nil {
		return err
	}
	if n := rep.failed(); n > 0 {
		return fmt.Errorf("%d of %d measurements failed", n, len(r.results))
	}
	return nil
}

// save writes the files that the options name.
func (rep *report) save(o *options, status io.Writer) error {
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{{o.json, rep.writeJSON}, {o.svg, rep.writeChart}} {
		if f.name == "" {
			continue
		}
		var b strings.Builder
		if err := f.write(&b); err != nil {
			return err
		}
		if err := os.WriteFile(f.name, []byte(b.String()), 0o644); err != nil {
			return err
		}
		fmt.Fprintln(status, "wrote", f.name)
	}
	return nil
}

// chooseSides returns what is compared, and a function to call at the end.
func chooseSides(ctx context.Context, o *options, status io.Writer) (sides []*side, remove func(), err error) {
	remove = func() {}
	if o.outside() {
		for _, addr := range []string{o.addr, o.against} {
			if addr == "" {
				continue
			}
			s := newSide(addr)
			if s.peer, err = peer.Outside(ctx, addr, o.login); err != nil {
				return nil, remove, err
			}
			sides = append(sides, s)
		}
		return sides, remove, nil
	}
	ours, err := subject(ctx, o, status)
	if err != nil {
		return nil, remove, err
	}
	remove = ours.Remove
	sides = []*side{newSide(ours.Name)}
	sides[0].program = ours
	if o.reference == "none" {
		return sides, remove, nil
	}
	reference, err := peer.Find(ctx, strings.Split(o.reference, ",")...)
	if err != nil {
		remove()
		return nil, func() {}, err
	}
	if reference == nil {
		fmt.Fprintf(status, "none of %s is installed: only elasticache-local is measured, there are no ratios\n", o.reference)
		return sides, remove, nil
	}
	other := newSide(reference.Name)
	other.program = reference
	return append(sides, other), remove, nil
}

// subject returns the program that is compared with the reference.
func subject(ctx context.Context, o *options, status io.Writer) (*peer.Program, error) {
	if o.ours == "" {
		fmt.Fprintln(status, "building elasticache-local")
		return peer.Build(ctx)
	}
	p, err := peer.Find(ctx, o.ours)
	if err == nil && p == nil {
		err = fmt.Errorf("there is no program %s", o.ours)
	}
	return p, err
}
