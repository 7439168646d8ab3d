package xmlrpc

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// scalar reads the text of a type element, without leading and trailing blanks. wrong
// says what is wrong with the text, without quoting it.
func scalar(kind, text string) (value any, wrong string) {
	switch kind {
	case "i4", "int":
		n, err := strconv.ParseInt(text, 10, 32)
		if errors.Is(err, strconv.ErrRange) {
			return nil, "an integer beyond 32 bits"
		}
		if err == nil {
			return int(n), ""
		}
	case "boolean":
		switch text {
		case "1", "true":
			return true, ""
		case "0", "false":
			return false, ""
		}
	case "double":
		// ParseFloat accepts more than numbers: "inf", "nan", hexadecimal.
		f, err := strconv.ParseFloat(text, 64)
		if err == nil && strings.Trim(text, "0123456789+-.eE") == "" {
			return f, ""
		}
	case "base64":
		data, err := base64.StdEncoding.DecodeString(withoutBlanks(text))
		if err == nil {
			return data, ""
		}
	default: // dateTime.iso8601; both forms occur, and the zone, if any, is UTC
		for _, layout := range []string{isoTime, "20060102T15:04:05Z", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z"} {
			if t, err := time.Parse(layout, text); err == nil && t.Nanosecond() == 0 {
				return t, ""
			}
		}
	}
	return nil, "a bad " + kind
}
