package epp_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	"domainprovisioning/registrars/registrarstest"
	standin "domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
)

// TestAContactIsMadeOnce: equal data have one handle, whatever was lost.
func TestAContactIsMadeOnce(t *testing.T) {
	w := newWorld(t, "registry", plain)
	owner, other := registrarstest.Contact(registrars.Owner), registrarstest.Contact(registrars.Tech)
	w.standin.Faults.Add(faults.Fault{Method: "contact.create", Kind: faults.CutAfter})
	_, err := w.plugin.CreateContact(t.Context(), owner)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	first, err := w.plugin.CreateContact(t.Context(), owner)
	if err != nil || len(first) != 16 || !strings.HasPrefix(first, "DP") {
		t.Fatalf("%q, %v", first, err)
	}
	before := w.Calls()
	handles, err := w.another().FindContacts(t.Context(), []registrars.Contact{owner, other, owner})
	if err != nil || handles[0] != first || handles[1] != "" || handles[2] != first {
		t.Errorf("%v, %v", handles, err)
	}
	if n := w.Calls() - before; n > 4 {
		t.Errorf("%d calls: login, one check, and a look at each that is taken", n)
	}
	if n := len(w.standin.Contacts()); n != 5 { // four are the world's
		t.Errorf("%d contacts", n)
	}
}

// TestAContactThatSomebodyChangedIsNotOurs: a second one costs nothing, and a wrong holder does.
func TestAContactThatSomebodyChangedIsNotOurs(t *testing.T) {
	w := newWorld(t, "registry", plain)
	contact := registrarstest.Contact(registrars.Owner)
	first := registrarstest.Keep(t, w.plugin, contact)
	w.standin.ChangeContact(first.Handle, "other@other.example")
	if handle, err := registrarstest.Find(t.Context(), w.plugin, contact); err != nil || handle != "" {
		t.Errorf("%q, %v", handle, err)
	}
	second := registrarstest.Keep(t, w.plugin, contact)
	if second.Handle == first.Handle || second.Handle == "" {
		t.Errorf("%q after %q", second.Handle, first.Handle)
	}
	if handle, err := registrarstest.Find(t.Context(), w.plugin, contact); err != nil || handle != second.Handle {
		t.Errorf("%q, %v", handle, err)
	}
}

// TestTheFormOfAnAddress: letters other than ASCII's need the local form, if it is allowed.
func TestTheFormOfAnAddress(t *testing.T) {
	ascii, other := registrarstest.Contact(registrars.Tech), registrarstest.Contact(registrars.Admin)
	for postal, want := range map[string][2]string{"auto": {"int", "loc"}, "loc": {"loc", "loc"}, "int": {"int", ""}} {
		w := newWorld(t, "registry", func(_ *standin.Options, c *epp.Config) { c.Postal, c.Hide = postal, true })
		for i, contact := range []registrars.Contact{ascii, other} {
			handle, err := w.plugin.CreateContact(t.Context(), contact)
			if want[i] == "" {
				if refused := wantClass(t, err, registrars.ClassInvalid); !strings.HasPrefix(refused.Field, string(contact.Role)+".") {
					t.Errorf("%v", err)
				}
				continue
			}
			made, ok := w.standin.Contact(handle)
			if err != nil || !ok || made.PostalType != want[i] || made.Disclose == nil || made.Disclose.Flag || len(made.Disclose.Elements) != 6 {
				t.Errorf("%s: %+v, %v", postal, made, err)
			}
		}
	}
}

// TestContactsOfTheRegistrysRoles: what the registry has no role for is not sent.
func TestContactsOfTheRegistrysRoles(t *testing.T) {
	w := newWorld(t, "registry", func(_ *standin.Options, c *epp.Config) { c.Contacts = []string{"owner", "tech"} })
	request := w.Request(registrars.Registration, 1)
	submit(t, w, request)
	domain, _ := w.standin.Domain(request.Domain.String())
	if domain.Registrant == "" || domain.Contacts["tech"] == "" || domain.Contacts["admin"]+domain.Contacts["billing"] != "" {
		t.Errorf("%+v", domain)
	}
	thin := newWorld(t, "registry", func(o *standin.Options, c *epp.Config) {
		c.Contacts, o.Without = []string{}, []string{"urn:ietf:params:xml:ns:contact-1.0"}
	})
	bare := thin.Request(registrars.Registration, 1) // looks for the contacts, and makes them
	if handle := bare.Contacts[registrars.Owner].Handle; handle != "" {
		t.Errorf("%q at a registry without contacts", handle)
	}
	submit(t, thin, bare)
	if owner := submit(t, thin, thin.Request(registrars.OwnerChange, 2)); owner.Status != registrars.StatusDone || thin.standin.Calls("domain.update") != 0 {
		t.Errorf("%+v", owner)
	}
}

