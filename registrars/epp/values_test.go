package epp

import (
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// TestTransactionIDs are unique for each submission, and fit the protocol.
func TestTransactionIDs(t *testing.T) {
	long := strings.Repeat("SO-2026-", 12)
	seen := map[string]bool{}
	for _, key := range []string{"SO-1/0/registration", "SO-1/1/registration", "", "ü", "a b", "a_b", long, long + "x", "x" + strings.Repeat("y", 61)} {
		for _, submission := range []int{1, 2, 99} {
			id := transactionID(registrars.Request{Key: key, Submission: submission})
			if len(id) < 3 || len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Errorf("%q is no id", id)
			}
			if seen[id] {
				t.Errorf("%q twice", id)
			}
			seen[id] = true
		}
	}
	if id := transactionID(registrars.Request{Key: "SO-1/0/renewal", Submission: 2}); id != "SO-1/0/renewal/2" {
		t.Errorf("%q", id)
	}
}

func TestReferences(t *testing.T) {
	for _, want := range []reference{
		{registrars.Registration, "", time.Time{}, domains.MustParseName("a.example"), "SV-1"},
		{registrars.Renewal, "2027-03-01+2", time.Unix(1795860000, 0).UTC(), domains.MustParseName("a.example"), "SV:1@2"},
		{registrars.LockChange, "on", time.Unix(1, 0).UTC(), domains.MustParseName("xn--bcher-kva.example"), ""},
	} {
		if got, ok := readReference(want.String()); !ok || got != want {
			t.Errorf("%s is read as %+v, %t", want, got, ok)
		}
	}
	if text := (reference{kind: registrars.Registration, domain: domains.MustParseName("a.example"), transaction: "SV-1"}).String(); text != "registration:a.example:SV-1" {
		t.Errorf("%q", text)
	}
}

// TestDigestOfAKey is the example of RFC 4509, section 2.3; its DS record with SHA-256.
func TestDigestOfAKey(t *testing.T) {
	got := digestOf("dskey.example.com", domains.DNSKEY{Flags: 256, Protocol: 3, Algorithm: 5, PublicKey: "AQOeiiR0GOMYkDshWoSKz9Xz" +
		"fwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw=="})
	if got.KeyTag != 60485 || got.Digest != "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A" {
		t.Errorf("%+v", got)
	}
}

func TestAmounts(t *testing.T) {
	for text, want := range map[string]int64{"10": 1000, "+10": 1000, "10.": 1000, ".5": 50, "10.5": 1050, "10.50": 1050, "10.5000": 1050, "0.01": 1, "-1.00": -100, "0": 0, "9999999999.99": 999999999999} {
		if got, ok := centsOf(text); !ok || got != want {
			t.Errorf("%q is %d, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "1,00", "1.001", "1e3", "++1", " 1", ".", "0x1", "99999999999.00"} {
		if got, ok := centsOf(text); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
}

// TestAMessageIsNeverTakenForWhatALoginHasSaid: its id says whose it is.
func TestAMessageIsNeverTakenForWhatALoginHasSaid(t *testing.T) {
	for _, id := range []string{atLogin + "0123", "1001", "base64:x", "two words", "ä"} {
		got := noticeID(id)
		if strings.HasPrefix(got, atLogin) || messageID(got) != id {
			t.Errorf("%q is %q, which is %q", id, got, messageID(got))
		}
	}
}
