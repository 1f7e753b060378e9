package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sample is a report with everything in it that one can contain.
func sample() *report {
	results := []*result{
		{
			measurement: &measurement{group: "cluster 3×(1+1)", name: "SET, pipeline 1, load", metrics: []metric{
				{name: "rate", unit: perSecond, target: 1.2}, {name: "server CPU per request", unit: microseconds, lower: true, aside: true},
			}},
			values: [][][]float64{{{120_000, 5}, {130_000, 6}, {125_000, 4}}, {{100_000, 10}, {100_000, 10}, {50_000, 10}}},
		},
		{
			measurement: &measurement{group: "cluster 3×(1+1)", name: "GET, pipeline 16, redis-benchmark", metrics: []metric{{name: "rate", unit: perSecond, target: 2}}},
			values:      [][][]float64{{{90_000}, {95_000}}, {{100_000}, {100_000}}},
		},
		{
			measurement: &measurement{group: "cluster 3×(1+1)", name: "GET, pipeline 16, load", metrics: []metric{{name: "rate", unit: perSecond, target: 2}}},
			values:      [][][]float64{{{300_000}}, {{100_000}}},
		},
		{
			measurement: &measurement{group: "memory, one node", name: "1,000,000 <strings> & more", metrics: []metric{
				{name: "resident", unit: mebibytes, lower: true, target: 1}, {name: "bytes a key", unit: bytesEach, lower: true},
			}},
			values: [][][]float64{{{80, 100}}, {{160, 0}}},
		},
		{
			measurement: &measurement{group: "memory, one node", name: "lists", metrics: []metric{{name: "resident", unit: mebibytes, lower: true}}},
			values:      make([][][]float64, 2), err: errors.New("ERR unknown command\nmore"),
		},
	}
	h := host{Commit: "0123456789abcdef", Modified: true, CPU: "A CPU", Cores: 2, System: "linux/amd64", Go: "go1.26"}
	sides := []*side{newSide("elasticache-local"), newSide("redis-server 7.0.15")}
	return newReport(h, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), "go run ./bench/compare -quick", sides, 3, results)
}

func TestTableShowsRatiosGoalsAndFailures(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	sample().writeTable(&b)
	require.Equal(t, `go run ./bench/compare -quick
commit 0123456789 (modified), A CPU, 2 cores, linux/amd64, go1.26
ratio: elasticache-local ÷ redis-server 7.0.15, median (lowest–highest) of the pairs measured beside each other

Cluster 3×(1+1)
                                           elasticache-local  redis-server 7.0.15  ratio     spread         target  CPU ratio
  SET, pipeline 1, load              rate          125,000/s            100,000/s   1.30  1.20–2.50         ≥ 1.20       0.50
  GET, pipeline 16, redis-benchmark  rate           92,500/s            100,000/s   0.93  0.90–0.95  ≥ 2.00 missed
  GET, pipeline 16, load             rate          300,000/s            100,000/s   3.00  3.00–3.00         ≥ 2.00

Memory, one node
                                           elasticache-local  redis-server 7.0.15  ratio     spread  target
  1,000,000 <strings> & more  resident              80.0 MiB              160 MiB   0.50  0.50–0.50  ≤ 1.00
  1,000,000 <strings> & more  bytes a key              100 B                  0 B
  lists                       failed: ERR unknown command
`, b.String())
}

func TestReportSurvivesJSON(t *testing.T) {
	t.Parallel()
	want := sample()
	var b strings.Builder
	require.NoError(t, want.writeJSON(&b))
	var got report
	require.NoError(t, json.Unmarshal([]byte(b.String()), &got))
	require.Equal(t, *want, got)
	require.Equal(t, 1, got.failed())
}

func TestChartIsWellFormedAndShowsEveryRatio(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	rep := sample()
	require.NoError(t, rep.writeChart(&b))
	decoder := xml.NewDecoder(strings.NewReader(b.String()))
	bars := map[string]int{}
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		if element, ok := token.(xml.StartElement); ok && element.Name.Local == "rect" {
			for _, a := range element.Attr {
				if a.Name.Local == "class" {
					bars[a.Value]++
				}
			}
		}
	}
	require.Equal(t, map[string]int{"ground": 1, "better": 2, "worse": 1}, bars)
	require.Contains(t, b.String(), "prefers-color-scheme: dark")
	require.Contains(t, b.String(), "1,000,000 &lt;strings&gt; &amp; more")
	require.NotContains(t, b.String(), "NaN")
}

func TestReportOfOneSideHasNoRatios(t *testing.T) {
	t.Parallel()
	m := &measurement{group: "one node", name: "SET", metrics: []metric{{name: "rate", unit: perSecond, target: 1}}}
	rep := newReport(host{}, time.Time{}, "", []*side{newSide("a")}, 1, []*result{{measurement: m, values: [][][]float64{{{12}}}}})
	var table, picture strings.Builder
	rep.writeTable(&table)
	require.Contains(t, table.String(), "12/s")
	require.NotContains(t, table.String(), "÷")
	require.NoError(t, rep.writeChart(&picture))
	require.Contains(t, picture.String(), "No ratios")
}

func TestSpreadAndRatios(t *testing.T) {
	t.Parallel()
	require.Equal(t, spread{Median: 2, Low: 1, High: 9}, spreadOf([]float64{9, 1, 2}))
	require.Equal(t, spread{Median: 1.5, Low: 1, High: 2}, spreadOf([]float64{2, 1}))
	require.Equal(t, spread{}, spreadOf(nil))
	require.Equal(t, []float64{2, 4}, ratios([]float64{4, 5, 4}, []float64{2, 0, 1, 7}))
}

func TestFiguresAreReadable(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"1,234,567/s": perSecond.write(1_234_567.2), "999/s": perSecond.write(999), "0.12 ms": milliseconds.write(0.123),
		"12.3 µs": microseconds.write(12.34), "123 µs": microseconds.write(123.4), "1,235 MiB": mebibytes.write(1234.6), "-1,000": count(-1000),
	} {
		require.Equal(t, want, got)
	}
}
