package realtimeregister_test

import (
	"strings"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

func TestRegistrationIsQuotedThenAcknowledged(t *testing.T) {
	s := sold(t)
	s.on(createQuote, reply(t, 200, "create-quote"))
	s.on(createCall, reply(t, 202, "create-accepted", "X-Process-Id", "70012345"))
	operation, err := s.plugin().Submit(t.Context(), shopRequest(registrars.Registration))
	if err != nil || operation.Status != registrars.StatusPending || operation.Reference != "70012345" || operation.Kind != registrars.Registration {
		t.Fatalf("got %+v, %v", operation, err)
	}
	s.sent(createCall, fixture(t, "create.request"))
	if s.count(createCall) != 1 || s.count(createQuote) != 1 {
		t.Errorf("%d requests, %d quotes", s.count(createCall), s.count(createQuote))
	}
}

func TestTransfer(t *testing.T) {
	for name, c := range map[string]struct {
		answer    answer
		status    registrars.Status
		reference string
		class     registrars.Class
	}{
		"goes on":                   {reply(t, 202, "transfer"), registrars.StatusPending, "70012399", ""},
		"done":                      {text(200, `{"domainName": "shop.example", "status": "completed", "type": "IN", "processId": 7}`), registrars.StatusDone, "7", ""},
		"200, and not at its end":   {text(200, `{"domainName": "shop.example", "status": "pendingfoa", "processId": 7}`), registrars.StatusPending, "7", ""},
		"rejected at once":          {text(200, `{"domainName": "shop.example", "status": "rejected", "processId": 7}`), registrars.StatusFailed, "7", ""},
		"cancelled":                 {text(200, `{"domainName": "shop.example", "status": "CANCELLED", "processId": 7}`), registrars.StatusCancelled, "7", ""},
		"a word that nobody knows":  {text(200, `{"domainName": "shop.example", "status": "pondering", "processId": 7}`), registrars.StatusUnknown, "7", ""},
		"accepted, and says done":   {text(202, `{"domainName": "shop.example", "status": "completed", "processId": 7}`), registrars.StatusPending, "7", ""},
		"accepted without a number": {text(202, `{"domainName": "shop.example", "status": "pending"}`), "", "", registrars.ClassOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := sold(t)
			s.on(transferCall+"?quote", reply(t, 200, "free-quote"))
			s.on(transferCall, c.answer)
			operation, err := s.plugin().Submit(t.Context(), shopRequest(registrars.Transfer))
			if c.class != "" {
				wantClass(t, err, c.class)
				return
			}
			if err != nil || operation.Status != c.status || operation.Reference != c.reference {
				t.Errorf("got %+v, %v", operation, err)
			}
			s.sent(transferCall, fixture(t, "transfer.request"))
		})
	}
}

