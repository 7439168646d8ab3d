package domains

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

const contextFile = "testdata/context.txt"

// TestWhatLibrariesKnowOfCharacters holds what the rules for whole labels ask the toolchain
// and its libraries about each character that a name can have: direction, viramas,
// marks and scripts. It fails when an update of either changes one, as does
// TestTheTableOfCharacters.
func TestWhatLibrariesKnowOfCharacters(t *testing.T) {
	var b strings.Builder
	first, last, known := rune(0), rune(-1), ""
	flush := func() {
		if known != "" {
			fmt.Fprintf(&b, "%04X..%04X %s\n", first, last, known)
		}
	}
	for r := range rune(unicode.MaxRune + 1) {
		s, _ := character(r)
		if s == refused || s == mapped {
			continue
		}
		if now := libraryOn(r); now != known || r != last+1 {
			flush()
			first, known = r, now
		}
		last = r
	}
	flush()
	if *update {
		if err := os.WriteFile(contextFile, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Skip("made anew: run again without -update")
	}
	kept, err := os.ReadFile(contextFile)
	if err != nil {
		t.Fatal(err)
	}
	want, got := strings.Split(string(kept), "\n"), strings.Split(b.String(), "\n")
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("line %d is %q, and the libraries say %q", i+1, want[i], got[i])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%d lines, and the libraries make %d", len(want), len(got))
	}
}

// libraryOn is the direction of a character, and a letter for each property it has.
func libraryOn(r rune) string {
	properties, _ := bidi.LookupString(string(r))
	text := []string{"L", "R", "EN", "ES", "ET", "AN", "CS", "B", "S", "WS", "ON", "BN", "NSM", "AL"}[properties.Class()] + " "
	for _, property := range []struct {
		letter string
		has    bool
	}{
		{"m", unicode.Is(unicode.M, r)},
		{"l", unicode.Is(unicode.L, r)},
		{"n", unicode.Is(unicode.Mn, r)},
		{"v", afterVirama([]rune{r, zeroWidthJoiner}, 1)},
		{"g", unicode.Is(unicode.Greek, r)},
		{"h", unicode.Is(unicode.Hebrew, r)},
		{"k", unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)},
	} {
		if property.has {
			text += property.letter
		}
	}
	return text
}

// TestEveryCharacterInALabel orders labels with every code point: one that the table
// refuses is in no name, and one that it knows is in a name as it was typed or mapped.
func TestEveryCharacterInALabel(t *testing.T) {
	surroundings := []struct{ before, after string }{
		{"", ""}, {"a", ""}, {"\u0628", ""}, {"\u0915\u094d", ""}, {"l", "l"}, {"\u05d0", ""}, {"", "\u03b1"}, {"\u30ab", ""},
		{"\u0628", "\u0628"},
	}
	stride := rune(1)
	if testing.Short() {
		stride = 17
	}
	for r := rune(0); r <= unicode.MaxRune; r += stride {
		s, to := character(r)
		if s != mapped {
			to = string(r)
		}
		taken := false
		for _, around := range surroundings {
			ascii, problem := orderedLabel(around.before + string(r) + around.after)
			if problem != nil {
				continue
			}
			if want, _ := idna.Punycode.ToASCII(norm.NFC.String(around.before + to + around.after)); s == refused || ascii != want {
				t.Fatalf("U+%04X is %c, and makes %s instead of %s", r, s, ascii, want)
			}
			if _, err := orderedName([]string{ascii, "example"}); err == nil {
				taken = true
				break
			}
		}
		if taken != (s != refused) {
			t.Fatalf("U+%04X is %c, and taken %t", r, s, taken)
		}
	}
}

// TestCompositionStaysInTheTable: letters and marks that are valid by themselves never
// compose to a character that is not, so places in labels can be told before composition.
func TestCompositionStaysInTheTable(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		parts := norm.NFD.String(string(r))
		if s, _ := character(r); s == valid || parts == string(r) || norm.NFC.String(parts) != string(r) {
			continue
		}
		if !strings.ContainsFunc(parts, func(part rune) bool { s, _ := character(part); return s != valid }) {
			t.Errorf("U+%04X is not valid, and its parts are", r)
		}
	}
}

// TestJoiningTypesAgreeWithTheLibrary: the library shows of a character only whether it
// joins what follows.
func TestJoiningTypesAgreeWithTheLibrary(t *testing.T) {
	checking := idna.New(idna.CheckJoiners(true))
	for r := range rune(unicode.MaxRune + 1) {
		if s, _ := character(r); s != valid || unicode.Is(unicode.M, r) {
			continue
		}
		_, err := checking.ToASCII(string(r) + "\u200c\u0628")
		if joins(r, leftJoining, dualJoining) != (err == nil) {
			t.Errorf("U+%04X: %v", r, err)
		}
	}
}
