package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestPackFindsWhatAListHas looks elements up among every step-th of a pack
// that has something else in front.
func TestPackFindsWhatAListHas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		elem := rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat("-", rapid.SampledFrom([]int{0, 1, 126, 127, 128, 300, 20000}).Draw(t, "len")) + rapid.StringN(0, 2, 4).Draw(t, "tail")
		})
		step := rapid.IntRange(1, 3).Draw(t, "step")
		head := rapid.IntRange(0, 6).Draw(t, "head")
		model := make([]string, step*rapid.IntRange(0, 8).Draw(t, "n"))
		p, offsets := make(pack, head), []uint32{}
		for i := range model {
			model[i] = elem.Draw(t, "elem")
			if i%step == 0 {
				offsets = append(offsets, uint32(len(p)))
			}
			p = p.add([]byte(model[i]))
		}
		require.True(t, slices.Equal(offsets, p.offsets(head, step, len(offsets))))
		if rapid.Bool().Draw(t, "trimmed") {
			p = append(make(pack, 0, 3*len(p)), p...).trim()
			require.Less(t, cap(p), max(minTrimmed, 2*len(p))+64)
		}
		probes := append([]string{elem.Draw(t, "probe")}, model...)
		for _, probe := range probes {
			at, after := p.findFrom(head, []byte(probe), step)
			want := -1
			for i := 0; i < len(model); i += step {
				if model[i] == probe {
					want = i
					break
				}
			}
			if want < 0 {
				require.Equal(t, -1, at)
				continue
			}
			require.EqualValues(t, offsets[want/step], at)
			got, end := p.next(at)
			require.Equal(t, probe, string(got))
			require.Equal(t, end, after)
			require.Equal(t, end, p.skip(at))
		}
	})
}
