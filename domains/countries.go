package domains

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed data/countries.txt
var countryTable string

//go:embed data/states.txt
var stateTable string

// country is what the table knows of a code of ISO 3166-1.
type country struct{ postalCode, state bool }

// atlas holds the tables of countries and states.
type atlas struct {
	countries map[string]country
	// meant are codes by what is written instead of them; see folded.
	meant map[string]string
	// states are codes by country and, folded, by code and name.
	states map[string]map[string]string
}

var world = sync.OnceValue(func() atlas {
	a := atlas{countries: map[string]country{}, meant: map[string]string{}, states: map[string]map[string]string{}}
	for line := range strings.Lines(countryTable) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "=":
			last := len(words) - 1
			a.meant[folded(strings.Join(words[1:last], " "))] = words[last]
		default:
			a.countries[words[0]] = country{postalCode: words[2][0] == 'z', state: words[2][1] == 's'}
			a.meant[folded(words[1])] = words[0]
			for name := range strings.SplitSeq(strings.Join(words[3:], " "), ";") {
				a.meant[folded(name)] = words[0]
			}
		}
	}
	for line := range strings.Lines(stateTable) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		states := a.states[words[0]]
		if states == nil {
			states = map[string]string{}
			a.states[words[0]] = states
		}
		code := words[1]
		states[folded(code)], states[folded(words[0]+"-"+code)] = code, code
		for name := range strings.SplitSeq(strings.Join(words[2:], " "), ";") {
			states[folded(name)] = code
		}
	}
	return a
})

// folded is a name without case, marks on letters and everything but letters, so that
// "Québec" is found by "quebec", and "U.K." by "UK".
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(name))
}

// CountryProblem says what is wrong with a code of a country, in either case, or "". It
// completes the sentence "the country ...". The 249 codes that ISO 3166-1 assigns
// officially are valid; for some other codes and for English names it offers the right one.
func CountryProblem(code string) string {
	code = strings.TrimSpace(code)
	if code == "" {
		return missing
	}
	a := world()
	if _, ok := a.countries[strings.ToUpper(code)]; ok {
		return ""
	}
	const rule = "must be a code of two letters of ISO 3166-1"
	if meant := a.meant[folded(code)]; meant != "" {
		return fmt.Sprintf("%s: %s is meant", rule, meant)
	}
	return rule
}

// HasPostalCode reports whether addresses of a country have a postal code; true for what
// is not a country.
func HasPostalCode(code string) bool {
	known, ok := world().countries[strings.ToUpper(strings.TrimSpace(code))]
	return !ok || known.postalCode
}

// HasState reports whether addresses of a country name a state, a province or another
// region beside the city; true for what is not a country.
func HasState(code string) bool {
	known, ok := world().countries[strings.ToUpper(strings.TrimSpace(code))]
	return !ok || known.state
}

// StateCode returns the postal code of a state of US, CA or AU such as "NY", given by its
// code, its code of ISO 3166-2 or its name in English (in Canada also in French), in any
// case. It is false for other countries, and for what is not a state.
func StateCode(country, state string) (code string, ok bool) {
	code, ok = world().states[strings.ToUpper(strings.TrimSpace(country))][folded(state)]
	return code, ok
}
