package netim_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

const (
	publicKey = "b3BlbnNlc2FtZQ=="
	digest    = "2BB183AF5F22588179A53B0A98631FAD1A292118"
)

func ds() []domains.DS {
	return []domains.DS{{KeyTag: 60485, Algorithm: 5, DigestType: 1, Digest: strings.ToLower(digest)}}
}

func dnskey() *domains.DNSKEY {
	return &domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: publicKey}
}

// ask returns a complete request of a kind.
func ask(kind registrars.Kind, settings domains.Settings) registrars.Request {
	r := request()
	r.Kind, r.Settings, r.AuthCode = kind, settings, domains.NewSecret("KEY-1")
	r.Expires = time.Date(2028, 1, 2, 0, 0, 0, 0, time.UTC)
	return r
}

// kinds lists every function that Submit calls, with its arguments as sent.
var kinds = []struct {
	request   registrars.Request
	function  string
	code      string // of the operation
	arguments string
}{
	{ask(registrars.Transfer, domains.Settings{}), "domainTransferIn", "domainTransferIn",
		"KEY-1, OWN1, ADM1, TEC1, BIL1, ns1.host.example, ns2.host.example, , , "},
	{ask(registrars.Renewal, domains.Settings{}), "domainRenew", "DOMAINRENEW", "int 2"},
	{ask(registrars.OwnerChange, domains.Settings{}), "domainTransferOwner", "domainTransferOwner", "OWN1"},
	{ask(registrars.ContactChange, domains.Settings{}), "domainChangeContact", "domainChangeContact",
		"ADM1, TEC1, BIL1"},
	{ask(registrars.NameServerChange, domains.Settings{}), "domainChangeDNS", "domainChangeDNS",
		"ns1.host.example, ns2.host.example, , , "},
	{ask(registrars.AuthCodeChange, domains.Settings{}), "domainAuthID", "domainAuthid", "int 0"},
	{ask(registrars.Deletion, domains.Settings{}), "domainDelete", "domainDelete", "NOW"},
	{ask(registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true}}), "domainSetDNSsec", "domainSetDNSSEC", "int 1"},
	{ask(registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{}}), "domainSetDNSsec", "", "int 0"},
	{ask(registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, Key: dnskey()}}), "domainSetDNSSecExt", "domainSetDNSSECExt",
		"[0], int 257, int 3, int 13, " + publicKey},
	{ask(registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, DS: ds()}}), "domainSetDNSSecExt", "domainSetDNSSECExt",
		"[1], item , key int 60485, type int 1, digest " + strings.ToLower(digest) + ", int 257, int 3, int 5, "},
	{ask(registrars.LockChange, domains.Settings{Lock: new(true)}), "domainSetPreference", "domainSetPreference.registrar_lock", "registrar_lock, 1"},
	{ask(registrars.PrivacyChange, domains.Settings{Privacy: new(false)}), "domainSetPreference", "domainSetPreference", "whois_privacy, 0"},
	{ask(registrars.AutoRenewalChange, domains.Settings{AutoRenewal: new(true)}), "domainSetPreference", "domainsetpreference.auto_renew", "auto_renew, 1"},
	{ask(registrars.ZoneReset, domains.Settings{ZoneTemplate: new(7)}), "domainZoneInit", "domainZoneInit", "int 7"},
}

var argument = regexp.MustCompile(`<(\w+) xsi:type="(?:xsd|ns1|SOAP-ENC):(\w+)"(?: SOAP-ENC:arrayType="ns1:StructDSRecord(\[\d+\])")?>([^<]*)`)

// sent writes the arguments of a call in the form of the table.
func (s *server) sent(function string) string {
	s.lock.Lock()
	defer s.lock.Unlock()
	var words []string
	for _, m := range argument.FindAllStringSubmatch(s.bodies[function][len(s.bodies[function])-1], -1) {
		kind := map[string]string{"int": "int "}[m[2]]
		name := m[1] + " " // of a member; arguments have none
		if m[1] == "Item" {
			name = ""
		}
		words = append(words, name+kind+m[3]+m[4])
	}
	return strings.Join(words, ", ")
}

func operationReply(function, status, code string) answer {
	return raw(http.StatusOK, "<Envelope><Body><"+function+"Response><return><ID_OPE>77</ID_OPE><STATUS>"+status+
		"</STATUS><MESSAGE>KEY-2</MESSAGE><TYPE>"+code+"</TYPE></return></"+function+"Response></Body></Envelope>")
}

