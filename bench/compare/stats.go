package main

import (
	"fmt"
	"slices"
	"strconv"
)

// spread is the middle and the extremes of some values.
type spread struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return spread{Median: (s[(n-1)/2] + s[n/2]) / 2, Low: s[0], High: s[n-1]}
}

// ratios divides the values of one side by those of the other that were
// measured beside them.
func ratios(a, b []float64) []float64 {
	var all []float64
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			all = append(all, a[i]/b[i])
		}
	}
	return all
}

// A unit says how a figure is written.
type unit string

const (
	perSecond    unit = "1/s"
	microseconds unit = "µs"
	milliseconds unit = "ms"
	mebibytes    unit = "MiB"
	bytesEach    unit = "bytes"
)

// write formats a figure with about four digits.
func (u unit) write(v float64) string {
	switch u {
	case perSecond:
		return count(int(v+0.5)) + "/s"
	case bytesEach:
		return count(int(v+0.5)) + " B"
	}
	digits := 2
	switch {
	case v >= 1000:
		return count(int(v+0.5)) + " " + string(u)
	case v >= 100:
		digits = 0
	case v >= 10:
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + string(u)
}

// count writes 1234567 as 1,234,567.
func count(n int) string {
	if n < 0 {
		return "-" + count(-n)
	}
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// times writes a ratio.
func times(v float64) string { return fmt.Sprintf("%.2f", v) }
