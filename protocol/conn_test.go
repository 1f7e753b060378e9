package protocol

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func yieldFor(times int) {
	for range times {
		runtime.Gosched()
	}
}

func TestClosingRacesWithEverything(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		var all sync.WaitGroup
		for i := range 40 {
			c := f.dial()
			synced(c)
			conn := f.h.conn(i)
			all.Go(func() {
				io.WriteString(c.nc, strings.Repeat("PING\r\n", 100)+fmt.Sprintf("BLOCK %d\r\nPING\r\n", i))
				io.Copy(io.Discard, c.r)
			})
			all.Go(func() {
				for range 20 {
					conn.Push(pushMessage("x"))
				}
				yieldFor(10 * i)
				conn.Resume([]byte("+late\r\n")) // the command may not have come so far
			})
			all.Go(func() {
				yieldFor(20 * i)
				conn.Close()
			})
		}
		all.Wait()
	})
}

func TestQuitSendsItsReplyAndIgnoresTheRest(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		value := strings.Repeat("v", 5<<20)
		c := f.dial()
		c.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + strconv.Itoa(len(value)) + "\r\n" + value + "\r\nGET k\r\nQUIT\r\nPING\r\n")
		c.expect("+OK\r\n$" + strconv.Itoa(len(value)) + "\r\n" + value + "\r\n+OK\r\n")
		c.expectEnd()
	})
}

func TestRepliesReachAClientThatHasClosedItsHalf(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("PING\r\nPING\r\n*1\r\n$14\r\nunfinished")
		require.NoError(t, c.nc.(interface{ CloseWrite() error }).CloseWrite())
		c.expect("+PONG\r\n+PONG\r\n")
		c.expectEnd()
	})
}

func TestAKilledConnectionGetsNothingMore(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("KILL\r\nPING\r\n")
		c.expectEnd()
	})
}

func TestARefusedConnectionGetsTheReason(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		f.h.mu.Lock()
		f.h.refuse = ErrMaxClients
		f.h.mu.Unlock()
		c := f.dial()
		c.expect("-ERR max number of clients reached\r\n")
		c.expectEnd()
		assert.EqualValues(t, 1, f.s.Stats().Rejected)
	})
}

func TestAPanicClosesOneConnectionOnly(t *testing.T) {
	panics := make(chan any, 10)
	config := Config{OnPanic: func(_ *Conn, value any, stack []byte) {
		panics <- value
		assert.Contains(t, string(stack), "kit_test.go")
	}}
	forEachCarrier(t, config, func(t *testing.T, f *fixture) {
		other := f.dial()
		synced(other)
		c := f.dial()
		c.send("PING\r\nPANIC\r\nPING\r\n")
		c.expect("+PONG\r\n")
		c.expectEnd()
		assert.Equal(t, "as asked", <-panics)
		synced(other)
	})
}

func TestAHiddenReplyLeavesNoTrace(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("PING\r\nHIDDEN\r\nECHO 1\r\n")
		c.expect("+PONG\r\n$1\r\n1\r\n")
	})
}

func TestStrangersMaySendLittle(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		f.h.mu.Lock()
		f.h.strict = true
		f.h.mu.Unlock()
		c := f.dial()
		c.send("*11\r\n")
		c.expect("-ERR Protocol error: unauthenticated multibulk length\r\n")
		c.expectEnd()
		c = f.dial()
		c.send("*2\r\n$4\r\nECHO\r\n$16385\r\n")
		c.expect("-ERR Protocol error: unauthenticated bulk length\r\n")
		c.expectEnd()
		c = f.dial()
		c.send("AUTH\r\n*2\r\n$4\r\nECHO\r\n$16385\r\n" + strings.Repeat("a", 16385) + "\r\n")
		c.expect("+OK\r\n$16385\r\n" + strings.Repeat("a", 16385) + "\r\n")
	})
}

func TestStatsCountTraffic(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("PING\r\n*2\r\n$4\r\nECHO\r\n$100\r\nabc")
		c.expect("+PONG\r\n")
		conn := f.h.conn(0)
		waitUntil(t, func() bool { return conn.Stats().Query > 0 })
		stats := conn.Stats()
		assert.EqualValues(t, len("*2\r\n$4\r\nECHO\r\n$100\r\nabc"), stats.Query)
		assert.Positive(t, stats.QueryFree)
		assert.EqualValues(t, 29, stats.NetIn)
		waitUntil(t, func() bool { return f.s.Stats().NetOut == 7 }) // a client may read faster than the server counts
		assert.Equal(t, c.nc.LocalAddr().String(), conn.RemoteAddr())
		assert.Equal(t, c.nc.RemoteAddr().String(), conn.LocalAddr())
		assert.Positive(t, conn.FD())
		c.nc.Close()
		waitUntil(t, func() bool { return f.s.Stats().Connections == 0 })
		assert.Equal(t, ServerStats{Accepted: 1, NetIn: 29, NetOut: 7}, f.s.Stats())
	})
}

func TestSilentClientsAreClosedAfterTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newKitHandler()
		s := NewServer(h, Config{IdleTimeout: 30 * time.Second})
		defer s.Close()
		exempt := pipeClient(t, s)
		synced(exempt)
		h.conn(0).SetIdleExempt(true)
		silent, busy := pipeClient(t, s), pipeClient(t, s)
		synced(silent)
		synced(busy)
		begin := time.Now()
		go func() {
			for range 20 {
				time.Sleep(10 * time.Second)
				io.WriteString(busy.nc, "PING\r\n")
			}
		}()
		silent.expectEnd()
		assert.InDelta(t, 30, time.Since(begin).Seconds(), 2)
		for range 20 {
			busy.expect("+PONG\r\n")
		}
		synced(exempt)
		s.SetIdleTimeout(0)
		time.Sleep(time.Hour)
		synced(exempt)
	})
}

func TestACommandThatHangsUpHasNoReplyAndIsTheLast(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("PING\r\nHANGUP\r\nPING\r\n")
		c.expect("+PONG\r\n")
		c.expectEnd()
	})
}

func TestAClientThatDoesNotTakeItsLastReplyIsDroppedAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newKitHandler()
		s := NewServer(h, Config{})
		defer s.Close()
		c := pipeClient(t, s)
		c.send("QUIT\r\n")
		time.Sleep(lingerTime + time.Second)
		synctest.Wait()
		assert.Equal(t, 1, h.closes())
		_, err := c.nc.Read(make([]byte, 1))
		assert.True(t, errors.Is(err, io.EOF), err)
	})
}