// TestHostsAreMadeAndRemembered: those that the registry does not know are made, once.
func TestHostsAreMadeAndRemembered(t *testing.T) {
	w := newWorld(t, "registry", plain)
	for number := range 3 {
		request := w.Request(registrars.Registration, number+1)
		request.NameServers = domains.NameServers{"ns1.dns.example", "ns2.dns.example"}
		submit(t, w, request)
	}
	if n := w.standin.Calls("host.create") + w.standin.Calls("host.check"); n != 2 {
		t.Errorf("%d calls about hosts for three domains", n)
	}
	// A new process finds that they exist.
	request := w.Request(registrars.Registration, 4)
	request.NameServers = domains.NameServers{"ns1.dns.example", "ns2.dns.example"}
	if _, err := w.another().Submit(t.Context(), request); err != nil {
		t.Error(err)
	}
	// One below a domain of the registry that is not ours can be made by nobody but its owner.
	w.standin.AddElsewhere("theirs.registry", worldAuthCode, false)
	request = w.Request(registrars.Registration, 5)
	request.NameServers = domains.NameServers{"ns1.dns.example", "ns.theirs.registry"}
	_, err := w.plugin.Submit(t.Context(), request)
	if refused := wantClass(t, err, registrars.ClassInvalid); refused.Field != "nameServers.1" || w.Effects(registrars.Registration, request.Domain) != 0 {
		t.Errorf("%v", err)
	}
}

// TestAHostBelowTheDomainIsDelegatedTo with its addresses, whichever way the registry keeps it.
func TestAHostBelowTheDomainIsDelegatedTo(t *testing.T) {
	for _, form := range []string{"objects", "attributes"} {
		w := newWorld(t, "registry", func(o *standin.Options, c *epp.Config) { o.HostAttributes, c.Hosts = form == "attributes", form })
		request := w.Request(registrars.NameServerChange, 1)
		host := domains.Host{Name: "ns1." + request.Domain.String(), Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}}
		if _, err := w.plugin.CreateHost(t.Context(), host); err != nil {
			t.Fatal(err)
		}
		request.NameServers = domains.NameServers{host.Name, "ns2.dns.example"}
		submit(t, w, request)
		domain, _ := w.standin.Domain(request.Domain.String())
		addresses := domain.HostAddresses[host.Name]
		if form == "objects" {
			addresses, _ = w.standin.Host(host.Name)
		}
		if !request.NameServers.Same(domain.NameServers) || !slices.Equal(addresses, host.Addresses) {
			t.Errorf("%s: %v, %v", form, domain.NameServers, addresses)
		}
	}
}

