package domains_test

import (
	"errors"
	"strings"
	"testing"

	"domainprovisioning/domains"
)

func TestOrderedTakesWhatWasTyped(t *testing.T) {
	for label, want := range map[string]string{
		"shop":                  "shop",
		"Shop":                  "shop",
		"SHOP.":                 "shop", // one final full stop
		"\tshop ":               "shop", //nolint:gocritic // blanks are cut off
		"1shop":                 "1shop",
		"123":                   "123",
		"a-b":                   "a-b",
		"bücher":                "xn--bcher-kva",
		"BÜCHER":                "xn--bcher-kva",
		"bu\u0308cher":          "xn--bcher-kva", // composed
		"xn--bcher-kva":         "xn--bcher-kva",
		"XN--BCHER-KVA":         "xn--bcher-kva",
		"straße":                "xn--strae-oqa",
		"STRAẞE":                "xn--strae-oqa", // by RFC 5895, whatever the toolchain
		"ＳＨＯＰ":                  "shop",          // wide
		"ｶﾞ":                    "xn--mck",       // narrow, then composed
		"пример":                "xn--e1afmkfd",
		"ΠΑΡΆΔΕΙΓΜΑ":            "xn--hxajbheg2az3al",
		"παράδειγμας":           "xn--hxajbheg2az3als",
		"l·l":                   "xn--ll-0ea", // each where the context is right
		"͵α":                    "xn--wva4j",
		"א׳":                    "xn--4db4e",
		"カ・":                    "xn--lckyi",
		"ب٠":                    "xn--ngb6i",
		"نامه\u200cای":          "xn--mgba3gch31f060k",
		"क्\u200d":              "xn--11b6iy14e",
		"אב1":                   "xn--1-zhcd",
		"\u1112\u1161\u11ab":    "xn--6q8b",   // letters of a Hangul syllable, as some systems send them
		"\u13E3\u13B3\u13A9":    "xn--f9dt7l", // Cherokee capitals are the ones that IDNA has
		strings.Repeat("a", 63): strings.Repeat("a", 63),
		"Å":                     "xn--5ca", // the sign for angstrom is a letter by NFC
	} {
		name, err := domains.Ordered(label, "Example")
		if err != nil {
			t.Errorf("%q: %v", label, err)
			continue
		}
		if got, _ := strings.CutSuffix(name.String(), ".example"); want != "" && got != want {
			t.Errorf("%q gives %q, want %q", label, got, want)
		}
		stays(t, name)
	}
}

// stays checks that a name is one label under its top-level domain, that it may be
// ordered again in both its forms, and that it is the same name when a row or a registrar
// gives it.
func stays(t *testing.T, name domains.Name) {
	t.Helper()
	for _, form := range []string{name.String(), name.Unicode()} {
		if again, err := domains.OrderedName(form); err != nil || again != name {
			t.Errorf("%q ordered again gives %q: %v", form, again, err)
		}
	}
	if parsed, err := domains.ParseName(name.String()); err != nil || parsed != name {
		t.Errorf("%q is %q for ParseName: %v", name, parsed, err)
	}
}

