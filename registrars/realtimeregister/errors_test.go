package realtimeregister_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
	"domainprovisioning/wire/exchange"
)

// TestTypesDecide holds the table of docs/protocols/realtime-register.md, section 4:
// the type decides, whatever the status.
func TestTypesDecide(t *testing.T) {
	for name, c := range map[string]struct {
		status       int
		change, look registrars.Class
	}{
		"AuthenticationError":            {401, registrars.ClassAuth, registrars.ClassAuth},
		"AuthenticationRatelimitedError": {429, registrars.ClassAuth, registrars.ClassAuth},
		"AuthorizationError":             {403, registrars.ClassAuth, registrars.ClassNotFound},
		"ConstraintViolationException":   {400, registrars.ClassInvalid, registrars.ClassInvalid},
		"UnrecognizedPropertyException":  {400, registrars.ClassInvalid, registrars.ClassInvalid},
		"InvalidMessage":                 {400, registrars.ClassRejected, registrars.ClassRejected},
		"ValidationError":                {400, registrars.ClassInvalid, registrars.ClassInvalid},
		"UnsupportedTld":                 {400, registrars.ClassRejected, registrars.ClassRejected},
		"NoContractException":            {400, registrars.ClassRejected, registrars.ClassRejected},
		"InsufficientCreditException":    {400, registrars.ClassBalance, registrars.ClassBalance},
		"ObjectDoesNotExist":             {400, registrars.ClassInvalid, registrars.ClassNotFound},
		"TooManyRequests":                {429, registrars.ClassRateLimited, registrars.ClassRateLimited},
		"InternalSRSError":               {500, registrars.ClassOutcomeUnknown, registrars.ClassTemporary},
		"ProviderConnectionError":        {502, registrars.ClassOutcomeUnknown, registrars.ClassTemporary},
		"ProviderUnavailable":            {503, registrars.ClassTemporary, registrars.ClassTemporary},
		"ContactUpdateValidationError":   {400, registrars.ClassInvalid, registrars.ClassInvalid},
		"DnsConfigurationException":      {400, registrars.ClassInvalid, registrars.ClassInvalid},
		"AuthCodeInvalidError":           {400, registrars.ClassInvalid, registrars.ClassInvalid},
		"SomethingNew":                   {400, registrars.ClassRejected, registrars.ClassRejected},
		"SomethingNewAndWorse":           {500, registrars.ClassOutcomeUnknown, registrars.ClassTemporary},
	} {
		t.Run(name, func(t *testing.T) {
			s := sold(t)
			s.on(updateCall, failing(c.status, name))
			s.on(domainCall, failing(c.status, name))
			_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.NameServerChange))
			e := wantClass(t, err, c.change)
			if e.Code != name || e.Call != "domains/update" || strings.Contains(err.Error(), "Jane") || !strings.Contains(e.Detail, "Jane") {
				t.Errorf("got %v, detail %q", err, e.Detail)
			}
			_, err = s.plugin().ReadDomain(t.Context(), shopRequest(registrars.NameServerChange).Domain)
			wantClass(t, err, c.look)
		})
	}
}

// TestStatusesWithoutAType: such answers come from a proxy, or are of an unknown form.
func TestStatusesWithoutAType(t *testing.T) {
	for status, c := range map[int]struct{ change, look registrars.Class }{
		400: {registrars.ClassRejected, registrars.ClassRejected}, 401: {registrars.ClassAuth, registrars.ClassAuth},
		403: {registrars.ClassAuth, registrars.ClassNotFound}, 404: {registrars.ClassRejected, registrars.ClassNotFound},
		408: {registrars.ClassOutcomeUnknown, registrars.ClassTemporary}, 429: {registrars.ClassRateLimited, registrars.ClassRateLimited},
		500: {registrars.ClassOutcomeUnknown, registrars.ClassTemporary}, 502: {registrars.ClassOutcomeUnknown, registrars.ClassTemporary},
		503: {registrars.ClassOutcomeUnknown, registrars.ClassTemporary}, 504: {registrars.ClassOutcomeUnknown, registrars.ClassTemporary},
	} {
		for _, body := range []string{"", "<html>down</html>", `{"error": "down"}`, `{"type": "../x"}`, `{"type": 7}`} {
			s := sold(t)
			s.on(updateCall, text(status, body))
			s.on(domainCall, text(status, body))
			_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.NameServerChange))
			wantClass(t, err, c.change)
			_, err = s.plugin().ReadDomain(t.Context(), shopRequest(registrars.NameServerChange).Domain)
			wantClass(t, err, c.look)
		}
	}
}

func TestWaits(t *testing.T) {
	for name, c := range map[string]struct {
		answer answer
		want   time.Duration
	}{
		"Retry-After of a type":    {text(429, `{"type": "TooManyRequests", "message": "slow"}`, "Retry-After", "17"), 17 * time.Second},
		"429 without a header":     {failing(429, "TooManyRequests"), 10 * time.Second},
		"a proxy's Retry-After":    {text(429, "slow", "Retry-After", "17"), 17 * time.Second},
		"the end of a maintenance": {reply(t, 503, "maintenance"), 2 * time.Hour},
		"a maintenance that ended": {text(503, `{"type": "ProviderUnavailable", "message": "", "endDate": "2026-03-02T07:00:00Z"}`), 0},
		"a maintenance for years":  {text(503, `{"type": "ProviderUnavailable", "message": "", "endDate": "2036-03-02T07:00:00Z"}`), 24 * time.Hour},
		"no end":                   {failing(503, "ProviderUnavailable"), 0},
		"too many logins":          {failing(429, "AuthenticationRatelimitedError"), 15 * time.Minute},
	} {
		s := sold(t)
		s.on(updateCall, c.answer)
		_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.NameServerChange))
		if e, ok := errors.AsType[*registrars.Error](err); !ok || e.After != c.want {
			t.Errorf("%s: got %v, want a wait of %s", name, err, c.want)
		}
	}
}

