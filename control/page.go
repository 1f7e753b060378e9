package control

import (
	"encoding/base64"
	"slices"
)

// Page sizes of the service.
const (
	minRecords = 20
	maxRecords = 100 // and the default
)

// page reads Marker and MaxRecords.
type page struct {
	after string // key of the last record already delivered
	size  int
}

func (in *input) page() page {
	p := page{size: maxRecords}
	if size := in.integer("MaxRecords"); size != nil {
		p.size = *size
		if p.size < minRecords || p.size > maxRecords {
			in.fail(refuse(codeInvalidParameterValue, textMaxRecords))
		}
	}
	if marker := in.text("Marker"); marker != "" {
		after, err := base64.RawURLEncoding.DecodeString(marker)
		if err != nil {
			in.fail(refuse(codeInvalidParameterValue, "Invalid marker: %s", clip(marker)))
		}
		p.after = string(after)
	}
	return p
}

// cut gives the records of the page and the marker of the next one, empty on
// the last. Records are in ascending order of their keys; one that came or went
// between two pages does not disturb the others.
func cut[T any](p page, records []T, key func(T) string) ([]T, string) {
	if p.after != "" {
		next := slices.IndexFunc(records, func(record T) bool { return key(record) > p.after })
		if next < 0 {
			return nil, ""
		}
		records = records[next:]
	}
	if len(records) <= p.size {
		return records, ""
	}
	records = records[:p.size]
	return records, base64.RawURLEncoding.EncodeToString([]byte(key(records[p.size-1])))
}