// TestWhatAnAnswerMeans: the status decides, and the body must not contradict it.
func TestWhatAnAnswerMeans(t *testing.T) {
	for name, c := range map[string]struct {
		answer    answer
		status    registrars.Status
		reference string
		class     registrars.Class
	}{
		"200":                        {text(200, "{}"), registrars.StatusDone, "", ""},
		"200 without a body":         {text(200, ""), registrars.StatusDone, "", ""},
		"200 with a number":          {text(200, "{}", "X-Process-Id", "9"), registrars.StatusDone, "9", ""},
		"201":                        {reply(t, 201, "create-done"), registrars.StatusDone, "", ""},
		"204":                        {text(204, ""), registrars.StatusDone, "", ""},
		"202 with the header":        {text(202, "", "X-Process-Id", "9"), registrars.StatusPending, "9", ""},
		"202 with the body's number": {text(202, `{"processId": 9}`), registrars.StatusPending, "9", ""},
		"202 with both":              {text(202, `{"processId": 8}`, "X-Process-Id", "9"), registrars.StatusPending, "9", ""},
		"202 without a number":       {text(202, `{"domainName": "shop.example"}`), "", "", registrars.ClassOutcomeUnknown},
		"202 with a strange number":  {text(202, `{"processId": "nine"}`, "X-Process-Id", "-1"), "", "", registrars.ClassOutcomeUnknown},
		"203":                        {text(203, "{}"), "", "", registrars.ClassOutcomeUnknown},
		"about another domain":       {text(200, `{"domainName": "other.example"}`), "", "", registrars.ClassOutcomeUnknown},
		"about something else":       {text(200, `{"domainName": 7}`), "", "", registrars.ClassOutcomeUnknown},
		"no JSON":                    {text(200, "<html>"), "", "", registrars.ClassOutcomeUnknown},
		"half":                       {text(200, `{"domainName": "shop`), "", "", registrars.ClassOutcomeUnknown},
		"a list":                     {text(200, "[]"), "", "", registrars.ClassOutcomeUnknown},
		"too large":                  {text(200, `{"x": "`+strings.Repeat("x", 9<<20)+`"}`), "", "", registrars.ClassOutcomeUnknown},
		"a redirect":                 {text(302, "", "Location", "/elsewhere"), "", "", registrars.ClassOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := sold(t)
			s.on(updateCall, c.answer)
			operation, err := s.plugin().Submit(t.Context(), shopRequest(registrars.NameServerChange))
			if c.class != "" {
				wantClass(t, err, c.class)
			} else if err != nil || operation.Status != c.status || operation.Reference != c.reference {
				t.Errorf("got %+v, %v", operation, err)
			}
			if s.count(updateCall) != 1 {
				t.Errorf("sent %d times", s.count(updateCall))
			}
		})
	}
}

