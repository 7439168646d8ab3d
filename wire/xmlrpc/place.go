package xmlrpc

import (
	"strconv"
	"strings"
)

// placed is an error with the place in the document where it arose: names of members and
// positions in arrays, from the outermost on, such as result.name_servers[1]. No value is
// in it.
type placed struct {
	place string
	err   error
}

func (e *placed) Error() string { return e.err.Error() + ", at " + e.place }

func (e *placed) Unwrap() error { return e.err }

// within adds the member or element around the place of an error.
func within(outer string, err error) error {
	inner, ok := err.(*placed) //nolint:errorlint // only one that nothing has wrapped yet is extended
	if !ok {
		return &placed{outer, err}
	}
	if strings.HasPrefix(inner.place, "[") {
		return &placed{outer + inner.place, inner.err}
	}
	return &placed{outer + "." + inner.place, inner.err}
}

func element(position int) string { return "[" + strconv.Itoa(position) + "]" }

// memberName is a member's name as it is shown. One that does not look like a name may be
// anything, a value that has strayed there among others.
func memberName(name string) string {
	if name == "" || len(name) > 64 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return "?"
	}
	return name
}
