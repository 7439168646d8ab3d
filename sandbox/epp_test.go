package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/config"
	"domainprovisioning/messages"
	eppplugin "domainprovisioning/registrars/epp"
	"domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/epp/schemas"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
)

const (
	gallery         = "gallery.later"
	galleryWorkflow = "domain-provisioning/gallery.later"
	galleryKey      = "SO-1040/1/registration"
)

// atEPP begins a world whose frames are compared with the schemas at the end.
func atEPP(t *testing.T, options worldOptions, changes ...func(*config.Config)) *fixture {
	t.Helper()
	options.eppFrame = schemas.Record(t)
	return seeded(t, options, changes...)
}

// eppFaults are faults of the registry; "" is none.
func eppFaults(t *testing.T, texts ...string) (list []faults.Fault) {
	t.Helper()
	for _, text := range texts {
		if text != "" {
			list = append(list, fault(t, "epp:"+text))
		}
	}
	return list
}

// eppCalls lists the commands of the registry that came after the first ones, but those that begin
// and keep sessions.
func (w *world) eppCalls(after int) (list []string) {
	for _, call := range w.epp.Log()[after:] {
		if !slices.Contains([]string{"hello", "login", "logout"}, call.Method) {
			list = append(list, call.Method)
		}
	}
	return list
}

// TestRegistrationAtEPP: whatever becomes of an answer, there is one registration that was paid for
// once, and the order learns its end from the registry's queue.
func TestRegistrationAtEPP(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       string
		calls       int // requests that were sent
		submissions int
	}{
		"answered":                    {"", 1, 1},
		"answer lost":                 {"domain.create:cut-after", 1, 1},
		"garbage":                     {"domain.create:malformed", 1, 1},
		"never arrived":               {"domain.create:cut-before", 2, 2},
		"failed, and was carried out": {"domain.create:fault", 1, 1},
		"failed, and was not":         {"domain.create:http-error", 2, 2},
		"a code that nobody knows":    {"domain.create:unknown-status", 1, 1},
		"the session has ended":       {"domain.create:session-expired", 2, 1},
		"the contact's answer lost":   {"contact.create:cut-after", 1, 1},
		"a host's answer lost":        {"host.create:cut-after", 1, 2},
		"the acknowledgement lost":    {"poll.ack:cut-after", 1, 1},
		"the acknowledgement undone":  {"poll.ack:cut-before", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := atEPP(t, worldOptions{manual: true, faults: eppFaults(t, c.fault)})
			f.place(example(t, "epp-1-registration.json"))
			f.eventually("the order waits for the registry", func() bool {
				progress := f.progress(galleryWorkflow)
				return progress.State == messages.Waiting && progress.Step == 10
			})
			f.watchAt(eppAccount) // the queue is empty, so nothing changes
			if state := f.progress(galleryWorkflow).State; state != messages.Waiting || f.world.epp.Calls("poll.req") != 1 {
				t.Errorf("%s after %d polls", state, f.world.epp.Calls("poll.req"))
			}
			if err := f.world.epp.Complete(gallery); err != nil {
				t.Fatal(err)
			}
			_ = f.watchRound(t.Context(), eppAccount) // an acknowledgement that is lost fails it
			if result := f.finish(galleryWorkflow); len(result.Differences) > 0 {
				t.Errorf("differences %v", result.Differences)
			}
			f.wantGallery(c.calls, c.submissions)
			f.watchAt(eppAccount)
			rows, err := f.Store.Confirmations(t.Context(), store.ConfirmationFilter{Domain: gallery})
			if err != nil || len(rows) != 1 || rows[0].Source != messages.FromQueue || rows[0].State != store.Delivered ||
				rows[0].Claim != "pending-action/done" || f.world.epp.QueueLength() != 0 {
				t.Errorf("the inbox has %+v, %v; %d messages wait", rows, err, f.world.epp.QueueLength())
			}
		})
	}
}

