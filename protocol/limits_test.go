package protocol

import (
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func bulk(s string) string { return "$" + strconv.Itoa(len(s)) + "\r\n" + s + "\r\n" }

func setCommand(key, value string) string {
	return "*3\r\n" + bulk("SET") + bulk(key) + bulk(value)
}

func TestAClientThatDoesNotReadHoldsUpOnlyItself(t *testing.T) {
	limits := NewLimits()
	limits.BacklogBytes.Store(4 << 20)
	forEachCarrier(t, Config{Limits: limits}, func(t *testing.T, f *fixture) {
		const n = 50
		value := strings.Repeat("v", 1<<20)
		c := f.dial()
		c.send(setCommand("k", value))
		c.expect("+OK\r\n")
		c.send(strings.Repeat("GET k\r\n", n))
		conn := f.h.conn(0)
		// It may stop anywhere between the limit, where it pauses, and half of it,
		// where it goes on: that depends on how much the kernel still takes.
		waitUntil(t, func() bool { return conn.Stats().Output > 2<<20 })
		other := f.dial()
		synced(other)
		assert.Less(t, conn.Stats().Output, int64(4<<20+2*len(value)), "it stops soon after the limit")
		for range n {
			c.expect(bulk(value))
		}
		synced(c)
	})
}

func TestPushesBeyondTheHardLimitCloseTheConnection(t *testing.T) {
	limits := NewLimits()
	limits.Output[ClassPubSub].Set(8<<20, 0, 0)
	forEachCarrier(t, Config{Limits: limits}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("CLASS 2\r\n")
		c.expect("+OK\r\n")
		message := pushMessage(strings.Repeat("m", 100<<10))
		for f.h.conn(0).Push(message) {
		}
		waitUntil(t, func() bool { return f.h.closes() == 1 })
	})
}

func TestRepliesBeyondTheHardLimitCloseTheConnection(t *testing.T) {
	limits := NewLimits()
	limits.Output[ClassNormal].Set(1<<20, 0, 0)
	forEachCarrier(t, Config{Limits: limits}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send(setCommand("k", strings.Repeat("v", 2<<20)))
		c.expect("+OK\r\n")
		c.send("GET k\r\n")
		c.expectEnd()
	})
}

func TestOutputMayStayAboveTheSoftLimitForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limits := NewLimits()
		limits.Output[ClassPubSub].Set(0, 1000, 60)
		h := newKitHandler()
		s := NewServer(h, Config{Limits: limits})
		defer s.Close()
		c := pipeClient(t, s)
		c.send("CLASS 2\r\n")
		c.expect("+OK\r\n")
		conn, message := h.conn(0), strings.Repeat("m", 600)
		conn.Push([]byte(message))
		conn.Push([]byte(message))
		time.Sleep(50 * time.Second)
		c.expect(message + message) // in time
		synced(c)
		time.Sleep(50 * time.Second)
		assert.Zero(t, h.closes())
		conn.Push([]byte(message))
		conn.Push([]byte(message))
		time.Sleep(61 * time.Second)
		assert.Equal(t, 1, h.closes())
	})
}

func TestTooMuchUnfinishedInputClosesTheConnection(t *testing.T) {
	limits := NewLimits()
	limits.QueryBytes.Store(1 << 20)
	forEachCarrier(t, Config{Limits: limits}, func(t *testing.T, f *fixture) {
		c := f.dial()
		go io.WriteString(c.nc, "*2\r\n$4\r\nECHO\r\n$4000000\r\n"+strings.Repeat("x", 2<<20))
		c.expectEnd()
	})
}

func TestAnnouncedLengthsAreNotTrusted(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		synced(c)
		c.send("*2\r\n$4\r\nECHO\r\n$500000000\r\n" + strings.Repeat("x", 1000))
		conn := f.h.conn(0)
		waitUntil(t, func() bool { return conn.Stats().Query > 1000 })
		stats := conn.Stats()
		assert.LessOrEqual(t, stats.Query+stats.QueryFree, int64(3*ownBytes))
		c.send(strings.Repeat("x", 1<<20))
		waitUntil(t, func() bool { return conn.Stats().Query > 1<<20 })
		stats = conn.Stats()
		assert.LessOrEqual(t, stats.Query+stats.QueryFree, (ownGrowth+1)*stats.Query)
	})
}

func TestAnIdleConnectionHoldsNoBuffers(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send(setCommand("k", strings.Repeat("v", 1<<20))[:1000])
		c.send(setCommand("k", strings.Repeat("v", 1<<20))[1000:])
		c.expect("+OK\r\n")
		c.send("GET k\r\n")
		c.expect(bulk(strings.Repeat("v", 1<<20)))
		synced(c)
		conn := f.h.conn(0)
		f.s.Close() // after which nobody else touches the connection
		assert.Nil(t, conn.store)
		assert.Nil(t, conn.W.buf)
	})
}

// The time per byte of a value must not depend on its length.
func BenchmarkLongValue(b *testing.B) {
	for _, size := range []int{1 << 20, 10 << 20, 100 << 20} {
		b.Run(strconv.Itoa(size>>20)+"MiB", func(b *testing.B) {
			f := start(b, newKitHandler(), Config{}, false)
			c := f.dial()
			command := setCommand("k", strings.Repeat("v", size))
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				c.send(command)
				c.expect("+OK\r\n")
			}
		})
	}
}
