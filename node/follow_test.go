package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"elasticache-local/replication"
	"elasticache-local/slots"
)

// TestAnEntryOnEverySlotSparesThoseThatAreAhead: a transaction with a command
// that looks at the whole keyspace is one entry on every slot, whatever it
// wrote. A slot that was copied after it must not go back.
func TestAnEntryOnEverySlotSparesThoseThatAreAhead(t *testing.T) {
	t.Parallel()
	k := startKit(t, nil)
	c := k.dial(t)
	c.do("SET a 2") // slot 15495
	c.do("SET b 2") // slot 3300
	only := func(s slots.Slot) bool { return s == 3300 }
	apply := func(payload string) {
		k.Apply(&replication.Entry{Slot: replication.AllSlots, At: 1, Payload: []byte(payload)}, only)
	}
	apply("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n")
	apply("*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n1\r\n")
	require.Equal(t, "2", c.do("GET a"))
	require.Equal(t, "1", c.do("GET b"))
	apply("*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nDEL\r\n$1\r\na\r\n*2\r\n$8\r\nFLUSHALL\r\n$5\r\nASYNC\r\n*1\r\n$4\r\nEXEC\r\n")
	require.Equal(t, "2", c.do("GET a"))
	require.Equal(t, "(nil)", c.do("GET b"))
}
