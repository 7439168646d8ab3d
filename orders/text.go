package orders

import (
	"fmt"
	"strings"

	"domainprovisioning/wire/xmltext"
)

// nameProblem says why the name of a slot does not survive writing and reading; "" for
// one that does.
func nameProblem(name string) string {
	if strings.Contains(name, pairSeparator) || strings.TrimSpace(name) != name {
		return `must not hold "=" or outer blanks in its name`
	}
	return ""
}

// textProblem says why a text cannot travel, and where; "" for one that can. Operations,
// Billing and most registrars speak XML, which has no way to write some characters.
// oneLine refuses line breaks too. The text itself is not quoted.
func textProblem(text string, oneLine bool) string {
	at := 0
	for _, char := range text {
		at++
		switch {
		case !xmltext.Allowed(char):
			return fmt.Sprintf("holds a character that cannot be sent: U+%04X, at character %d", char, at)
		case oneLine && breaksLine(char):
			return fmt.Sprintf("must be one line: it holds a line break, U+%04X, at character %d", char, at)
		}
	}
	return ""
}

func breaksLine(char rune) bool {
	switch char {
	case '\n', '\v', '\f', '\r', 0x85, 0x2028, 0x2029: // as Unicode has them (UAX #14, class BK, CR, LF, NL)
		return true
	}
	return false
}
