package xmltext_test

import (
	"errors"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"domainprovisioning/wire/xmltext"
)

func TestUTF8(t *testing.T) {
	t.Parallel()
	utf16, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(`<?xml encoding="UTF-16"?>Ž`)
	if err != nil {
		t.Fatal(err)
	}
	const latin1 = "<?xml version='1.0' encoding='ISO-8859-1'?>"
	for name, c := range map[string]struct{ raw, contentType, want string }{
		"as it is":                        {"Zoë", "", "Zoë"},
		"the charset beside the document": {"Zo\xEB", "text/xml; charset=iso-8859-1", "Zoë"},
		"its case does not matter":        {"Zo\xEB", "text/xml; charset=ISO-8859-1", "Zoë"},
		"the declaration comes first":     {latin1 + "Zo\xEB", "text/xml; charset=utf-8", latin1 + "Zoë"},
		"a mark comes before it":          {"\xEF\xBB\xBF" + latin1 + "Zoë", "", latin1 + "Zoë"},
		"UTF-16 by its mark":              {utf16, "", `<?xml encoding="UTF-16"?>Ž`},
		"UTF-16 without a mark is none":   {"abc", "text/xml; charset=UTF-16", "abc"},
		"by whatever name":                {"<?xml encoding='ucs-2'?>abc", "", "<?xml encoding='ucs-2'?>abc"},
		"an unknown charset":              {"Zoë", "text/xml; charset=klingon", "Zoë"},
		"one that browsers refuse":        {"abc", "text/xml; charset=iso-2022-kr", "abc"},
		"bytes that are not UTF-8":        {"Zo\xEB", "text/xml; charset=utf-8", "Zo\uFFFD"},
		"what XML forbids":                {"a\x00b\uFFFEc&#0;d&#65;", "", "abcd&#65;"},
		"but not in CDATA":                {"<![CDATA[&#1;]]>\x01", "", "<![CDATA[&#1;]]>"},
	} {
		if got := string(xmltext.UTF8([]byte(c.raw), c.contentType)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	clean := []byte("nothing to do")
	if got := xmltext.UTF8(clean, ""); &got[0] != &clean[0] {
		t.Error("a clean document is copied")
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	for r, want := range map[rune]bool{
		'\t': true, '\n': true, '\r': true, ' ': true, 'ž': true, 0xD7FF: true, 0xFFFD: true, 0x10FFFF: true,
		0: false, 0x0B: false, 0x1F: false, 0xD800: false, 0xFFFE: false, 0xFFFF: false, 0x110000: false,
	} {
		if xmltext.Allowed(r) != want {
			t.Errorf("%U: %t", r, !want)
		}
	}
}

// Strict reads what was sent, or says why it cannot; it repairs nothing.
func TestStrictRepairsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw, contentType, want, problem string
	}{
		"UTF-8":                             {"<a>é</a>", "", "<a>é</a>", ""},
		"with a mark":                       {"\xEF\xBB\xBF<a>é</a>", "text/xml; charset=iso-8859-1", "<a>é</a>", ""},
		"not UTF-8":                         {"<a>\xE9</a>", "", "", "the document is not valid UTF-8, at byte 4"},
		"the content type's charset":        {"<a>\xE9</a>", "text/xml; charset=iso-8859-1", "<a>é</a>", ""},
		"which wins over the declaration":   {"<?xml version=\"1.0\" encoding=\"utf-8\"?><a>\xE9</a>", "text/xml; charset=ISO-8859-1", "<?xml version=\"1.0\" encoding=\"utf-8\"?><a>é</a>", ""},
		"the declaration's charset":         {"<?xml version=\"1.0\" encoding=\"windows-1250\"?><a>\x9C</a>", "text/xml", "<?xml version=\"1.0\" encoding=\"windows-1250\"?><a>ś</a>", ""},
		"a charset that nobody knows":       {"<a/>", "text/xml; charset=klingon", "", `the charset "klingon" is not known`},
		"UTF-16":                            {"\xFF\xFE<\x00a\x00/\x00>\x00", "", "<a/>", ""},
		"half a UTF-16":                     {"\xFF\xFE<\x00\x00\xD8>\x00", "", "", `the document is not valid in its charset "utf-16"`},
		"ASCII":                             {"<a/>", "text/xml; charset=us-ascii", "<a/>", ""},
		"an incomplete character":           {"<a>\x82</a>", "text/xml; charset=shift_jis", "", `the document is not valid in its charset "shift_jis"`},
		"a forbidden character, unrepaired": {"<a>\x01&#1;</a>", "", "<a>\x01&#1;</a>", ""},
	} {
		got, err := xmltext.Strict([]byte(c.raw), c.contentType)
		problem := ""
		if charset, ok := errors.AsType[*xmltext.CharsetError](err); ok {
			problem = charset.Problem
		}
		if string(got) != c.want || problem != c.problem {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}
