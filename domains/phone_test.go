package domains

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

func TestPhoneFromItsParts(t *testing.T) {
	for want, p := range map[string]Phone{
		"":               {CountryCode: "49", AreaCode: "89"},
		"+12125550100":   {CountryCode: "+1", AreaCode: "(212)", Number: "555-0100"},
		"+12125550101":   {CountryCode: "1", AreaCode: "1 212", Number: "5550101"}, // 1 is also the national prefix
		"+4989123456":    {CountryCode: "49", AreaCode: "089", Number: "123456"},
		"+4989123457":    {CountryCode: "0049", AreaCode: "(0)89", Number: "12 34/57"},
		"+4989123458":    {CountryCode: "+49", Number: "089 123458"},
		"+4989123459":    {CountryCode: "49", AreaCode: "0", Number: "89123459"},
		"+442079460000":  {CountryCode: "44", AreaCode: "(0)20", Number: "7946 0000"},
		"+390612345678":  {CountryCode: "39", AreaCode: "06", Number: "12345678"}, // Italy keeps its zero
		"+393123456789":  {CountryCode: "39", Number: "312 345 6789"},
		"+3613456789":    {CountryCode: "36", AreaCode: "06 1", Number: "345 6789"}, // Hungary's is 06
		"+74951234567":   {CountryCode: "7", AreaCode: "8 495", Number: "1234567"},  // Russia's is 8
		"+78001234567":   {CountryCode: "7", AreaCode: "800", Number: "1234567"},    // and this 8 is none
		"+33123456789":   {CountryCode: "33", AreaCode: "01", Number: "23456789"},
		"+2250123456789": {CountryCode: "225", Number: "01 23 45 67 89"}, // Ivory Coast has no national prefix
		"+541115123456":  {CountryCode: "54", AreaCode: "11", Number: "15 123456"},
		"+420123456789":  {CountryCode: "420", Number: "123456789"},
		"+80012345678":   {CountryCode: "800", Number: "12345678"}, // a code of no country
		"+999123":        {CountryCode: "999", Number: "123"},      // nonsense stays what it was
		"+18095550100":   {CountryCode: "1809", Number: "5550100"},
		"+123":           {Number: "123"},
	} {
		if got := p.E164(); got != want {
			t.Errorf("%q gives %q, want %q", p, got, want)
		}
		if again := p.International(); again.International() != again {
			t.Errorf("%q is not stable", again)
		}
	}
	p := Phone{CountryCode: "+49", AreaCode: "(089)", Number: "12-34", Extension: "x5"}.International()
	if want := (Phone{CountryCode: "49", AreaCode: "89", Number: "1234", Extension: "5"}); p != want {
		t.Errorf("got %+v", p)
	}
}

// Numbers that are right stay what they are, in every country and of every kind: contacts
// of earlier orders keep theirs, and nothing that belongs to a number is cut off.
func TestRightNumbersStay(t *testing.T) {
	kinds := []phonenumbers.PhoneNumberType{
		phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST,
		phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.UAN,
	}
	seen := 0
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range kinds {
			number := phonenumbers.GetExampleNumberForType(region, kind)
			if number == nil || phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
				continue // such as one that is dialled without an area code
			}
			seen++
			want := phonenumbers.Format(number, phonenumbers.E164)
			rest := phonenumbers.GetNationalSignificantNumber(number)
			code := strings.TrimSuffix(strings.TrimPrefix(want, "+"), rest)
			for _, p := range []Phone{
				{CountryCode: code, Number: rest}, {CountryCode: "+" + code, AreaCode: rest[:2], Number: rest[2:]},
			} {
				if got := p.E164(); got != want {
					t.Errorf("%s: %q gives %q, want %q", region, p, got, want)
				}
				if problems := p.Problems(); problems != nil {
					t.Errorf("%s: %q: %v", region, p, problems)
				}
			}
			// As it is dialled inside the country. Colombian mobiles have no prefix.
			national := phonenumbers.GetNddPrefixForRegion(phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode())), true) + rest
			if got := (Phone{CountryCode: code, Number: national}).E164(); got != want && region != "CO" {
				t.Errorf("%s: %s is not recognised as %s", region, national, want)
			}
		}
	}
	if seen < 500 {
		t.Errorf("only %d numbers", seen)
	}
}

