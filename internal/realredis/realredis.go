// Package realredis starts a real redis-server, the oracle that tests compare
// this project with.
package realredis

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Version is the release whose behaviour is the reference.
const Version = "7.0.15"

// Server is a running redis-server that listens on a unix socket only.
type Server struct {
	Network string // "unix"
	Addr    string // the socket's path
	Dir     string // its working directory

	cmd *exec.Cmd
	out bytes.Buffer
}

// startTimeout is how long a server may take until it answers.
const startTimeout = 10 * time.Second

// Start runs a server with further arguments ("--maxmemory", "1mb") and waits
// until it answers. It is stopped when the test ends. Without a redis-server
// of the reference's release the test is skipped.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	program := Program(t)
	dir, err := os.MkdirTemp("", "redis") // not t.TempDir: a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{Network: "unix", Addr: filepath.Join(dir, "sock"), Dir: dir}
	s.cmd = exec.Command(program, append([]string{"--port", "0", "--unixsocket", s.Addr, "--save", "", "--appendonly", "no", "--dir", dir}, args...)...)
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	t.Cleanup(s.Close)
	if err := s.awaitReady(); err != nil {
		s.Close()
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, &s.out)
	}
	return s
}

// Program is the path of redis-server; the test is skipped when there is none
// of the right release.
func Program(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server in PATH: nothing to compare with")
	}
	out, err := exec.Command(program, "--version").Output()
	if err != nil || !bytes.Contains(out, []byte("v="+Version+" ")) {
		t.Skipf("redis-server is not %s but %q: nothing to compare with", Version, bytes.TrimSpace(out))
	}
	return program
}

func (s *Server) awaitReady() error {
	deadline := time.Now().Add(startTimeout)
	for {
		err := s.ping()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (s *Server) ping() error {
	c, err := s.Dial()
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(startTimeout)); err != nil {
		return err
	}
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	var b [7]byte
	n, err := c.Read(b[:])
	if err == nil && string(b[:n]) != "+PONG\r\n" {
		err = fmt.Errorf("PING was answered by %q", b[:n])
	}
	return err
}

// Dial connects to the server.
func (s *Server) Dial() (net.Conn, error) { return net.Dial(s.Network, s.Addr) }

// Close stops the server and waits for its end. It may be called twice.
func (s *Server) Close() {
	if s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
