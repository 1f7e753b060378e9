package control

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a request.
const (
	maxBodyBytes  = 256 << 10
	maxParameters = 4096
	maxListItems  = 1000 // largest N in X.member.N
)

// params are a request's parameters, percent-decoded.
type params struct {
	values map[string]string
	keys   []string // sorted, so that nothing depends on the map's order
}

// parseParams reads form-encoded parameters; several texts (query string, body)
// make one set. A parameter must not be given twice.
func parseParams(texts ...string) (params, error) {
	p := params{values: make(map[string]string)}
	for _, text := range texts {
		for pair := range strings.SplitSeq(text, "&") {
			if pair == "" {
				continue
			}
			key, value, _ := strings.Cut(pair, "=")
			key, keyErr := url.QueryUnescape(key)
			value, valueErr := url.QueryUnescape(value)
			if keyErr != nil || valueErr != nil {
				return params{}, refuse(codeMalformedQueryString, "The query string contains a syntax error: %s", clip(pair))
			}
			if _, twice := p.values[key]; twice {
				return params{}, refuse(codeMalformedQueryString, "The parameter %s is given twice.", clip(key))
			}
			if len(p.values) == maxParameters {
				return params{}, refuse(codeMalformedInput, "More than %d parameters.", maxParameters)
			}
			p.values[key] = value
			p.keys = append(p.keys, key)
		}
	}
	slices.Sort(p.keys)
	return p, nil
}

// input reads the typed parameters of an operation, or of one element of a
// list of structures in it. Like a scanner it keeps the first error; the
// operation looks at failed once, after all its reads.
type input struct {
	params params
	prefix string   // of an element: ReplicaConfiguration.ConfigureShard.1.
	state  *reading // shared with the elements
}

// reading is what all inputs of a request share.
type reading struct {
	err  *Error
	read map[string]bool // full names of the parameters that were asked for
}

func newInput(p params) *input {
	return &input{params: p, state: &reading{read: make(map[string]bool)}}
}

// failed is the first error so far.
func (in *input) failed() error {
	if in.state.err == nil {
		return nil
	}
	return in.state.err
}

func (in *input) fail(e *Error) {
	if in.state.err == nil {
		in.state.err = e
	}
}

// unread lists the parameters that nobody asked for.
func (in *input) unread() []string {
	return slices.DeleteFunc(slices.Clone(in.params.keys), func(key string) bool { return in.state.read[key] })
}

// lookup gives a parameter's value and whether it was sent.
func (in *input) lookup(name string) (string, bool) {
	in.state.read[in.prefix+name] = true
	value, ok := in.params.values[in.prefix+name]
	return value, ok
}

// text is a parameter that may be left out.
func (in *input) text(name string) string {
	value, _ := in.lookup(name)
	return value
}

// required is a parameter that must be there and not be blank.
func (in *input) required(name string) string {
	value, ok := in.lookup(name)
	switch {
	case !ok:
		in.fail(refuse(codeMissingParameter, textMissingParameter, in.prefix+name))
	case strings.TrimSpace(value) == "":
		in.fail(refuse(codeInvalidParameterValue, textBlankParameter, in.prefix+name))
	}
	return value
}

// id is a required identifier; they are compared in lower case.
func (in *input) id(name string) string { return strings.ToLower(in.required(name)) }

// integer is nil if the parameter is left out.
func (in *input) integer(name string) *int {
	value, ok := in.lookup(name)
	if !ok {
		return nil
	}
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		in.malformed(name, value, "an integer")
	}
	number := int(n)
	return &number
}

// boolean is nil if the parameter is left out.
func (in *input) boolean(name string) *bool {
	value, ok := in.lookup(name)
	if !ok {
		return nil
	}
	truth := strings.EqualFold(value, "true")
	if !truth && !strings.EqualFold(value, "false") {
		in.malformed(name, value, "true or false")
	}
	return &truth
}

// timeLayouts are the forms of ISO 8601 that are taken; without a zone it is UTC.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02"}

// timestamp is zero if the parameter is left out.
func (in *input) timestamp(name string) time.Time {
	value, ok := in.lookup(name)
	if !ok {
		return time.Time{}
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC()
		}
	}
	in.malformed(name, value, "a time like 2026-01-02T03:04:05Z")
	return time.Time{}
}

func (in *input) malformed(name, value, want string) {
	in.fail(refuse(codeMalformedInput, "Invalid value %s for %s: %s is expected.", clip(strconv.Quote(value)), in.prefix+name, want))
}

// texts is a list of strings, in the order of its numbers.
func (in *input) texts(name, element string) []string {
	var list []string
	for _, item := range in.items(name, element) {
		in.state.read[item] = true
		list = append(list, in.params.values[item])
	}
	return list
}

// structures is a list of structures, in the order of its numbers.
func (in *input) structures(name, element string) []*input {
	var list []*input
	for _, item := range in.items(name, element) {
		list = append(list, &input{params: in.params, prefix: item + ".", state: in.state})
	}
	return list
}

// items finds the elements of a list: the full names name.element.N that
// parameters have or begin with, by N. Old clients write member for every
// list's element; numbers may have gaps. An empty list is sent as name alone.
func (in *input) items(name, element string) []string {
	if value, alone := in.lookup(name); alone && value != "" {
		in.malformed(name, value, "a list, "+name+"."+element+".1 and so on,")
	}
	base := in.prefix + name + "."
	byNumber := make(map[uint64]string)
	var numbers []uint64
	for _, key := range in.params.keys {
		rest, ok := strings.CutPrefix(key, base)
		if !ok {
			continue
		}
		label, rest, _ := strings.Cut(rest, ".")
		digits, _, _ := strings.Cut(rest, ".")
		n, err := strconv.ParseUint(digits, 10, 32)
		item := base + label + "." + digits
		known, again := byNumber[n]
		if err != nil || n < 1 || n > maxListItems || label != element && label != "member" || again && known != item {
			in.fail(refuse(codeMalformedInput, "Unexpected list element %s: %s%s.1 to %d are expected.", clip(key), base, element, maxListItems))
			return nil
		}
		if !again {
			byNumber[n] = item
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	items := make([]string, len(numbers))
	for i, n := range numbers {
		items[i] = byNumber[n]
	}
	return items
}

// ignore marks parameters as read that have no effect here.
func (in *input) ignore(names ...string) {
	for _, name := range names {
		in.lookup(name)
	}
}
