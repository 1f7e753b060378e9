package replication

import (
	"fmt"
	"strconv"
	"strings"

	"elasticache-local/slots"
)

// testID returns a replication id.
func testID(n int) string { return fmt.Sprintf("%040x", n) }

// command writes a command in RESP.
func command(args ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b.String()
}

// recording returns a log that somebody follows already.
func recording(backlog, maxLag int64) *Log {
	l := NewLog(testID(1), backlog, maxLag)
	l.Tail("").Close()
	return l
}

// drain returns the payloads that are due.
func drain(c *Cursor, now int64) (payloads []string, err error) {
	for {
		b, err := c.Next(now)
		if err != nil || b.Len() == 0 {
			return payloads, err
		}
		for i := range b.Len() {
			payloads = append(payloads, string(b.Entry(i).Payload))
		}
	}
}

// woken tells whether the cursor was signalled since the last time.
func woken(c *Cursor) bool {
	select {
	case <-c.Ready():
		return true
	default:
		return false
	}
}

// A history is a keyspace for tests: for each slot the numbers of the changes
// that were made to it, in their order. Two of them are equal if and only if
// every change reached every slot that it was for, once, in order.
type history struct {
	log     *Log
	slots   map[slots.Slot][]string
	source  *history // where CopySlot copies from
	applied int
	failing error
}

func newHistory(l *Log) *history { return &history{log: l, slots: map[slots.Slot][]string{}} }

// change makes change number n to slot and appends it to the log.
func (h *history) change(slot slots.Slot, n int, now int64, all []slots.Slot) {
	touched := []slots.Slot{slot}
	switch slot {
	case AllSlots:
		touched = all
	case NoSlot:
		h.log.AppendPing(now)
		return
	}
	number := strconv.Itoa(n)
	for _, s := range touched {
		h.slots[s] = append(h.slots[s], number)
	}
	h.log.Append(slot, n%2, now, []byte(command("CHANGE", number)))
}

func (h *history) CopySlot(slot slots.Slot) (int64, error) {
	if h.failing != nil {
		return 0, h.failing
	}
	h.slots[slot] = append([]string(nil), h.source.slots[slot]...)
	return h.source.log.Offset(), nil
}

func (h *history) Apply(e *Entry, only func(slots.Slot) bool) {
	h.applied++
	var cmds Commands
	for cmds.Reset(e.Payload); cmds.Next(); {
		number := string(cmds.Args()[1])
		if e.Slot != AllSlots {
			h.slots[e.Slot] = append(h.slots[e.Slot], number)
			continue
		}
		for s := range h.source.slots {
			if only == nil || only(s) {
				h.slots[s] = append(h.slots[s], number)
			}
		}
	}
}

// equal tells whether both hold the same for the slots.
func (h *history) equal(o *history, of []slots.Slot) bool {
	for _, s := range of {
		if strings.Join(h.slots[s], ",") != strings.Join(o.slots[s], ",") {
			return false
		}
	}
	return true
}
