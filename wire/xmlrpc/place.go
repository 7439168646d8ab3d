package xmlrpc

import (
	"strconv"
	"strings"
)

// placed is an error with the place in the document where it arose: the names of members
// and positions in arrays, outermost first, such as result.name_servers[1]. It contains
// no value.
type placed struct {
	place string
	err   error
}

func (e *placed) Error() string { return e.err.Error() + ", at " + e.place }

func (e *placed) Unwrap() error { return e.err }

// within adds the member or element around the place of an error.
func within(outer string, err error) error {
	inner, ok := err.(*placed) //nolint:errorlint // extends only an error that nothing has wrapped yet
	if !ok {
		return &placed{outer, err}
	}
	if strings.HasPrefix(inner.place, "[") {
		return &placed{outer + inner.place, inner.err}
	}
	return &placed{outer + "." + inner.place, inner.err}
}

func element(position int) string { return "[" + strconv.Itoa(position) + "]" }

// memberName returns a member's name in the form that may be shown. A text that does not
// look like a name may be anything, even a stray value.
func memberName(name string) string {
	if name == "" || len(name) > 64 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return "?"
	}
	return name
}
