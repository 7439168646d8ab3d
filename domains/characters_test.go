package domains

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

var update = flag.Bool("update", false, "make the table of characters anew")

const tableFile = "data/characters.txt"

// What TestTheTableOfCharacters compares with: RFC 5892 (what IDNA 2008 allows) and RFC
// 5895 (what may be mapped), by the Unicode tables of the toolchain and of golang.org/x/text.
// These follow the toolchain, which is why the product does not ask them.
type derivation struct{ fold cases.Caser }

func (d derivation) of(r rune) (standing, string) {
	if s := d.property(r); s != refused {
		return s, ""
	}
	if r >= 0xD800 && r <= 0xDFFF {
		return refused, "" // no character
	}
	to := norm.NFC.String(width.Fold.String(string(lower(r))))
	for _, part := range to {
		if part == r || d.property(part) == refused {
			return refused, ""
		}
	}
	return mapped, to
}

// lower is the small letter. Two capital letters are refused, because it depends on the
// language or on the place, and standards disagree: the dotted I, whose small letter by
// the book is an i with a second dot, and the sigma, which is another one at the end of a
// word (that one only at the end, see Ordered).
func lower(r rune) rune {
	if r == 'İ' {
		return r
	}
	return unicode.ToLower(r)
}

// property is the derived property of RFC 5892, section 3.
func (d derivation) property(r rune) standing {
	if s, ok := exceptions[r]; ok {
		return s
	}
	switch {
	case !assigned(r), r == unicode.ReplacementChar:
		return refused
	case r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
		return valid
	case unicode.Is(unicode.Join_Control, r):
		return joiner
	case d.unstable(r), ignorable(r), oldHangul(r):
		return refused
	case unicode.In(r, unicode.Ll, unicode.Lu, unicode.Lo, unicode.Nd, unicode.Lm, unicode.Mn, unicode.Mc):
		return valid
	}
	return refused
}

// exceptions are those of RFC 5892, section 2.6. The list of section 2.7, for what a new
// Unicode takes back, is empty.
var exceptions = func() map[rune]standing {
	all := map[rune]standing{}
	for s, list := range map[standing]string{
		valid:      "\u00df\u03c2\u06fd\u06fe\u0f0b\u3007",
		contextual: "\u00b7\u0375\u05f3\u05f4\u30fb\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",
		refused:    "\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b",
	} {
		for _, r := range list {
			all[r] = s
		}
	}
	return all
}()

func assigned(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C)
}

func (d derivation) unstable(r rune) bool {
	if unicode.Is(unicode.Cherokee, r) {
		// Its letters fold to the capital ones; golang.org/x/text/cases folds them to the
		// small ones.
		return unicode.IsLower(r)
	}
	return norm.NFKC.String(d.fold.String(norm.NFKC.String(string(r)))) != string(r)
}

func ignorable(r rune) bool {
	return unicode.In(r, unicode.White_Space, unicode.Noncharacter_Code_Point, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector, unicode.Cf) ||
		r >= 0x20D0 && r <= 0x20FF || r >= 0x1D100 && r <= 0x1D24F
}

func oldHangul(r rune) bool {
	return r >= 0x1100 && r <= 0x11FF || r >= 0xA960 && r <= 0xA97C || r >= 0xD7B0 && r <= 0xD7FB
}

// TestTheTableOfCharacters compares every code point of the table that the product uses
// with what the toolchain and its libraries say. It fails when an update of either would
// change a name: then read docs/decisions/0015, look at the difference that -update makes,
// and decide.
func TestTheTableOfCharacters(t *testing.T) {
	derived := derivation{fold: cases.Fold()}
	if *update {
		if err := os.WriteFile(tableFile, []byte(derived.table()), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Skip("made anew: run again without -update")
	}
	if !strings.Contains(characterTable, "Unicode "+unicode.Version+"\n") {
		t.Errorf("the toolchain has Unicode %s, and the table another version", unicode.Version)
	}
	different := 0
	for r := range rune(unicode.MaxRune + 1) {
		want, wantTo := derived.of(r)
		if got, to := character(r); got != want || to != wantTo {
			if different++; different <= 20 {
				t.Errorf("U+%04X is %c %q in the table, and %c %q by the toolchain", r, got, to, want, wantTo)
			}
		}
	}
	if different > 0 {
		t.Errorf("%d code points differ", different)
	}
	if characterTable != derived.table() {
		t.Error("the table is not in the form that -update gives it")
	}
}

// table writes all code points but the refused ones.
func (d derivation) table() string {
	var runs []run
	for r := range rune(unicode.MaxRune + 1) {
		s, to := d.of(r)
		if s == refused {
			continue
		}
		one := run{first: r, last: r, standing: s}
		if target := []rune(to); len(target) == 1 {
			one.shift = target[0] - r
		} else {
			one.to = to
		}
		runs = append(runs, one)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Derived from Unicode %s\n", unicode.Version)
	b.WriteString("# by RFC 5892 and RFC 5895: v valid, j and o valid in some contexts, m mapped. All others are refused.\n")
	for _, r := range join(runs) {
		fmt.Fprintf(&b, "%04X", r.first)
		if r.last != r.first {
			fmt.Fprintf(&b, "..%04X", r.last)
		}
		fmt.Fprintf(&b, " %c", r.standing)
		switch {
		case r.standing != mapped:
		case r.to == "":
			fmt.Fprintf(&b, " %+d", r.shift)
		default:
			for _, part := range r.to {
				b.WriteString(" " + fmt.Sprintf("%04X", part))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// join puts neighbours of one kind together.
func join(single []run) []run {
	var joined []run
	for _, r := range single {
		if n := len(joined) - 1; n >= 0 && joined[n].last+1 == r.first && joined[n].standing == r.standing &&
			joined[n].shift == r.shift && joined[n].to == r.to && r.to == "" {
			joined[n].last = r.last
		} else {
			joined = append(joined, r)
		}
	}
	return joined
}
