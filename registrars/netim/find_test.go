package netim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// pendingList returns a list with one operation on a domain.
func pendingList(code, domain string) answer {
	item := ""
	if code != "" {
		item = "<item><id_ope>81</id_ope><code_ope>" + code + "</code_ope><data_ope>" + domain + "</data_ope></item>"
	}
	return raw(http.StatusOK, "<Envelope><Body><queryOpePendingResponse><return>"+item+"</return></queryOpePendingResponse></Body></Envelope>")
}

// domainInfo returns the fixture with changes: ACTIVE, until 2028-01-02, OWN1 ADM1
// TEC1 BIL1, locked, neither private nor renewed nor signed.
func domainInfo(t *testing.T, pairs ...string) answer {
	t.Helper()
	text := fill(read(t, "domainInfo.reply.xml"), "DOMAIN", "shop.example")
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return raw(http.StatusOK, fill(text, "STATUS", "ACTIVE, DELEGATED"))
}

func TestFindVerdicts(t *testing.T) {
	const object, nothing, unclear = registrars.FoundObject, registrars.FoundNothing, registrars.Unclear
	notOurs := fault(t, "E15-M1502", "E15-M1502 : Domain not under management")
	asIs, gone := domainInfo(t), domainInfo(t, "{{STATUS}}", "DELETED")
	of := func(kind registrars.Kind) registrars.Request { return ask(kind, domains.Settings{}) }
	expires := func(year int) registrars.Request {
		r := of(registrars.Renewal)
		r.Expires = time.Date(year, 1, 2, 23, 0, 0, 0, time.UTC)
		return r
	}
	contact := func(kind registrars.Kind, role registrars.Role, handle string) registrars.Request {
		r := of(kind)
		r.Contacts[role] = registrars.Contact{Handle: handle}
		return r
	}
	servers := of(registrars.NameServerChange)
	servers.NameServers = domains.NameServers{"ns2.host.example", "ns9.host.example"}
	set := func(kind registrars.Kind, on bool) registrars.Request {
		return ask(kind, domains.Settings{Lock: &on, Privacy: &on, AutoRenewal: &on, DNSSEC: &domains.DNSSEC{Sign: on}})
	}
	key := ask(registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, Key: dnskey()}})
	records := ask(registrars.DNSSECChange, domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, DS: ds()}})
	zone := ask(registrars.ZoneReset, domains.Settings{ZoneTemplate: new(7)})
	const noDNSSEC = `<DNSSEC xsi:nil="true"/>`
	for name, test := range map[string]struct {
		request registrars.Request
		info    answer
		want    registrars.FindingState
	}{
		"transferred":           {of(registrars.Transfer), asIs, object},
		"transfer, not here":    {of(registrars.Transfer), notOurs, nothing},
		"transfer, left before": {of(registrars.Transfer), domainInfo(t, "{{STATUS}}", "TRANSFERRED OUT"), nothing},
		"transfer, odd":         {of(registrars.Transfer), domainInfo(t, "{{STATUS}}", "ERROR"), unclear},
		"renewed":               {expires(2027), asIs, object},
		"not renewed":           {expires(2028), asIs, nothing},
		"renewal, earlier":      {expires(2029), asIs, unclear},
		"renewal, no date":      {expires(2028), domainInfo(t, "2028-01-02", "soon"), unclear},
		"renewal, not here":     {expires(2028), notOurs, unclear},
		"renewal, gone":         {expires(2027), gone, unclear},
		"new owner":             {contact(registrars.OwnerChange, registrars.Owner, "own1"), asIs, object},
		"old owner":             {contact(registrars.OwnerChange, registrars.Owner, "OWN2"), asIs, nothing},
		"owner not said":        {of(registrars.OwnerChange), domainInfo(t, ">OWN1<", "><"), unclear},
		"new contacts":          {of(registrars.ContactChange), asIs, object},
		"one old contact":       {contact(registrars.ContactChange, registrars.Tech, "TEC2"), asIs, nothing},
		"contacts, gone":        {of(registrars.ContactChange), gone, unclear},
		"new name servers":      {of(registrars.NameServerChange), asIs, object},
		"old name servers":      {servers, asIs, nothing},
		"locked":                {set(registrars.LockChange, true), asIs, object},
		"not unlocked":          {set(registrars.LockChange, false), asIs, nothing},
		"lock not said":         {set(registrars.LockChange, true), domainInfo(t, `<domainIsLock xsi:type="xsd:int">1<`, `<domainIsLock xsi:type="xsd:int">7<`), unclear},
		"private":               {set(registrars.PrivacyChange, false), asIs, object},
		"not private":           {set(registrars.PrivacyChange, true), asIs, nothing},
		"renewed by itself":     {set(registrars.AutoRenewalChange, true), asIs, nothing},
		"signed":                {set(registrars.DNSSECChange, true), domainInfo(t, `<IsSigned xsi:type="xsd:int">0<`, `<IsSigned xsi:type="xsd:int">1<`), object},
		"not signed":            {set(registrars.DNSSECChange, true), asIs, nothing},
		"key, not shown":        {key, asIs, unclear},
		"key, shown":            {key, domainInfo(t, noDNSSEC, "<DNSSEC><item><key>k</key><value> b3Blbn Nlc2FtZQ== </value></item></DNSSEC>"), object},
		"DS, shown":             {records, domainInfo(t, noDNSSEC, "<DNSSEC><item><key>k</key><value><x>"+digest+"</x></value></item></DNSSEC>"), object},
		"DS, another":           {records, domainInfo(t, noDNSSEC, "<DNSSEC><item><key>k</key><value>00</value></item></DNSSEC>"), unclear},
		"auth code":             {of(registrars.AuthCodeChange), asIs, unclear},
		"zone":                  {zone, asIs, unclear},
		"deleted, not here":     {of(registrars.Deletion), notOurs, object},
		"deleted":               {of(registrars.Deletion), gone, object},
		"not deleted":           {of(registrars.Deletion), asIs, nothing},
		"being deleted":         {of(registrars.Deletion), domainInfo(t, "{{STATUS}}", "QUARANTINE, NOT DELEGATED"), unclear},
	} {
		s := newServer(t)
		// The same operation on another domain, and another operation on this one, do
		// not count.
		s.on("queryOpePending", pendingList("contactUpdate", "shop.example"))
		s.on("domainInfo", test.info)
		got, err := plugin(t, s).Find(t.Context(), test.request)
		if err != nil || got.State != test.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if got.State == object && (got.Operation.Kind != test.request.Kind || got.Operation.Status != registrars.StatusDone || got.Operation.Domain != shop) {
			t.Errorf("%s: %+v", name, got.Operation)
		}
	}
}

