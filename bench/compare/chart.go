package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// The chart's measures, in pixels.
const (
	chartWidth  = 940
	margin      = 24
	labelWidth  = 400
	figureWidth = 150
	rowHeight   = 20
	barHeight   = 12
	groupGap    = 22
	headHeight  = 96
	plotLeft    = margin + labelWidth + 12
	plotRight   = chartWidth - margin - figureWidth
)

// chartStyle has colours for a light and for a dark background. The chart
// brings its background along, so that it can be read wherever it is shown.
const chartStyle = `
  .ground { fill: #ffffff } .text { fill: #1f2328 } .dim { fill: #59636e } .grid { stroke: #d1d9e0 } .one { stroke: #59636e }
  .better { fill: #1a7f5a } .worse { fill: #c2570c } .spread { stroke: #1f2328 } .goal { stroke: #1f2328 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .text { fill: #f0f6fc } .dim { fill: #9198a1 } .grid { stroke: #2f3742 } .one { stroke: #9198a1 }
    .better { fill: #3fb98a } .worse { fill: #f0883e } .spread { stroke: #f0f6fc } .goal { stroke: #f0f6fc }
  }
  text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif } .title { font-size: 16px; font-weight: 600 }
  .group { font-size: 13px; font-weight: 600 } .small { font-size: 11px }
  .grid, .one { stroke-width: 1 } .spread { stroke-width: 1.5; opacity: .75 } .goal { stroke-width: 1.5; stroke-dasharray: 2 2 }
`

// writeChart draws every ratio as a bar from 1, on a logarithmic scale, with
// the spread over the rounds as a thin line and the target as a dashed one.
func (rep *report) writeChart(w io.Writer) error {
	rows := rep.chartRows()
	c := &chart{axis: newAxis(rows)}
	height := headHeight + margin + groupGap
	group := ""
	for _, r := range rows {
		if r.section() != group {
			group = r.section()
			height += groupGap + rowHeight
		}
		height += rowHeight
	}
	c.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="%s">`,
		chartWidth, height, chartWidth, height, escape("Benchmark results as ratios"))
	c.printf("<style>%s</style>", chartStyle)
	c.printf(`<rect class="ground" width="%d" height="%d"/>`, chartWidth, height)
	c.head(rep)
	c.body(rows, height)
	c.printf("</svg>")
	_, err := io.WriteString(w, c.b.String())
	return err
}

// chartRows returns the rows that have a ratio. Where both drivers have measured
// the same, the chart shows what redis-benchmark says: it is nobody's own.
func (rep *report) chartRows() []*row {
	neutral := make(map[string]bool)
	for i := range rep.Rows {
		if r := &rep.Rows[i]; r.Ratio != nil {
			if name, found := strings.CutSuffix(r.Name, rbDriver); found {
				neutral[r.Group+name] = true
			}
		}
	}
	var rows []*row
	for i := range rep.Rows {
		r := &rep.Rows[i]
		name, own := strings.CutSuffix(r.Name, loadDriver)
		if r.Ratio != nil && !r.Aside && !(own && neutral[r.Group+name]) {
			rows = append(rows, r)
		}
	}
	return rows
}

// section is the heading in the chart: what is better must be the same for all
// rows below it.
func (r *row) section() string {
	if r.Lower {
		return r.Group + " · lower is better"
	}
	return r.Group + " · higher is better"
}

type chart struct {
	b    strings.Builder
	axis axis
}

func (c *chart) printf(format string, args ...any) {
	fmt.Fprintf(&c.b, format, args...)
	c.b.WriteByte('\n')
}

func (c *chart) text(x, y float64, class, anchor, s string) {
	c.printf(`<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`, x, y, class, anchor, escape(s))
}

func (c *chart) line(x1, y1, x2, y2 float64, class string) {
	c.printf(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`, x1, y1, x2, y2, class)
}

