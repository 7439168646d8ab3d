package xmlrpc_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"domainprovisioning/wire/xmlrpc"
)

func TestCharsets(t *testing.T) {
	body := func(declaration, text string) string {
		return declaration + "<methodResponse><params><param><value>" + text + "</value></param></params></methodResponse>"
	}
	utf16, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(body(`<?xml version="1.0" encoding="UTF-16"?>`, "Žluťoučký"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, document, want string }{
		{"no declaration", body("", "Müller"), "Müller"},
		{"declared UTF-8", body(`<?xml version="1.0" encoding="UTF-8"?>`, "Müller"), "Müller"},
		{"byte order mark", "\xEF\xBB\xBF" + body(`<?xml version="1.0"?>`, "Müller"), "Müller"},
		{"UTF-16 with mark", utf16, "Žluťoučký"},
		{"UTF-16 that is not", body(`<?xml version="1.0" encoding="UTF-16"?>`, "abc"), "abc"},
		{"ISO-8859-1", body(`<?xml version="1.0" encoding="ISO-8859-1"?>`, "M\xfcller"), "Müller"},
		{"ISO-8859-2, single quotes", body(`<?xml version='1.0' encoding='iso-8859-2'?>`, "\xb9koda"), "škoda"},
		{"Windows-1250", body(`<?xml version="1.0" encoding="windows-1250"?>`, "\x9akoda"), "škoda"},
		{"Windows-1251", body(`<?xml version="1.0" encoding="windows-1251"?>`, "\xe0"), "а"},
		{"unknown charset", body(`<?xml version="1.0" encoding="klingon"?>`, "abc"), "abc"},
		{"charset that browsers refuse", body(`<?xml version="1.0" encoding="iso-2022-kr"?>`, "abc"), "abc"},
		{"wrong bytes", body(`<?xml version="1.0" encoding="UTF-8"?>`, "M\xfcller"), "M\uFFFDller"},
		{"control characters", body("", "a\x00b\x0bc"), "abc"},
		{"references to forbidden characters", body("", "a&#0;b&#x1F;c&#xFFFF;d&#99999999;e"), "abcde"},
		{"good references beside bad bytes", body("", "&#233;\x01&#65;"), "éA"},
		{"reference-like text in CDATA", body("", "<![CDATA[&#1;]]>\x01x"), "&#1;x"},
		{"non-characters", body("", "a\uFFFEb\uFFFFc"), "abc"},
		{"odd declaration", body(`<?xml version="1.0" encoding = "utf-8" standalone="yes"?>`, "ü"), "ü"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := xmlrpc.DecodeResponse([]byte(test.document), xmlrpc.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	for _, bad := range []string{
		body(`<?xml encoding`, ""), body(`<?xml encoding=utf-8?>`, "x"), body(`<?xml encoding="utf-8?>`, "x"), body("", "&#;"), body("", "&#xZZ;"),
	} {
		// The test asserts only that reading ends, because some of these are
		// well-formed enough.
		_, _ = xmlrpc.DecodeResponse([]byte(bad), xmlrpc.Limits{})
	}
}

func TestDecodeBase64Text(t *testing.T) {
	pack := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	tests := []struct {
		name, text, want string
		ok               bool
	}{
		{"documented sample", "VGFibGUgRG9tYWluIGRvZXMgbm90IGNvbnRhaW4gcm93IHdpdGggSUQgNDcxMS4=\n", "Table Domain does not contain row with ID 4711.", true},
		{"line breaks inside", "VGFi\r\nbGUg\n", "Table", true},
		{"without padding", strings.TrimRight(pack("ab"), "="), "ab", true},
		{"UTF-8", pack("škoda"), "škoda", true},
		{"ISO-8859-2", pack("\xb9koda"), "škoda", true},
		{"Windows-1250", pack("\x9akoda"), "škoda", true},
		{"plain sentence", "Domain is already used.", "", false},
		{"plain word that is base64 by chance", "Fail", "", false},
		{"empty", " \n", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := xmlrpc.DecodeBase64Text(test.text); got != test.want || ok != test.ok {
				t.Errorf("got %q %v", got, ok)
			}
		})
	}
}

func TestConversions(t *testing.T) {
	ints := []struct {
		value any
		want  int
		ok    bool
	}{
		{5, 5, true},
		{" 700101 ", 700101, true},
		{"-1", -1, true},
		{"", 0, false},
		{"2147483648", 0, false},
		{1 << 40, 0, false},
		{true, 0, false},
		{nil, 0, false},
	}
	for _, test := range ints {
		if got, ok := xmlrpc.AsInt(test.value); ok != test.ok || ok && got != test.want {
			t.Errorf("AsInt(%v) = %d %v", test.value, got, ok)
		}
	}
	strs := []struct {
		value any
		want  string
		ok    bool
	}{{"x ", "x ", true}, {5, "5", true}, {nil, "", false}, {1.5, "", false}}
	for _, test := range strs {
		if got, ok := xmlrpc.AsString(test.value); got != test.want || ok != test.ok {
			t.Errorf("AsString(%v) = %q %v", test.value, got, ok)
		}
	}
	bools := []struct {
		value    any
		want, ok bool
	}{
		{true, true, true}, {false, false, true}, {1, true, true}, {0, false, true}, {"1", true, true}, {2, false, false}, {"yes", false, false}, {nil, false, false},
	}
	for _, test := range bools {
		if got, ok := xmlrpc.AsBool(test.value); got != test.want || ok != test.ok {
			t.Errorf("AsBool(%v) = %v %v", test.value, got, ok)
		}
	}
}
