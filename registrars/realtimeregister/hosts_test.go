package realtimeregister_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

const (
	hostName   = "ns1.shop.example"
	readHost   = "GET hosts/ns1.shop.example"
	createHost = "POST hosts/ns1.shop.example"
)

func shopHost(addresses ...string) domains.Host {
	host := domains.Host{Name: hostName}
	for _, text := range addresses {
		host.Addresses = append(host.Addresses, netip.MustParseAddr(text))
	}
	return host
}

// TestHostCreate: the request, and what its answers mean.
func TestHostCreate(t *testing.T) {
	for name, c := range map[string]struct {
		answer answer
		status registrars.Status
		class  registrars.Class
	}{
		"created":              {text(201, ""), registrars.StatusDone, ""},
		"created, with a body": {text(200, `{"addresses": []}`), registrars.StatusDone, ""},
		"accepted":             {text(202, "{}", "X-Process-Id", "77"), registrars.StatusPending, ""},
		"unreadable":           {text(200, "garbage"), "", registrars.ClassOutcomeUnknown},
		"a status that is new": {text(206, ""), "", registrars.ClassOutcomeUnknown},
		"it exists":            {failing(400, "ObjectExists"), "", registrars.ClassConflict},
		"no such domain":       {failing(400, "ObjectDoesNotExist"), "", registrars.ClassRejected},
		"a rule is broken":     {failing(400, "ValidationError"), "", registrars.ClassInvalid},
		"the process failed":   {failing(400, "ProcessError"), "", registrars.ClassRejected},
		"no rights":            {failing(403, "AuthorizationError"), "", registrars.ClassAuth},
		"the registry is away": {failing(503, "ProviderUnavailable"), "", registrars.ClassTemporary},
		"in doubt":             {failing(500, "InternalSRSError"), "", registrars.ClassOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on(createHost, c.answer)
			status, err := s.plugin().CreateHost(t.Context(), shopHost("192.0.2.1", "2001:db8::1"))
			s.sent(createHost, `{"addresses": [{"ipVersion": "V4", "address": "192.0.2.1"}, {"ipVersion": "V6", "address": "2001:db8::1"}]}`)
			if s.count(createHost) != 1 {
				t.Errorf("%d requests", s.count(createHost))
			}
			if c.class != "" {
				if e := wantClass(t, err, c.class); strings.Contains(e.Error(), "Jane") {
					t.Errorf("the error quotes the registrar: %v", e)
				}
				return
			}
			if err != nil || status != c.status {
				t.Errorf("got %s, %v", status, err)
			}
		})
	}
}

// TestFindHost: the host decides, and then an open process.
func TestFindHost(t *testing.T) {
	const process = `{"entities": [{"id": 77, "status": "%s", "type": "host", "action": "create", "identifier": "ns1.shop.example", "command": {}}], "pagination": {"limit": 100, "offset": 0, "total": 1}}`
	for name, c := range map[string]struct {
		host, list answer
		want       registrars.FindingState // "" for an error
	}{
		"there":              {text(200, `{"hostName": "ns1.shop.example", "addresses": [{"ipVersion": "V4", "address": "192.0.2.1"}, {"ipVersion": "V6", "address": "2001:DB8::1"}]}`), nil, registrars.FoundObject},
		"not there":          {failing(400, "ObjectDoesNotExist"), text(200, fmt.Sprintf(process, "FAILED")), registrars.FoundNothing},
		"being made":         {failing(404, "ObjectDoesNotExist"), text(200, fmt.Sprintf(process, "RUNNING")), registrars.FoundOperation},
		"nobody knows":       {failing(400, "ObjectDoesNotExist"), text(200, fmt.Sprintf(process, "IN_DOUBT")), registrars.FoundOperation},
		"unreadable address": {text(200, `{"addresses": [{"ipVersion": "V4", "address": "x"}]}`), nil, ""},
		"unreadable":         {text(200, `[]`), nil, ""},
		"list not to be had": {failing(400, "ObjectDoesNotExist"), failing(503, "ProviderUnavailable"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on(readHost, c.host)
			if c.list != nil {
				s.on(processList, c.list)
			}
			found, err := s.plugin().FindHost(t.Context(), hostName)
			if (c.want == "") != (err != nil) || found.State != c.want {
				t.Errorf("got %+v, %v", found, err)
			}
			if c.want == registrars.FoundObject && fmt.Sprint(found.Addresses) != "[192.0.2.1 2001:db8::1]" {
				t.Errorf("addresses %v", found.Addresses)
			}
			if query := s.query(processList); c.list != nil && (!strings.Contains(query, "type%3Aeq=host") || !strings.Contains(query, "identifier%3Aeq=ns1.shop.example")) {
				t.Errorf("asked for %s", query)
			}
		})
	}
}

