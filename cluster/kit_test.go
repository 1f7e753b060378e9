package cluster_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"elasticache-local/cluster"
)

// simulated runs a test in simulated time, with a cluster that lives in memory.
func simulated(t *testing.T, cfg cluster.Config, test func(t *testing.T, c *cluster.Cluster)) {
	t.Helper()
	t.Parallel()
	cfg.Addresses = cluster.Memory
	if cfg.Seed == 0 {
		cfg.Seed = 1
	}
	synctest.Test(t, func(t *testing.T) {
		c, err := cluster.Start(cfg)
		require.NoError(t, err)
		defer c.Close()
		test(t, c)
	})
}

// replicated waits, in simulated time, until replicas without a delay have
// applied what their primaries did.
func replicated() {
	time.Sleep(time.Second)
	synctest.Wait()
}

// wire is a client that does nothing on its own: no retries, no redirections.
type wire struct {
	nc net.Conn
	r  *bufio.Reader
}

// dial connects to an address or an endpoint name.
func dial(c *cluster.Cluster, addr string) (*wire, error) {
	nc, err := c.Dialer()(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &wire{nc, bufio.NewReader(nc)}, nil
}

func (w *wire) close() { w.nc.Close() }

// do sends a command and gives its reply as text: elements of arrays are
// separated by blanks, nil is "nil", errors are what they say. err is one of the
// connection.
func (w *wire) do(args ...string) (reply string, err error) {
	var b []byte
	b = fmt.Appendf(b, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := w.nc.Write(b); err != nil {
		return "", err
	}
	return w.read()
}

func (w *wire) read() (string, error) {
	line, err := w.r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	switch kind, rest := line[0], line[1:]; kind {
	case '+', '-', ':':
		return rest, nil
	case '$':
		n, _ := strconv.Atoi(rest)
		if n < 0 {
			return "nil", nil
		}
		body := make([]byte, n+2)
		_, err := io.ReadFull(w.r, body)
		return string(body[:n]), err
	case '*':
		n, _ := strconv.Atoi(rest)
		var parts []string
		for range max(0, n) {
			part, err := w.read()
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, " "), nil
	}
	return "", errors.New("not RESP2: " + line)
}

// ask sends a command to one node and gives its reply as text.
func ask(t *testing.T, c *cluster.Cluster, name string, args ...string) string {
	t.Helper()
	w, err := dial(c, c.Names().Node(name)+":6379")
	if err != nil {
		return err.Error()
	}
	defer w.close()
	reply, err := w.do(args...)
	if err != nil {
		return err.Error()
	}
	return reply
}

// messages are the events of some source since the cluster was created.
func messages(c *cluster.Cluster, source string) (list []string) {
	for _, e := range c.Events() {
		if e.SourceID == source && !strings.Contains(e.Message, "created") && !strings.Contains(e.Message, "Added") && !strings.Contains(e.Message, "turned on") {
			list = append(list, e.Message)
		}
	}
	return list
}

// node describes a node.
func node(t *testing.T, c *cluster.Cluster, name string) cluster.NodeStatus {
	t.Helper()
	for _, s := range c.Status().Shards {
		for _, n := range s.Nodes {
			if n.Name == name {
				return n
			}
		}
	}
	t.Fatalf("no node %s", name)
	return cluster.NodeStatus{}
}
