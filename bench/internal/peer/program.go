package peer

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A Program is a server that can be started in any shape.
type Program struct {
	Name string   // for people, with the version
	Path string   // of the binary
	Args []string // given to every process beside those that make the shape
	ours bool
	dir  string // temporary, of a binary that was built; "" if there is none
}

// goStopTime is how long the go command may take to end what it has started
// once it is interrupted.
const goStopTime = 20 * time.Second

// Go runs the go command and returns what it prints to its standard output. It is interrupted with ctx and not killed, which would
// leave its compilers behind.
func Go(ctx context.Context, args ...string) (output []byte, err error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = goStopTime
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	output, err = cmd.Output()
	switch {
	case ctx.Err() != nil:
		return output, ctx.Err()
	case err != nil:
		return output, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, &complaints)
	}
	return output, nil
}

// Build compiles elasticache-local, with flags of go build if there are any. The
// caller must Remove it.
func Build(ctx context.Context, flags ...string) (*Program, error) {
	const module = "elasticache-local"
	dir, err := os.MkdirTemp("", module)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, module)
	args := append([]string{"build", "-o", path}, flags...)
	if _, err := Go(ctx, append(args, module+"/cmd/"+module)...); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return &Program{Name: module, Path: path, ours: true, dir: dir}, nil
}

// Remove removes a program that was built.
func (p *Program) Remove() {
	if p != nil && p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

// Find returns the first of the named programs that is installed: a
// redis-server, a valkey-server or an elasticache-local, by name or path. It
// returns nil if none is.
func Find(ctx context.Context, names ...string) (*Program, error) {
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if err != nil {
			return nil, fmt.Errorf("%s --version: %w", path, err)
		}
		p := &Program{Name: filepath.Base(name), Path: path, ours: true}
		if v := version(string(out)); v != "" {
			p.Name, p.ours = p.Name+" "+v, false
		}
		return p, nil
	}
	return nil, nil
}

// version finds "7.0.15" in "Redis server v=7.0.15 sha=…". Only real servers
// write it like that.
func version(line string) string {
	for word := range strings.FieldsSeq(line) {
		if v, found := strings.CutPrefix(word, "v="); found {
			return v
		}
	}
	return ""
}

// startAttempts is how often a server is started on other ports when a process
// ends early, as it does if somebody else took a port.
const startAttempts = 3

// Start starts the program in a shape and returns when it serves every slot
// and every replica follows its primary.
func (p *Program) Start(ctx context.Context, shape Shape) (*Peer, error) {
	if shape.Shards < 1 || shape.Replicas < 0 {
		return nil, fmt.Errorf("start %s: impossible shape %+v", p.Name, shape)
	}
	start := p.startReal
	if p.ours {
		start = p.startOurs
	}
	var err error
	for range startAttempts {
		peer := &Peer{Name: p.Name}
		if err = start(ctx, shape, peer); err == nil {
			return peer, nil
		}
		ended := peer.Running()
		peer.Stop()
		if ended == nil || ctx.Err() != nil {
			break
		}
		err = ended
	}
	return nil, fmt.Errorf("start %s as %v: %w", p.Name, shape, err)
}
