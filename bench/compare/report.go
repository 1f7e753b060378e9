package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// A report is everything that was found out, as it is written to the JSON
// file. The table and the chart are made of it and of nothing else.
type report struct {
	Host    host      `json:"host"`
	Date    time.Time `json:"date"`
	Command string    `json:"command"`
	Sides   []string  `json:"sides"` // the first is ours, the second what it is compared with
	Rounds  int       `json:"rounds"`
	Rows    []row     `json:"rows"`
}

// A row is one figure of one measurement.
type row struct {
	Group  string      `json:"group"`
	Name   string      `json:"name"`
	Metric string      `json:"metric"`
	Unit   unit        `json:"unit"`
	Lower  bool        `json:"lower_is_better"`
	Aside  bool        `json:"aside,omitempty"`  // a secondary figure of the row before it
	Target float64     `json:"target,omitempty"` // of the ratio
	Values [][]float64 `json:"values"`           // by side, by round
	Spread []spread    `json:"spread"`           // by side
	Ratio  *spread     `json:"ratio,omitempty"`  // ours ÷ the other, of the pairs measured beside each other
	Error  string      `json:"error,omitempty"`
}

func newReport(h host, date time.Time, command string, sides []*side, rounds int, results []*result) *report {
	rep := &report{Host: h, Date: date, Command: command, Rounds: rounds}
	for _, s := range sides {
		rep.Sides = append(rep.Sides, s.name)
	}
	for _, r := range results {
		for i := range r.metrics {
			if r.err == nil || i == 0 {
				rep.Rows = append(rep.Rows, newRow(r, i))
			}
		}
	}
	return rep
}

func newRow(r *result, metric int) row {
	m := r.metrics[metric]
	out := row{
		Group: r.group, Name: r.name, Metric: m.name, Unit: m.unit, Lower: m.lower, Aside: m.aside,
		Target: m.target, Values: [][]float64{}, Spread: []spread{},
	}
	if r.err != nil {
		out.Error = r.err.Error()
		return out
	}
	for side := range r.values {
		values := r.of(side, metric)
		out.Values = append(out.Values, values)
		out.Spread = append(out.Spread, spreadOf(values))
	}
	if len(r.values) == 2 {
		if all := ratios(out.Values[0], out.Values[1]); len(all) > 0 {
			s := spreadOf(all)
			out.Ratio = &s
		}
	}
	return out
}

// reached tells whether the ratio is at least as good as the target, and as 1
// if there is none.
func (r *row) reached() bool {
	target := r.Target
	if target == 0 {
		target = 1
	}
	if r.Lower {
		return r.Ratio.Median <= target
	}
	return r.Ratio.Median >= target
}

// goalText writes "≥ 1.20".
func (r *row) goalText() string {
	switch {
	case r.Target == 0:
		return ""
	case r.Lower:
		return fmt.Sprintf("≤ %.2f", r.Target)
	}
	return fmt.Sprintf("≥ %.2f", r.Target)
}

// failed counts the measurements that failed.
func (rep *report) failed() int {
	n := 0
	for _, r := range rep.Rows {
		if r.Error != "" {
			n++
		}
	}
	return n
}

func (rep *report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(rep)
}
