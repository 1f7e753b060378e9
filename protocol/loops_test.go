package protocol

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestServersShareLoops(t *testing.T) {
	t.Parallel()
	loops := NewLoops(2, monotonic)
	t.Cleanup(loops.Close) // after the servers, which start registers later
	first := start(t, newKitHandler(), Config{Loops: loops}, false)
	second := start(t, newKitHandler(), Config{Loops: loops}, false)
	var clients []*client
	for range 10 {
		clients = append(clients, first.dial(), second.dial())
	}
	for i, c := range clients {
		c.send(fmt.Sprintf("SET k%d v\r\n", i))
		c.expect("+OK\r\n")
	}
	first.s.Close()
	assert.Len(t, first.h.values, 10)
	for i, c := range clients {
		if i%2 == 0 {
			c.expectEnd()
		} else {
			synced(c)
		}
	}
}

func TestAServersConnectionsGatherOnOneLoop(t *testing.T) {
	t.Parallel()
	loops := NewLoops(3, monotonic)
	t.Cleanup(loops.Close)
	if len(loops.loops) == 0 {
		t.Skip("no event loops on this platform")
	}
	loads := func() (list []int) {
		for _, one := range loops.loops {
			list = append(list, int(one.seats.Load()))
		}
		return list
	}
	for i := range 3 {
		f := start(t, newKitHandler(), Config{Loops: loops}, false)
		for range 5 {
			synced(f.dial())
		}
		assert.Equal(t, 5, loads()[i], "a server of its own loop")
	}
	crowded := start(t, newKitHandler(), Config{Loops: loops}, false)
	for range 3 * gatherSlack {
		synced(crowded.dial())
	}
	list := loads()
	assert.LessOrEqual(t, slices.Max(list)-slices.Min(list), gatherSlack+1, "but not however full it is: %v", list)
}

func TestClosingLoopsTwiceIsHarmless(t *testing.T) {
	t.Parallel()
	loops := NewLoops(0, monotonic)
	loops.Close()
	loops.Close()
}

func TestManyConnectionsComeAndGo(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		const n = 20
		for round := range 3 {
			var clients []*client
			for range n {
				clients = append(clients, f.dial())
			}
			for _, c := range clients {
				synced(c)
			}
			assert.Equal(t, n, f.s.Stats().Connections)
			for i, c := range clients {
				if i%2 == 0 {
					c.nc.Close()
				} else {
					c.send("QUIT\r\n")
					c.expect("+OK\r\n")
				}
			}
			waitUntil(t, func() bool { return f.h.closes() == n*(round+1) })
		}
	})
}

// One round trip of a pipeline of 1, 16 or 64 commands on one connection.
func BenchmarkPipeline(b *testing.B) {
	for carrier, name := range []string{CarrierGoroutine: "goroutine", CarrierEventLoop: "loop"}[CarrierGoroutine:] {
		for _, depth := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/%d", name, depth), func(b *testing.B) {
				f := start(b, newKitHandler(), Config{Carrier: CarrierGoroutine + Carrier(carrier)}, false)
				c := f.dial()
				request := []byte(strings.Repeat("*1\r\n$4\r\nPING\r\n", depth))
				reply := make([]byte, len("+PONG\r\n")*depth)
				b.ReportAllocs()
				for b.Loop() {
					c.nc.Write(request)
					for got := 0; got < len(reply); {
						n, err := c.nc.Read(reply[got:])
						if err != nil {
							b.Fatal(err)
						}
						got += n
					}
				}
			})
		}
	}
}

// BenchmarkLargeReplies is pipelines of 16 commands with replies of so many bytes. The
// memory of replies is used again: what is allocated is the test handler's.
func BenchmarkLargeReplies(b *testing.B) {
	for _, size := range []int{1 << 10, 7 << 10, 43 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			f := start(b, newKitHandler(), Config{Carrier: CarrierEventLoop}, false)
			c := f.dial()
			value := strings.Repeat("x", size)
			c.send(fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n", size, value))
			c.expect("+OK\r\n")
			request := []byte(strings.Repeat("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", 16))
			reply := make([]byte, 16*len(fmt.Sprintf("$%d\r\n%s\r\n", size, value)))
			b.ReportAllocs()
			b.SetBytes(int64(len(reply)))
			for b.Loop() {
				c.nc.Write(request)
				if _, err := io.ReadFull(c.nc, reply); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
