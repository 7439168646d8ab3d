package domains_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/domains"
)

// settingsWith makes the document of a change of DNSSEC.
func settingsWith(t *testing.T, d domains.DNSSEC) []byte {
	t.Helper()
	d.Sign = true
	document, err := json.Marshal(domains.Settings{DNSSEC: &d})
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestLengthOfADigest(t *testing.T) {
	for digestType, octets := range map[int]int{1: 20, 2: 32, 3: 32, 4: 48, 5: 32, 6: 32} {
		for _, wrong := range []int{-1, 0, 1} {
			digest := strings.Repeat("aB", octets+wrong)
			settings, err := domains.ParseSettings(settingsWith(t, domains.DNSSEC{DS: []domains.DS{
				{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("00", 32)},
				{KeyTag: 1, Algorithm: 13, DigestType: digestType, Digest: digest},
			}}))
			if err != nil {
				t.Fatal(err)
			}
			want := "[]"
			if wrong != 0 {
				want = fmt.Sprintf("[{settings.dnssec.ds[1].digest must have %d hexadecimal digits for digest type %d, and has %d}]",
					2*octets, digestType, 2*(octets+wrong))
			}
			if got := fmt.Sprint(settings.Problems()); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

func TestLengthOfAKey(t *testing.T) {
	octets := func(first string, length int) string { return first + strings.Repeat("\x01", length-len(first)) }
	for name, c := range map[string]struct {
		algorithm int
		key       string
		want      string
	}{
		"P-256":              {13, octets("", 64), ""},
		"P-256, short":       {13, octets("", 63), "must have 64 octets for algorithm 13, and has 63"},
		"P-384":              {14, octets("", 96), ""},
		"P-384, as P-256":    {14, octets("", 64), "must have 96 octets for algorithm 14, and has 64"},
		"Ed25519":            {15, octets("", 32), ""},
		"Ed25519, long":      {15, octets("", 33), "must have 32 octets for algorithm 15, and has 33"},
		"Ed448":              {16, octets("", 57), ""},
		"Ed448, short":       {16, octets("", 56), "must have 57 octets for algorithm 16, and has 56"},
		"GOST":               {12, octets("", 64), ""},
		"GOST, short":        {23, octets("", 60), "must have 64 octets for algorithm 23, and has 60"},
		"SM2, short":         {17, octets("", 60), "must have 64 octets for algorithm 17, and has 60"},
		"RSA 2048":           {8, octets("\x03\x01\x00\x01", 4+256), ""},
		"RSA 512":            {5, octets("\x01\x03", 2+64), ""},
		"RSA 4096":           {10, octets("\x03\x01\x00\x01", 4+512), ""},
		"RSA, long exponent": {7, octets("\x00\x01\x00", 3+256+128), ""},
		"RSA, too small":     {8, octets("\x03\x01\x00\x01", 4+63), "has a modulus of 504 bits, and 512 to 4096 are possible"},
		"RSA, too large":     {8, octets("\x03\x01\x00\x01", 4+513), "has a modulus of 4104 bits, and 512 to 4096 are possible"},
		"RSA, cut":           {8, "\x03\x01\x00\x01", "is not a whole RSA key"},
		"RSA, cut early":     {8, "\x00\x01", "is not a whole RSA key"},
		"RSA, no exponent":   {8, octets("\x00\x00\x00", 200), "is not a whole RSA key"},
		"DSA 512":            {3, octets("\x00", 1+20+3*64), ""},
		"DSA, short":         {3, octets("\x08", 1+20+3*64), "must have 405 octets for algorithm 3, and has 213"},
		"DSA, no length":     {6, octets("\x09", 213), "is not a DSA key"},
		"not known here":     {99, "x", ""},
	} {
		settings, err := domains.ParseSettings(settingsWith(t, domains.DNSSEC{Key: &domains.DNSKEY{
			Flags: 257, Protocol: 3, Algorithm: c.algorithm, PublicKey: base64.StdEncoding.EncodeToString([]byte(c.key)),
		}}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := "[]"
		if c.want != "" {
			want = "[{settings.dnssec.key.publicKey " + c.want + "}]"
		}
		if got := fmt.Sprint(settings.Problems()); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestBlanksAsDigPrintsThemAreDropped(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 64)))
	settings, err := domains.ParseSettings(settingsWith(t, domains.DNSSEC{
		DS: []domains.DS{{KeyTag: 1, Algorithm: 13, DigestType: 1, Digest: "2BB183AF5F22588179A53B0A 98631FAD1A292118"}},
	}))
	if err != nil || settings.DNSSEC.DS[0].Digest != "2BB183AF5F22588179A53B0A98631FAD1A292118" || settings.Problems() != nil {
		t.Errorf("got %+v, %v", settings.DNSSEC, err)
	}
	settings, err = domains.ParseSettings(settingsWith(t, domains.DNSSEC{
		Key: &domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: " " + key[:40] + " \r\n\t" + key[40:]},
	}))
	if err != nil || settings.DNSSEC.Key.PublicKey != key || settings.Problems() != nil {
		t.Errorf("got %+v, %v", settings.DNSSEC, err)
	}
	if problems := (domains.Settings{}).Problems(); problems != nil {
		t.Errorf("no settings have %v", problems)
	}
	// Settings that were stored by other rules are read all the same.
	if _, err := domains.ParseSettings(settingsWith(t, domains.DNSSEC{
		DS: []domains.DS{{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: "ABCD"}},
	})); err != nil {
		t.Errorf("an old order cannot be read: %v", err)
	}
}
