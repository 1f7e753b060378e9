package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// host is where and of what the figures were measured.
type host struct {
	Commit   string `json:"commit"`
	Modified bool   `json:"modified"` // the working tree differed from the commit
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	System   string `json:"system"`
	Go       string `json:"go"`
}

func thisHost(ctx context.Context) host {
	h := host{
		Commit: output(ctx, "git", "rev-parse", "HEAD"),
		CPU:    cpuName(ctx), Cores: runtime.NumCPU(),
		System: strings.TrimSpace(runtime.GOOS + "/" + runtime.GOARCH + " " + output(ctx, "uname", "-r")), Go: runtime.Version(),
	}
	if h.Commit == "" {
		h.Commit = "unknown"
	}
	h.Modified = output(ctx, "git", "status", "--porcelain", "--untracked-files=no") != ""
	return h
}

// output returns what a program prints, "" if it cannot be run.
func output(ctx context.Context, name string, args ...string) string {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func cpuName(ctx context.Context) string {
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	if name := output(ctx, "sysctl", "-n", "machdep.cpu.brand_string"); name != "" {
		return name
	}
	return runtime.GOARCH
}

// shortCommit is the commit as people write it.
func (h host) shortCommit() string {
	short := h.Commit[:min(len(h.Commit), 10)]
	if h.Modified {
		short += " (modified)"
	}
	return short
}
