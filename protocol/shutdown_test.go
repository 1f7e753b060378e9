package protocol

import (
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestShutdownFinishesWhatIsBeingDone(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		idle, blocked, reading := f.dial(), f.dial(), f.dial()
		synced(idle)
		blocked.send("BLOCK a\r\n")
		<-f.h.waiting
		value := strings.Repeat("v", 4<<20)
		reading.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + strconv.Itoa(len(value)) + "\r\n" + value + "\r\nGET k\r\n")
		reading.expect("+OK\r\n$")
		done := make(chan error)
		go func() { done <- f.s.Shutdown(context.Background()) }()
		idle.expectEnd()
		blocked.expectEnd()
		reading.expect(strconv.Itoa(len(value)) + "\r\n" + value + "\r\n")
		reading.expectEnd()
		assert.NoError(t, <-done)
		near, far := net.Pipe()
		defer near.Close()
		assert.ErrorIs(t, f.s.ServeConn(far), ErrServerClosed)
	})
}

func TestDrainAnswersThoseWhoAreInTheMiddleOfSomething(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const quiet, bound = 100 * time.Millisecond, time.Second
		s := NewServer(newKitHandler(), Config{})
		defer s.Close()
		silent, brief, busy := pipeClient(t, s), pipeClient(t, s), pipeClient(t, s)
		for _, c := range []*client{silent, brief, busy} {
			synced(c)
		}
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), bound)
		defer cancel()
		drained := make(chan time.Duration, 1)
		go func() {
			s.Drain(ctx, quiet)
			drained <- time.Since(begin)
		}()
		synctest.Wait()
		_, far := net.Pipe()
		assert.ErrorIs(t, s.ServeConn(far), ErrServerClosed, "there are no new clients")
		var asking sync.WaitGroup
		defer asking.Wait()
		asking.Go(func() {
			for time.Sleep(quiet / 4); time.Since(begin) < bound; {
				io.WriteString(busy.nc, "PING\r\n")
				if time.Since(begin) < bound/4 {
					io.WriteString(brief.nc, "PING\r\n")
				}
				time.Sleep(quiet / 2)
			}
		})
		silent.expectEnd()
		assert.Equal(t, quiet, time.Since(begin))
		for range 5 {
			brief.expect("+PONG\r\n")
		}
		brief.expectEnd()
		assert.Equal(t, 4*quiet, time.Since(begin))
		for range 20 {
			busy.expect("+PONG\r\n")
		}
		assert.Equal(t, bound, <-drained, "one client has not been silent")
		assert.Equal(t, 1, s.Stats().Connections)
	})
}

func TestDrainOfAServerWithoutClientsReturnsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewServer(newKitHandler(), Config{})
		begin := time.Now()
		s.Drain(t.Context(), time.Second)
		assert.Zero(t, time.Since(begin))
	})
}

func TestShutdownDropsAClientThatDoesNotReadInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewServer(newKitHandler(), Config{})
		c := pipeClient(t, s)
		c.send("PING\r\n")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, s.Shutdown(ctx), context.DeadlineExceeded)
	})
}
