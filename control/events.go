package control

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// How far back events are told: unless asked otherwise, and at most.
const (
	defaultEventWindow = time.Hour
	maxEventWindow     = 14 * 24 * time.Hour
)

var sourceTypes = []string{
	"cache-cluster", "cache-parameter-group", "cache-security-group", "cache-subnet-group",
	"replication-group", "serverless-cache", "serverless-cache-snapshot", "user", "user-group",
}

type describeEventsResult struct {
	Marker string `xml:",omitempty"`
	Events list[eventXML]
}

func (s *Server) describeEvents(c *call) (any, error) {
	sourceType, sourceID := c.text("SourceType"), c.text("SourceIdentifier")
	if sourceType != "" && !slices.Contains(sourceTypes, sourceType) {
		c.fail(refuse(codeInvalidParameterValue, "Invalid source type %s. Must be one of %s.", clip(sourceType), strings.Join(sourceTypes, ", ")))
	}
	from, to := c.eventWindow()
	page := c.page()
	if err := c.failed(); err != nil {
		return nil, err
	}
	events := slices.DeleteFunc(slices.Clone(s.cfg.Backend.Events()), func(e Event) bool {
		return e.Time.Before(from) || e.Time.After(to) ||
			sourceType != "" && e.SourceType != sourceType ||
			sourceID != "" && !strings.EqualFold(e.SourceID, sourceID)
	})
	slices.Reverse(events)
	events, marker := cut(page, events, newestFirst)
	result := describeEventsResult{Marker: marker, Events: listOf[eventXML]("Event")}
	for _, e := range events {
		result.Events.add(eventXML{e.SourceID, e.SourceType, e.Message, timestamp{e.Time}})
	}
	return result, nil
}

// newestFirst is a key that ascends while the events' numbers descend.
func newestFirst(e Event) string { return fmt.Sprintf("%020d", math.MaxUint64-e.Seq) }

// eventWindow reads StartTime, EndTime and Duration (minutes): any two of them
// give the window, one alone reaches to now or back from it.
func (c *call) eventWindow() (from, to time.Time) {
	from, to = c.timestamp("StartTime"), c.timestamp("EndTime")
	minutes := c.integer("Duration")
	if !from.IsZero() && !to.IsZero() && minutes != nil {
		c.fail(refuse(codeInvalidParameterCombination, "StartTime, EndTime and Duration cannot be combined: at most two of them."))
	}
	window := defaultEventWindow
	if minutes != nil {
		if *minutes < 1 || *minutes > int(maxEventWindow/time.Minute) {
			c.fail(refuse(codeInvalidParameterValue, "Invalid value for duration. Must be between 1 and %d minutes.", int(maxEventWindow/time.Minute)))
		}
		window = time.Duration(*minutes) * time.Minute
	}
	switch {
	case from.IsZero() && to.IsZero():
		from, to = c.now.Add(-window), c.now
	case from.IsZero():
		from = to.Add(-window)
	case to.IsZero() && minutes != nil:
		to = from.Add(window)
	case to.IsZero():
		to = c.now
	}
	if from.After(to) {
		c.fail(refuse(codeInvalidParameterValue, "Start time %s is after end time %s.", stamp(from), stamp(to)))
	}
	if oldest := c.now.Add(-maxEventWindow); from.Before(oldest) {
		from = oldest
	}
	return from, to
}
