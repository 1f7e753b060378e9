package realredis

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Stream is what a server writes to its replicas.
type Stream struct {
	server *Server
	r      *bufio.Reader
	marks  int
}

// Follow makes the test a replica of the server: everything written from now
// on is in the stream. It ends with the test.
func (s *Server) Follow(t testing.TB) *Stream {
	t.Helper()
	conn, err := s.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("SYNC\r\n")); err != nil {
		t.Fatal(err)
	}
	f := &Stream{server: s, r: bufio.NewReader(conn)}
	if err := f.skipSnapshot(); err != nil {
		t.Fatalf("SYNC: %v", err)
	}
	return f
}

func (f *Stream) skipSnapshot() error {
	for {
		line, err := f.line()
		if err != nil {
			return err
		}
		if line == "" { // the server is still busy with the snapshot
			continue
		}
		n, err := strconv.ParseInt(strings.TrimPrefix(line, "$"), 10, 64)
		if err != nil {
			return err
		}
		_, err = io.CopyN(io.Discard, f.r, n)
		return err
	}
}

func (f *Stream) line() (string, error) {
	s, err := f.r.ReadString('\n')
	return strings.TrimRight(s, "\r\n"), err
}

// Take gives the commands that came since the last call, without SELECT,
// MULTI, EXEC and PING.
func (f *Stream) Take(t testing.TB) [][]string {
	t.Helper()
	f.marks++
	mark := fmt.Sprintf("mark %d", f.marks)
	if err := f.publish(mark); err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for {
		cmd, err := f.command()
		if err != nil {
			t.Fatalf("replication stream: %v", err)
		}
		switch name := strings.ToUpper(cmd[0]); {
		case name == "PUBLISH" && cmd[len(cmd)-1] == mark:
			return out
		case name != "SELECT" && name != "MULTI" && name != "EXEC" && name != "PING":
			out = append(out, cmd)
		}
	}
}

// publish puts a mark into the stream.
func (f *Stream) publish(mark string) error {
	conn, err := f.server.Dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "PUBLISH stream %q\r\n", mark); err != nil {
		return err
	}
	_, err = bufio.NewReader(conn).ReadString('\n')
	return err
}

func (f *Stream) command() ([]string, error) {
	n, err := f.header('*')
	if err != nil {
		return nil, err
	}
	args := make([]string, n)
	for i := range args {
		size, err := f.header('$')
		if err != nil {
			return nil, err
		}
		b := make([]byte, size+2)
		if _, err := io.ReadFull(f.r, b); err != nil {
			return nil, err
		}
		args[i] = string(b[:size])
	}
	return args, nil
}

func (f *Stream) header(kind byte) (int, error) {
	line, err := f.line()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(line[min(1, len(line)):])
	if err != nil || line[0] != kind || n < 0 || n > 1<<29 {
		return 0, fmt.Errorf("unexpected %q", line)
	}
	return n, nil
}
