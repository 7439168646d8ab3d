package domains

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// labelProblem says what is wrong with a label.
type labelProblem struct {
	text   string // completes "the name ..."
	place  int    // of the character, from 1, or 0
	reason string // follows the place
}

// in gives the whole text, for the label of that number; 0: there is only one.
func (p labelProblem) in(label int) string {
	text := p.text
	if p.place > 0 {
		text += fmt.Sprintf(" at character %d", p.place)
	}
	if label > 0 {
		text += fmt.Sprintf(" in label %d", label)
	}
	if p.reason != "" {
		text += ", " + p.reason
	}
	return text
}

// shown is a character for people, with its number.
func shown(r rune) string {
	switch {
	case r == ' ':
		return "a blank"
	case unicode.IsControl(r):
		return fmt.Sprintf("a control character (U+%04X)", r)
	case unicode.Is(unicode.M, r):
		return fmt.Sprintf(`"◌%c" (U+%04X)`, r, r)
	case !unicode.IsPrint(r):
		return fmt.Sprintf("an invisible character (U+%04X)", r)
	}
	return fmt.Sprintf(`"%c" (U+%04X)`, r, r)
}

// reason says why a character is refused and, if that can be told, what may be meant.
func reason(r rune) string {
	const cannot = "which a domain name cannot have"
	switch {
	case isFullStop(r):
		return "and only one label is taken here"
	case r == 'İ':
		return `whose small letter depends on the language: write "i" or "ı"`
	case unicode.In(r, unicode.Dash, unicode.Hyphen) || r == '_' || r == '\u00AD':
		return cannot + ": a hyphen may be meant"
	}
	var meant strings.Builder
	for _, part := range norm.NFKC.String(string(r)) {
		s, to := character(part)
		switch s {
		case refused:
			return cannot
		case mapped:
			meant.WriteString(to)
		default:
			meant.WriteRune(part)
		}
	}
	return fmt.Sprintf("%s: %q may be meant", cannot, meant.String())
}

// endsWord reports whether the character at i ends a word: a letter before it, and none
// behind it.
func endsWord(runes []rune, i int) bool {
	letter := func(r rune) bool { return unicode.In(r, unicode.L, unicode.M) }
	return i > 0 && letter(runes[i-1]) && (i == len(runes)-1 || !letter(runes[i+1]))
}

// outOfPlace checks characters and hyphens by RFC 5891, section 4.2.3, and the rules for
// characters that are valid in some contexts only (RFC 5892, appendix A).
func outOfPlace(label string, runes []rune) *labelProblem {
	switch {
	case !norm.NFC.IsNormalString(label):
		return &labelProblem{text: "is not composed (NFC)"}
	case runes[0] == '-':
		return &labelProblem{text: "begins with a hyphen"}
	case runes[len(runes)-1] == '-':
		return &labelProblem{text: "ends with a hyphen"}
	case len(runes) > 3 && runes[2] == '-' && runes[3] == '-':
		return &labelProblem{text: `has hyphens at characters 3 and 4, which only coded names ("xn--") have`}
	case unicode.Is(unicode.M, runes[0]):
		return &labelProblem{text: "begins with " + shown(runes[0]) + ", which must follow a letter"}
	}
	for i, r := range runes {
		switch s, _ := character(r); s {
		case refused, mapped:
			return &labelProblem{text: "holds " + shown(r), place: i + 1, reason: reason(r)}
		case contextual, joiner:
			if rule := brokenContext(runes, i); rule != "" {
				return &labelProblem{text: "holds " + shown(r), place: i + 1, reason: rule}
			}
		}
	}
	return nil
}

// brokenContext returns the rule that the character at i breaks, or "".
func brokenContext(runes []rune, i int) string {
	near := func(at int, allowed *unicode.RangeTable) bool {
		return at >= 0 && at < len(runes) && unicode.Is(allowed, runes[at])
	}
	switch r := runes[i]; {
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
		if !afterVirama(runes, i) && (r == zeroWidthJoiner || !betweenJoining(runes, i)) {
			return "which a domain name can have only where the script changes its form"
		}
	case r == '\u00B7': // middle dot
		if i == 0 || i == len(runes)-1 || runes[i-1] != 'l' || runes[i+1] != 'l' {
			return `which a domain name can have only between two letters "l"`
		}
	case r == '\u0375': // Greek lower numeral sign
		if !near(i+1, unicode.Greek) {
			return "which a domain name can have only before a Greek letter"
		}
	case r == '\u05F3', r == '\u05F4': // Hebrew geresh, gershayim
		if !near(i-1, unicode.Hebrew) {
			return "which a domain name can have only after a Hebrew letter"
		}
	case r == '\u30FB': // Katakana middle dot
		if !slices.ContainsFunc(runes, func(r rune) bool {
			return r != '\u30FB' && unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)
		}) {
			return "which a domain name can have only beside Japanese characters"
		}
	case isArabicDigit(r):
		// Digits of one kind only: 0660 to 0669, or 06F0 to 06F9.
		if slices.ContainsFunc(runes, func(other rune) bool { return isArabicDigit(other) && other>>4 != r>>4 }) {
			return "which cannot stand beside digits of the other Arabic kind"
		}
	}
	return ""
}

func isArabicDigit(r rune) bool {
	return r >= '\u0660' && r <= '\u0669' || r >= '\u06F0' && r <= '\u06F9'
}

const (
	zeroWidthNonJoiner = '\u200C'
	zeroWidthJoiner    = '\u200D'
)

// afterVirama reports whether a virama, which marks the lack of a vowel, stands before i.
func afterVirama(runes []rune, i int) bool {
	const virama = 9 // combining class
	return i > 0 && norm.NFC.PropertiesString(string(runes[i-1])).CCC() == virama
}

// betweenJoining reports whether letters that would join stand around i, marks aside.
func betweenJoining(runes []rune, i int) bool {
	mark := func(r rune) bool { return unicode.Is(unicode.Mn, r) }
	before, after := i-1, i+1
	for before >= 0 && mark(runes[before]) {
		before--
	}
	for after < len(runes) && mark(runes[after]) {
		after++
	}
	return before >= 0 && joins(runes[before], leftJoining, dualJoining) &&
		after < len(runes) && joins(runes[after], rightJoining, dualJoining)
}
