package main

import (
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"
)

// progress tells on the terminal what is going on. On a terminal one line is
// overwritten again and again; elsewhere there is one line per measurement.
type progress struct {
	out      io.Writer
	terminal bool
	start    time.Time
	total    int // rounds of all measurements, both sides counted
	taken    int
	sides    []string
}

func newProgress(out io.Writer, sessions []session, sides []*side) *progress {
	p := &progress{out: out, start: time.Now()}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	for _, s := range sides {
		p.sides = append(p.sides, s.name)
	}
	for _, s := range sessions {
		for _, m := range s.measurements {
			p.total += m.rounds * len(sides)
		}
	}
	return p
}

// lineWidth is how much of a terminal's line is used.
const lineWidth = 110

// say shows what is being done just now.
func (p *progress) say(format string, args ...any) {
	if !p.terminal {
		return
	}
	line := fmt.Sprintf("%3d %% %s %s", 100*p.taken/max(p.total, 1), p.left(), fmt.Sprintf(format, args...))
	if utf8.RuneCountInString(line) > lineWidth {
		line = string([]rune(line)[:lineWidth])
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", line)
}

// left guesses how long it will still take.
func (p *progress) left() string {
	if p.taken == 0 {
		return ""
	}
	each := time.Since(p.start) / time.Duration(p.taken)
	return fmt.Sprintf("(%v left)", (each * time.Duration(p.total-p.taken)).Round(time.Second))
}

func (p *progress) measuring(m *measurement, round int, side string) {
	p.say("%s, round %d of %d, %s", m.id(), round+1, m.rounds, side)
	p.taken++
}

// done writes the line that stays.
func (p *progress) done(r *result) {
	p.clear()
	for i, m := range r.metrics {
		if m.aside || r.err != nil && i > 0 {
			continue
		}
		fmt.Fprintf(p.out, "%s%s\n", r.id(), brief(r, i))
	}
}

// clear removes the line that is overwritten.
func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// brief writes one figure of both sides.
func brief(r *result, metric int) string {
	if r.err != nil {
		return " failed: " + r.err.Error()
	}
	m := r.metrics[metric]
	text := fmt.Sprintf(", %s: %s", m.name, m.unit.write(spreadOf(r.of(0, metric)).Median))
	if len(r.values) > 1 {
		text += fmt.Sprintf(" to %s, ratio %s", m.unit.write(spreadOf(r.of(1, metric)).Median), times(spreadOf(ratios(r.of(0, metric), r.of(1, metric))).Median))
	}
	return text
}
