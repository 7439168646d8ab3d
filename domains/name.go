// Package domains holds the value types that all packages share: domain names,
// name servers, contacts and secrets. It is pure: no I/O, no clock, no import
// of another package of this project. Every value is normalised once, where it
// is parsed, so that two equal names compare equal with == everywhere else.
package domains

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/idna"
)

// MaxNameLength is the longest domain name in ASCII form, without the final
// dot (RFC 1035 counts 255 octets on the wire, which leaves 253 characters).
const MaxNameLength = 253

// profile follows UTS 46 non-transitional processing as registries use it:
// names are mapped (case folded), checked for bidi rules and hyphens, and
// turned into ACE form. Labels and the whole name are checked for length.
var profile = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.BidiRule(),
	idna.StrictDomainName(true),
	idna.VerifyDNSLength(true),
)

// Name is a fully qualified domain name of at least two labels in lower-case
// ACE ("xn--") form without a final dot. The zero Name is "no name".
type Name struct{ ascii string }

// ParseName normalises a domain name given in Unicode or ACE form, in any case
// and with or without one final dot. It is for names that exist: rows, histories, replies
// of registrars, look-ups. An ordered name is read by Ordered or OrderedName, which map
// less and refuse more; every name that they give is read here as itself. It refuses a bare label, an IP address, an
// empty or over-long label (63) and a name longer than MaxNameLength.
func ParseName(s string) (Name, error) {
	ascii, err := normalise(s)
	if err != nil {
		return Name{}, err
	}
	dot := strings.LastIndexByte(ascii, '.')
	if dot < 0 {
		return Name{}, fmt.Errorf("domains: %q has no top-level domain", s)
	}
	if isDigits(ascii[dot+1:]) {
		return Name{}, fmt.Errorf("domains: %q is not a domain name", s)
	}
	return Name{ascii: ascii}, nil
}

// MustParseName is ParseName for constants in tests and examples; it panics on
// a bad name.
func MustParseName(s string) Name {
	name, err := ParseName(s)
	if err != nil {
		panic(err)
	}
	return name
}

// Join returns the name of a label under a top-level domain such as "example"
// or "com.au". Orders name a domain this way: the label is in the order, and
// the top-level domain in the plan.
func Join(label, tld string) (Name, error) {
	label = strings.TrimSpace(label)
	if strings.Contains(label, ".") {
		return Name{}, fmt.Errorf("domains: %q must be a label without a dot", label)
	}
	if label == "" {
		return Name{}, errors.New("domains: the label is empty")
	}
	return ParseName(label + "." + strings.Trim(tld, "."))
}

// ParseTLD normalises a top-level domain or registry suffix such as "EXAMPLE",
// ".com.au" or "рф" to lower-case ACE form without dots at its ends.
func ParseTLD(s string) (string, error) {
	return normalise(strings.TrimPrefix(strings.TrimSpace(s), "."))
}

func normalise(s string) (string, error) {
	trimmed := strings.TrimSuffix(strings.TrimSpace(s), ".")
	if trimmed == "" {
		return "", errors.New("domains: the name is empty")
	}
	// Longer input cannot become a valid name; refuse it before the Unicode tables
	// process it. A Unicode label may take four bytes per character.
	if len(trimmed) > 4*MaxNameLength {
		return "", fmt.Errorf("domains: the name is longer than %d characters", MaxNameLength)
	}
	ascii, err := profile.ToASCII(trimmed)
	if err != nil {
		return "", fmt.Errorf("domains: %q is not a valid name: %w", trimmed, err)
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if !isHostLabel(label) {
			return "", fmt.Errorf("domains: %q is not a valid name: bad label %q", trimmed, label)
		}
	}
	return ascii, nil
}

// String returns the ACE form, which every API takes that this project calls.
func (n Name) String() string { return n.ascii }

// Unicode returns the form for people. A label that does not decode stays in
// ACE form.
func (n Name) Unicode() string {
	u, err := idna.Display.ToUnicode(n.ascii)
	if err != nil {
		return n.ascii
	}
	return u
}

// TLD returns the last label. Only the plan knows a registry suffix of several
// labels ("com.au"); see orders.Catalog.
func (n Name) TLD() string { return n.ascii[strings.LastIndexByte(n.ascii, '.')+1:] }

// IsZero reports whether n is the zero Name, "no name".
func (n Name) IsZero() bool { return n.ascii == "" }

// MarshalText writes the ACE form.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.ascii), nil }

// UnmarshalText parses as ParseName does; empty text gives the zero Name.
func (n *Name) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*n = Name{}
		return nil
	}
	parsed, err := ParseName(string(text))
	if err != nil {
		return err
	}
	*n = parsed
	return nil
}

func isDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}
