package replication

import (
	"strconv"

	"elasticache-local/slots"
)

// Two values stand in for a slot where an entry is not about one.
const (
	// AllSlots: the entry may change keys in any slot, such as FLUSHALL.
	AllSlots slots.Slot = 0xFFFF
	// NoSlot: the entry changes no key, such as the PING that a primary sends
	// now and then. It counts in offsets and nobody applies it.
	NoSlot slots.Slot = 0xFFFE
)

// A Change is what becomes an Entry.
type Change struct {
	Slot    slots.Slot // or AllSlots, NoSlot
	DB      int        // database; below 0 for NoSlot
	Payload []byte
}

// An Entry is one atomic change of a primary's keys.
type Entry struct {
	Slot slots.Slot // or AllSlots, NoSlot
	DB   int        // database; below 0 for NoSlot
	At   int64      // time of the Append
	// Offset is the log's offset behind the entry.
	Offset int64
	// Payload are the entry's commands in RESP, see Commands. They are applied
	// together or not at all.
	Payload []byte

	raw []byte // the payload with the SELECT before it, if there is one
}

// appendSelect appends the command SELECT db.
func appendSelect(b []byte, db int) []byte {
	var digits [20]byte
	number := strconv.AppendInt(digits[:0], int64(db), 10)
	b = append(b, "*2\r\n$6\r\nSELECT\r\n$"...)
	b = strconv.AppendInt(b, int64(len(number)), 10)
	b = append(b, "\r\n"...)
	b = append(b, number...)
	return append(b, "\r\n"...)
}

// maxSelectBytes bounds what appendSelect appends.
const maxSelectBytes = 48

var ping = []byte("*1\r\n$4\r\nPING\r\n")
