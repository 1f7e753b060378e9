package protocol

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests in this file put the same bytes to a real redis-server and compare.

const comparedVersion = "7.0.15"

// startRedis starts a redis-server on a Unix socket until the test ends, and returns a dialler.
func startRedis(t *testing.T, options ...string) func() net.Conn {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server to compare with")
	}
	if version, _ := exec.Command(path, "--version").Output(); !bytes.Contains(version, []byte("v="+comparedVersion)) {
		t.Skipf("redis-server is not version %s", comparedVersion)
	}
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long a path for a socket
	require.NoError(t, err)
	socket := filepath.Join(dir, "s")
	server := exec.Command(path, append([]string{"--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir}, options...)...)
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
		os.RemoveAll(dir)
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "ready to accept connections") {
			go io.Copy(io.Discard, out)
			break
		}
	}
	return func() net.Conn {
		nc, err := net.Dial("unix", socket)
		require.NoError(t, err)
		return nc
	}
}

// exchange sends input and the end of the stream, and returns everything that is answered.
func exchange(t *testing.T, nc net.Conn, input string) string {
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(nc, input) // fails when the other side has closed already
	nc.(*net.UnixConn).CloseWrite()
	reply, err := io.ReadAll(nc)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("%.60q: %v", input, err)
	}
	return string(reply)
}

// likeRedis answers as much of Redis as the comparison needs.
type likeRedis struct {
	kitHandler
	needsAuth bool
}

func (h *likeRedis) Open(c *Conn) string {
	c.SetAuthenticated(!h.needsAuth)
	return ""
}
func (h *likeRedis) Close(*Conn) {}
func (h *likeRedis) Command(c *Conn, args [][]byte) {
	name := strings.ToLower(string(args[0]))
	switch {
	case name == "auth":
		c.SetAuthenticated(true)
		c.W.OK()
	case name != "ping" && name != "echo":
		c.W.Error(ErrUnknownCommand(args))
	case len(args) > 2 || len(args) == 1 && name == "echo":
		c.W.Error(ErrArity(name))
	case !c.scan.authenticated:
		c.W.Error(ErrNoAuth)
	case len(args) == 1:
		c.W.Simple("PONG")
	default:
		c.W.Bulk(args[1])
	}
}

func serveUnix(t *testing.T, h Handler) func() net.Conn {
	dir, err := os.MkdirTemp("", "ours")
	require.NoError(t, err)
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	require.NoError(t, err)
	s := NewServer(h, Config{})
	go s.Serve(listener)
	t.Cleanup(func() {
		s.Close()
		os.RemoveAll(dir)
	})
	return func() net.Conn {
		nc, err := net.Dial("unix", filepath.Join(dir, "s"))
		require.NoError(t, err)
		return nc
	}
}

// comparableSamples is wireSamples without the one difference: Redis takes up to 2^31-1 arguments.
func comparableSamples() []string {
	return slices.DeleteFunc(slices.Clone(wireSamples), func(s string) bool { return s == "*1048577\r\n" })
}

func TestTheWireIsReadAsByRedis(t *testing.T) {
	t.Parallel()
	redis, ours := startRedis(t), serveUnix(t, &likeRedis{})
	for _, input := range comparableSamples() {
		for _, before := range []string{"", "PING\r\n", "*2\r\n$4\r\nPING\r\n$1\r\na\r\n"} {
			for _, after := range []string{"", "PING\r\n"} {
				input := before + input + after
				assert.Equal(t, exchange(t, redis(), input), exchange(t, ours(), input), "%q", input)
			}
		}
	}
	for c := range 256 {
		for _, input := range []string{
			fmt.Sprintf("*1\r\n%c4\r\nPING\r\n", c), fmt.Sprintf("*%c\r\n$4\r\nPING\r\n", c), fmt.Sprintf("*1\r\n$%c\r\nPING\r\n", c),
			fmt.Sprintf("PING a%cb\r\n", c), fmt.Sprintf("PING \"a%cb\"\r\n", c), fmt.Sprintf("PING \"a\\%cb\"\r\n", c), fmt.Sprintf("PING 'a\\%cb'\r\n", c),
			fmt.Sprintf("PING \"a\"%c\r\n", c), fmt.Sprintf("%cPING\r\n", c),
		} {
			input = strings.ReplaceAll(input, string(rune(c)), string([]byte{byte(c)}))
			assert.Equal(t, exchange(t, redis(), input), exchange(t, ours(), input), "%q", input)
		}
	}
	long := strings.Repeat("a", 90<<10)
	for _, input := range []string{long, "PING\r\n*" + long, "*1\r\n$" + long} {
		assert.Equal(t, exchange(t, redis(), input), exchange(t, ours(), input), "%.20q", input)
	}
}

func TestStrangersAreReadAsByRedis(t *testing.T) {
	t.Parallel()
	redis, ours := startRedis(t, "--requirepass", "p"), serveUnix(t, &likeRedis{needsAuth: true})
	for _, input := range append(comparableSamples(), "AUTH p\r\n*11\r\n", "AUTH p\r\n*2\r\n$4\r\nPING\r\n$16385\r\n") {
		input += "PING\r\n"
		assert.Equal(t, exchange(t, redis(), input), exchange(t, ours(), input), "%q", input)
	}
}

