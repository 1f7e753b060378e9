package node

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

const longValue = 100_000 // bytes; longer than what the protocol reads among other input

func setLong(key string, fill string) string {
	return fmt.Sprintf("*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s", len(key), key, longValue, strings.Repeat(fill, longValue))
}

// The slow log shows a long value as it was sent, though the keyspace has it and others write to it.
func TestSlowlogShowsAGivenArgumentAsItWasSent(t *testing.T) {
	t.Parallel()
	k := startKit(t, func(c *Config) { c.ClusterMode = false })
	const entries = 10_000
	k.slowlog.configure(0, entries)
	var busy sync.WaitGroup
	done := make(chan struct{})
	other := k.dial(t)
	busy.Go(func() {
		for range entries / 2 { // more would push the SETs out of the log, on a machine where those take long
			select {
			case <-done:
				return
			default:
				other.do("SETRANGE k 0 x")
			}
		}
	})
	c := k.dial(t)
	for range 50 {
		c.send(setLong("k", "v"))
		assert.Equal(t, "+OK", c.read())
	}
	close(done)
	busy.Wait()
	log := c.do("SLOWLOG GET -1")
	assert.Equal(t, 50, strings.Count(log, "SET k "+strings.Repeat("v", slowlogArgBytes)+fmt.Sprintf("... (%d more bytes)", longValue-slowlogArgBytes)))
	assert.Contains(t, log, "SETRANGE k 0 x")
}

func TestLongValuesInATransactionAndAfter(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	c := k.dial(t)
	assert.Equal(t, "+OK", c.do("MULTI"))
	c.send(setLong("k", "a"))
	assert.Equal(t, "+QUEUED", c.read())
	c.send(setLong("k", "b"))
	assert.Equal(t, "+QUEUED", c.read())
	assert.Equal(t, "+QUEUED", c.do("GETRANGE k 0 1"))
	assert.Equal(t, "[+OK +OK bb]", c.do("EXEC"))
	c.send(setLong("k", "c"))
	assert.Equal(t, "+OK", c.read())
	c.send(setLong("other{k}", "d"))
	assert.Equal(t, "+OK", c.read())
	assert.Equal(t, strings.Repeat("c", longValue), c.do("GET k"))
	assert.Equal(t, ":100001", c.do("APPEND k e"))
	assert.Equal(t, "ce", c.do("GETRANGE k -2 -1"))
	assert.Equal(t, strings.Repeat("d", longValue), c.do("GET other{k}"))
}