func TestFindPending(t *testing.T) {
	for _, test := range kinds {
		code := test.code
		if code == "" || code == "domainSetPreference" {
			continue
		}
		s := newServer(t)
		s.on("queryOpePending", pendingList(code, "SHOP.example"))
		got, err := plugin(t, s).Find(t.Context(), test.request)
		if err != nil || got.State != registrars.FoundOperation || got.Operation.Reference != "81" || got.Operation.Kind != test.request.Kind {
			t.Errorf("%s: %+v, %v", code, got, err)
		}
	}
	// A setting without its name may be this one, so the old state is no proof.
	s := newServer(t)
	s.on("queryOpePending", pendingList("domainSetPreference", "shop.example"))
	s.on("domainInfo", domainInfo(t))
	for on, want := range map[bool]registrars.FindingState{true: registrars.FoundObject, false: registrars.Unclear} {
		got, err := plugin(t, s).Find(t.Context(), ask(registrars.LockChange, domains.Settings{Lock: &on}))
		if err != nil || got.State != want {
			t.Errorf("%v: %+v, %v", on, got, err)
		}
	}
}

func TestFindNeedsWhatItCompares(t *testing.T) {
	n := plugin(t, newServer(t))
	for field, r := range map[string]registrars.Request{
		"domain":        {Kind: registrars.Renewal},
		"kind":          {Kind: "barter", Domain: shop},
		"expires":       {Kind: registrars.Renewal, Domain: shop},
		"owner":         {Kind: registrars.OwnerChange, Domain: shop},
		"nameServers":   {Kind: registrars.NameServerChange, Domain: shop},
		"settings.lock": {Kind: registrars.LockChange, Domain: shop},
	} {
		_, err := n.Find(t.Context(), r)
		if e := failed(t, err, registrars.ClassInvalid, ""); e.Field != field {
			t.Errorf("field %q, want %q", e.Field, field)
		}
	}
}
