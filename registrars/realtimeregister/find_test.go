package realtimeregister_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

const noProcesses = `{"entities": []}`

func processes(list ...string) string { return `{"entities": [` + strings.Join(list, ",") + `]}` }

func process(id int, status, action, command string) string {
	return fmt.Sprintf(`{"id": %d, "status": %q, "type": "domain", "action": %q, "identifier": "shop.example", "command": {%s}}`, id, status, action, command)
}

func domainWith(members string) answer {
	return text(200, `{"domainName": "shop.example", `+members+`}`)
}

func TestFind(t *testing.T) {
	missing := func() answer { return failing(400, "ObjectDoesNotExist") }
	expires := `"status": ["OK"], "expiryDate": `
	for name, c := range map[string]struct {
		kind      registrars.Kind
		processes string
		domain    answer // nil: it is not read
		want      registrars.FindingState
		reference string
	}{
		"registration runs":                   {registrars.Registration, processes(process(9, "RUNNING", "create", "")), nil, registrars.FoundOperation, "9"},
		"registration in doubt":               {registrars.Registration, processes(process(9, "IN_DOUBT", "create", "")), nil, registrars.FoundOperation, "9"},
		"registration done":                   {registrars.Registration, processes(process(9, "COMPLETED", "create", "")), domainWith(`"status": ["OK"]`), registrars.FoundObject, ""},
		"registered, holder not validated":    {registrars.Registration, noProcesses, domainWith(`"status": ["PENDING_VALIDATION"]`), registrars.FoundObject, ""},
		"registration unknown to anybody":     {registrars.Registration, noProcesses, missing(), registrars.FoundNothing, ""},
		"registration failed":                 {registrars.Registration, processes(process(9, "FAILED", "create", "")), missing(), registrars.FoundNothing, ""},
		"done, and the domain is not there":   {registrars.Registration, processes(process(9, "COMPLETED", "create", "")), missing(), registrars.Unclear, ""},
		"registered once, and deleted since":  {registrars.Registration, processes(process(10, "COMPLETED", "delete", ""), process(9, "COMPLETED", "create", "")), missing(), registrars.FoundNothing, ""},
		"registered, we may not read it":      {registrars.Registration, noProcesses, failing(403, "AuthorizationError"), registrars.Unclear, ""},
		"registered, and on its way out":      {registrars.Registration, noProcesses, domainWith(`"status": ["REDEMPTION_PERIOD"]`), registrars.Unclear, ""},
		"registered, in an unknown status":    {registrars.Registration, noProcesses, domainWith(`"status": ["NEW_WORD"]`), registrars.Unclear, ""},
		"something unknown runs":              {registrars.Registration, processes(process(9, "RUNNING", "adopt", "")), missing(), registrars.Unclear, ""},
		"another's process":                   {registrars.Registration, strings.ReplaceAll(processes(process(9, "RUNNING", "create", "")), "shop.example", "other.example"), missing(), registrars.FoundNothing, ""},
		"transfer runs":                       {registrars.Transfer, processes(process(9, "SUSPENDED", "incomingTransfer", "")), nil, registrars.FoundOperation, "9"},
		"renewed":                             {registrars.Renewal, noProcesses, domainWith(expires + `"2028-01-02T03:04:05Z"`), registrars.FoundObject, ""},
		"not renewed":                         {registrars.Renewal, noProcesses, domainWith(expires + `"2027-01-02T09:04:05Z"`), registrars.FoundNothing, ""},
		"renewed before by another order":     {registrars.Renewal, processes(process(9, "COMPLETED", "renew", "")), domainWith(expires + `"2027-01-02T03:04:05Z"`), registrars.FoundNothing, ""},
		"shorter than before":                 {registrars.Renewal, noProcesses, domainWith(expires + `"2026-01-02T03:04:05Z"`), registrars.Unclear, ""},
		"no date":                             {registrars.Renewal, noProcesses, domainWith(`"status": ["OK"]`), registrars.Unclear, ""},
		"the renewed domain is gone":          {registrars.Renewal, noProcesses, missing(), registrars.Unclear, ""},
		"the new owner":                       {registrars.OwnerChange, noProcesses, domainWith(`"status": ["OK"], "registrant": "shop-1001"`), registrars.FoundObject, ""},
		"the old owner":                       {registrars.OwnerChange, noProcesses, domainWith(`"status": ["OK"], "registrant": "old"`), registrars.FoundNothing, ""},
		"owner change waits for an answer":    {registrars.OwnerChange, processes(process(9, "SUSPENDED", "update", `"registrant": "shop-1001"`)), nil, registrars.FoundOperation, "9"},
		"contacts, none of them for billing":  {registrars.ContactChange, noProcesses, domainWith(`"status": ["OK"], "contacts": [{"role": "ADMIN", "handle": "shop-1001"}, {"role": "TECH", "handle": "shop-tech"}]`), registrars.FoundObject, ""},
		"one contact is the old one":          {registrars.ContactChange, noProcesses, domainWith(`"status": ["OK"], "contacts": [{"role": "ADMIN", "handle": "shop-1001"}, {"role": "TECH", "handle": "old"}]`), registrars.FoundNothing, ""},
		"no contacts at all":                  {registrars.ContactChange, noProcesses, domainWith(`"status": ["OK"]`), registrars.Unclear, ""},
		"delegated":                           {registrars.NameServerChange, noProcesses, domainWith(`"status": ["OK"], "ns": ["ns2.shop.example", "NS1.shop.example"]`), registrars.FoundObject, ""},
		"not delegated":                       {registrars.NameServerChange, noProcesses, domainWith(`"status": ["OK"], "ns": ["ns1.old.example", "bad host"]`), registrars.FoundNothing, ""},
		"delegated, and expired":              {registrars.NameServerChange, noProcesses, domainWith(`"status": ["EXPIRED"], "ns": ["ns1.shop.example", "ns2.shop.example"]`), registrars.Unclear, ""},
		"no auth code was ever asked for":     {registrars.AuthCodeChange, noProcesses, nil, registrars.FoundNothing, ""},
		"an auth code was made, perhaps ours": {registrars.AuthCodeChange, processes(process(9, "COMPLETED", "update", `"authcode": ""`)), nil, registrars.Unclear, ""},
		"an auth code failed":                 {registrars.AuthCodeChange, processes(process(9, "FAILED", "update", `"authcode": ""`)), nil, registrars.FoundNothing, ""},
		"something was updated, perhaps ours": {registrars.AuthCodeChange, processes(process(9, "COMPLETED", "update", `"a": 1`)), nil, registrars.Unclear, ""},
		"deleted":                             {registrars.Deletion, noProcesses, missing(), registrars.FoundObject, ""},
		"about to be deleted":                 {registrars.Deletion, noProcesses, domainWith(`"status": ["PENDING_DELETE", "REDEMPTION_PERIOD"]`), registrars.FoundObject, ""},
		"not deleted":                         {registrars.Deletion, noProcesses, domainWith(`"status": ["OK"]`), registrars.FoundNothing, ""},
		"only expired":                        {registrars.Deletion, noProcesses, domainWith(`"status": ["EXPIRED"]`), registrars.Unclear, ""},
		"locked":                              {registrars.LockChange, noProcesses, domainWith(`"status": ["CLIENT_TRANSFER_PROHIBITED"]`), registrars.FoundObject, ""},
		"not locked":                          {registrars.LockChange, noProcesses, domainWith(`"status": ["OK"]`), registrars.FoundNothing, ""},
		"private":                             {registrars.PrivacyChange, noProcesses, domainWith(`"status": ["OK"], "privacyProtect": true`), registrars.FoundObject, ""},
		"nothing said of privacy":             {registrars.PrivacyChange, noProcesses, domainWith(`"status": ["OK"]`), registrars.Unclear, ""},
		"not renewed by itself":               {registrars.AutoRenewalChange, noProcesses, domainWith(`"status": ["OK"], "autoRenew": false`), registrars.FoundNothing, ""},
		"signed":                              {registrars.DNSSECChange, noProcesses, domainWith(`"status": ["OK"], "zone": {"dnssec": true}`), registrars.FoundObject, ""},
		"not signed":                          {registrars.DNSSECChange, noProcesses, domainWith(`"status": ["OK"], "zone": {"dnssec": false}`), registrars.FoundNothing, ""},
		"a template was asked for, who knows": {registrars.ZoneReset, processes(process(9, "COMPLETED", "update", `"zone": {"template": "x"}`)), nil, registrars.Unclear, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on(processList, text(200, c.processes))
			if c.domain != nil {
				s.on(domainCall, c.domain)
			}
			if c.kind == registrars.Transfer && c.want != registrars.FoundOperation {
				s.on("GET domains/shop.example/transfer", missing())
			}
			got, err := s.plugin().Find(t.Context(), shopRequest(c.kind))
			if err != nil || got.State != c.want || got.Operation.Reference != c.reference {
				t.Errorf("got %+v, %v; want %s", got, err, c.want)
			}
			if got.State == registrars.FoundObject && got.Operation.Status != registrars.StatusDone {
				t.Errorf("found, and in status %s", got.Operation.Status)
			}
		})
	}
}

