package domains

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone is a telephone number in the parts that order systems send. Each part
// consists of digits; CountryCode has no "+".
type Phone struct {
	CountryCode string `json:"countryCode,omitempty"`
	AreaCode    string `json:"areaCode,omitempty"`
	Number      string `json:"number,omitempty"`
	Extension   string `json:"extension,omitempty"`
}

// maxPhoneDigits is the longest number without its extension (ITU-T E.164).
const maxPhoneDigits = 15

// phoneSeparators may stand between the digits, and are dropped.
const phoneSeparators = " .-/()"

// IsZero reports whether no number is given.
func (p Phone) IsZero() bool { return p.Number == "" }

// E164 returns "+CCNNN" without separators, or "" if no number is given. It is made of
// the parts of International, without the extension.
func (p Phone) E164() string {
	if p.IsZero() {
		return ""
	}
	p = p.International()
	return "+" + p.CountryCode + p.AreaCode + p.Number
}

// EPP returns "+CC.NNN", as EPP (RFC 5733) and what comes of it write numbers, without the extension;
// "" if no number or no country code is given.
func (p Phone) EPP() string {
	if p.IsZero() || p.CountryCode == "" {
		return ""
	}
	p = p.International()
	return "+" + p.CountryCode + "." + p.AreaCode + p.Number
}

// International returns the parts as they are dialled from abroad: only digits, no
// international prefix ("0049") before the country code, and no national one before the
// rest, where the country's plan has one ("089" in Germany; Italy keeps its zero). No
// other digit changes.
func (p Phone) International() Phone {
	p = p.normalised()
	p.CountryCode = strings.TrimPrefix(p.CountryCode, "00")
	cut := len(p.AreaCode+p.Number) - len(p.national())
	area := min(cut, len(p.AreaCode))
	p.AreaCode, p.Number = p.AreaCode[area:], p.Number[cut-area:]
	return p
}

// national returns area code and number without the national prefix.
func (p Phone) national() string {
	digits := p.AreaCode + p.Number
	number, err := p.parse()
	if err != nil {
		return digits
	}
	// The library also takes off what is dialled to choose a carrier, and puts mobile
	// prefixes in for some countries. Only the plain national prefix is dropped here.
	region := phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode()))
	prefix := phonenumbers.GetNddPrefixForRegion(region, true)
	if rest := phonenumbers.GetNationalSignificantNumber(number); prefix+rest == digits {
		return rest
	}
	return digits
}

// parse reads normalised parts by the numbering plans.
func (p Phone) parse() (*phonenumbers.PhoneNumber, error) {
	number, err := phonenumbers.Parse("+"+p.CountryCode+p.AreaCode+p.Number, "")
	if err != nil {
		return nil, fmt.Errorf("domains: telephone number: %w", err)
	}
	if strconv.Itoa(int(number.GetCountryCode())) != p.CountryCode {
		return nil, errNoCountryCode
	}
	return number, nil
}

var errNoCountryCode = errors.New("domains: telephone number: not a country code")

// Problems returns what is wrong with a number that somebody orders, by the names of the
// parts in JSON. Separators are fine. What is refused is what would become another number
// without notice, a code that no country has, and what its numbering plan does not have.
func (p Phone) Problems() []Problem {
	var problems []Problem
	for _, part := range []struct{ field, value string }{
		{"countryCode", strings.TrimPrefix(strings.TrimSpace(p.CountryCode), "+")},
		{"areaCode", p.AreaCode}, {"number", p.Number}, {"extension", p.Extension},
	} {
		if strings.ContainsFunc(part.value, notInPhone) {
			problems = append(problems, Problem{part.field, "must hold only digits, and blank . - / ( ) between them"})
		}
	}
	if problems != nil {
		return problems
	}
	digits, there := p.normalised(), p.International()
	code, _ := strconv.Atoi(there.CountryCode)
	switch {
	case there.CountryCode == "":
		problems = append(problems, Problem{"countryCode", missing})
	case !phonenumbers.GetSupportedCallingCodes()[code] || strconv.Itoa(code) != there.CountryCode:
		problems = append(problems, Problem{"countryCode", noCountryCode(there.CountryCode)})
	}
	switch first := "areaCode"; {
	case digits.Number == "":
		problems = append(problems, Problem{"number", missing})
	case strings.HasPrefix(digits.AreaCode+digits.Number, "00"), strings.HasPrefix(there.AreaCode+there.Number, "00"):
		if digits.AreaCode == "" {
			first = "number"
		}
		problems = append(problems, Problem{first, "must not begin with 00: the country has a field of its own"})
	case len(there.CountryCode+there.AreaCode+there.Number) > maxPhoneDigits:
		problems = append(problems, Problem{"number", fmt.Sprintf("makes more than %d digits with the codes", maxPhoneDigits)})
	case problems == nil:
		problems = there.impossible()
	}
	return problems
}

func notInPhone(r rune) bool { return !strings.ContainsRune("0123456789"+phoneSeparators, r) }

// noCountryCode explains a code that does not exist. The codes are such that none is the
// beginning of another one.
func noCountryCode(digits string) string {
	for n := 1; n < len(digits) && n <= 3; n++ {
		if code, _ := strconv.Atoi(digits[:n]); phonenumbers.GetSupportedCallingCodes()[code] {
			return fmt.Sprintf("is not a country code: +%d is one, and the rest belongs to the area code", code)
		}
	}
	return "is not a country code"
}

// impossible compares an international number with the numbering plan: its length, and
// that the plan would not change it, as for the 15 of Argentinian mobiles.
func (p Phone) impossible() []Problem {
	number, err := p.parse()
	if err != nil {
		return []Problem{{"number", "is too short for a telephone number"}}
	}
	if phonenumbers.GetNationalSignificantNumber(number) != p.AreaCode+p.Number {
		return []Problem{{"number", "is not as it is dialled from abroad, behind country code " + p.CountryCode}}
	}
	switch phonenumbers.IsPossibleNumberWithReason(number) {
	case phonenumbers.TOO_SHORT:
		return []Problem{{"number", "has too few digits for country code " + p.CountryCode}}
	case phonenumbers.TOO_LONG:
		return []Problem{{"number", "has too many digits for country code " + p.CountryCode}}
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return []Problem{{"areaCode", "is missing: the number has the length of one without its area code"}}
	case phonenumbers.INVALID_LENGTH:
		return []Problem{{"number", fmt.Sprintf("has a length that country code %s does not use", p.CountryCode)}}
	}
	return nil
}

func (p Phone) normalised() Phone {
	for _, part := range []*string{&p.CountryCode, &p.AreaCode, &p.Number, &p.Extension} {
		*part = strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, *part)
	}
	return p
}