// TestViolationsNameFieldAndRule, but not what was sent.
func TestViolationsNameFieldAndRule(t *testing.T) {
	for name, c := range map[string]struct{ body, field, rule string }{
		"a rule": {fixture(t, "violation.reply"), "voice", "invalid format"},
		"a rule that quotes": {`{"type": "ConstraintViolationException", "message": "m", "violations": [{"field": "ns", "message": "bad host ns1.shop"}]}`,
			"ns", "refused by the registrar"},
		"a strange field": {`{"type": "ConstraintViolationException", "message": "m", "violations": [{"field": "Jane Holder", "message": "bad"}]}`,
			"", "refused by the registrar"},
		"no violations":    {`{"type": "ConstraintViolationException", "message": "m"}`, "", "refused by the registrar"},
		"an unknown field": {`{"type": "UnrecognizedPropertyException", "message": "m", "property": "nameservers"}`, "nameservers", "the registrar does not know the field"},
		"zone records":     {`{"type": "DnsConfigurationException", "message": "m", "errors": {"0": {"content": "bad"}}}`, "nameServers", "refused by the registrar"},
	} {
		s := sold(t)
		s.on(updateCall, text(400, c.body))
		_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.NameServerChange))
		e := wantClass(t, err, registrars.ClassInvalid)
		if e.Field != c.field || e.Rule != c.rule {
			t.Errorf("%s: field %q, rule %q", name, e.Field, e.Rule)
		}
		if e.Detail == "" {
			t.Errorf("%s: a person is told nothing", name)
		}
	}
}

// TestARefusalThatMayBeATrace: after ProcessError and ObjectExists, a request was
// refused only if nothing is there.
func TestARefusalThatMayBeATrace(t *testing.T) {
	const nothing = `{"entities": []}`
	running := `{"entities": [{"id": 9, "status": "RUNNING", "type": "domain", "action": "create", "identifier": "shop.example"}]}`
	for name, c := range map[string]struct {
		refusal   string
		processes string
		domain    answer
		want      registrars.Class
	}{
		"taken by somebody else":          {"ObjectExists", nothing, failing(400, "ObjectDoesNotExist"), registrars.ClassUnavailable},
		"it is ours already":              {"ObjectExists", nothing, reply(t, 200, "domain"), registrars.ClassOutcomeUnknown},
		"an earlier request is under way": {"ObjectExists", running, nil, registrars.ClassOutcomeUnknown},
		"it could not be carried out":     {"ProcessError", nothing, failing(400, "ObjectDoesNotExist"), registrars.ClassRejected},
		"it was carried out after all":    {"ProcessError", nothing, reply(t, 200, "domain"), registrars.ClassOutcomeUnknown},
		"nobody can tell":                 {"ProcessError", nothing, failing(403, "AuthorizationError"), registrars.ClassOutcomeUnknown},
		"it cannot be asked":              {"ProcessError", nothing, failing(500, "InternalSRSError"), registrars.ClassOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := sold(t)
			s.on(createQuote, reply(t, 200, "free-quote"))
			s.on(createCall, failing(400, c.refusal))
			s.on(processList, text(200, c.processes))
			if c.domain != nil {
				s.on(domainCall, c.domain)
			}
			_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.Registration))
			wantClass(t, err, c.want)
			if s.count(createCall) != 1 {
				t.Error("the request was repeated")
			}
		})
	}
}

// TestAStatusThatForbids: we wait for one that passes, and name one that does not.
func TestAStatusThatForbids(t *testing.T) {
	for statuses, c := range map[string]struct {
		class registrars.Class
		rule  string
	}{
		`"OK", "PENDING_UPDATE"`:       {registrars.ClassTemporary, "another change of the domain is under way"},
		`"CLIENT_UPDATE_PROHIBITED"`:   {registrars.ClassRejected, "the domain's status forbids it: CLIENT_UPDATE_PROHIBITED"},
		`"SERVER_HOLD", "Jane Holder"`: {registrars.ClassRejected, "the domain's status forbids it: SERVER_HOLD"},
		`"REDEMPTION_PERIOD"`:          {registrars.ClassRejected, "the domain's status forbids it: REDEMPTION_PERIOD"},
		`"OK"`:                         {registrars.ClassRejected, "the domain's status forbids it"},
	} {
		s := sold(t)
		s.on(updateCall, failing(400, "ObjectStatusProhibitsOperation"))
		s.on(domainCall, text(200, `{"domainName": "shop.example", "status": [`+statuses+`]}`))
		_, err := s.plugin().Submit(t.Context(), shopRequest(registrars.NameServerChange))
		if e := wantClass(t, err, c.class); e.Rule != c.rule {
			t.Errorf("%s: rule %q", statuses, e.Rule)
		}
	}
}

// TestWhatWasNotSentMayBeRepeated, and what may have been sent is of unknown outcome.
func TestWhatWasNotSentMayBeRepeated(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	_ = listener.Close()
	s := sold(t)
	_, err = s.plugin(func(c *realtimeregister.Config) { c.URL = nobody }).Submit(t.Context(), shopRequest(registrars.Deletion))
	e := wantClass(t, err, registrars.ClassTemporary)
	if cause, ok := errors.AsType[*exchange.TransportError](e); !ok || cause.Sent {
		t.Errorf("got %v", err)
	}
	s.on("DELETE domains/shop.example", func(http.ResponseWriter) { panic(http.ErrAbortHandler) })
	_, err = s.plugin().Submit(t.Context(), shopRequest(registrars.Deletion))
	wantClass(t, err, registrars.ClassOutcomeUnknown)
}