func TestFindAsksForTheLatestTransfer(t *testing.T) {
	for transfer, want := range map[string]registrars.FindingState{
		`{"domainName": "shop.example", "status": "pendingfoa", "type": "IN", "processId": 11}`: registrars.FoundOperation,
		`{"domainName": "shop.example", "status": "pondering", "type": "IN", "processId": 11}`:  registrars.FoundOperation,
		`{"domainName": "shop.example", "status": "pending", "type": "OUT", "processId": 11}`:   registrars.FoundNothing,
		`{"domainName": "shop.example", "status": "rejected", "type": "IN", "processId": 11}`:   registrars.FoundNothing,
		`{"domainName": "shop.example", "status": "completed", "type": "IN", "processId": 11}`:  registrars.FoundNothing,
	} {
		s := newServer(t)
		s.on(processList, text(200, noProcesses))
		s.on("GET domains/shop.example/transfer", text(200, transfer))
		s.on(domainCall, failing(400, "ObjectDoesNotExist"))
		got, err := s.plugin().Find(t.Context(), shopRequest(registrars.Transfer))
		if err != nil || got.State != want || want == registrars.FoundOperation && got.Operation.Reference != "11" {
			t.Errorf("%s: got %+v, %v", transfer, got, err)
		}
	}
}

func TestFindComparesKeys(t *testing.T) {
	key := domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: "a2V5"}
	ds := []domains.DS{{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: "ab"}}
	for name, c := range map[string]struct {
		want   domains.DNSSEC
		domain string
		state  registrars.FindingState
	}{
		"the key":                    {domains.DNSSEC{Sign: true, Key: &key}, `"keyData": [{"protocol": 3, "flags": 257, "algorithm": 13, "publicKey": "a2V5"}]`, registrars.FoundObject},
		"another key":                {domains.DNSSEC{Sign: true, Key: &key}, `"keyData": [{"protocol": 3, "flags": 257, "algorithm": 13, "publicKey": "b3RoZXI="}]`, registrars.FoundNothing},
		"a DS record for some key":   {domains.DNSSEC{Sign: true, Key: &key}, `"dsData": [{"keyTag": 7}]`, registrars.Unclear},
		"the DS record":              {domains.DNSSEC{Sign: true, DS: ds}, `"dsData": [{"keyTag": 1, "algorithm": 13, "digestType": 2, "digest": "AB"}]`, registrars.FoundObject},
		"one DS record more":         {domains.DNSSEC{Sign: true, DS: ds}, `"dsData": [{"keyTag": 1, "algorithm": 13, "digestType": 2, "digest": "AB"}, {"keyTag": 2}]`, registrars.FoundNothing},
		"none":                       {domains.DNSSEC{Sign: true, DS: ds}, `"ns": []`, registrars.FoundNothing},
		"nothing is signed any more": {domains.DNSSEC{}, `"ns": []`, registrars.FoundObject},
	} {
		s := newServer(t)
		s.on(processList, text(200, noProcesses))
		s.on(domainCall, domainWith(`"status": ["OK"], `+c.domain))
		request := shopRequest(registrars.DNSSECChange)
		request.Settings.DNSSEC = &c.want
		if got, err := s.plugin().Find(t.Context(), request); err != nil || got.State != c.state {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// TestALookThatFailsSaysNothing: it is an error, never "nothing there".
func TestALookThatFailsSaysNothing(t *testing.T) {
	for name, spoil := range map[string]func(*server){
		"the list is down":      func(s *server) { s.on(processList, failing(500, "InternalSRSError")) },
		"the list is garbage":   func(s *server) { s.on(processList, text(200, "{}")) },
		"the list is refused":   func(s *server) { s.on(processList, failing(403, "AuthorizationError")) },
		"the domain is down":    func(s *server) { s.on(domainCall, failing(502, "ProviderConnectionError")) },
		"the domain is another": func(s *server) { s.on(domainCall, text(200, `{"domainName": "other.example"}`)) },
		"the domain is garbage": func(s *server) { s.on(domainCall, text(200, "<html>")) },
		"too fast":              func(s *server) { s.on(domainCall, failing(429, "TooManyRequests")) },
	} {
		s := newServer(t)
		s.on(processList, text(200, noProcesses))
		spoil(s)
		if got, err := s.plugin().Find(t.Context(), shopRequest(registrars.Registration)); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestFindWantsWhatItComparesWith(t *testing.T) {
	for field, change := range map[string]func(*registrars.Request){
		"domain":        func(r *registrars.Request) { r.Domain = domains.Name{} },
		"kind":          func(r *registrars.Request) { r.Kind = "no-such-kind" },
		"expires":       func(r *registrars.Request) { r.Kind, r.Expires = registrars.Renewal, time.Time{} },
		"nameServers":   func(r *registrars.Request) { r.Kind, r.NameServers = registrars.NameServerChange, nil },
		"owner":         func(r *registrars.Request) { r.Kind, r.Contacts = registrars.OwnerChange, nil },
		"settings.lock": func(r *registrars.Request) { r.Kind = registrars.LockChange },
	} {
		request := shopRequest(registrars.Registration)
		change(&request)
		_, err := newServer(t).plugin().Find(t.Context(), request)
		if e := wantClass(t, err, registrars.ClassInvalid); e.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestReadDomain(t *testing.T) {
	s := newServer(t)
	s.on(domainCall, reply(t, 200, "domain"))
	got, err := s.plugin().ReadDomain(t.Context(), domains.MustParseName("shop.example"))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Active || got.Word != "OK" || !got.Expires.Equal(time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)) || got.Created.IsZero() ||
		fmt.Sprint(got.NameServers) != "[ns1.shop.example ns2.shop.example]" || got.Handles[registrars.Owner] != "shop-1001" ||
		got.Handles[registrars.Tech] != "shop-tech" || got.Handles[registrars.Billing] != "" {
		t.Errorf("got %+v", got)
	}
	if *got.Settings.Lock || *got.Settings.Privacy || !*got.Settings.AutoRenewal || got.Settings.DNSSEC.Sign {
		t.Errorf("settings %+v", got.Settings)
	}
	if strings.Contains(fmt.Sprintf("%+v", got), "auth-code-2") {
		t.Error("the auth code was read")
	}
}
