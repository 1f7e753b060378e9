package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// writeTable writes the report for people.
func (rep *report) writeTable(w io.Writer) {
	fmt.Fprintf(w, "%s\ncommit %s, %s, %d cores, %s, %s\n", rep.Command, rep.Host.shortCommit(), rep.Host.CPU, rep.Host.Cores, rep.Host.System, rep.Host.Go)
	if len(rep.Sides) == 2 {
		fmt.Fprintf(w, "ratio: %s ÷ %s, median (lowest–highest) of the pairs measured beside each other\n", rep.Sides[0], rep.Sides[1])
	}
	group := ""
	var lines [][]string
	flush := func() {
		writeColumns(w, lines)
		lines = nil
	}
	for i := range rep.Rows {
		r := &rep.Rows[i]
		if r.Aside {
			continue
		}
		if r.Group != group {
			flush()
			group = r.Group
			fmt.Fprintf(w, "\n%s\n", strings.ToUpper(group[:1])+group[1:])
			lines = append(lines, rep.heading(group))
		}
		if r.Error != "" {
			lines = append(lines, []string{r.Name, "failed: " + firstLine(r.Error)})
			continue
		}
		lines = append(lines, rep.line(i))
	}
	flush()
}

func (rep *report) heading(group string) []string {
	h := append([]string{"", ""}, rep.Sides...)
	if len(rep.Sides) < 2 {
		return h
	}
	h = append(h, "ratio", "spread", "target")
	if slices.ContainsFunc(rep.Rows, func(r row) bool { return r.Group == group && r.Aside }) {
		h = append(h, "CPU ratio")
	}
	return h
}

// line is the row i with the figure beside it, if there is one.
func (rep *report) line(i int) []string {
	r := &rep.Rows[i]
	line := []string{r.Name, r.Metric}
	for _, s := range r.Spread {
		line = append(line, r.Unit.write(s.Median))
	}
	if r.Ratio == nil {
		return line
	}
	goal := r.goalText()
	if goal != "" && !r.reached() {
		goal += " missed"
	}
	line = append(line, times(r.Ratio.Median), times(r.Ratio.Low)+"–"+times(r.Ratio.High), goal)
	if i+1 < len(rep.Rows) {
		if next := &rep.Rows[i+1]; next.Aside && next.Ratio != nil {
			line = append(line, times(next.Ratio.Median))
		}
	}
	return line
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// writeColumns aligns what it writes. The last cell of a line that is shorter
// than the first line may be wider than its column.
func writeColumns(w io.Writer, lines [][]string) {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if !strings.HasPrefix(cell, "failed: ") {
				widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			}
		}
	}
	for _, line := range lines {
		var b strings.Builder
		for i, cell := range line {
			pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell)))
			if figures := i >= 2; figures {
				b.WriteString("  " + pad + cell)
			} else {
				b.WriteString("  " + cell + pad)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}
