package xmlrpc

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// scalar reads the text of a type element, without blanks at its ends.
func scalar(kind, text string) (any, bool) {
	switch kind {
	case "i4", "int":
		n, err := strconv.ParseInt(text, 10, 32)
		return int(n), err == nil
	case "boolean":
		switch text {
		case "1", "true":
			return true, true
		case "0", "false":
			return false, true
		}
		return nil, false
	case "double":
		// ParseFloat takes more than numbers: "inf", "nan", hexadecimal.
		if strings.Trim(text, "0123456789+-.eE") != "" {
			return nil, false
		}
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	case "base64":
		data, err := base64.StdEncoding.DecodeString(withoutBlanks(text))
		return data, err == nil
	default: // dateTime.iso8601; both forms are met, and the zone is UTC if any
		for _, layout := range []string{isoTime, "20060102T15:04:05Z", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z"} {
			if t, err := time.Parse(layout, text); err == nil && t.Nanosecond() == 0 {
				return t, true
			}
		}
		return nil, false
	}
}