// wantGallery checks what one registration for a new customer leaves behind: everything once.
func (f *fixture) wantGallery(calls, submissions int) {
	f.t.Helper()
	r := f.world.epp
	d, held := r.Domain(gallery)
	contacts := r.Contacts()
	ours := contacts[len(contacts)-1].ID // after the one that was there
	if n := r.Count("create", gallery); !held || n != 1 || r.Calls("domain.create") != calls || r.Balance() != 10_000_00-10_00 {
		f.t.Errorf("%d registrations after %d requests, held: %t, balance %d", n, r.Calls("domain.create"), held, r.Balance())
	}
	if len(contacts) != 2 || d.Registrant != ours || fmt.Sprint(d.Contacts) != fmt.Sprintf("map[admin:%[1]s billing:%[1]s tech:%[1]s]", ours) {
		f.t.Errorf("contacts %+v, the domain has %+v", contacts, d)
	}
	if fmt.Sprint(d.NameServers) != "[ns1.dns.example ns2.dns.example]" || len(d.AuthInfo) != 20 || d.Fee != "10.00" {
		f.t.Errorf("the domain is %+v", d)
	}
	if row := f.ledger(galleryKey); row.State != store.Done || row.Submissions != submissions {
		f.t.Errorf("the ledger has %+v", row)
	}
	if rows := f.world.billing.RowsOf(gallery); len(rows) != 1 {
		f.t.Errorf("%d rows in Billing", len(rows))
	}
	for _, text := range []string{f.historyText(galleryWorkflow), f.log.String(), f.databaseText()} {
		if strings.Contains(text, d.AuthInfo) {
			f.t.Error("the auth code is in history, log or database")
		}
	}
}

// TestARegistryThatRefusesAfterDays: the message says only that something has ended. The order reads
// that the domain is not there, and a person has it requested again.
func TestARegistryThatRefusesAfterDays(t *testing.T) {
	t.Parallel()
	f := atEPP(t, worldOptions{manual: true})
	f.place(example(t, "epp-1-registration.json"))
	f.until(galleryWorkflow, messages.Waiting)
	if err := f.world.epp.Fail(gallery, "the registrant is not eligible"); err != nil {
		t.Fatal(err)
	}
	f.watchAt(eppAccount)
	f.until(galleryWorkflow, messages.NeedsAttention)
	if n, balance := f.world.epp.Count("create", gallery), f.world.epp.Balance(); n != 1 || balance != 10_000_00 {
		t.Errorf("%d registrations, balance %d", n, balance)
	}
	f.retry(galleryWorkflow, messages.Retry{Actor: "ann", Reason: "eligible now"})
	f.until(galleryWorkflow, messages.Waiting)
	if err := f.world.epp.Complete(gallery); err != nil {
		t.Fatal(err)
	}
	f.watchAt(eppAccount)
	f.finish(galleryWorkflow)
	if n, balance := f.world.epp.Count("create", gallery), f.world.epp.Balance(); n != 2 || balance != 10_000_00-10_00 {
		t.Errorf("%d registrations, balance %d", n, balance)
	}
}

