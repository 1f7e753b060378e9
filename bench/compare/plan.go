package main

import (
	"context"
	"fmt"
	"strings"

	"elasticache-local/bench/internal/peer"
)

// A metric is one figure that a measurement yields.
type metric struct {
	name   string
	unit   unit
	lower  bool    // lower is better
	target float64 // of the ratio ours ÷ reference; 0: none
	aside  bool    // shown beside the measurement's first figure, not as one of its own
}

// A measurement is taken on both sides in turn, round after round.
type measurement struct {
	group   string // heading under which it is shown
	name    string
	fresh   bool // every time on a server that was just started
	rounds  int  // 0: as many as the command line says
	metrics []metric
	prepare func(ctx context.Context, sides []*side) error // once, before the rounds; may be nil
	run     func(ctx context.Context, s *side) ([]float64, error)
	clean   func(ctx context.Context, s *side) error // once per side, after the rounds; may be nil
}

func (m *measurement) id() string { return m.group + ": " + m.name }

// A session is a number of measurements on servers of one shape that run all
// the while, both sides' at once.
type session struct {
	shape        peer.Shape
	measurements []*measurement
}

var (
	clusterShape = peer.Shape{Shards: 3, Replicas: 1, Cluster: true}
	nodeShape    = peer.Shape{Shards: 1}
)

// plan returns what the options ask for, in the order in which it is measured.
func plan(o *options) []session {
	var sessions []session
	if o.outside() {
		sessions = []session{{measurements: outsidePlan(o)}}
	} else {
		sessions = []session{
			{clusterShape, clusterPlan(o)},
			{nodeShape, nodePlan(o)},
			{nodeShape, []*measurement{residentLatency(o), massExpiry(o)}},
			{nodeShape, memoryPlan(o)},
		}
	}
	var chosen []session
	for _, s := range sessions {
		s.measurements = choose(o, s.measurements)
		if len(s.measurements) > 0 {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

func choose(o *options, all []*measurement) []*measurement {
	var chosen []*measurement
	for _, m := range all {
		if o.only != nil && !o.only.MatchString(m.id()) {
			continue
		}
		if m.rounds == 0 {
			m.rounds = o.rounds
		}
		chosen = append(chosen, m)
	}
	return chosen
}

// goal is what the ratio of rates should reach at a pipeline depth.
type goal map[int]float64

func clusterPlan(o *options) []*measurement {
	goals := goal{1: 1.2, 16: 2, 64: 3}
	all := throughputs(o, o.drivers, clusterShape.String(), []string{"SET", "GET"}, o.scale.pipelines, goals)
	return append(all, pacedLatency(o, clusterShape.String()))
}

// otherCommands are measured beside SET and GET.
var otherCommands = []string{
	"INCR", "LPUSH", "LPOP", "RPUSH", "SADD", "HSET", "SPOP", "ZADD", "ZPOPMIN",
	"LRANGE_100", "LRANGE_300", "LRANGE_600", "MSET", "MIXED",
}

func nodePlan(o *options) []*measurement {
	all := throughputs(o, o.drivers, nodeShape.String(), []string{"SET", "GET"}, o.scale.pipelines, goal{1: 1, 16: 1.5, 64: 2})
	others, depths, drivers := otherCommands, []int{1, 16}, o.drivers
	if o.quick {
		others, depths, drivers = []string{"LPUSH", "LRANGE_100"}, []int{16}, o.drivers[:1]
	}
	all = append(all, throughputs(o, drivers, nodeShape.String(), others, depths, goal{1: 1, 16: 1})...)
	return append(all, pacedLatency(o, nodeShape.String()), bigValue(o))
}

func outsidePlan(o *options) []*measurement {
	commands := append([]string{"SET", "GET"}, otherCommands...)
	if o.quick {
		commands = []string{"SET", "GET", "LPUSH", "ZADD"}
	}
	all := throughputs(o, o.drivers, outsideGroup, commands, o.scale.pipelines, nil)
	return append(all, pacedLatency(o, outsideGroup))
}

const outsideGroup = "running server"

// throughputs measures the highest rate of each command at each depth, with
// each driver.
func throughputs(o *options, drivers []string, group string, commands []string, depths []int, goals goal) []*measurement {
	var all []*measurement
	for _, command := range commands {
		for _, depth := range depths {
			for _, driver := range drivers {
				if driver == rbDriver && command == "MIXED" {
					continue // redis-benchmark has no such test
				}
				all = append(all, throughput(o, group, command, depth, driver, goals[depth]))
			}
		}
	}
	return all
}

func throughputName(command string, depth int, driver string) string {
	return fmt.Sprintf("%s, pipeline %d, %s", command, depth, driver)
}

// write lists what would be measured.
func write(sessions []session) string {
	var b strings.Builder
	for _, s := range sessions {
		for _, m := range s.measurements {
			fmt.Fprintf(&b, "%s (%d rounds)\n", m.id(), m.rounds)
		}
	}
	return b.String()
}
