package xmlrpc

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"domainprovisioning/wire/xmltext"
)

const (
	header = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	// isoTime is the only form in the XML-RPC specification, without a zone. We
	// send UTC.
	isoTime = "20060102T15:04:05"
)

// The errors of writing.
var (
	ErrRange     = errors.New("xmlrpc: an integer does not fit into 32 bits")
	ErrCharacter = errors.New("xmlrpc: a string holds a character that XML cannot carry")
)

// EncodeCall writes a method call. A parameter must not be nil, because leaving
// it out would shift the others.
func EncodeCall(method string, params ...any) ([]byte, error) {
	if !validMethod(method) {
		return nil, errors.New("xmlrpc: the method name is not valid")
	}
	b := append([]byte(nil), header...)
	b = append(b, "<methodCall><methodName>"...)
	b = append(b, method...)
	b = append(b, "</methodName><params>"...)
	for i, param := range params {
		if param == nil {
			return nil, fmt.Errorf("xmlrpc: parameter %d is nil", i+1)
		}
		b = append(b, "<param>"...)
		var err error
		if b, err = appendValue(b, param, 1); err != nil {
			return nil, err
		}
		b = append(b, "</param>"...)
	}
	return append(b, "</params></methodCall>\n"...), nil
}

// EncodeResponse writes a reply with a value, which must not be nil.
func EncodeResponse(value any) ([]byte, error) {
	if value == nil {
		return nil, errors.New("xmlrpc: a reply needs a value")
	}
	b := append([]byte(nil), header...)
	b = append(b, "<methodResponse><params><param>"...)
	b, err := appendValue(b, value, 1)
	if err != nil {
		return nil, err
	}
	return append(b, "</param></params></methodResponse>\n"...), nil
}

// EncodeFault writes a fault. It cannot fail: characters that XML cannot carry
// are left out of the text, and a code beyond 32 bits becomes 0.
func EncodeFault(code int, text string) []byte {
	if code < math.MinInt32 || code > math.MaxInt32 {
		code = 0
	}
	clean := strings.Map(func(r rune) rune {
		if !xmltext.Allowed(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	b := append([]byte(nil), header...)
	b = append(b, "<methodResponse><fault>"...)
	// Neither value can be refused now.
	b, _ = appendValue(b, Ordered{{"faultCode", code}, {"faultString", clean}}, 1)
	return append(b, "</fault></methodResponse>\n"...)
}

func validMethod(method string) bool {
	for i := range len(method) {
		c := method[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("_.:/", rune(c)) {
			return false
		}
	}
	return method != "" && len(method) <= 255
}

// appendValue stops at DefaultMaxDepth: every reader would refuse a deeper
// value, and a value that contains itself would never end.
func appendValue(b []byte, value any, depth int) ([]byte, error) {
	if depth > DefaultMaxDepth {
		return nil, ErrTooDeep
	}
	b = append(b, "<value>"...)
	var err error
	switch v := value.(type) {
	case string:
		b, err = appendText(append(b, "<string>"...), v)
		b = append(b, "</string>"...)
	case Untyped:
		b, err = appendText(b, string(v))
	case int:
		b, err = appendInt(b, int64(v))
	case int32:
		b, err = appendInt(b, int64(v))
	case int64:
		b, err = appendInt(b, v)
	case bool:
		digit := byte('0')
		if v {
			digit = '1'
		}
		b = append(append(append(b, "<boolean>"...), digit), "</boolean>"...)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("xmlrpc: a double must be a finite number")
		}
		b = strconv.AppendFloat(append(b, "<double>"...), v, 'f', -1, 64)
		b = append(b, "</double>"...)
	case Fixed2:
		b = append(append(append(b, "<double>"...), v.String()...), "</double>"...)
	case []byte:
		b = base64.StdEncoding.AppendEncode(append(b, "<base64>"...), v)
		b = append(b, "</base64>"...)
	case time.Time:
		if year := v.UTC().Year(); year < 0 || year > 9999 {
			return nil, errors.New("xmlrpc: a date needs a year of four digits")
		}
		b = v.UTC().AppendFormat(append(b, "<dateTime.iso8601>"...), isoTime)
		b = append(b, "</dateTime.iso8601>"...)
	case []any:
		b, err = appendArray(b, v, depth)
	case Struct:
		b = append(b, "<struct>"...)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if b, err = appendMember(b, name, v[name], depth); err != nil {
				return nil, err
			}
		}
		b = append(b, "</struct>"...)
	case Ordered:
		b = append(b, "<struct>"...)
		for _, member := range v {
			if b, err = appendMember(b, member.Name, member.Value, depth); err != nil {
				return nil, err
			}
		}
		b = append(b, "</struct>"...)
	default:
		return nil, fmt.Errorf("xmlrpc: a value of type %T cannot be sent", value)
	}
	if err != nil {
		return nil, err
	}
	return append(b, "</value>"...), nil
}

func appendArray(b []byte, elements []any, depth int) ([]byte, error) {
	b = append(b, "<array><data>"...)
	for i, value := range elements {
		if value == nil {
			continue
		}
		var err error
		if b, err = appendValue(b, value, depth+1); err != nil {
			return nil, within(element(i), err)
		}
	}
	return append(b, "</data></array>"...), nil
}

func appendMember(b []byte, name string, value any, depth int) ([]byte, error) {
	if value == nil {
		return b, nil
	}
	b, err := appendText(append(b, "<member><name>"...), name)
	if err != nil {
		return nil, err
	}
	b, err = appendValue(append(b, "</name>"...), value, depth+1)
	if err != nil {
		return nil, within(memberName(name), err)
	}
	return append(b, "</member>"...), nil
}

func appendInt(b []byte, v int64) ([]byte, error) {
	if v < math.MinInt32 || v > math.MaxInt32 {
		return nil, ErrRange
	}
	b = strconv.AppendInt(append(b, "<i4>"...), v, 10)
	return append(b, "</i4>"...), nil
}

// String returns the form with two decimals, such as "12.50" or "-0.05".
func (f Fixed2) String() string {
	// In two's complement this is the magnitude, even of the smallest int64.
	sign, n := "", uint64(f) //nolint:gosec // see above
	if f < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// appendText refuses characters that XML cannot carry instead of changing them
// silently: a name or a password must arrive unchanged or not at all.
func appendText(b []byte, s string) ([]byte, error) {
	done := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		var escape string
		switch {
		case r == utf8.RuneError && size == 1, !xmltext.Allowed(r):
			return nil, ErrCharacter
		case r == '&':
			escape = "&amp;"
		case r == '<':
			escape = "&lt;"
		case r == '>':
			escape = "&gt;"
		case r == '\r': // a bare one would be read back as a line feed
			escape = "&#13;"
		}
		if escape != "" {
			b = append(append(b, s[done:i]...), escape...)
			done = i + size
		}
		i += size
	}
	return append(b, s[done:]...), nil
}