// TestChangesAtEPP: each of the other orders has one effect.
func TestChangesAtEPP(t *testing.T) {
	t.Parallel()
	f := atEPP(t, worldOptions{})
	for _, c := range []struct {
		order, domain string
		labels        []string
		check         func(epp.Domain) bool
	}{
		{"epp-3-renewal.json", "renewed.later", []string{"renew"}, func(d epp.Domain) bool { return d.Period == 1 && d.Fee == "10.00" }},
		{"epp-4-owner-change.json", "sold.later", []string{"update:registrant"}, func(d epp.Domain) bool {
			return strings.HasPrefix(d.Registrant, "DP") && d.Contacts["tech"] == "old-contact"
		}},
		{"epp-5-name-server-change.json", "delegated.registry", []string{"update:ns"}, func(d epp.Domain) bool {
			addresses, _ := f.world.epp.Host("ns1.delegated.registry")
			return fmt.Sprint(addresses) == "[192.0.2.1 2001:db8::1]" && len(d.NameServers) == 2 &&
				slices.Contains(d.NameServers, "ns1.delegated.registry") && slices.Contains(d.NameServers, "ns2.mine.example")
		}},
		{"epp-6-settings-change.json", "secured.registry", []string{"update:secDNS", "update:status"}, func(d epp.Domain) bool {
			return len(d.DS) == 1 && d.DS[0].KeyTag == 60485 && slices.Contains(d.Statuses, "clientTransferProhibited")
		}},
		{"epp-7-contact-change.json", "managed.later", []string{"update:contact"}, func(d epp.Domain) bool {
			return strings.HasPrefix(d.Contacts["tech"], "DP") && d.Contacts["admin"] == "old-contact" && d.Registrant == "old-contact"
		}},
		{"epp-8-adoption.json", "adopted.later", nil, func(d epp.Domain) bool { return d.Registrant == "old-contact" }},
	} {
		before, _ := f.world.epp.Domain(c.domain)
		id := f.place(example(t, c.order)).Units[0].WorkflowID
		f.eventually(c.order+" has reached the registry", func() bool {
			return !slices.ContainsFunc(c.labels, func(label string) bool { return f.world.epp.Count(label, c.domain) == 0 })
		})
		f.eventually(c.order+" has ended", func() bool {
			f.watchAt(eppAccount)
			return f.progress(id).State.Closed()
		})
		if result := f.finish(id); len(result.Differences) > 0 {
			t.Errorf("%s: differences %v", c.order, result.Differences)
		}
		for _, label := range []string{"renew", "update:registrant", "update:contact", "update:ns", "update:secDNS", "update:status", "update:authInfo"} {
			want := 0
			if slices.Contains(c.labels, label) {
				want = 1
			}
			if n := f.world.epp.Count(label, c.domain); n != want {
				t.Errorf("%s: %d of %s", c.order, n, label)
			}
		}
		after, _ := f.world.epp.Domain(c.domain)
		years := 0
		if slices.Contains(c.labels, "renew") {
			years = 1
		}
		if !c.check(after) || !after.Expires.Equal(before.Expires.AddDate(years, 0, 0)) {
			t.Errorf("%s: the domain is %+v", c.order, after)
		}
	}
	// The same person in two orders is one contact, in addition to the old one.
	if contacts := f.world.epp.Contacts(); len(contacts) != 2 {
		t.Errorf("contacts %+v", contacts)
	}
}

// TestARestoreAtEPPHasItsReport: the request alone brings nothing back. Whatever becomes of the
// report, it is sent until the registry has it.
func TestARestoreAtEPPHasItsReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   string
		reports int
	}{
		"answered": {"", 1}, "answer lost": {"domain.restore.report:cut-after", 1},
		"never arrived": {"domain.restore.report:cut-before", 2}, "refused": {"domain.restore.report:http-error", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := atEPP(t, worldOptions{manual: true, faults: eppFaults(t, c.fault)})
			id := f.place(example(t, "epp-9-restore.json")).Units[0].WorkflowID
			f.until(id, messages.Waiting)
			if n := f.world.epp.Calls("domain.restore.report"); n != 0 {
				t.Errorf("%d reports before the registry wanted one", n)
			}
			if err := f.world.epp.Complete(redeemedAtEPP); err != nil {
				t.Fatal(err)
			}
			if d, _ := f.world.epp.Domain(redeemedAtEPP); !slices.Equal(d.RGP, []string{"pendingRestore"}) {
				t.Errorf("without a report it is %v", d.RGP)
			}
			f.watchAt(eppAccount)
			f.finish(id)
			d, held := f.world.epp.Domain(redeemedAtEPP)
			if n := f.world.epp.Calls("domain.restore.report"); !held || slices.Contains(d.Statuses, "pendingDelete") || n != c.reports {
				t.Errorf("after %d reports it is %+v", n, d)
			}
			if n := f.world.epp.Count("restore", redeemedAtEPP); n != 1 {
				t.Errorf("%d restores", n)
			}
		})
	}
}