func TestUnknownCommandsAreNamedAsByRedis(t *testing.T) {
	t.Parallel()
	redis, ours := startRedis(t), serveUnix(t, &likeRedis{})
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		var w Writer
		n := 1 + random.IntN(6)
		w.Array(n)
		for range n {
			arg := make([]byte, random.IntN(1+random.IntN(160)))
			for i := range arg {
				arg[i] = byte(random.IntN(256))
				if random.IntN(4) > 0 {
					arg[i] = "ab'\" \r\n\x00"[random.IntN(8)]
				}
			}
			w.Bulk(arg)
		}
		input := string(w.Bytes())
		assert.Equal(t, exchange(t, redis(), input), exchange(t, ours(), input), "%q, seed %d", input, seed)
	}
}

func TestDoublesAreWrittenAsByRedis(t *testing.T) {
	t.Parallel()
	dial := startRedis(t)
	c := newClient(t, dial())
	c.nc.SetDeadline(time.Now().Add(time.Minute))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, version := range []int{RESP2, RESP3} {
		c.send("HELLO " + strconv.Itoa(version) + "\r\nECHO end\r\n")
		for line := ""; line != "end\r\n"; {
			line, _ = c.r.ReadString('\n')
		}
		var scores, human Writer
		scores.SetProto(version)
		human.SetProto(version)
		for range 2000 {
			f := randomDouble(random)
			c.send("ZADD z " + strconv.FormatFloat(f, 'g', -1, 64) + " m\r\nZSCORE z m\r\nZREM z m\r\n")
			scores.Reset()
			scores.Double(f)
			c.expect(":1\r\n" + string(scores.Bytes()) + ":1\r\n")
		}
		for range 500 {
			lon, lat := random.Float64()*360-180, random.Float64()*170-85
			c.send(fmt.Sprintf("GEOADD g %v %v m\r\nZSCORE g m\r\nGEOPOS g m\r\nDEL g\r\n", lon, lat))
			c.expect(":1\r\n")
			lon, lat = decodeGeohash(readDouble(t, c))
			human.Reset()
			human.HumanDouble(lon)
			human.HumanDouble(lat)
			c.expect("*1\r\n*2\r\n" + string(human.Bytes()) + ":1\r\n")
		}
	}
	for range 2000 {
		a, b := randomDecimal(random), randomDecimal(random)
		c.send("SET f " + a + "\r\nINCRBYFLOAT f " + b + "\r\n")
		x, _, err := big.ParseFloat(a, 10, 64, big.ToNearestEven)
		require.NoError(t, err)
		y, _, err := big.ParseFloat(b, 10, 64, big.ToNearestEven)
		require.NoError(t, err)
		var sum Writer
		sum.Bulk(AppendHumanLongDouble(nil, new(big.Float).SetPrec(64).Add(x, y)))
		c.expect("+OK\r\n" + string(sum.Bytes()))
	}
}

func readDouble(t *testing.T, c *client) float64 {
	line, err := c.r.ReadString('\n')
	require.NoError(t, err)
	if line[0] == '$' {
		line, err = c.r.ReadString('\n')
		require.NoError(t, err)
	}
	f, err := strconv.ParseFloat(strings.Trim(line, ",\r\n"), 64)
	require.NoError(t, err)
	return f
}

// decodeGeohash returns the middle of the cell that a 52-bit score names, as GEOPOS does.
func decodeGeohash(score float64) (lon, lat float64) {
	bits := uint64(score)
	var x, y uint32
	for i := range 26 {
		y |= uint32(bits>>(2*i)&1) << i
		x |= uint32(bits>>(2*i+1)&1) << i
	}
	middle := func(cell uint32, low, high float64) float64 {
		scale := high - low
		from := low + (float64(cell)*1.0/(1<<26))*scale
		to := low + (float64(cell+1)*1.0/(1<<26))*scale
		return min(high, max(low, (from+to)/2))
	}
	return middle(x, -180, 180), middle(y, -85.05112878, 85.05112878)
}

func randomDouble(random *rand.Rand) float64 {
	switch random.IntN(6) {
	case 0:
		return float64(random.IntN(2000) - 1000)
	case 1:
		return float64(random.Int64() - random.Int64())
	case 2:
		return float64(random.IntN(200000)-100000) / 1000
	case 3:
		return random.NormFloat64()
	case 4:
		return []float64{0, math.Inf(1), math.Inf(-1), 1 << 52, 1 << 53, math.MaxFloat64, 5e-324, 1e17, 1e16, 1e-5}[random.IntN(10)] // not -0, which a small sorted set stores as 0
	}
	for {
		if f := math.Float64frombits(random.Uint64()); !math.IsNaN(f) {
			return f
		}
	}
}

func randomDecimal(random *rand.Rand) string {
	return strconv.FormatFloat((random.Float64()-0.5)*math.Pow(10, float64(random.IntN(12))), 'f', random.IntN(12), 64)
}
