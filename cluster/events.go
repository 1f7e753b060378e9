package cluster

import (
	"fmt"
	"slices"
	"time"
)

// Kinds of sources of events, as DescribeEvents names them.
const (
	SourceGroup = "replication-group"
	SourceNode  = "cache-cluster"
)

// Event is something that happened, in the words of the service. Where the
// service's words are not known, the message is ours; reshard.go says so.
type Event struct {
	Seq        uint64 // counts events; a later one has a higher number
	Time       time.Time
	SourceType string
	SourceID   string
	Message    string
}

// Bounds of what is remembered.
const (
	eventLife = 14 * 24 * time.Hour
	maxEvents = 10_000
)

// journal is the events that are remembered, oldest first.
type journal struct {
	seq  uint64
	list []Event
}

func (j *journal) add(now time.Time, sourceType, source, message string) {
	j.seq++
	drop := 0
	for drop < len(j.list) && (len(j.list)-drop >= maxEvents || now.Sub(j.list[drop].Time) > eventLife) {
		drop++
	}
	j.list = append(slices.Delete(j.list, 0, drop), Event{j.seq, now, sourceType, source, message})
}

// tellGroup notes an event of the replication group.
func (c *controller) tellGroup(format string, args ...any) {
	c.tell(SourceGroup, c.settings.ID, fmt.Sprintf(format, args...))
}

// tellNode notes an event of a node.
func (c *controller) tellNode(n *nodeState, format string, args ...any) {
	c.tell(SourceNode, n.name, fmt.Sprintf(format, args...))
}

func (c *controller) tell(sourceType, source, message string) {
	c.journal.add(c.now, sourceType, source, message)
	c.settings.Logger.Info(message, "source", source)
}
