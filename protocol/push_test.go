package protocol

import (
	"fmt"
	"io"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPushedMessagesStandBetweenReplies(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		c.send("PUSHSELF a\r\nPING\r\nPUSHFIRST b\r\nPING\r\n")
		a, b := string(pushMessage("a")), string(pushMessage("b"))
		c.expect(":1\r\n" + a + "+PONG\r\n" + b + ":1\r\n+PONG\r\n")
	})
}

func TestPushReachesAnIdleConnectionInOrder(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		c := f.dial()
		synced(c)
		const n = 1000
		go func() {
			for i := range n {
				f.h.conn(0).Push(pushMessage(strconv.Itoa(i)))
			}
		}()
		for i := range n {
			c.expect(string(pushMessage(strconv.Itoa(i))))
		}
	})
}

func TestPushesFromManyThreadsNeverTearAReply(t *testing.T) {
	forEachCarrier(t, Config{}, func(t *testing.T, f *fixture) {
		const pushers, each, commands = 4, 200, 2000
		c := f.dial()
		synced(c)
		var pushing sync.WaitGroup
		defer pushing.Wait()
		for p := range pushers {
			pushing.Go(func() {
				for i := range each {
					f.h.conn(0).Push(pushMessage(fmt.Sprintf("%d %d", p, i)))
				}
			})
		}
		go func() {
			for i := range commands {
				io.WriteString(c.nc, "ECHO "+strconv.Itoa(i)+"\r\n")
			}
		}()
		next := make([]int, pushers)
		for replies, pushes := 0, 0; replies < commands || pushes < pushers*each; {
			kind, err := c.r.Peek(1)
			require.NoError(t, err)
			if kind[0] == '$' {
				var w Writer
				w.BulkInt(int64(replies))
				c.expect(string(w.Bytes()))
				replies++
				continue
			}
			c.expect(">2\r\n$7\r\nmessage\r\n$")
			_, err = c.r.ReadString('\n')
			require.NoError(t, err)
			line, err := c.r.ReadString('\n')
			require.NoError(t, err)
			var p, i int
			_, err = fmt.Sscanf(line, "%d %d\r\n", &p, &i)
			require.NoError(t, err, line)
			assert.Equal(t, next[p], i)
			next[p]++
			pushes++
		}
	})
}
