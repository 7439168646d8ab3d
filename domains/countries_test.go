package domains_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"domainprovisioning/domains"
)

// The codes of ISO 3166-1 by two sources: the table, and CLDR in golang.org/x/text. CLDR
// counts some codes as countries that ISO does not assign; these are named here.
func TestCountriesAreThoseOfISO3166(t *testing.T) {
	reserved := map[string]bool{
		"AC": true, "CP": true, "DG": true, "EA": true, "IC": true, "TA": true, // exceptionally reserved
		"AN": true, "BU": true, "CS": true, "DD": true, "FX": true, "NT": true, "SU": true, "TP": true, "YD": true, "YU": true, "ZR": true, // former
		"XK": true,                         // user-assigned, Kosovo
		"CQ": true, "EZ": true, "UN": true, // exceptionally reserved as well
		"FQ": true, "PC": true, // former
	}
	assigned := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			known := domains.CountryProblem(code) == ""
			if known {
				assigned++
			}
			region, err := language.ParseRegion(code)
			cldr := err == nil && region.IsCountry() && region.String() == code && region.Canonicalize() == region
			if known != (cldr && !reserved[code]) {
				t.Errorf("%s: in the table %t, a country of CLDR %t", code, known, cldr)
			}
		}
	}
	if assigned != 249 {
		t.Errorf("%d codes, and ISO assigns 249", assigned)
	}
}

func TestTheTableOfCountriesHasTheirThreeLetters(t *testing.T) {
	file, err := os.Open("data/countries.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words[0]) != 2 {
			continue
		}
		if region, err := language.ParseRegion(words[0]); err != nil || region.ISO3() != words[1] {
			t.Errorf("%s: %s in the table, %s by CLDR", words[0], words[1], region.ISO3())
		}
		if strings.Trim(words[2], "zs-") != "" || len(words[2]) != 2 || len(words) < 4 {
			t.Errorf("bad line %q", lines.Text())
		}
	}
}

func TestCountryProblemOffersTheRightCode(t *testing.T) {
	const rule = "must be a code of two letters of ISO 3166-1"
	for code, want := range map[string]string{
		"DE": "", "us": "", " gb ": "",
		"":               "is missing",
		"UK":             rule + ": GB is meant",
		"uk":             rule + ": GB is meant",
		"EL":             rule + ": GR is meant",
		"DEU":            rule + ": DE is meant",
		"usa":            rule + ": US is meant",
		"U.S.A.":         rule + ": US is meant",
		"Germany":        rule + ": DE is meant",
		"great britain":  rule + ": GB is meant",
		"United Kingdom": rule + ": GB is meant",
		"Côte d'Ivoire":  rule + ": CI is meant",
		"cote d’ivoire":  rule + ": CI is meant",
		"South Korea":    rule + ": KR is meant",
		"Czech Republic": rule + ": CZ is meant",
		"XK":             rule,
		"EU":             rule,
		"AN":             rule,
		"D":              rule,
		"49":             rule,
		"Atlantis":       rule,
		"===":            rule,
	} {
		if got := domains.CountryProblem(code); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}

func TestWhatAddressesHave(t *testing.T) {
	for country, want := range map[string][2]bool{ // postal code, state
		"US": {true, true}, "ca": {true, true}, "AU": {true, true}, "IT": {true, true}, "BR": {true, true},
		"DE": {true, false}, "GB": {true, false}, "FR": {true, false}, "NL": {true, false}, "SG": {true, false},
		"HK": {false, true}, "AE": {false, true}, "PA": {false, true}, "IE": {true, true},
		"AO": {false, false}, "QA": {false, false}, "BO": {false, false}, "UG": {false, false},
		"UK": {true, true}, "": {true, true}, // no country: nothing is known
	} {
		if got := [2]bool{domains.HasPostalCode(country), domains.HasState(country)}; got != want {
			t.Errorf("%s: %v, want %v", country, got, want)
		}
	}
}

func TestStateCode(t *testing.T) {
	for _, c := range []struct{ country, state, want string }{
		{"US", "NY", "NY"}, {"us", "ny", "NY"}, {"US", "New York", "NY"}, {"US", " NEW YORK ", "NY"}, {"US", "US-NY", "NY"},
		{"US", "N.Y.", "NY"}, {"US", "District of Columbia", "DC"}, {"US", "Washington", "WA"}, {"US", "Washington, D.C.", "DC"},
		{"US", "West Virginia", "WV"}, {"US", "Puerto Rico", "PR"}, {"US", "AE", "AE"},
		{"CA", "Quebec", "QC"}, {"CA", "Québec", "QC"}, {"CA", "colombie-britannique", "BC"}, {"CA", "Nouvelle-Ecosse", "NS"},
		{"CA", "Ontario", "ON"}, {"CA", "Île-du-Prince-Édouard", "PE"}, {"CA", "Newfoundland", "NL"},
		{"AU", "New South Wales", "NSW"}, {"AU", "vic", "VIC"}, {"AU", "Northern Territory", "NT"},
		{"US", "Ontario", ""}, {"US", "Nowhere", ""}, {"US", "", ""}, {"US", "--", ""}, {"AU", "NY", ""},
		{"DE", "BY", ""}, {"", "NY", ""},
	} {
		if got, ok := domains.StateCode(c.country, c.state); got != c.want || ok != (c.want != "") {
			t.Errorf("%s in %s is %q, %t, want %q", c.state, c.country, got, ok, c.want)
		}
	}
}

func TestPostalCodeAndState(t *testing.T) {
	for _, c := range []struct{ country, code, want string }{
		{"US", "10001", ""}, {"US", "10001-1234", ""}, {"US", "1000", "must be five digits, or nine with a hyphen"},
		{"CA", "k1a 0b1", ""}, {"CA", "10001", "must be a code such as K1A 0B1"},
		{"AU", "2000", ""}, {"AU", "20000", "must be four digits"},
		{"GB", "SW1A 1AA", ""}, {"gb", "m1 1ae", ""}, {"GB", "12345", "must be a code such as SW1A 1AA"},
		{"NL", "1234 AB", ""}, {"NL", "1234", "must be a code such as 1234 AB"},
		{"DE", "D-80331", ""}, {"DE", " ", "is missing"}, {"QA", "", ""}, {"QA", "00000", ""}, {"UK", "", "is missing"},
	} {
		if got := domains.PostalCodeProblem(c.country, c.code); got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.code, c.country, got, c.want)
		}
	}
	for _, c := range []struct{ country, state, want string }{
		{"US", "New York", ""}, {"US", "", "is missing"}, {"IT", "MI", ""}, {"IT", " ", "is missing"},
		{"DE", "", ""}, {"DE", "BY", ""}, {"GB", "", ""},
		{"us", "Bavaria", "must be a state, province or territory of US, by its code or its full name in English"},
	} {
		if got := domains.StateProblem(c.country, c.state); got != c.want {
			t.Errorf("%q in %s: %q, want %q", c.state, c.country, got, c.want)
		}
	}
}
