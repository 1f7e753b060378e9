package peer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopTime is how long a process may take to end itself before it is killed.
const stopTime = 5 * time.Second

// A process is a server that runs. It is watched from its start, so that its
// end is noticed at once.
type process struct {
	name  string
	cmd   *exec.Cmd
	lines chan string   // of its standard output, closed at its end; dropped when nobody reads
	ended chan struct{} // closed once the process has been waited for
	said  tail
}

// startProcess starts a program. Its last words are kept for error messages.
func startProcess(path string, args ...string) (*process, error) {
	p := &process{
		name: filepath.Base(path), cmd: Command(context.Background(), path, args...),
		lines: make(chan string, 64), ended: make(chan struct{}),
	}
	p.cmd.Stderr = &p.said
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	go p.watch(stdout)
	return p, nil
}

// watch reads the output to its end and then collects the process.
func (p *process) watch(stdout io.Reader) {
	scanner := bufio.NewScanner(stdout)
	for scanner.Scan() {
		_, _ = p.said.Write(append(scanner.Bytes(), '\n'))
		select {
		case p.lines <- scanner.Text():
		default:
		}
	}
	_, _ = io.Copy(io.Discard, stdout) // after a line too long to scan
	_ = p.cmd.Wait()
	close(p.lines)
	close(p.ended)
}

// Command is exec.CommandContext for a helper that must not outlive this
// program.
func Command(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.SysProcAttr = ownGroup()
	return cmd
}

// awaitLine waits for a line of output that begins with prefix.
func (p *process) awaitLine(ctx context.Context, prefix string) error {
	for {
		select {
		case line, running := <-p.lines:
			if !running {
				return p.endError()
			}
			if strings.HasPrefix(line, prefix) {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("%s has not said %q: %w", p.name, prefix, ctx.Err())
		}
	}
}

// running returns an error with the process's last words if it has ended.
func (p *process) running() error {
	select {
	case <-p.ended:
		return p.endError()
	default:
		return nil
	}
}

func (p *process) endError() error {
	<-p.ended
	return fmt.Errorf("%s ended (%v)\n%s", strings.Join(p.cmd.Args, " "), p.cmd.ProcessState, &p.said)
}

// askToStop sends SIGTERM; stop waits for the end and kills if need be.
func (p *process) askToStop() { _ = p.cmd.Process.Signal(syscall.SIGTERM) }

func (p *process) stop() {
	p.askToStop()
	timer := time.NewTimer(stopTime)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// tail keeps the last maxTail bytes that are written to it.
type tail struct {
	mu   sync.Mutex
	text []byte // guarded by mu
}

const maxTail = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if extra := len(t.text) - maxTail; extra > 0 {
		t.text = t.text[:copy(t.text, t.text[extra:])]
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
