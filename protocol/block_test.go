package protocol

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCommandsBehindABlockWaitForResume(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("PING\r\nBLOCK a\r\nPING\r\nECHO 1\r\n")
		<-f.h.waiting
		c.expect("+PONG\r\n")
		blocked := f.h.blockedConn("a")
		blocked.Push(pushMessage("meanwhile"))
		c.expect(string(pushMessage("meanwhile")))
		c.send("ECHO 2\r\n*1\r\n$4\r\nPI")
		blocked.Resume([]byte(":5\r\n"))
		c.expect(":5\r\n+PONG\r\n$1\r\n1\r\n$1\r\n2\r\n")
		c.send("NG\r\n")
		c.expect("+PONG\r\n")
	})
}

func TestResumeMayComeBeforeTheCommandReturns(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send(strings.Repeat("RESUMED\r\nPING\r\n", 50))
		c.expect(strings.Repeat(":7\r\n+PONG\r\n", 50))
	})
}

func TestResumeAfterTheEndIsHarmless(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("BLOCK a\r\n")
		<-f.h.waiting
		blocked := f.h.blockedConn("a")
		blocked.Close()
		c.expectEnd()
		blocked.Resume([]byte(":5\r\n"))
		assert.False(t, blocked.Push(pushMessage("x")))
		blocked.Close()
	})
}

func TestAHangUpBehindABlockIsNoticed(t *testing.T) {
	for _, name := range []string{"with nothing behind it", "behind input that is kept", "behind input that does not fit"} {
		t.Run(name, func(t *testing.T) {
			forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
				c := f.dial()
				c.send("BLOCK a\r\n")
				<-f.h.waiting
				switch name {
				case "behind input that is kept":
					c.send("PING\r\n")
				case "behind input that does not fit":
					if _, encrypted := c.nc.(interface{ NetConn() net.Conn }); encrypted || f.s.config.Carrier == CarrierGoroutine {
						t.Skip("this carrier sees the end only behind the input")
					}
					c.send(strings.Repeat("PING\r\n", maxWaitingBytes/4))
				}
				c.nc.Close()
				waitUntil(t, func() bool { return f.h.closes() == 1 })
			})
		})
	}
}

func TestInputBehindABlockIsBounded(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("BLOCK a\r\n")
		<-f.h.waiting
		const n = 200
		echoed := "$65536\r\n" + strings.Repeat("e", 65536) + "\r\n"
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			io.WriteString(c.nc, strings.Repeat("*2\r\n$4\r\nECHO\r\n"+echoed, n))
		}()
		blocked := f.h.blockedConn("a")
		waitUntil(t, func() bool { return blocked.Stats().Query >= maxWaitingBytes }) // it reads so far, and no farther
		assert.Less(t, blocked.Stats().Query, int64(2*maxWaitingBytes))
		blocked.Resume(nil)
		for range n {
			c.expect(echoed)
		}
		<-sent
	})
}

func TestBlockAndResumeRace(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		const clients, rounds = 8, 100
		resumers := make(chan struct{})
		go func() {
			defer close(resumers)
			for range clients * rounds {
				f.h.blockedConn(<-f.h.waiting).Resume([]byte(":1\r\n"))
			}
		}()
		var all sync.WaitGroup
		for i := range clients {
			c := f.dial()
			all.Go(func() {
				for range rounds {
					c.send(fmt.Sprintf("PING\r\nBLOCK %d\r\nPING\r\n", i))
					c.expect("+PONG\r\n:1\r\n+PONG\r\n")
				}
			})
		}
		all.Wait()
		<-resumers
	})
}