func TestProblemsOfAPhone(t *testing.T) {
	const form = "must hold only digits, and blank . - / ( ) between them"
	for name, c := range map[string]struct {
		phone Phone
		want  []Problem
	}{
		"right":                {Phone{"49", "089", "123456", "5"}, nil},
		"separators":           {Phone{"+ 49", "(0)89", "12.34-56/7 8", "1-2"}, nil},
		"letters":              {Phone{"49", "89", "1800-FLOWERS", ""}, []Problem{{"number", form}}},
		"an extension inside":  {Phone{"49", "89", "123456 x5", ""}, []Problem{{"number", form}}},
		"letters everywhere":   {Phone{"DE", "a", "b", "c"}, []Problem{{"countryCode", form}, {"areaCode", form}, {"number", form}, {"extension", form}}},
		"other digits":         {Phone{"49", "89", "١٢٣٤٥٦", ""}, []Problem{{"number", form}}},
		"a plus in the number": {Phone{"49", "", "+4989123456", ""}, []Problem{{"number", form}}},
		"two plus":             {Phone{"++49", "89", "123456", ""}, []Problem{{"countryCode", form}}},
		"a line break":         {Phone{"49", "89", "123\n456", ""}, []Problem{{"number", form}}},
		"nothing":              {Phone{}, []Problem{{"countryCode", missing}, {"number", missing}}},
		"no number":            {Phone{"49", "89", "-", ""}, []Problem{{"number", missing}}},
		"no such code":         {Phone{"999", "", "123456", ""}, []Problem{{"countryCode", "is not a country code"}}},
		"a zero too many":      {Phone{"049", "89", "123456", ""}, []Problem{{"countryCode", "is not a country code"}}},
		"a code and more":      {Phone{"1809", "", "5550100", ""}, []Problem{{"countryCode", "is not a country code: +1 is one, and the rest belongs to the area code"}}},
		"the country twice":    {Phone{"49", "", "0049 89 123456", ""}, []Problem{{"number", "must not begin with 00: the country has a field of its own"}}},
		"the country there":    {Phone{"49", "0049 89", "123456", ""}, []Problem{{"areaCode", "must not begin with 00: the country has a field of its own"}}},
		"16 digits":            {Phone{"49", "89", "123456789012", ""}, []Problem{{"number", "makes more than 15 digits with the codes"}}},
		"too short":            {Phone{"1", "", "555", ""}, []Problem{{"number", "has too few digits for country code 1"}}},
		"too short for any":    {Phone{"49", "", "1", ""}, []Problem{{"number", "is too short for a telephone number"}}},
		"too long":             {Phone{"1", "212", "55501001", ""}, []Problem{{"number", "has too many digits for country code 1"}}},
		"no area":              {Phone{"1", "", "5550100", ""}, []Problem{{"areaCode", "is missing: the number has the length of one without its area code"}}},
		"as inside Argentina":  {Phone{"54", "11", "15 1234 5678", ""}, []Problem{{"number", "is not as it is dialled from abroad, behind country code 54"}}},
		"prefixes in a row":    {Phone{"1", "1", "15145234678", ""}, []Problem{{"number", "is not as it is dialled from abroad, behind country code 1"}}},
		"a gap":                {Phone{"420", "", "1234567", ""}, []Problem{{"number", "has too few digits for country code 420"}}},
	} {
		got := c.phone.Problems()
		if len(got) != len(c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: got %v, want %v", name, got[i], c.want[i])
			}
		}
	}
}

// A number without problems is dialled as E.164 says, and is read from that form as itself.
func FuzzPhone(f *testing.F) {
	f.Add("49", "089", "123456")
	f.Add("+1", "(212)", "555-0100")
	f.Add("39", "06", "12345678")
	f.Add("54", "11", "15 1234 5678")
	f.Fuzz(func(t *testing.T, code, area, number string) {
		p := Phone{CountryCode: code, AreaCode: area, Number: number}
		if p.Problems() != nil {
			return
		}
		there := p.International()
		e164 := p.E164()
		if len(e164) < 4 || len(e164) > maxPhoneDigits+1 || strings.Trim(e164[1:], "0123456789") != "" {
			t.Errorf("%q gives %q", p, e164)
		}
		if there.Problems() != nil || there.E164() != e164 {
			t.Errorf("%q gives %q, which gives %q: %v", p, there, there.E164(), there.Problems())
		}
		typed := p.normalised()
		if cut := strings.TrimSuffix(typed.AreaCode+typed.Number, there.AreaCode+there.Number); len(cut) > 2 {
			t.Errorf("%q loses %q", p, cut)
		}
	})
}

func TestPhoneInTheFormOfEPP(t *testing.T) {
	for want, phone := range map[string]Phone{
		"+61.255500120": {CountryCode: "61", AreaCode: "02", Number: "55500120", Extension: "75"}, "+1.2125550100": {CountryCode: "001", AreaCode: "212", Number: "555-0100"},
		"": {Number: "5550100"},
	} {
		if got := phone.EPP(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (Phone{CountryCode: "1"}).EPP(); got != "" {
		t.Errorf("%q without a number", got)
	}
}
