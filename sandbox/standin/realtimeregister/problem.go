package realtimeregister

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"domainprovisioning/sandbox/standin/calls"
)

// problem is an error of the API.
type problem struct {
	status  int
	members map[string]any
}

// refuse returns a problem; without a type it has no body.
func refuse(status int, name, message string) *problem {
	p := &problem{status: status}
	if name != "" {
		p.members = map[string]any{"type": name, "message": message}
	}
	return p
}

func bad(name, format string, args ...any) *problem {
	return refuse(http.StatusBadRequest, name, fmt.Sprintf(format, args...))
}

func missing(what string) *problem { return bad("ObjectDoesNotExist", "%s does not exist", what) }

// violation is the problem of a value that breaks the limits of a field. It quotes
// the value, as the API does.
func violation(field, message string, value any) *problem {
	p := bad("ConstraintViolationException", "Constraint violation")
	p.members["violations"] = []map[string]any{{"field": field, "message": message, "value": value}}
	return p
}

func (p *problem) reply() calls.Reply {
	reply := calls.Reply{Status: p.status, Outcome: calls.Refused, Header: http.Header{}}
	if p.members != nil {
		reply.Header.Set("Content-Type", "application/json")
		reply.Body = encode(p.members)
	}
	return reply
}

// fields are the members of a request. Null is treated as absent.
type fields map[string]json.RawMessage

// decode reads a request that may have only these members.
func decode(body []byte, allowed ...string) (fields, *problem) {
	var f fields
	if err := json.Unmarshal(body, &f); err != nil || f == nil {
		return nil, bad("InvalidMessage", "The message is no JSON object")
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if !slices.Contains(allowed, name) {
			return nil, unrecognized(name)
		}
		if bytes.Equal(f[name], []byte("null")) {
			delete(f, name)
		}
	}
	return f, nil
}

func unrecognized(name string) *problem {
	p := bad("UnrecognizedPropertyException", "Unrecognized property %s", name)
	p.members["property"] = name
	return p
}

func (f fields) has(name string) bool { _, ok := f[name]; return ok }

// read unmarshals a member. It does not recognize a member of another type, or one
// that itself has unknown members.
func read[T any](f fields, name string) (value T, refused *problem) {
	raw, ok := f[name]
	if !ok {
		return value, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		return value, unrecognized(name)
	}
	return value, nil
}

var (
	handlePattern = regexp.MustCompile(`^[a-zA-Z0-9\-_@.]{3,40}$`)
	namePattern   = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z][a-z0-9-]{0,61}[a-z0-9])$`)
	phonePattern  = regexp.MustCompile(`^\+[0-9]{1,3}\.[0-9]{1,14}$`)
)

func (f fields) required(names ...string) *problem {
	for _, name := range names {
		if !f.has(name) {
			return violation(name, "may not be null", nil)
		}
	}
	return nil
}

// text reads a string of limited length; it returns "" if the member is absent.
func (f fields) text(name string, least, most int) (string, *problem) {
	value, refused := read[string](f, name)
	if refused == nil && f.has(name) && (len([]rune(value)) < least || len([]rune(value)) > most) {
		refused = violation(name, "size must be between "+strconv.Itoa(least)+" and "+strconv.Itoa(most), value)
	}
	return value, refused
}

func (f fields) handle(name string) (string, *problem) {
	value, refused := read[string](f, name)
	if refused == nil && f.has(name) && !handlePattern.MatchString(value) {
		refused = violation(name, "invalid format", value)
	}
	return value, refused
}

// firstOf returns the first problem.
func firstOf(problems ...*problem) *problem {
	for _, p := range problems {
		if p != nil {
			return p
		}
	}
	return nil
}
