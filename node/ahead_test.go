package node

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAPipelineDoesWhatItsCommandsDo one by one: what is prepared for in a
// stretch of a pipeline changes no reply, whatever stands beside it.
func TestAPipelineDoesWhatItsCommandsDo(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for _, mode := range []bool{true, false} {
		r := rand.New(rand.NewPCG(seed, 1))
		for range 20 {
			var lines []string
			for range 1 + r.IntN(200) {
				lines = append(lines, randomLine(r))
			}
			lines = append(lines, "QUIT")
			single := startKit(t, func(c *Config) { c.ClusterMode = mode })
			pipelined := startKit(t, func(c *Config) { c.ClusterMode = mode })
			want := replies(t, single, lines, 1)
			require.Equal(t, want, replies(t, pipelined, lines, len(lines)), strings.Join(lines, "\n"))
		}
	}
}

// randomLine is a command on one of few keys, mostly a simple one.
func randomLine(r *rand.Rand) string {
	key := "{t}" + strconv.Itoa(r.IntN(4))
	if r.IntN(3) == 0 {
		key = strconv.Itoa(r.IntN(20))
	}
	templates := []string{
		"SET %s 1", "SET %s 1 EX 100", "SET %s x GET", "GET %s", "INCR %s", "APPEND %s ab", "STRLEN %s", "GETDEL %s", "EXPIRE %s 100", "PERSIST %s", "TTL %s",
		"HSET %s f v", "HGET %s f", "LPUSH %s a b", "LPOP %s", "LLEN %s", "SADD %s m", "SCARD %s", "ZADD %s 1 m", "ZSCORE %s m", "TYPE %s",
		"DEL %s", "EXISTS %s", "MSET {t}1 a {t}2 b", "MGET {t}1 {t}2", "GET", "NOSUCH %s", "MULTI", "EXEC", "DISCARD", "PING", "WATCH %s", "DBSIZE",
		"LRANGE %s 0 -1", "BLPOP %s 0.001", "CLIENT REPLY SKIP", "READONLY", "OBJECT ENCODING %s", "FLUSHALL", "SETRANGE %s 3 x", "COPY {t}1 {t}2",
	}
	line := templates[r.IntN(len(templates))]
	if strings.Contains(line, "%s") {
		line = fmt.Sprintf(line, key)
	}
	return line
}

// replies sends commands, so many at a time, and gives all that comes back.
func replies(t *testing.T, k *kit, lines []string, together int) string {
	t.Helper()
	ours, theirs := net.Pipe()
	require.NoError(t, k.server.ServeConn(theirs))
	defer ours.Close()
	go func() {
		for len(lines) > 0 {
			n := min(together, len(lines))
			var request []byte
			for _, line := range lines[:n] {
				words := strings.Fields(line)
				request = append(request, "*"+strconv.Itoa(len(words))+"\r\n"...)
				for _, w := range words {
					request = append(request, "$"+strconv.Itoa(len(w))+"\r\n"+w+"\r\n"...)
				}
			}
			if _, err := ours.Write(request); err != nil {
				return
			}
			lines = lines[n:]
		}
	}()
	require.NoError(t, ours.SetReadDeadline(time.Now().Add(time.Minute)))
	all, err := io.ReadAll(ours)
	require.NoError(t, err)
	return string(all)
}

// TestPipelinesOfManyClientsCount lets clients count the same keys in pipelines
// that take several locks at once, while others take all of them.
func TestPipelinesOfManyClientsCount(t *testing.T) {
	t.Parallel()
	for _, mode := range []bool{true, false} {
		k := startKit(t, func(c *Config) { c.ClusterMode = mode })
		const clients, rounds, keys = 4, 50, 30
		var all sync.WaitGroup
		for w := range clients {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(w), 3))
				var lines []string
				for range rounds {
					for _, i := range r.Perm(keys) {
						lines = append(lines, "INCR "+strconv.Itoa(i))
					}
					lines = append(lines, "SWAPDB 0 0", "RANDOMKEY")
				}
				replies(t, k, append(lines, "QUIT"), keys+2)
			})
		}
		all.Wait()
		c := k.dial(t)
		for i := range keys {
			require.Equal(t, strconv.Itoa(clients*rounds), c.do("GET "+strconv.Itoa(i)))
		}
	}
}

// TestReleaseGivesBackEveryLock, as is needed when a command has panicked.
func TestReleaseGivesBackEveryLock(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	a, b := k.dial(t), k.dial(t)
	require.Equal(t, "+PONG", a.do("PING"))
	s := k.sessions.all()[0]
	for _, take := range []func(){
		func() { s.lock(12182) },
		func() {
			require.Equal(t, 2, k.Ahead(s.conn, [][][]byte{words("GET foo"), words("SET foo 1"), words("PING")}))
		},
	} {
		take()
		k.Release(s.conn)
		k.Release(s.conn)
		require.Equal(t, "+OK", b.do("SET foo 1"))
	}
}

func words(line string) [][]byte { return bytes.Fields([]byte(line)) }
