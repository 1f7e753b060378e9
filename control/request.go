package control

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// apiVersion is the only version of the API.
const apiVersion = "2015-02-02"

// call is one request, taken apart.
type call struct {
	*input
	action string
	region string // of the signature, else the server's
	now    time.Time
}

// readCall takes a request apart. The call is useful for the log even if there
// is an error.
func (s *Server) readCall(w http.ResponseWriter, r *http.Request) (*call, error) {
	c := &call{region: s.cfg.Region, now: s.cfg.Now()}
	region, signed := scopeRegion(r)
	if region != "" {
		c.region = region
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return c, refuse(codeRequestTooLarge, "The request is larger than %d bytes.", maxBodyBytes)
	} else if err != nil {
		return c, refuse(codeMalformedInput, "The request could not be read: %v", err)
	}
	p, err := parseParams(r.URL.RawQuery, string(body))
	if err != nil {
		return c, err
	}
	c.input = newInput(p)
	c.action = c.text("Action")
	switch version, given := c.lookup("Version"); {
	case s.cfg.RequireAuth && !signed:
		return c, refuse(codeMissingAuthenticationToken, textMissingToken)
	case s.cfg.RequireAuth && region == "":
		return c, refuse(codeIncompleteSignature, textIncompleteSignature)
	case c.action == "":
		return c, refuse(codeMissingAction, textMissingParameter, "Action")
	case given && version != apiVersion:
		return c, refuse(codeInvalidAction, textNoOperation+": the only version is %s.", clip(c.action), clip(version), apiVersion)
	}
	return c, nil
}

// scopeRegion gives the region of a signature's credential scope, from the
// Authorization header or a presigned query, empty if that cannot be read, and
// whether there is a signature at all. It is not checked.
func scopeRegion(r *http.Request) (region string, signed bool) {
	const inHeader, inQuery = "Credential=", "X-Amz-Credential="
	if header := r.Header.Get("Authorization"); header != "" {
		_, rest, _ := strings.Cut(header, inHeader)
		credential, _, _ := strings.Cut(rest, ",")
		return credentialRegion(credential), true
	}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if value, ok := strings.CutPrefix(pair, inQuery); ok {
			credential, _ := url.QueryUnescape(value)
			return credentialRegion(credential), true
		}
	}
	return "", false
}

// credentialRegion reads AKID/DATE/REGION/SERVICE/aws4_request from its end,
// because an access key id may contain slashes.
func credentialRegion(credential string) string {
	fields := strings.Split(strings.TrimSpace(credential), "/")
	if len(fields) < 5 || fields[len(fields)-1] != "aws4_request" {
		return ""
	}
	region := fields[len(fields)-3]
	const longest = 32
	wrong := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }
	if len(region) > longest || strings.ContainsFunc(region, wrong) {
		return ""
	}
	return region
}
