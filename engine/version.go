package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is an engine version, major<<16 | minor<<8 | patch, so that versions
// compare as numbers.
type Version uint32

// V builds a Version.
func V(major, minor, patch int) Version {
	return Version(major<<16 | minor<<8 | patch)
}

// ParseVersion reads "7", "7.1" or "7.1.0".
func ParseVersion(s string) (Version, error) {
	var n [3]int
	parts := strings.Split(s, ".")
	if len(parts) > 3 {
		return 0, fmt.Errorf("engine version %q: want MAJOR.MINOR or MAJOR.MINOR.PATCH", s)
	}
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || v > 255 {
			return 0, fmt.Errorf("engine version %q: %q is no number from 0 to 255", s, p)
		}
		n[i] = v
	}
	return V(n[0], n[1], n[2]), nil
}

func (v Version) Major() int { return int(v >> 16) }
func (v Version) Minor() int { return int(v>>8) & 0xff }
func (v Version) Patch() int { return int(v) & 0xff }

// String gives MAJOR.MINOR.PATCH.
func (v Version) String() string {
	return fmt.Sprintf("%d.%d.%d", v.Major(), v.Minor(), v.Patch())
}
