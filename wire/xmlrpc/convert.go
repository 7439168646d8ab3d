package xmlrpc

import (
	"math"
	"strconv"
	"strings"
)

// AsInt reads an int leniently: an int, or digits in a string (as bigints and
// the properties of errors are sent), in 32 bits.
func AsInt(value any) (int, bool) {
	switch v := value.(type) {
	case int:
		return v, v >= math.MinInt32 && v <= math.MaxInt32
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32)
		return int(n), err == nil
	}
	return 0, false
}

// AsString reads a string leniently: a string, or an int in decimal digits.
// Blanks are kept.
func AsString(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case int:
		return strconv.Itoa(v), true
	}
	return "", false
}

// AsBool reads a boolean leniently: a boolean, or 0 and 1 as int or string.
func AsBool(value any) (bool, bool) {
	if v, ok := value.(bool); ok {
		return v, true
	}
	n, ok := AsInt(value)
	return n == 1, ok && (n == 0 || n == 1)
}