func TestOrderedRefusesAndSaysWhy(t *testing.T) {
	const cannot = ", which a domain name cannot have"
	const rightToLeft = "mixes characters that are written from right to left with others, in an order that is not allowed (RFC 5893)"
	const noCode = `begins with "xn--" and stands for no name`
	const joiner = ", which a domain name can have only where the script changes its form"
	for label, want := range map[string]string{
		"":                        "is empty",
		" . ":                     "is empty",
		"shop–x":                  `holds "–" (U+2013) at character 5` + cannot + ": a hyphen may be meant",
		"bu\u0308–":               `holds "–" (U+2013) at character 3` + cannot + ": a hyphen may be meant", // ü is one character
		"sh_op":                   `holds "_" (U+005F) at character 3` + cannot + ": a hyphen may be meant",
		"sh op":                   "holds a blank at character 3" + cannot,
		"shop!":                   `holds "!" (U+0021) at character 5` + cannot,
		"shop/a":                  `holds "/" (U+002F) at character 5` + cannot,
		"☃":                       `holds "☃" (U+2603) at character 1` + cannot,
		"i❤":                      `holds "❤" (U+2764) at character 2` + cannot,
		"a\u200bb":                "holds an invisible character (U+200B) at character 2" + cannot,
		"\ufeffshop":              "holds an invisible character (U+FEFF) at character 1" + cannot,
		"shop\u00a0":              "holds an invisible character (U+00A0) at character 5" + cannot,
		"sh\u00adop":              "holds an invisible character (U+00AD) at character 3" + cannot + ": a hyphen may be meant",
		"shop\n":                  "holds a control character (U+000A) at character 5" + cannot,
		"ﬁne":                     `holds "ﬁ" (U+FB01) at character 1` + cannot + `: "fi" may be meant`,
		"louisⅩⅣ":                 `holds "Ⅹ" (U+2169) at character 6` + cannot + `: "x" may be meant`,
		"m²":                      `holds "²" (U+00B2) at character 2` + cannot + `: "2" may be meant`,
		"brand™":                  `holds "™" (U+2122) at character 6` + cannot + `: "tm" may be meant`,
		"İstanbul":                `holds "İ" (U+0130) at character 1, whose small letter depends on the language: write "i" or "ı"`,
		"I\u0307x":                `holds "İ" (U+0130) at character 1, whose small letter depends on the language: write "i" or "ı"`,
		"ΟΔΟΣ":                    `holds "Σ" (U+03A3) at character 4, whose small letter at the end of a word may be "σ" or "ς": write the one that is meant`,
		"shop.x":                  `holds "." (U+002E) at character 5, and only one label is taken here`,
		"shop..":                  `holds "." (U+002E) at character 5, and only one label is taken here`,
		"shop。x":                  `holds "。" (U+3002) at character 5, and only one label is taken here`,
		"shop．x":                  `holds "．" (U+FF0E) at character 5, and only one label is taken here`,
		"shop｡x":                  `holds "｡" (U+FF61) at character 5, and only one label is taken here`,
		"-shop":                   "begins with a hyphen",
		"shop-":                   "ends with a hyphen",
		"－shop":                   "begins with a hyphen", // wide
		"ab--cd":                  `has hyphens at characters 3 and 4, which only coded names ("xn--") have`,
		"ab--":                    "ends with a hyphen",
		"üb--x":                   `has hyphens at characters 3 and 4, which only coded names ("xn--") have`,
		"\u0301a":                 `begins with "◌́" (U+0301), which must follow a letter`,
		"a·b":                     `holds "·" (U+00B7) at character 2, which a domain name can have only between two letters "l"`,
		"α͵":                      `holds "͵" (U+0375) at character 2, which a domain name can have only before a Greek letter`,
		"׳א":                      `holds "׳" (U+05F3) at character 1, which a domain name can have only after a Hebrew letter`,
		"a・":                      `holds "・" (U+30FB) at character 2, which a domain name can have only beside Japanese characters`,
		"ب٠۰":                     `holds "٠" (U+0660) at character 2, which cannot stand beside digits of the other Arabic kind`,
		"ب۰٠":                     `holds "۰" (U+06F0) at character 2, which cannot stand beside digits of the other Arabic kind`,
		"a\u200db":                "holds an invisible character (U+200D) at character 2" + joiner,
		"ب\u200cא":                "holds an invisible character (U+200C) at character 2" + joiner, // which the library lets pass
		"ا\u200cب":                "holds an invisible character (U+200C) at character 2" + joiner,
		"1אב":                     rightToLeft,
		"אa":                      rightToLeft,
		"א--1":                    "is one that resolvers do not take (UTS 46)",
		"xn--":                    noCode,
		"xn--abc-":                noCode,
		"xn--a":                   `stands for "\u0080", which holds a control character (U+0080) at character 1` + cannot,
		"xn--\u00fc":              noCode,
		"xn--n3h":                 `stands for "☃", which holds "☃" (U+2603) at character 1` + cannot,
		"xn--bcher-Kva":           "", // a code knows no case
		"shop\xff":                "holds bytes that are no text in UTF-8",
		strings.Repeat("a", 64):   "is longer than 63 characters",
		strings.Repeat("ü", 60):   "is in the form that registries keep longer than 63 characters",
		strings.Repeat("ü", 2000): "is far too long: a label has at most 63 characters",
	} {
		name, err := domains.Ordered(label, "example")
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", label, err)
			}
			continue
		}
		bad, ok := errors.AsType[*domains.NameError](err)
		switch {
		case !ok:
			t.Errorf("%q was taken as %q: %v", label, name, err)
		case bad.Problem != want:
			t.Errorf("%q %s, want %s", label, bad.Problem, want)
		case err.Error() != "domains: the name "+bad.Problem:
			t.Errorf("the error says %q", err)
		}
	}
}

