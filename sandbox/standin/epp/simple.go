package epp

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// How a simple type treats white space, by XML Schema.
const (
	preserve = iota
	replace  // tab and line ends become blanks
	collapse // and sequences of blanks one, none at the ends
)

// simple is a simple type of a schema.
type simple struct {
	space int
	rule  func(value string) string // what is wrong with a value; "": nothing
}

// read normalises a value and says what is wrong with it.
func (s simple) read(value string) (normalised, wrong string) {
	switch s.space {
	case replace:
		value = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(value)
	case collapse:
		value = strings.Join(strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\n\r", r) }), " ")
	}
	if s.rule == nil {
		return value, ""
	}
	return value, s.rule(value)
}

// token is xs:token with bounds of its length in characters; most 0: none.
func token(least, most int) simple { return simple{collapse, length(least, most)} }

// line is xs:normalizedString with such bounds.
func line(least, most int) simple { return simple{replace, length(least, most)} }

func length(least, most int) func(string) string {
	return func(value string) string {
		switch n := utf8.RuneCountInString(value); {
		case n < least:
			return fmt.Sprintf("must have at least %d characters, and has %d", least, n)
		case most > 0 && n > most:
			return fmt.Sprintf("must have at most %d characters, and has %d", most, n)
		}
		return ""
	}
}

// words is an enumeration of tokens.
func words(list ...string) simple {
	return simple{collapse, func(value string) string {
		if slices.Contains(list, value) {
			return ""
		}
		return "must be one of " + strings.Join(list, ", ")
	}}
}

// like is a token with a pattern and bounds of its length.
func like(pattern string, least, most int) simple {
	expression := regexp.MustCompile("^(?:" + pattern + ")$")
	return simple{collapse, func(value string) string {
		if !expression.MatchString(value) {
			return "must match " + pattern
		}
		return length(least, most)(value)
	}}
}

// whole is an unsigned integer, which takes no sign. Blanks around it are refused: XML Schema removes
// them, but libxml2 does not (docs/protocols/epp.md, section 3).
func whole(least, most int64) simple { return integer(`^[0-9]+$`, least, most) }

func integer(form string, least, most int64) simple {
	digits := regexp.MustCompile(form)
	return simple{preserve, func(value string) string {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && digits.MatchString(value) && n >= least && n <= most {
			return ""
		}
		return fmt.Sprintf("must be a whole number from %d to %d without blanks", least, most)
	}}
}

var (
	text     = simple{preserve, nil}
	anyToken = token(0, 0)
	uri      = simple{collapse, func(value string) string {
		if _, err := url.Parse(value); err != nil {
			return "must be a URI"
		}
		return ""
	}}
	language = like(`[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*`, 1, 0)
	boolean  = words("true", "false", "1", "0")
	clID     = token(3, 16)
	label    = token(1, 255)
	address  = token(3, 45)
	password = token(6, 16)
	roid     = like(`[\p{L}\p{N}_]{1,80}-[\p{L}\p{N}]{1,8}`, 1, 0)
	e164     = like(`(\+[0-9]{1,3}\.[0-9]{1,14})?`, 0, 17)
	currency = simple{preserve, like(`[A-Z]{3}`, 3, 3).rule}
	octet    = whole(0, 255)
	short    = whole(0, 65535)

	hexBinary = simple{collapse, func(value string) string {
		if len(value)%2 == 0 && strings.Trim(value, "0123456789abcdefABCDEF") == "" {
			return ""
		}
		return "must be an even number of hexadecimal digits"
	}}
	base64Binary = simple{collapse, func(value string) string {
		raw, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(value, " ", ""))
		if err == nil && len(raw) > 0 {
			return ""
		}
		return "must be base64 of at least one octet"
	}}
	feeAmount = simple{preserve, func(value string) string {
		if !decimalForm.MatchString(value) || strings.HasPrefix(value, "-") && strings.Trim(value, "-0.") != "" {
			return "must be a decimal number of at least 0 without blanks"
		}
		return ""
	}}
	credit = simple{preserve, func(value string) string {
		if !decimalForm.MatchString(value) || !strings.HasPrefix(value, "-") && strings.Trim(value, "+0.") != "" {
			return "must be a decimal number of at most 0 without blanks"
		}
		return ""
	}}
	date = simple{preserve, func(value string) string {
		if dateForm.MatchString(value) {
			if _, err := time.Parse(time.DateOnly, value[:10]); err == nil {
				return ""
			}
		}
		return "must be a date without a time, such as 2026-04-03"
	}}
	dateTime = simple{preserve, func(value string) string {
		if _, ok := readTime(value); ok {
			return ""
		}
		return "must be a date and time, such as 2026-04-03T22:00:00.0Z"
	}}
	duration = like(`-?P([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?`, 3, 0)

	decimalForm  = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$`)
	dateForm     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?$`)
	dateTimeForm = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?$`)
)

// readTime reads xs:dateTime with a year of four digits; without a zone it is UTC.
func readTime(value string) (time.Time, bool) {
	parts := dateTimeForm.FindStringSubmatch(value)
	if parts == nil {
		return time.Time{}, false
	}
	day, clock, zone := parts[1], parts[2], parts[4]
	later := 0
	if clock == "24:00:00" && strings.Trim(parts[3], ".0") == "" {
		clock, later = "00:00:00", 1
	}
	if zone == "" {
		zone = "Z"
	}
	at, err := time.Parse(time.RFC3339, day+"T"+clock+parts[3]+zone)
	return at.AddDate(0, 0, later), err == nil
}