func TestSubmitArguments(t *testing.T) {
	for _, test := range kinds {
		s := newServer(t)
		s.on(test.function, operationReply(test.function, "Pending", test.code))
		got, err := plugin(t, s).Submit(t.Context(), test.request)
		if err != nil || got.Kind != test.request.Kind || got.Status != registrars.StatusPending || got.Domain != shop || got.Reference != "77" {
			t.Errorf("%s: %+v, %v", test.function, got, err)
		}
		want := sessionID + ", shop.example, " + test.arguments
		if sent := s.sent(test.function); sent != want {
			t.Errorf("%s:\n got %s\nwant %s", test.function, sent, want)
		}
		// The answer is about something else, or lost: outcome unknown, and not sent
		// again.
		for name, answer := range map[string]answer{
			"another kind": operationReply(test.function, "Done", "domainCreate"), "cut": cut,
			"another setting": operationReply(test.function, "Done", "domainSetPreference.to_be_renewed"),
		} {
			s.on(test.function, answer)
			before := s.count(test.function)
			_, err = plugin(t, s).Submit(t.Context(), test.request)
			failed(t, err, registrars.ClassOutcomeUnknown, "")
			if s.count(test.function) != before+1 {
				t.Errorf("%s, %s: not sent exactly once", test.function, name)
			}
		}
	}
}

func TestDoneAuthCodeShowsNoCode(t *testing.T) {
	s := newServer(t)
	s.on("domainAuthID", operationReply("domainAuthID", "Done", "domainAuthid"))
	got, err := plugin(t, s).Submit(t.Context(), ask(registrars.AuthCodeChange, domains.Settings{}))
	if err != nil || got.Status != registrars.StatusDone || got.Reason != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSubmitOtherKindsRefusesBeforeItSends(t *testing.T) {
	s := newServer(t)
	n := plugin(t, s)
	for field, r := range map[string]registrars.Request{
		"years":                 {Kind: registrars.Renewal, Domain: shop},
		"expires":               {Kind: registrars.Renewal, Domain: shop, Years: 1},
		"owner":                 {Kind: registrars.OwnerChange, Domain: shop},
		"admin":                 {Kind: registrars.ContactChange, Domain: shop},
		"nameServers":           {Kind: registrars.NameServerChange, Domain: shop},
		"settings.dnssec":       {Kind: registrars.DNSSECChange, Domain: shop},
		"settings.lock":         {Kind: registrars.LockChange, Domain: shop},
		"settings.privacy":      {Kind: registrars.PrivacyChange, Domain: shop},
		"settings.autoRenewal":  {Kind: registrars.AutoRenewalChange, Domain: shop},
		"settings.zoneTemplate": {Kind: registrars.ZoneReset, Domain: shop},
	} {
		_, err := n.Submit(t.Context(), r)
		if e := failed(t, err, registrars.ClassInvalid, ""); e.Field != field || e.Rule == "" {
			t.Errorf("field %q, want %q", e.Field, field)
		}
	}
	if len(s.actions) != 0 {
		t.Errorf("sent: %v", s.actions)
	}
}

func TestDNSSECShape(t *testing.T) {
	n := plugin(t, newServer(t))
	key := func(change func(*domains.DNSKEY)) domains.DNSSEC {
		k := dnskey()
		change(k)
		return domains.DNSSEC{Sign: true, Key: k}
	}
	record := func(change func(*domains.DS)) domains.DNSSEC {
		records := append(ds(), ds()...)
		change(&records[1])
		return domains.DNSSEC{Sign: true, DS: records}
	}
	for field, d := range map[string]domains.DNSSEC{
		"":                  {Sign: true, Key: dnskey(), DS: ds()},
		".sign":             {Key: dnskey()},
		".key.flags":        key(func(k *domains.DNSKEY) { k.Flags = 65536 }),
		".key.protocol":     key(func(k *domains.DNSKEY) { k.Protocol = -1 }),
		".key.algorithm":    key(func(k *domains.DNSKEY) { k.Algorithm = 256 }),
		".key.publicKey":    key(func(k *domains.DNSKEY) { k.PublicKey = "no key" }),
		".ds[1].keyTag":     record(func(d *domains.DS) { d.KeyTag = 70000 }),
		".ds[1].algorithm":  record(func(d *domains.DS) { d.Algorithm = 8 }),
		".ds[1].digest":     record(func(d *domains.DS) { d.Digest = "xyz" }),
		".ds[1].digestType": record(func(d *domains.DS) { d.DigestType = 256 }),
	} {
		err := n.Check(t.Context(), ask(registrars.DNSSECChange, domains.Settings{DNSSEC: &d}))
		if e := failed(t, err, registrars.ClassInvalid, ""); e.Field != "settings.dnssec"+field {
			t.Errorf("field %q, want %q", e.Field, field)
		}
	}
}