func TestOrderedKnowsTheTopLevelDomain(t *testing.T) {
	name, err := domains.Ordered("shop", ".com.au")
	if err != nil || name.String() != "shop.com.au" {
		t.Errorf("got %q, %v", name, err)
	}
	if name, err = domains.Ordered("пример", "рф"); err != nil || name.String() != "xn--e1afmkfd.xn--p1ai" {
		t.Errorf("got %q, %v", name, err)
	}
	// A digit at the beginning is fine, but not in a name with a label from right to left.
	if name, err := domains.Ordered("1shop", "קום"); err == nil {
		t.Errorf("was taken as %q", name)
	}
	for _, tld := range []string{"", "ex ample", "123"} {
		if name, err := domains.Ordered("shop", tld); err == nil {
			t.Errorf("was taken as %q under %q", name, tld)
		}
	}
	long := strings.Repeat("a.", 95) + "example"
	if name, err := domains.Ordered(strings.Repeat("a", 63), long); err == nil || !strings.Contains(err.Error(), "261 characters long") {
		t.Errorf("%q: %v", name, err)
	}
}

func TestOrderedNameAndHost(t *testing.T) {
	for full, want := range map[string]string{
		"Shop.Example.":          "shop.example",
		"shop。example。":          "shop.example",
		"NS1.Bücher.Example":     "ns1.xn--bcher-kva.example",
		"a.b.c.com.au":           "a.b.c.com.au",
		"123.example":            "123.example",
		"xn--e1afmkfd.xn--p1ai.": "xn--e1afmkfd.xn--p1ai",
	} {
		name, err := domains.OrderedName(full)
		if err != nil || name.String() != want {
			t.Errorf("%q gives %q, want %q: %v", full, name, want, err)
		}
		stays(t, name)
		if host, err := domains.OrderedHost(full); err != nil || host != want {
			t.Errorf("%q gives the host %q, want %q: %v", full, host, want, err)
		}
	}
	for full, want := range map[string]string{
		"":                                    "is empty",
		"shop":                                "has no top-level domain",
		"shop.":                               "has no top-level domain",
		".shop.example":                       "has an empty label: two full stops in a row, or one at the beginning",
		"shop..example":                       "has an empty label: two full stops in a row, or one at the beginning",
		"shop.example..":                      "has an empty label: two full stops in a row, or one at the beginning",
		"192.0.2.1":                           "ends with a number, as an address does",
		"ns_1.dns.example":                    `holds "_" (U+005F) at character 3 in label 1, which a domain name cannot have: a hyphen may be meant`,
		"ns1.d☃.example":                      `holds "☃" (U+2603) at character 2 in label 2, which a domain name cannot have`,
		"2001:db8::1":                         `holds ":" (U+003A) at character 5 in label 1, which a domain name cannot have`,
		strings.Repeat("a.", 130) + "example": "is 267 characters long in the form that registries keep, and at most 253 are possible",
	} {
		host, err := domains.OrderedHost(full)
		if bad, ok := errors.AsType[*domains.NameError](err); !ok || bad.Problem != want || host != "" {
			t.Errorf("%q gives %q, %v, want %s", full, host, err, want)
		}
	}
}

// Old rows and replies of registrars go on to be read: the lenient way maps what the strict
// one refuses.
func TestParseNameStaysLenient(t *testing.T) {
	for in, want := range map[string]string{
		"ﬁne.example":      "fine.example",
		"a\u200bb.example": "ab.example",
		"Ⅳ.example":        "iv.example",
		"xn--n3h.example":  "xn--n3h.example",
	} {
		if name, err := domains.ParseName(in); err != nil || name.String() != want {
			t.Errorf("%q gives %q, want %q: %v", in, name, want, err)
		}
		if name, err := domains.OrderedName(in); err == nil {
			t.Errorf("%q was ordered as %q", in, name)
		}
	}
}

func FuzzOrdered(f *testing.F) {
	for _, seed := range []string{"shop", "BÜCHER.", "xn--bcher-kva", "نامه\u200cای", "l·l", "ｶﾞ", "א1", "ΣΑΣ", "xn--0", "a。b", "क्\u200d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, label string) {
		name, err := domains.Ordered(label, "example")
		if err != nil {
			bad, ok := errors.AsType[*domains.NameError](err)
			if !ok || bad.Problem == "" {
				t.Errorf("no reason: %v", err)
			}
			return
		}
		if strings.Count(name.String(), ".") != 1 {
			t.Errorf("%q makes %q", label, name)
		}
		stays(t, name)
	})
}
