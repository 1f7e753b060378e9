package protocol

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A long value may be cut wherever it can be, with other commands around it.
func TestALongArgumentMayBeSplitAnywhere(t *testing.T) {
	const size = 3 * ownBytes
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		synced(c)
		conn := f.h.conn(0)
		header := "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + strconv.Itoa(size) + "\r\n"
		cuts := []int{len(header) + 1, len(header) + 2*ownBytes, len(header) + size - 1, len(header) + size, len(header) + size + 1, len(header) + size + 2}
		for i := range header {
			cuts = append(cuts, i+1)
		}
		for i, cut := range cuts {
			value := strings.Repeat(string(rune('a'+i%26)), size)
			sent := "PING\r\n" + header
			cut += len("PING\r\n")
			sent += value + "\r\nGET k\r\nPING\r\n"
			before := conn.Stats().NetIn
			c.send(sent[:cut])
			waitUntil(t, func() bool { return conn.Stats().NetIn == before+int64(cut) })
			c.send(sent[cut:])
			c.expect("+PONG\r\n+OK\r\n" + bulk(value) + "+PONG\r\n")
		}
		synced(c)
		assert.Zero(t, conn.Stats().Query)
	})
}

// What is given is the receiver's: whatever the client sends next is read elsewhere.
func TestAGivenArgumentNeverChanges(t *testing.T) {
	const size = 5 * ownBytes
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		synced(c)
		keep := func(i int) string {
			return fmt.Sprintf("*3\r\n$4\r\nKEEP\r\n$1\r\n%d\r\n", i) + bulk(strings.Repeat(string(rune('a'+i)), size))
		}
		for i := range 10 {
			command := keep(i)
			before := f.h.conn(0).Stats().NetIn
			c.send(command[:100]) // so that it does not arrive whole
			waitUntil(t, func() bool { return f.h.conn(0).Stats().NetIn == before+100 })
			c.send(command[100:] + setCommand("x", strings.Repeat("x", size)) + "KEEP y small\r\n")
			c.expect(":1\r\n+OK\r\n:0\r\n")
		}
		for i := range 10 {
			c.send("GET " + strconv.Itoa(i) + "\r\n")
			c.expect(bulk(strings.Repeat(string(rune('a'+i)), size)))
		}
	})
}

func TestSeveralLongArgumentsOfOneCommand(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		want := "*6\r\n" + bulk("ARGS") + bulk(strings.Repeat("a", 2*ownBytes)) + bulk("small") +
			bulk(strings.Repeat("b", 20*ownBytes)) + bulk(strings.Repeat("c", 3*ownBytes)) + bulk("")
		go c.nc.Write([]byte(want + want + "PING\r\n"))
		c.expect(want + want + "+PONG\r\n")
		synced(c)
		assert.Zero(t, f.h.conn(0).Stats().Query)
	})
}

// Each is given once, in order; what lies among other input never.
func TestOnlyArgumentsWithMemoryOfTheirOwnAreGiven(t *testing.T) {
	t.Parallel()
	s := &scanner{limits: NewLimits(), authenticated: true}
	held := []byte("*4\r\n$4\r\nMSET\r\n")
	_, n, _ := s.next(held)
	assert.Zero(t, n)
	for _, fill := range []string{"a", "b"} {
		held = fmt.Appendf(held, "$%d\r\n%s", ownBytes, fill)
		_, n, _ = s.next(held)
		assert.Zero(t, n)
		held = s.setAside(held)
		for s.ownLacks() > 0 {
			room := s.ownRoom()
			s.ownReceived(copy(room, strings.Repeat(fill, len(room))))
		}
	}
	args, n, problem := s.next(append(held, bulk(strings.Repeat("c", ownBytes))...))
	assert.Empty(t, problem)
	assert.NotZero(t, n)
	assert.Len(t, args, 4)
	assert.False(t, s.give(args[0]))
	assert.True(t, s.give(args[1]))
	assert.False(t, s.give(args[1]))
	assert.True(t, s.give(args[2]))
	assert.False(t, s.give(args[3]))
	s.release(args)
	assert.False(t, s.give(nil))
}

// A client that breaks off in the middle of a long argument leaves nothing behind.
func TestAHangUpWithinALongArgument(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		synced(c)
		conn := f.h.conn(0)
		c.send(setCommand("k", strings.Repeat("v", 4*ownBytes))[:2*ownBytes])
		waitUntil(t, func() bool { return conn.Stats().Query > ownBytes })
		c.nc.Close()
		waitUntil(t, func() bool { return f.h.closes() == 1 })
	})
}
