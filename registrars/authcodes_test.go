package registrars_test

import (
	"strings"
	"testing"

	"domainprovisioning/registrars"
)

// Each auth code has a letter of both cases, a digit and one sign, begins with a letter, has none of
// the characters that look alike, and is like no other.
func TestAuthCodesAreOfEachSortAndRandom(t *testing.T) {
	const upper, lower, digits, signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "-_.+"
	seen, places := map[string]bool{}, map[int]bool{}
	for range 500 {
		code := registrars.NewAuthCode(registrars.AuthCodeLength).Reveal()
		if len(code) != 20 || seen[code] {
			t.Fatalf("%q has %d characters, or comes twice", code, len(code))
		}
		seen[code] = true
		for _, sort := range []string{upper, lower, digits, signs} {
			if !strings.ContainsAny(code, sort) {
				t.Errorf("%q has none of %s", code, sort)
			}
		}
		sign := strings.IndexAny(code, signs)
		places[sign] = true
		if strings.LastIndexAny(code, signs) != sign || !strings.ContainsAny(code[:1], upper+lower) || strings.ContainsAny(code, "IOl01") ||
			strings.Trim(code, upper+lower+digits+signs) != "" {
			t.Errorf("%q is not as it should be", code)
		}
	}
	if len(places) < 10 {
		t.Errorf("the sign stands at %d places alone", len(places))
	}
	if got := len(registrars.NewAuthCode(4).Reveal()); got != 4 {
		t.Errorf("a short one has %d characters", got)
	}
}