// TestNewsIsAHint: every message is taken, those about a domain name it, and a round costs one
// command and two for each message.
func TestNewsIsAHint(t *testing.T) {
	w := newWorld(t, "registry", plain)
	name := w.Request(registrars.NameServerChange, 1).Domain
	if _, err := w.plugin.ReadDomain(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	moved := w.Request(registrars.Transfer, 2)
	w.Hold(moved.Domain)
	submit(t, w, moved)
	if err := w.Finish(moved.Domain); err != nil {
		t.Fatal(err)
	}
	w.standin.AnnounceChange(name.String(), "update", "support", "a lock")
	w.standin.AnnounceRGP(name.String(), "autoRenewPeriod")
	w.standin.AnnounceMaintenance("M-1", time.Date(2026, 12, 1, 2, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC))
	w.standin.AnnounceText("Credit is low")
	before, got := w.Calls(), []string{}
	for {
		notice, found, err := w.plugin.NextNotice(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			break
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", notice.Domain, notice.Claim, notice.Account)))
		if (notice.Text != "") != (notice.Account != "") {
			t.Errorf("%+v", notice)
		}
		if err := w.plugin.AcknowledgeNotice(t.Context(), notice.ID); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		moved.Domain.String() + " transfer/clientApproved", name.String() + " changed/update", name.String() + " grace/autoRenewPeriod",
		"maintenance/2026-12-01T02:00Z maintenance", "message other",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if n := w.Calls() - before; n != 1+2*len(want) {
		t.Errorf("%d commands for %d messages", n, len(want))
	}
}

// TestPremiumNames are not bought without a limit, and at no other price than the one told.
func TestPremiumNames(t *testing.T) {
	w := newWorld(t, "registry", plain)
	request := w.Request(registrars.Registration, 1)
	w.standin.SetPremium(request.Domain.String(), 500_00, 500_00, 500_00)
	wantClass(t, w.plugin.Check(t.Context(), request), registrars.ClassPrice)
	_, err := w.plugin.Submit(t.Context(), request)
	wantClass(t, err, registrars.ClassPrice)
	request.PriceLimit = &registrars.Price{Cents: 600_00, Currency: "EUR"}
	if err := w.plugin.Check(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	// The price rises between the check and the command.
	w.standin.SetPrice(request.Domain.String(), "create", 700_00)
	_, err = w.plugin.Submit(t.Context(), request)
	if refused := wantClass(t, err, registrars.ClassTemporary); !refused.Refused {
		t.Errorf("%v", err)
	}
	_, err = w.plugin.Submit(t.Context(), request)
	wantClass(t, err, registrars.ClassPrice)
	w.standin.SetPrice(request.Domain.String(), "create", 550_00)
	w.standin.Faults.Clear()
	if _, err := w.another().Submit(t.Context(), request); err != nil {
		t.Error(err)
	}
	domain, _ := w.standin.Domain(request.Domain.String())
	if domain.Fee != "550.00" || w.Effects(registrars.Registration, request.Domain) != 1 {
		t.Errorf("fee %s, %d effects", domain.Fee, w.Effects(registrars.Registration, request.Domain))
	}
}

// TestPricesOfTheContract serve where the registry tells none.
func TestPricesOfTheContract(t *testing.T) {
	without := func(prices ...string) func(*standin.Options, *epp.Config) {
		return func(o *standin.Options, c *epp.Config) {
			o.Without, c.Prices = []string{"urn:ietf:params:xml:ns:epp:fee-1.0"}, prices
		}
	}
	w := newWorld(t, "registry", without("create 8.50EUR", "restore 40.00 EUR"))
	request := w.Request(registrars.Registration, 1)
	request.Years, request.PriceLimit = 2, &registrars.Price{Cents: 17_00}
	if err := w.plugin.Check(t.Context(), request); err != nil {
		t.Error(err)
	}
	request.Years = 3
	wantClass(t, w.plugin.Check(t.Context(), request), registrars.ClassPrice)
	request.PriceLimit = nil
	submit(t, w, request)
	drafts := newWorld(t, "registry", func(o *standin.Options, c *epp.Config) {
		without("create 8.50EUR")(o, c)
		o.Also = []string{"urn:ietf:params:xml:ns:fee-0.11"}
	})
	request = drafts.Request(registrars.Registration, 1)
	request.PriceLimit = &registrars.Price{Cents: 17_00}
	if refused := wantClass(t, drafts.plugin.Check(t.Context(), request), registrars.ClassInvalid); refused.Field != "price" {
		t.Errorf("%v", refused)
	}
	none := newWorld(t, "registry", without())
	request = none.Request(registrars.Restore, 1)
	if refused := wantClass(t, none.plugin.Check(t.Context(), request), registrars.ClassInvalid); refused.Field != "price" || !strings.Contains(refused.Rule, "epp.prices") {
		t.Errorf("%v", refused)
	}
}

// TestFundsAreTold when the registry says what is left.
func TestFundsAreTold(t *testing.T) {
	var told float64
	w := newWorld(t, "registry", func(_ *standin.Options, c *epp.Config) {
		c.Funds = func(spendable float64, currency string) {
			if told = spendable; currency != "EUR" {
				t.Errorf("%s", currency)
			}
		}
	})
	submit(t, w, w.Request(registrars.Registration, 1))
	if want := float64(w.standin.Balance()) / 100; told != want {
		t.Errorf("%f, want %f", told, want)
	}
	w.standin.SetBalance(1)
	_, err := w.plugin.Submit(t.Context(), w.Request(registrars.Renewal, 2))
	wantClass(t, err, registrars.ClassBalance)
}

// TestLaunchPhases are named only where they are configured.
func TestLaunchPhases(t *testing.T) {
	for phase, want := range map[string]string{"": "", "landrush": "landrush", "early": "custom"} {
		w := newWorld(t, "registry", func(_ *standin.Options, c *epp.Config) { c.LaunchPhase = phase })
		request := w.Request(registrars.Registration, 1)
		submit(t, w, request)
		if domain, _ := w.standin.Domain(request.Domain.String()); domain.Launch != want {
			t.Errorf("%q: %q, want %q", phase, domain.Launch, want)
		}
	}
	const launch = "urn:ietf:params:xml:ns:launch-1.0"
	w := newWorld(t, "registry", func(o *standin.Options, c *epp.Config) { o.Without, c.LaunchPhase = []string{launch}, "landrush" })
	_, err := w.plugin.ReadDomain(t.Context(), domains.MustParseName("a.registry"))
	if refused := wantClass(t, err, registrars.ClassAuth); refused.Rule != "the registry does not offer "+launch || w.standin.Calls("login") != 0 {
		t.Errorf("%v after %d logins", err, w.standin.Calls("login"))
	}
}

// TestTheKeysOfAZoneElsewhereDoNotStay when a domain that a transfer has brought changes its name
// servers: in one command, and only if they change.
func TestTheKeysOfAZoneElsewhereDoNotStay(t *testing.T) {
	ours := domains.DS{KeyTag: 7, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("CD", 32)}
	for name, c := range map[string]struct {
		settings domains.Settings
		servers  domains.NameServers
		left     int
	}{
		"not signed here": {domains.Settings{DNSSEC: &domains.DNSSEC{}}, domains.NameServers{"ns1.dns.example", "ns2.dns.example"}, 0},
		"signed here":     {domains.Settings{DNSSEC: &domains.DNSSEC{Sign: true, DS: []domains.DS{ours}}}, domains.NameServers{"ns1.dns.example", "ns2.dns.example"}, 1},
		"the same zone":   {domains.Settings{DNSSEC: &domains.DNSSEC{}}, domains.NameServers{"ns1.old.example", "ns2.old.example"}, 1},
		"an order":        {domains.Settings{}, domains.NameServers{"ns1.dns.example", "ns2.dns.example"}, 1},
	} {
		w := newWorld(t, "registry", plain)
		request := w.Request(registrars.DNSSECChange, 1)
		submit(t, w, request)
		request.Kind, request.Settings, request.NameServers = registrars.NameServerChange, c.settings, c.servers
		before := w.standin.Calls("domain.update")
		submit(t, w, request)
		domain, _ := w.standin.Domain(request.Domain.String())
		if len(domain.DS) != c.left || name == "signed here" && domain.DS[0] != ours || !c.servers.Same(domain.NameServers) || w.standin.Calls("domain.update") > before+1 {
			t.Errorf("%s: %v, %v", name, domain.DS, domain.NameServers)
		}
	}
}

// TestAKeyBecomesADigest where the registry keeps digests.
func TestAKeyBecomesADigest(t *testing.T) {
	w := newWorld(t, "registry", func(_ *standin.Options, c *epp.Config) { c.DNSSEC = "ds" })
	request := w.Request(registrars.DNSSECChange, 1)
	request.Settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: "AwEAAQ=="}}
	submit(t, w, request)
	domain, _ := w.standin.Domain(request.Domain.String())
	if len(domain.DS) != 1 || len(domain.Keys) != 0 || domain.DS[0].DigestType != 2 {
		t.Errorf("%+v", domain)
	}
	if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State != registrars.FoundObject {
		t.Errorf("Find says %s, %v", finding.State, err)
	}
	request.Settings.DNSSEC = &domains.DNSSEC{Sign: true}
	if refused := wantClass(t, w.plugin.Check(t.Context(), request), registrars.ClassInvalid); refused.Field != "settings.dnssec" {
		t.Errorf("%v", refused)
	}
}