// TestBodiesOfUpdates: nothing is sent that was not requested.
func TestBodiesOfUpdates(t *testing.T) {
	off := false
	key := domains.DNSKEY{Flags: 257, Protocol: 3, Algorithm: 13, PublicKey: "a2V5"}
	for name, c := range map[string]struct {
		kind   registrars.Kind
		change func(*registrars.Request)
		domain string // as read, if it is read
		want   string
	}{
		"owner":        {registrars.OwnerChange, nil, "", `{"registrant": "shop-1001"}`},
		"contacts":     {registrars.ContactChange, nil, "", `{"contacts": [{"role": "ADMIN", "handle": "shop-1001"}, {"role": "TECH", "handle": "shop-tech"}]}`},
		"name servers": {registrars.NameServerChange, nil, "", `{"ns": ["ns1.shop.example", "ns2.shop.example"]}`},
		"auth code":    {registrars.AuthCodeChange, nil, "", `{"authcode": ""}`},
		"privacy":      {registrars.PrivacyChange, nil, "", `{"privacyProtect": true}`},
		"auto renewal": {registrars.AutoRenewalChange, func(r *registrars.Request) { r.Settings.AutoRenewal = &off }, "", `{"autoRenew": false}`},
		"lock":         {registrars.LockChange, nil, `"status": ["OK", "ADD_PERIOD"]`, `{"status": ["OK", "ADD_PERIOD", "CLIENT_TRANSFER_PROHIBITED"]}`},
		"locked again": {registrars.LockChange, nil, `"status": ["CLIENT_TRANSFER_PROHIBITED", "SERVER_HOLD"]`, `{"status": ["SERVER_HOLD", "CLIENT_TRANSFER_PROHIBITED"]}`},
		"unlock": {registrars.LockChange, func(r *registrars.Request) { r.Settings.Lock = &off },
			`"status": ["CLIENT_TRANSFER_PROHIBITED"]`, `{"status": []}`},
		"unlock keeps others": {registrars.LockChange, func(r *registrars.Request) { r.Settings.Lock = &off },
			`"status": ["CLIENT_HOLD", "CLIENT_TRANSFER_PROHIBITED", "NEW_WORD"]`, `{"status": ["CLIENT_HOLD", "NEW_WORD"]}`},
		"template":       {registrars.ZoneReset, nil, `"zone": {"id": 1}`, `{"zone": {"template": "template-7"}}`},
		"sign the zone":  {registrars.DNSSECChange, nil, `"zone": {"id": 1}`, `{"zone": {"dnssec": true}}`},
		"stop signing":   {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = &domains.DNSSEC{} }, `"zone": {"id": 1}`, `{"zone": {"dnssec": false}}`},
		"take keys away": {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = &domains.DNSSEC{} }, `"ns": []`, `{"keyData": []}`},
		"take DS away":   {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = &domains.DNSSEC{} }, `"dsData": [{"keyTag": 1}]`, `{"dsData": []}`},
		"hand a key over": {registrars.DNSSECChange, func(r *registrars.Request) { r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, Key: &key} },
			`"ns": []`, `{"keyData": [{"protocol": 3, "flags": 257, "algorithm": 13, "publicKey": "a2V5"}]}`},
		"hand DS over": {registrars.DNSSECChange, func(r *registrars.Request) {
			r.Settings.DNSSEC = &domains.DNSSEC{Sign: true, DS: []domains.DS{{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: "AB"}}}
		}, `"ns": []`, `{"dsData": [{"keyTag": 1, "algorithm": 13, "digestType": 2, "digest": "AB"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := sold(t)
			s.on(updateQuote, reply(t, 200, "free-quote"))
			s.on(updateCall, text(200, "{}"))
			if c.domain != "" {
				s.on(domainCall, text(200, `{"domainName": "shop.example", `+c.domain+`}`))
			}
			request := shopRequest(c.kind)
			if c.change != nil {
				c.change(&request)
			}
			if _, err := s.plugin().Submit(t.Context(), request); err != nil {
				t.Fatal(err)
			}
			s.sent(updateCall, c.want)
		})
	}
}

func TestRenewalAndDeletion(t *testing.T) {
	s := sold(t)
	s.on("POST domains/shop.example/renew?quote", reply(t, 200, "free-quote"))
	s.on("POST domains/shop.example/renew", text(200, `{"domainName": "shop.example", "expiryDate": "2028-01-02T03:04:05Z"}`))
	request := shopRequest(registrars.Renewal)
	if operation, err := s.plugin().Submit(t.Context(), request); err != nil || operation.Status != registrars.StatusDone {
		t.Errorf("got %+v, %v", operation, err)
	}
	s.sent("POST domains/shop.example/renew", `{"period": 12}`)
	request.Expires = time.Time{}
	_, err := s.plugin().Submit(t.Context(), request)
	if e := wantClass(t, err, registrars.ClassInvalid); e.Field != "expires" {
		t.Errorf("got %v", err)
	}
	s.on("DELETE domains/shop.example", text(202, "", "X-Process-Id", "9"))
	if operation, err := s.plugin().Submit(t.Context(), shopRequest(registrars.Deletion)); err != nil || operation.Status != registrars.StatusPending {
		t.Errorf("got %+v, %v", operation, err)
	}
}

// TestAChargeThatWasNotQuoted is not paid, and nothing is sent twice.
func TestAChargeThatWasNotQuoted(t *testing.T) {
	s := sold(t)
	s.on(createQuote, reply(t, 200, "free-quote"))
	s.on(createCall, reply(t, 400, "acknowledge"))
	_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.Registration))
	wantClass(t, err, registrars.ClassTemporary)
	s.on(updateCall, reply(t, 400, "acknowledge"))
	_, err = s.plugin().Submit(t.Context(), shopRequest(registrars.NameServerChange))
	wantClass(t, err, registrars.ClassRejected)
	if s.count(createCall) != 1 || s.count(updateCall) != 1 {
		t.Error("a request was repeated")
	}
}

// TestTheDemandToAcknowledgeIsAQuote, wherever its list stands.
func TestTheDemandToAcknowledgeIsAQuote(t *testing.T) {
	for name, demand := range map[string]answer{
		"in the quote": reply(t, 400, "acknowledge"),
		"at the top": text(400, `{"type": "BillableAcknowledgmentNeededException", "message": "m",
			"billables": [{"product": "domain_example", "action": "CREATE", "quantity": 1, "amount": 899}]}`),
	} {
		s := sold(t)
		s.on(createQuote, demand)
		s.on(createCall, reply(t, 201, "create-done"))
		if operation, err := s.plugin().Submit(t.Context(), shopRequest(registrars.Registration)); err != nil || operation.Status != registrars.StatusDone {
			t.Errorf("%s: got %+v, %v", name, operation, err)
		}
		s.sent(createCall, fixture(t, "create.request"))
	}
}

// TestARefusedQuoteIsNotFollowedByTheRequest.
func TestARefusedQuoteIsNotFollowedByTheRequest(t *testing.T) {
	for name, c := range map[string]struct {
		answer answer
		class  registrars.Class
	}{
		"the holder is missing":  {failing(400, "ObjectDoesNotExist"), registrars.ClassInvalid},
		"the name is taken":      {failing(400, "ObjectExists"), registrars.ClassUnavailable},
		"no credit":              {failing(400, "InsufficientCreditException"), registrars.ClassBalance},
		"the registry is down":   {failing(502, "ProviderConnectionError"), registrars.ClassTemporary},
		"the server is in doubt": {failing(500, "InternalSRSError"), registrars.ClassTemporary},
		"no permission":          {failing(403, "AuthorizationError"), registrars.ClassAuth},
		"no quote in it":         {text(200, `{"command": "CreateDomainCommand"}`), registrars.ClassTemporary},
		"garbage":                {text(200, `{"quote": 7}`), registrars.ClassTemporary},
		"charges without a list": {failing(400, "BillableAcknowledgmentNeededException"), registrars.ClassRejected},
		"a negative price":       {text(200, `{"quote": {"total": -1}}`), registrars.ClassTemporary},
	} {
		t.Run(name, func(t *testing.T) {
			s := sold(t)
			s.on(createQuote, c.answer)
			_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.Registration))
			wantClass(t, err, c.class)
			if s.count(createCall) != 0 {
				t.Error("the request was sent")
			}
		})
	}
}

// TestASettingOfADomainThatIsNotHere passes Check, and Submit refuses it.
func TestASettingOfADomainThatIsNotHere(t *testing.T) {
	s := sold(t)
	s.on(domainCall, failing(400, "ObjectDoesNotExist"))
	for _, kind := range []registrars.Kind{registrars.LockChange, registrars.DNSSECChange, registrars.ZoneReset} {
		if err := s.plugin().Check(t.Context(), shopRequest(kind)); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		_, err := s.plugin().Submit(t.Context(), shopRequest(kind))
		if e := wantClass(t, err, registrars.ClassInvalid); e.Field != "domain" {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if s.count(updateCall) != 0 {
		t.Error("a request was sent")
	}
}

func TestIncompleteRequestsAreRefusedBeforeAnyCall(t *testing.T) {
	s := newServer(t)
	for name, c := range map[string]struct {
		kind   registrars.Kind
		change func(*registrars.Request)
		field  string
	}{
		"no name servers": {registrars.Registration, func(r *registrars.Request) { r.NameServers = nil }, "nameServers"},
		"no holder":       {registrars.OwnerChange, func(r *registrars.Request) { r.Contacts = nil }, "owner"},
		"a bad handle": {registrars.ContactChange, func(r *registrars.Request) {
			r.Contacts[registrars.Tech] = registrars.Contact{Handle: "x y"}
		}, "tech"},
	} {
		request := shopRequest(c.kind)
		c.change(&request)
		_, err := s.plugin().Submit(t.Context(), request)
		if e := wantClass(t, err, registrars.ClassInvalid); e.Field != c.field {
			t.Errorf("%s: field %s, want %s", name, e.Field, c.field)
		}
	}
}
