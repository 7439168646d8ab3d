package operations

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"domainprovisioning/wire/xmlrpc"
)

// reply keeps the first problem of one reply. A problem names its place, such as
// result.name_servers[1], but no value.
type reply struct {
	method  string
	trouble error
}

func (r *reply) fail(place, wrong string) {
	if r.trouble == nil {
		r.trouble = malformed(r.method, place+" "+wrong)
	}
}

// fields reads the members of a struct in a reply. Absent members are zero. A member with
// an impossible value makes the whole reply unreadable: check err at the end, before
// using anything that was read.
type fields struct {
	reply   *reply
	place   string
	members xmlrpc.Struct
}

func (f fields) err() error { return f.reply.trouble }

func (f fields) at(name string) string { return f.place + "." + name }

func (f fields) text(name string) string {
	value, ok := xmlrpc.AsString(f.members[name])
	if !ok && f.members[name] != nil {
		f.reply.fail(f.at(name), "is not a string")
	}
	return strings.TrimSpace(value)
}

// id reads an id. 0 means none, as for something that no longer has an owner.
func (f fields) id(name string) int {
	value, ok := xmlrpc.AsInt(f.members[name])
	switch {
	case f.members[name] == nil:
		return 0
	case !ok:
		f.reply.fail(f.at(name), "is not a number of 32 bits")
	case value < 0:
		f.reply.fail(f.at(name), "is negative")
	}
	return max(value, 0)
}

// mustID reads an id that must be present.
func (f fields) mustID(name string) int {
	id := f.id(name)
	if id == 0 {
		f.reply.fail(f.at(name), "is missing")
	}
	return id
}

func (f fields) flag(name string) bool {
	value, ok := xmlrpc.AsBool(f.members[name])
	if !ok && f.members[name] != nil {
		f.reply.fail(f.at(name), "is not a boolean")
	}
	return value
}

func (f fields) inner(name string) fields {
	return fields{f.reply, f.at(name), f.reply.members(f.members[name], f.at(name))}
}

// members treats a value as a struct; an absent value has no members.
func (r *reply) members(value any, place string) xmlrpc.Struct {
	members, ok := value.(xmlrpc.Struct)
	if !ok && value != nil {
		r.fail(place, "is not a struct")
	}
	return members
}

// elements treats a value as an array; an absent value has no elements.
func (r *reply) elements(value any, place string) []any {
	elements, ok := value.([]any)
	if !ok && value != nil {
		r.fail(place, "is not an array")
	}
	return elements
}

// list treats a result as an array: the array itself, or a struct with a single array in
// it.
func (r *reply) list(result any) (elements []any, place string) {
	place = "result"
	if around, ok := result.(xmlrpc.Struct); ok && len(around) <= 1 {
		result = nil
		for name, inner := range around {
			result, place = inner, place+"."+name
		}
	}
	return r.elements(result, place), place
}

func element(place string, position int) string { return fmt.Sprintf("%s[%d]", place, position) }

// row treats an element of an array as a struct, which must be present.
func (r *reply) row(value any, place string) fields {
	if value == nil {
		r.fail(place, "is missing")
	}
	return fields{r, place, r.members(value, place)}
}

// call sends the struct and returns the member "result" of a successful reply, which is
// nil for methods without output.
func (c *Client) call(ctx context.Context, method string, params xmlrpc.Struct) (any, error) {
	value, err := c.rpc.Call(ctx, method, params)
	if fault, ok := errors.AsType[*xmlrpc.Fault](err); ok {
		return nil, newFaultError(method, fault)
	}
	if unsendable, ok := errors.AsType[*xmlrpc.RequestError](err); ok {
		return nil, &InvalidError{Method: method, Problems: []string{unsendable.Err.Error()}}
	}
	if err != nil {
		return nil, failed(method, err)
	}
	answer, ok := value.(xmlrpc.Struct)
	if !ok {
		return nil, malformed(method, "the reply is not a struct")
	}
	status, ok := xmlrpc.AsInt(answer["status"])
	switch {
	case answer["status"] == nil:
		return nil, malformed(method, "status is missing")
	case !ok:
		return nil, malformed(method, "status is not a number of 32 bits")
	case status != 0:
		return nil, newError(method, answer).scrubbed(c.rpc.Secrets(method, params).Scrub)
	}
	return answer["result"], nil
}

// callStruct is call for methods whose result is a struct; a missing result is treated as
// an empty one.
func (c *Client) callStruct(ctx context.Context, method string, params xmlrpc.Struct) (fields, error) {
	result, err := c.call(ctx, method, params)
	if err != nil {
		return fields{}, err
	}
	r := &reply{method: method}
	return fields{r, "result", r.members(result, "result")}, r.trouble
}

// callID is call for methods that return an id. sent is the id that the caller chose,
// which replaces a missing result.
func (c *Client) callID(ctx context.Context, method string, params xmlrpc.Struct, member string, sent int) (int, error) {
	result, err := c.callStruct(ctx, method, params)
	if err != nil {
		return 0, err
	}
	if result.members[member] == nil && sent != 0 {
		return sent, nil
	}
	return result.mustID(member), result.err()
}

// failed adds the method to the error of a call without a usable reply.
func failed(method string, err error) error {
	if reads(method) {
		err = &xmlrpc.ReadError{Err: err}
	}
	return fmt.Errorf("operations: %s: %w", method, err)
}

// malformed is the error of an unusable reply: after a call that changes something, the
// outcome is unknown.
func malformed(method, reason string) error {
	return failed(method, &xmlrpc.MalformedError{Err: errors.New(reason)})
}

// reads reports whether a method only reads, as its name shows.
func reads(method string) bool { return strings.HasPrefix(method, "pem.get") }

// Missing is the error of a reply that lacks something that its caller needs.
func Missing(method, place string) error { return malformed(method, place+" is missing") }
