package operations

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"domainprovisioning/wire/xmlrpc"
)

// reply keeps the first trouble of one reply. Each trouble names its place, such as
// result.name_servers[1], and no value.
type reply struct {
	method  string
	trouble error
}

func (r *reply) fail(place, wrong string) {
	if r.trouble == nil {
		r.trouble = malformed(r.method, place+" "+wrong)
	}
}

// fields reads the members of a struct in a reply. What is absent is the zero value. What
// is there and cannot be what it should makes the whole reply unreadable: ask err in the
// end, before anything that was read is used.
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

// id reads an id. 0 stands for none, as it does where something has no owner any more.
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

// mustID reads an id that must be there.
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

// members takes a value for a struct; an absent one has no members.
func (r *reply) members(value any, place string) xmlrpc.Struct {
	members, ok := value.(xmlrpc.Struct)
	if !ok && value != nil {
		r.fail(place, "is not a struct")
	}
	return members
}

// elements takes a value for an array; an absent one has no elements.
func (r *reply) elements(value any, place string) []any {
	elements, ok := value.([]any)
	if !ok && value != nil {
		r.fail(place, "is not an array")
	}
	return elements
}

// list takes a result for an array: the array itself, or a struct around a single one.
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

// row takes an element of an array for a struct, which must be there.
func (r *reply) row(value any, place string) fields {
	if value == nil {
		r.fail(place, "is missing")
	}
	return fields{r, place, r.members(value, place)}
}

// call sends the one struct and returns the member "result" of a successful
// reply, which is nil for methods without output.
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
		return nil, newError(method, answer)
	}
	return answer["result"], nil
}

// callStruct is call for methods whose result is a struct; a missing one is empty.
func (c *Client) callStruct(ctx context.Context, method string, params xmlrpc.Struct) (fields, error) {
	result, err := c.call(ctx, method, params)
	if err != nil {
		return fields{}, err
	}
	r := &reply{method: method}
	return fields{r, "result", r.members(result, "result")}, r.trouble
}

// callID is call for methods that return an id. sent is the id that the caller
// chose, which stands in for a result that is missing.
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

// failed adds the method to what became of a call without a usable reply.
func failed(method string, err error) error {
	if reads(method) {
		err = &xmlrpc.ReadError{Err: err}
	}
	return fmt.Errorf("operations: %s: %w", method, err)
}

// malformed is a reply that cannot be used: after a call that changes something, the
// outcome is unknown.
func malformed(method, reason string) error {
	return failed(method, &xmlrpc.MalformedError{Err: errors.New(reason)})
}

// reads reports whether a method only reads, which the API says in its name.
func reads(method string) bool { return strings.HasPrefix(method, "pem.get") }

// Missing is the error of a reply that lacks what one of its callers cannot do without.
func Missing(method, place string) error { return malformed(method, place+" is missing") }
