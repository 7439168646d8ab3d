package netim_test

import (
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
)

// before returns a server that answers the calls of a check of an existing
// domain, which costs nothing.
func before(t *testing.T, info answer, pairs ...string) *server {
	t.Helper()
	s := newServer(t)
	free(t, s)
	s.on("domainInfo", info)
	if len(pairs) > 0 {
		s.on("domainCheck", reply(t, "domainCheck", append([]string{"DOMAIN", "shop.example"}, pairs...)...))
	}
	return s
}

// TestTransferNeedsAnotherHolder: only a clear answer refuses a transfer.
func TestTransferNeedsAnotherHolder(t *testing.T) {
	const passes = registrars.Class("")
	notOurs := fault(t, "E15-M1502", "E15-M1502 : Domain not under management")
	status := func(word string) answer { return domainInfo(t, "{{STATUS}}", word) }
	for name, test := range map[string]struct {
		info           answer
		result, reason string
		class          registrars.Class
		field          string
	}{
		"held elsewhere":        {notOurs, "NOT AVAILABLE", "", passes, ""},
		"refused in new words":  {fault(t, "E42", "E42 : ?"), "NOT AVAILABLE", "", passes, ""},
		"nothing known":         {notOurs, "UNKNOWN", "", passes, ""},
		"registry silent":       {notOurs, "AVAILABLE", "TIMEOUT", passes, ""},
		"new word":              {notOurs, "PERHAPS", "", passes, ""},
		"left before":           {status("TRANSFERRED OUT"), "NOT AVAILABLE", "", passes, ""},
		"failed before":         {status("ERROR"), "NOT AVAILABLE", "", passes, ""},
		"free":                  {notOurs, "Available", "", registrars.ClassInvalid, "domain"},
		"not sold":              {notOurs, "NOT SOLD", "", registrars.ClassRejected, "tld"},
		"no name":               {notOurs, "UNKNOWN", "BAD_SYNTAX", registrars.ClassInvalid, "domain"},
		"here":                  {status("ACTIVE, DELEGATED"), "NOT AVAILABLE", "", registrars.ClassInvalid, "domain"},
		"here, status is new":   {status("SLEEPING"), "NOT AVAILABLE", "", registrars.ClassInvalid, "domain"},
		"answer about another":  {domainInfo(t, "shop.example", "else.example"), "NOT AVAILABLE", "", registrars.ClassTemporary, ""},
		"registrar not reached": {cut, "NOT AVAILABLE", "", registrars.ClassTemporary, ""},
	} {
		s := before(t, test.info, "RESULT", test.result, "REASON", test.reason)
		err := plugin(t, s).Check(t.Context(), ask(registrars.Transfer, domains.Settings{}))
		if test.class == passes {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: passes", name)
			continue
		}
		if e := failed(t, err, test.class, ""); e.Field != test.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := before(t, notOurs)
	s.on("domainCheck", cut)
	failed(t, plugin(t, s).Check(t.Context(), ask(registrars.Transfer, domains.Settings{})), registrars.ClassTemporary, "")
}

// TestRenewalStartsFromTheDate: the day decides, because the API knows no times.
func TestRenewalStartsFromTheDate(t *testing.T) {
	at := func(month time.Month, day, hour int) registrars.Request {
		r := ask(registrars.Renewal, domains.Settings{})
		r.Expires = time.Date(2028, month, day, hour, 0, 0, 0, time.UTC)
		return r
	}
	early := at(1, 2, 0)
	early.Expires = time.Time{}
	for name, test := range map[string]struct {
		request registrars.Request
		info    answer
		class   registrars.Class
		field   string
	}{
		"same day":             {at(1, 2, 23), domainInfo(t), "", ""},
		"not known yet":        {early, domainInfo(t), "", ""},
		"the day before":       {at(1, 1, 23), domainInfo(t), registrars.ClassInvalid, "expires"},
		"moved":                {at(1, 3, 0), domainInfo(t), registrars.ClassInvalid, "expires"},
		"not said":             {at(1, 2, 0), domainInfo(t, "2028-01-02", "soon"), registrars.ClassInvalid, "expires"},
		"left":                 {at(1, 2, 0), domainInfo(t, "{{STATUS}}", "DELETED"), registrars.ClassInvalid, "domain"},
		"expired":              {at(1, 2, 0), domainInfo(t, "{{STATUS}}", "EXPIRED"), "", ""},
		"answer about another": {at(1, 2, 0), domainInfo(t, "shop.example", "else.example"), registrars.ClassTemporary, ""},
		"not reached":          {at(1, 2, 0), cut, registrars.ClassTemporary, ""},
	} {
		err := plugin(t, before(t, test.info)).Check(t.Context(), test.request)
		if test.class == "" || err == nil {
			if test.class != "" || err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if e := failed(t, err, test.class, ""); e.Field != test.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}
