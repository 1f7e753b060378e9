package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime/pprof"
)

// cpuProfile records where the processor's time goes until it is stopped.
type cpuProfile struct {
	file *os.File     // nil: none was asked for
	data bytes.Buffer // package pprof keeps errors of writing to itself
}

// startProfile opens the file at once, so that whoever has mistyped its name
// learns it before the load and not after it. No name, no profile.
func startProfile(name string) (*cpuProfile, error) {
	p := &cpuProfile{}
	if name == "" {
		return p, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, usagef("--cpu-profile: %v: write a file name that can be written", err)
	}
	if err := pprof.StartCPUProfile(&p.data); err != nil {
		file.Close()
		return nil, fmt.Errorf("--cpu-profile: %w", err)
	}
	p.file = file
	return p, nil
}

// stop writes the profile. Only the first call does something.
func (p *cpuProfile) stop() error {
	if p.file == nil {
		return nil
	}
	pprof.StopCPUProfile()
	_, err := p.data.WriteTo(p.file)
	if closeErr := p.file.Close(); err == nil {
		err = closeErr
	}
	p.file = nil
	if err != nil {
		return fmt.Errorf("--cpu-profile: the profile was not written: %w", err)
	}
	return nil
}
