// Command elasticache-local is a Redis or Valkey cluster with ElastiCache's
// topology and behaviour, in one process.
//
//	flags.go    the command line and the environment
//	serve.go    starting, telling what runs where, ending
//	memory.go   how much garbage may gather
//	profile.go  a CPU profile of the run, for who asks for one
//	hosts.go    the sub-command that prints lines for a hosts file
//
// default.pgo is a profile of the program under load (go run ./bench/profile
// makes it anew). The go command finds it by its name and compiles what is hot
// with it.
//
// Here, and nowhere below package cluster, the wall clock and the random seed
// enter.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"elasticache-local/cluster"
)

// version is set by the linker in releases.
var version = "devel"

// Exit statuses.
const (
	exitOK    = 0
	exitError = 1 // it could not run
	exitUsage = 2 // it was not told right
)

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(run(os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr, signals))
}

// run is the whole program: arguments and environment in, exit status out.
func run(args []string, lookup func(string) (string, bool), stdout, stderr io.Writer, signals <-chan os.Signal) int {
	o, rest, err := parse(args, lookup)
	switch {
	case err != nil:
		return fail(stderr, err)
	case o.help:
		printHelp(stdout)
		return exitOK
	case o.version:
		fmt.Fprintln(stdout, "elasticache-local", versionText())
		return exitOK
	case len(rest) == 1 && rest[0] == "hosts":
		err = hosts(o, stdout)
	case len(rest) > 0 && rest[0] == "hosts":
		err = usagef("hosts takes flags only, not %q", rest[1])
	case len(rest) > 0:
		err = usagef("unknown sub-command %q: there is only hosts; flags begin with --", rest[0])
	default:
		err = serve(o, stdout, stderr, signals)
	}
	if err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

// versionText is the release, or what the build knows of its commit.
func versionText() string {
	if version != "devel" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return version + " " + s.Value[:12]
			}
		}
	}
	return version
}

// anyPorts is told to whoever meets a port that is taken: beside another cluster
// the next one would be taken too, and the one after that.
const anyPorts = "--port 0 --reader-port 0 --node-port 0 --api 127.0.0.1:0 --dns 127.0.0.1:0"

// fail says what is wrong and gives the exit status.
func fail(stderr io.Writer, err error) int {
	text, status := err.Error(), exitError
	var config *cluster.ConfigError
	switch {
	case errors.As(err, &config):
		text, status = fmt.Sprintf("--%s: %s", config.Setting, config.Problem), exitUsage
	case errors.As(err, new(usageError)):
		status = exitUsage
	}
	fmt.Fprintf(stderr, "elasticache-local: %s\n", text)
	if errors.Is(err, syscall.EADDRINUSE) {
		fmt.Fprintln(stderr, "To take free ports everywhere, beside another elasticache-local for example:", anyPorts)
	}
	return status
}