// TestWhatARegistryTakes: every rule that a name or host breaks is named when the order comes,
// and the registrar refuses what the plug-in would let through.
func TestWhatARegistryTakes(t *testing.T) {
	w := newWorld(t, "sync", func(o *standin.Options) {
		o.TLDs = map[string]standin.TLD{
			"sync": {}, "long": {MinLength: 3, MaxLength: 12}, "ascii": {NoIDN: true}, "tongues": {Languages: []string{"FRE", "GER"}}, "few": {MaxHostAddresses: 2},
		}
	})
	type broken struct{ field, rule string }
	for _, c := range []struct {
		domain, language string
		want             []broken
	}{
		{"abc.long", "", nil},
		{"ab.long", "", []broken{{"domain", "the label has 2 characters, and this top-level domain takes 3 at least"}}},
		{"abcdefghijklm.long", "", []broken{{"domain", "the label has 13 characters, and this top-level domain takes 12 at most"}}},
		{"shop.sync", "FRE", []broken{{"language", "must not be given: the name is not internationalised"}}},
		{"ab.long", "FRE", []broken{{"domain", "takes 3 at least"}, {"language", "must not be given"}}},
		{"bücher.sync", "", nil},
		{"müller.sync", "GER", nil}, // the registry lists no codes, so it decides
		{"bücher.ascii", "", []broken{{"domain", "this top-level domain takes no internationalised names"}}},
		{"bücher.tongues", "", []broken{{"language", "required for an internationalised name in this top-level domain: one of FRE, GER"}}},
		{"bücher.tongues", "GRE", []broken{{"language", "none of those of this top-level domain: FRE, GER"}}},
		{"bücher.tongues", "GER", nil},
		// Two characters as people write it, and more in its coded form: the registrar decides.
		{"üb.long", "", nil},
	} {
		request := w.Request(registrars.Registration, 1)
		request.Domain, request.Language = domains.MustParseName(c.domain), c.language
		request.TLD = c.domain[strings.LastIndex(c.domain, ".")+1:]
		arriving := request
		arriving.Contacts = nil // their handles are not known yet, so nothing can be quoted
		got := registrars.Reasons(w.plugin.Check(t.Context(), arriving))
		if len(got) != len(c.want) {
			t.Errorf("%s %q: got %v, want %v", c.domain, c.language, got, c.want)
			continue
		}
		for i, want := range c.want {
			if got[i].Class != registrars.ClassInvalid || got[i].Field != want.field || !strings.Contains(got[i].Rule, want.rule) {
				t.Errorf("%s %q: got %v, want %v", c.domain, c.language, got[i], want)
			}
		}
		// The stand-in agrees, apart from a language where the registry lists none.
		if _, err := w.plugin.Submit(t.Context(), request); c.want != nil && err == nil {
			t.Errorf("%s %q: the registrar takes it", c.domain, c.language)
		}
	}
	if domain, ok := w.standin.Domain("xn--bcher-kva.tongues"); !ok || domain.Language != "GER" {
		t.Errorf("registered: %t, in %q", ok, domain.Language)
	}

	request := w.Request(registrars.Registration, 2)
	request.Domain, request.TLD = domains.MustParseName("shop.few"), "few"
	request.Contacts = nil // as when an order arrives
	request.NameServers = domains.NameServers{"ns2.dns.example", "ns1.shop.few"}
	request.Hosts = domains.Hosts{{Name: "ns1.shop.few", Addresses: shopHost("192.0.2.1", "192.0.2.2", "2001:db8::1").Addresses}}
	e := wantClass(t, registrars.Reasons(w.plugin.Check(t.Context(), request))[0], registrars.ClassInvalid)
	if e.Field != "nameServers.1" || e.Rule != "at most 2 addresses in this top-level domain" {
		t.Errorf("got %v", e)
	}
	request.Hosts[0].Addresses = request.Hosts[0].Addresses[:2]
	if err := w.plugin.Check(t.Context(), request); err != nil {
		t.Error(err)
	}
}