func (c *chart) head(rep *report) {
	title := "No ratios were measured"
	if len(rep.Sides) == 2 {
		title = rep.Sides[0] + " ÷ " + rep.Sides[1]
	}
	c.text(margin, 32, "text title", "start", title)
	c.text(margin, 52, "dim", "start", fmt.Sprintf("medians of pairs measured in turn on one machine; thin line: lowest to highest of %d rounds; dashed: target", rep.Rounds))
	c.text(margin, 69, "dim small", "start", fmt.Sprintf("%s · %d cores · %s · %s", rep.Host.CPU, rep.Host.Cores, rep.Host.System, rep.Host.Go))
	c.text(margin, 85, "dim small", "start", fmt.Sprintf("%s · commit %s · %s", rep.Command, rep.Host.shortCommit(), rep.Date.Format("2006-01-02")))
}

func (c *chart) body(rows []*row, height int) {
	bottom := float64(height - margin - rowHeight/2)
	for _, tick := range c.axis.ticks() {
		class := "grid"
		if tick == 1 {
			class = "one"
		}
		x := c.axis.at(tick)
		c.line(x, headHeight+8, x, bottom-8, class)
		c.text(x, bottom+6, "dim small", "middle", tickText(tick))
	}
	y := float64(headHeight)
	group := ""
	for _, r := range rows {
		if r.section() != group {
			group = r.section()
			y += groupGap + rowHeight
			c.text(margin, y-6, "text group", "start", strings.ToUpper(group[:1])+group[1:])
		}
		c.row(r, y)
		y += rowHeight
	}
}

// row draws one ratio with its top at y.
func (c *chart) row(r *row, y float64) {
	middle := y + rowHeight/2
	label := r.Name
	if r.Metric != "rate" {
		label += ", " + r.Metric
	}
	c.text(margin+labelWidth, middle+4, "text", "end", label)
	class := "worse"
	if even := (r.Ratio.Median >= 1) == !r.Lower || r.Ratio.Median == 1; even {
		class = "better"
	}
	one, x := c.axis.at(1), c.axis.at(r.Ratio.Median)
	c.printf(`<rect x="%.1f" y="%.1f" width="%.1f" height="%d" rx="2" class="%s"/>`,
		math.Min(one, x), middle-barHeight/2, math.Max(math.Abs(x-one), 1), barHeight, class)
	c.line(c.axis.at(r.Ratio.Low), middle, c.axis.at(r.Ratio.High), middle, "spread")
	if r.Target != 0 {
		goal := c.axis.at(r.Target)
		c.line(goal, y+1, goal, y+rowHeight-1, "goal")
	}
	c.text(plotRight+12, middle+4, "text", "start", times(r.Ratio.Median)+"×")
	c.text(plotRight+60, middle+4, "dim small", "start", times(r.Ratio.Low)+"–"+times(r.Ratio.High))
}

// An axis maps ratios to x, logarithmically.
type axis struct{ low, high float64 } // logarithms to the base 2, whole

// axisLimit bounds the axis: bars beyond end at its edge, with their figure
// beside.
const axisLimit = 5

func newAxis(rows []*row) axis {
	a := axis{-1, 1}
	for _, r := range rows {
		for _, v := range []float64{r.Ratio.Median, r.Ratio.Low, r.Ratio.High, r.Target} {
			if v > 0 {
				a.low = math.Min(a.low, math.Floor(math.Log2(v)))
				a.high = math.Max(a.high, math.Ceil(math.Log2(v)))
			}
		}
	}
	return axis{math.Max(a.low, -axisLimit), math.Min(a.high, axisLimit)}
}

func (a axis) at(v float64) float64 {
	share := (math.Log2(v) - a.low) / (a.high - a.low)
	return plotLeft + (plotRight-plotLeft)*math.Min(math.Max(share, 0), 1)
}

func (a axis) ticks() []float64 {
	var all []float64
	for e := a.low; e <= a.high; e++ {
		all = append(all, math.Exp2(e))
	}
	return all
}

func tickText(v float64) string {
	if v >= 1 {
		return fmt.Sprintf("%.0f×", v)
	}
	return fmt.Sprintf("1/%.0f", 1/v)
}

// escape makes text harmless within XML.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