// TestWhatARegistrationCostsAtEPP, in one session: from the order's arrival to its verification, with
// two contacts and two name servers that the registry does not know.
func TestWhatARegistrationCostsAtEPP(t *testing.T) {
	t.Parallel()
	const most = 9
	f := begin(t, worldOptions{}, func(cfg *config.Config) { cfg.Registrars[eppAccount].Settings.(*eppplugin.Settings).Sessions = 1 })
	f.place(alter(t, example(t, "epp-1-registration.json"), fmt.Sprintf(`"planId": %d`, eppLaterPlan), fmt.Sprintf(`"planId": %d`, eppAtOncePlan),
		`"transferKey": ""`, `"transferKey": "", "contacts": {"tech": 900}`, "\n}", `, "additionalContacts": [{"id": 900, "login": "nora@shop.example", "contact": {
			"firstName": "Nora", "lastName": "Beispiel", "address1": "2 Side Street", "city": "Sampleton", "postalCode": "10001",
			"country": "us", "state": "NY", "email": "nora@shop.example",
			"phone": {"countryCode": "1", "areaCode": "212", "number": "5550101"}}}]}`))
	const name = "gallery." + eppAtOnce
	if result := f.finish("domain-provisioning/" + name); len(result.Differences) > 0 {
		t.Errorf("differences %v", result.Differences)
	}
	spent := f.world.eppCalls(0)
	if len(spent) > most {
		t.Errorf("%d commands, more than %d:\n%s", len(spent), most, strings.Join(spent, "\n"))
	}
	t.Logf("%d commands: %s", len(spent), strings.Join(spent, ", "))
	hosts := f.world.epp.Count("host:create", "ns1.dns.example") + f.world.epp.Count("host:create", "ns2.dns.example")
	if contacts := len(f.world.epp.Contacts()); contacts != 2 || hosts != 2 || f.world.epp.Count("create", name) != 1 || f.world.epp.Calls("login") != 1 {
		t.Errorf("%d contacts, %d hosts, %d domains, %d sessions", contacts, hosts, f.world.epp.Count("create", name), f.world.epp.Calls("login"))
	}
}

// TestWhatARoundOfTheWatchCostsAtEPP: one command, and two more for each message, whatever the number
// of orders that wait. Each order then reads its domain.
func TestWhatARoundOfTheWatchCostsAtEPP(t *testing.T) {
	t.Parallel()
	f := atEPP(t, worldOptions{manual: true})
	var ids []string
	for _, order := range []string{"epp-1-registration.json", "epp-3-renewal.json", "epp-4-owner-change.json", "epp-7-contact-change.json"} {
		id := f.place(example(t, order)).Units[0].WorkflowID
		f.until(id, messages.Waiting)
		ids = append(ids, id)
	}
	ended := map[string]bool{}
	for _, names := range [][]string{{}, {"renewed.later"}, {gallery, "sold.later", "managed.later"}} {
		for _, name := range names {
			if err := f.world.epp.Complete(name); err != nil {
				t.Fatal(err)
			}
		}
		before := len(f.world.epp.Log())
		f.watchAt(eppAccount)
		for i, id := range ids {
			if !ended[id] && slices.Contains(names, []string{gallery, "renewed.later", "sold.later", "managed.later"}[i]) {
				f.finish(id)
				ended[id] = true
			}
		}
		spent := f.world.eppCalls(before)
		polls := slices.DeleteFunc(slices.Clone(spent), func(call string) bool { return !strings.HasPrefix(call, "poll.") })
		others := slices.DeleteFunc(slices.Clone(spent), func(call string) bool { return strings.HasPrefix(call, "poll.") || call == "domain.info" })
		if len(polls) != 1+2*len(names) || len(others) != 0 || len(names) == 0 && len(spent) != 1 {
			t.Errorf("a round with %d messages costs %v", len(names), spent)
		}
	}
}
