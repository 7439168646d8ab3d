package domains

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/bidirule"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// There are two ways to a Name. Ordered, OrderedName and OrderedHost read what somebody
// orders: they register exactly what was typed or refuse it (RFC 5891, section 4). Only
// case, width and NFC are mapped (RFC 5895). ParseName reads what was registered once: rows
// of ours, histories, replies of registrars. It is as lenient as a resolver (UTS 46), and
// must go on reading what it ever read.

// maxLabelLength is the longest label in A-label form (RFC 1035).
const maxLabelLength = 63

const acePrefix = "xn--"

// NameError says why a name or a label cannot be ordered.
type NameError struct {
	// Problem completes the sentence "the name ...".
	Problem string
}

func (e *NameError) Error() string { return "domains: the name " + e.Problem }

func badName(format string, args ...any) *NameError {
	return &NameError{Problem: fmt.Sprintf(format, args...)}
}

// Ordered returns the name of a label that somebody orders under a plan's top-level domain
// or registry suffix, such as "example" or "com.au". It has exactly one label more than the
// suffix. Blanks around the label and one final full stop are dropped. An A-label ("xn--")
// is taken if it is the only possible form of what it stands for. The error is a *NameError.
func Ordered(label, tld string) (Name, error) {
	suffix, err := ParseTLD(tld)
	if err != nil {
		return Name{}, badName("is ordered under a top-level domain that is not valid")
	}
	typed := typed(label)
	if typed == "" {
		return Name{}, badName("is empty")
	}
	ascii, problem := orderedLabel(typed)
	if problem != nil {
		return Name{}, badName("%s", problem.in(0))
	}
	return orderedName(append([]string{ascii}, strings.Split(suffix, ".")...))
}

// OrderedName returns a whole name that somebody orders, of at least two labels, by the
// rules of Ordered. Ideographic full stops separate labels, too. The error is a *NameError.
func OrderedName(full string) (Name, error) {
	typed := typed(full)
	if typed == "" {
		return Name{}, badName("is empty")
	}
	labels := strings.FieldsFunc(typed, isFullStop)
	if len(labels) != strings.Count(strings.Map(plainFullStop, typed), ".")+1 {
		return Name{}, badName("has an empty label: two full stops in a row, or one at the beginning")
	}
	for i, label := range labels {
		ascii, problem := orderedLabel(label)
		if problem != nil {
			return Name{}, badName("%s", problem.in(i+1))
		}
		labels[i] = ascii
	}
	return orderedName(labels)
}

// OrderedHost returns the name of a host that somebody orders as a name server, by the
// rules of OrderedName, in A-label form. The error is a *NameError.
func OrderedHost(host string) (string, error) {
	name, err := OrderedName(host)
	return name.String(), err
}

// typed drops the blanks around what was typed, and one final full stop.
func typed(s string) string {
	s = strings.Trim(s, " \t")
	if last, size := utf8.DecodeLastRuneInString(s); isFullStop(last) {
		return s[:len(s)-size]
	}
	return s
}

// isFullStop reports whether the character separates labels (RFC 5895, section 2.4, with
// the wide and narrow forms).
func isFullStop(r rune) bool { return plainFullStop(r) == '.' }

func plainFullStop(r rune) rune {
	switch r {
	case '\u3002', '\uFF0E', '\uFF61':
		return '.'
	}
	return r
}

// orderedName checks what concerns all labels together; they are in A-label form.
func orderedName(labels []string) (Name, error) {
	ascii := strings.Join(labels, ".")
	switch {
	case len(labels) < 2:
		return Name{}, badName("has no top-level domain")
	case isDigits(labels[len(labels)-1]):
		return Name{}, badName("ends with a number, as an address does")
	case len(ascii) > MaxNameLength:
		return Name{}, badName("is %d characters long in the form that registries keep, and at most %d are possible", len(ascii), MaxNameLength)
	}
	// One label from right to left makes the rule of RFC 5893 apply to all.
	unicode, err := idna.Punycode.ToUnicode(ascii)
	if err != nil {
		return Name{}, badName("is not valid in its coded form")
	}
	if bidirule.DirectionString(unicode) != bidi.LeftToRight {
		for label := range strings.SplitSeq(unicode, ".") {
			if !bidirule.ValidString(label) {
				return Name{}, badName("mixes characters that are written from right to left with others, in an order that is not allowed (RFC 5893)")
			}
		}
	}
	// What is sold must be read again, from rows and from replies. Resolvers refuse a few
	// names more than RFC 5891 does, such as "א--1": they count two octets before the hyphens.
	if again, err := ParseName(ascii); err != nil || again.ascii != ascii {
		return Name{}, badName("is one that resolvers do not take (UTS 46)")
	}
	return Name{ascii: ascii}, nil
}

// orderedLabel returns the A-label of a label that is not empty.
func orderedLabel(typed string) (string, *labelProblem) {
	if !utf8.ValidString(typed) {
		return "", &labelProblem{text: "holds bytes that are no text in UTF-8"}
	}
	if len(typed) > 16*maxLabelLength { // no composition makes it short enough
		return "", &labelProblem{text: fmt.Sprintf("is far too long: a label has at most %d characters", maxLabelLength)}
	}
	// Composed first: the places are those that people count, and a letter with a mark is
	// one letter in the table.
	label, problem := mapLabel([]rune(norm.NFC.String(typed)))
	if problem != nil {
		return "", problem
	}
	if !strings.HasPrefix(label, acePrefix) {
		return aLabel(label)
	}
	decoded, err := idna.Punycode.ToUnicode(label)
	if err != nil || decoded == "" {
		return "", &labelProblem{text: `begins with "xn--" and stands for no name`}
	}
	again, problem := aLabel(decoded)
	if problem != nil {
		problem.text = fmt.Sprintf("stands for %q, which %s", decoded, problem.text)
		return "", problem
	}
	if again != label {
		return "", &labelProblem{text: fmt.Sprintf("stands for %q, whose coded form is %s", decoded, again)}
	}
	return label, nil
}

// mapLabel maps case and width of each character, and composes what width has taken apart.
func mapLabel(typed []rune) (string, *labelProblem) {
	var b strings.Builder
	for i, r := range typed {
		switch s, to := character(r); {
		case s == refused:
			return "", &labelProblem{text: "holds " + shown(r), place: i + 1, reason: reason(r)}
		case s == mapped && r == 'Σ' && endsWord(typed, i):
			return "", &labelProblem{text: `holds "Σ" (U+03A3)`, place: i + 1,
				reason: `whose small letter at the end of a word may be "σ" or "ς": write the one that is meant`}
		case s == mapped:
			b.WriteString(to)
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String()), nil
}

// aLabel checks a U-label, or a label of ASCII, and gives its A-label.
func aLabel(label string) (string, *labelProblem) {
	runes := []rune(label)
	if problem := outOfPlace(label, runes); problem != nil {
		return "", problem
	}
	// A coded form is never shorter than what it stands for.
	if len(runes) <= maxLabelLength {
		if ascii, err := idna.Punycode.ToASCII(label); err == nil && len(ascii) <= maxLabelLength {
			return ascii, nil
		}
	}
	form := "is"
	if len(label) != len(runes) {
		form = "is in the form that registries keep"
	}
	return "", &labelProblem{text: fmt.Sprintf("%s longer than %d characters", form, maxLabelLength)}
}
