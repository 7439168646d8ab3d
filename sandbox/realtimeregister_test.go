package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	"domainprovisioning/sandbox/standin/realtimeregister"
	"domainprovisioning/store"
)

const (
	atelier         = "atelier.async"
	atelierWorkflow = "domain-provisioning/atelier.async"
	atelierKey      = "SO-1020/0/registration"
)

// wantAtelier checks what one registration for a new customer leaves behind: everything
// once.
func (f *fixture) wantAtelier() {
	f.t.Helper()
	r := f.world.realtime
	d, ok := r.Domain(atelier)
	if n := r.Count("create", atelier); n != 1 || !ok || len(d.NameServers) != 2 || d.AutoRenew || d.Privacy {
		f.t.Errorf("%d registrations at Realtime Register, the domain is there: %t, %+v", n, ok, d)
	}
	if contacts := r.Contacts(); len(contacts) != 1 || contacts[0].Handle != d.Registrant {
		f.t.Errorf("%d contacts at Realtime Register", len(contacts))
	}
	if balance, held := r.Balance(); balance != 10_000_00-899 || held != 0 {
		f.t.Errorf("balance %d, %d held", balance, held)
	}
	if rows := f.world.billing.RowsOf(atelier); len(rows) != 1 {
		f.t.Errorf("%d rows in Billing", len(rows))
	}
	if accounts, domains := f.world.operations.Accounts(), f.world.operations.Domains(); len(accounts) != 1 || len(domains) != 1 {
		f.t.Errorf("%d accounts, %d domains in Operations", len(accounts), len(domains))
	}
}

// finishAtelier waits for the end of the order and wants no differences.
func (f *fixture) finishAtelier() {
	f.t.Helper()
	if result := f.finish(atelierWorkflow); len(result.Differences) > 0 {
		f.t.Errorf("differences %v", result.Differences)
	}
	f.wantAtelier()
}

// TestRealtimeRegister runs the scenarios of a registration that the watch reports as
// finished.
func TestRealtimeRegister(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults      []string
		calls       int // requests that were sent
		submissions int
	}{
		"confirmed-by-watch":       {nil, 1, 1},
		"submit-answer-lost":       {[]string{"realtimeregister:domains.create:cut-after"}, 1, 1},
		"malformed-answer":         {[]string{"realtimeregister:domains.create:malformed"}, 1, 1},
		"submit-never-arrived":     {[]string{"realtimeregister:domains.create:cut-before"}, 2, 2},
		"accepted-without-number":  {[]string{"realtimeregister:domains.create:no-process-id"}, 1, 1},
		"in-doubt-then-completed":  {[]string{"realtimeregister:domains.create:in-doubt"}, 1, 1},
		"unknown-status-word":      {[]string{"realtimeregister:domains.create:unknown-status"}, 1, 1},
		"registry-down-for-quotes": {[]string{"realtimeregister:domains.create.quote:http-error=503*3"}, 1, 1},
		"contact-answer-lost":      {[]string{"realtimeregister:contacts.create:cut-after"}, 1, 1},
		"queue-out-of-order":       {[]string{"realtimeregister:notifications.poll:http-error=500*always"}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := worldOptions{manual: true}
			for _, text := range c.faults {
				options.faults = append(options.faults, fault(t, text))
			}
			f := begin(t, options)
			f.place(example(t, "realtime-1-registration.json"))
			f.eventually("the order waits for the registrar", func() bool {
				progress := f.progress(atelierWorkflow)
				return progress.State == messages.Waiting && progress.Step == 10
			})
			f.watchAt(realtimeAccount) // nothing has ended, so nothing changes
			if name == "in-doubt-then-completed" {
				f.eventually("the checklist shows the registrar's word", func() bool {
					return strings.Contains(note(f.progress(atelierWorkflow), 10), "IN_DOUBT")
				})
			}
			f.eventually("the order waits on", func() bool { return f.progress(atelierWorkflow).State == messages.Waiting })
			if err := f.world.realtime.Complete(atelier); err != nil {
				t.Fatal(err)
			}
			f.watchAt(realtimeAccount)
			f.finishAtelier()
			if n := f.world.realtime.Calls("domains.create"); n != c.calls {
				t.Errorf("%d requests were sent, want %d", n, c.calls)
			}
			if row := f.ledger(atelierKey); row.State != store.Done || row.Submissions != c.submissions || row.Reference == "" {
				t.Errorf("the ledger has %+v", row)
			}
			if n := f.history(atelierWorkflow); n > 130 {
				t.Errorf("%d events", n)
			}
		})
	}
}

// TestRealtimeRegisterAtOnce: the top-level domain answers 201.
func TestRealtimeRegisterAtOnce(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	f.place(alter(t, example(t, "realtime-1-registration.json"), `"planId": 9`, fmt.Sprintf(`"planId": %d`, realtimeAtOncePlan)))
	f.finish("domain-provisioning/atelier.sync")
	if n := f.world.realtime.Count("create", "atelier.sync"); n != 1 {
		t.Errorf("%d registrations", n)
	}
	if row := f.ledger(atelierKey); row.State != store.Done || row.Submissions != 1 {
		t.Errorf("the ledger has %+v", row)
	}
}

// TestConfirmedByQueue: the list of pending processes is down, and news from the queue
// finishes the order, once, however often the queue is read.
func TestConfirmedByQueue(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(example(t, "realtime-1-registration.json"))
	f.until(atelierWorkflow, messages.Waiting)
	// Another request is open, so the round needs the list no matter how early the news
	// has finished this one.
	if _, _, err := f.Store.Intend(t.Context(), store.Intention{
		Key: "SO-1/0/registration", Account: realtimeAccount, Kind: string(registrars.Registration), Domain: "studio.async",
	}); err != nil {
		t.Fatal(err)
	}
	if err := f.world.realtime.Complete(atelier); err != nil {
		t.Fatal(err)
	}
	f.world.realtime.Faults.Add(fault(t, "realtimeregister:processes.list:http-error=503*always"))
	f.world.realtime.Faults.Add(fault(t, "realtimeregister:notifications.ack:cut-before"))
	if err := f.watchRound(t.Context(), realtimeAccount); err == nil {
		t.Error("the round without the list succeeded")
	}
	f.finishAtelier()
	// The acknowledgement was lost: the same news comes again.
	if n := f.world.realtime.Waiting(); n != 1 {
		t.Errorf("%d notices wait", n)
	}
	_ = f.watchRound(t.Context(), realtimeAccount)
	if n := f.world.realtime.Waiting(); n != 0 {
		t.Errorf("%d notices are not acknowledged", n)
	}
	rows, err := f.Store.Confirmations(t.Context(), store.ConfirmationFilter{Domain: atelier})
	if err != nil || len(rows) != 1 || rows[0].Source != messages.FromQueue || rows[0].State != store.Delivered ||
		rows[0].EventID != realtimeAccount+"/5001" || rows[0].Claim != "COMPLETED" {
		t.Errorf("the inbox has %+v, %v", rows, err)
	}
}

// TestNewsIsNotBelieved: the news says that the process has ended, but only the
// registrar's answer says how.
func TestNewsIsNotBelieved(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(example(t, "realtime-1-registration.json"))
	f.until(atelierWorkflow, messages.Waiting)
	reference := f.ledger(atelierKey).Reference
	if _, err := f.intake.Inbox().TakeAndDeliver(t.Context(), store.Confirmation{
		EventID: realtimeAccount + "/9999", Source: messages.FromQueue, Account: realtimeAccount, Domain: atelier, Reference: reference, Claim: "COMPLETED",
	}); err != nil {
		t.Fatal(err)
	}
	f.eventually("the registrar was asked", func() bool { return f.world.realtime.Calls("processes.get") > 0 })
	f.until(atelierWorkflow, messages.Waiting)
	if row := f.ledger(atelierKey); row.State != store.Pending {
		t.Errorf("the ledger has %+v", row)
	}
	if err := f.world.realtime.Complete(atelier); err != nil {
		t.Fatal(err)
	}
	f.watchAt(realtimeAccount)
	f.finishAtelier()
}

// TestAWebhookIsTheSameEventAsTheQueue: the registrar pushes it to the gateway, the
// plug-in decodes it, and it is stored; then it is read from the queue. No round of the
// watch is needed.
func TestAWebhookIsTheSameEventAsTheQueue(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	c := f.client()
	f.world.realtime.SetWebhook(realtimeregister.Webhook{
		URL: c.url + "/v1/registrars/" + realtimeAccount + "/callbacks", Key: realtimeHookKey, Form: realtimeregister.BlankHex,
	})
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	go f.world.realtime.Push(ctx)
	f.place(example(t, "realtime-1-registration.json"))
	f.until(atelierWorkflow, messages.Waiting)
	if err := f.world.realtime.Complete(atelier); err != nil {
		t.Fatal(err)
	}
	f.finishAtelier()
	f.watchAt(realtimeAccount)
	rows, err := f.Store.Confirmations(t.Context(), store.ConfirmationFilter{Domain: atelier})
	if err != nil || len(rows) != 1 || rows[0].Source != messages.FromCallback || rows[0].State != store.Delivered || f.world.realtime.Waiting() != 0 {
		t.Errorf("the inbox has %+v, %v; %d notices wait", rows, err, f.world.realtime.Waiting())
	}
	for _, delivery := range f.world.realtime.Deliveries() {
		if delivery.Status != http.StatusOK {
			t.Errorf("a webhook was answered %d, which stalls the registrar's queue", delivery.Status)
		}
	}
	// A sender who does not know the key is refused.
	for name, header := range map[string]http.Header{
		"unsigned": {}, "tampered": {"Signature": {realtimeregister.Sign(realtimeHookKey, []byte("other"), realtimeregister.BlankHex)}},
	} {
		status, answer := c.send(http.MethodPost, "/v1/registrars/"+realtimeAccount+"/callbacks", []byte(`{"id":6001,"process":1}`), header)
		if status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
}

// TestRealtimeRegisterRejectsAfterDays: the order is parked. The registrar's support
// restarts the process, and the order completes without a second one.
func TestRealtimeRegisterRejectsAfterDays(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{manual: true})
	f.place(example(t, "realtime-1-registration.json"))
	f.until(atelierWorkflow, messages.Waiting)
	if err := f.world.realtime.Fail(atelier, "Registry refused the holder"); err != nil {
		t.Fatal(err)
	}
	f.watchAt(realtimeAccount)
	f.until(atelierWorkflow, messages.NeedsAttention)
	if err := f.world.realtime.Complete(atelier); err != nil {
		t.Fatal(err)
	}
	if result, err := f.CheckOperation(t.Context(), f.temporal, realtimeAccount, atelierKey); err != nil || result.Before != "failed" || result.Now != "done" {
		t.Fatalf("got %+v, %v", result, err)
	}
	f.finishAtelier()
}

// TestOutOfCredit: the order is parked with its reason before anything is sent. After the
// funds are added, it goes on.
func TestOutOfCredit(t *testing.T) {
	t.Parallel()
	f := begin(t, worldOptions{})
	f.world.realtime.SetBalance(500)
	f.place(example(t, "realtime-1-registration.json"))
	attention := f.until(atelierWorkflow, messages.NeedsAttention).Attention
	if attention.Reason != messages.ReasonBalance {
		t.Errorf("got %+v", attention)
	}
	if n := f.world.realtime.Calls("domains.create"); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	f.world.realtime.SetBalance(10_000_00)
	f.retry(atelierWorkflow, messages.Retry{Actor: "ann", Reason: "paid in"})
	f.eventually("it has been registered", func() bool { return f.world.realtime.Count("create", atelier) > 0 })
	f.watchAt(realtimeAccount)
	f.finishAtelier()
}

// TestRealtimeRenewal: whatever is lost, one period is added and paid for.
func TestRealtimeRenewal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       string
		submissions int
	}{
		"answered": {"", 1}, "answer lost": {"cut-after", 1}, "never arrived": {"cut-before", 2}, "garbage": {"malformed", 1},
		"without a number": {"no-process-id", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options worldOptions
			if c.fault != "" {
				options.faults = append(options.faults, fault(t, "realtimeregister:domains.renew:"+c.fault))
			}
			f := seeded(t, options)
			before, _ := f.world.realtime.Domain("renewed.async")
			placed := f.place(example(t, "realtime-3-renewal.json"))
			f.eventually("it has been renewed", func() bool {
				return f.world.realtime.Count("renew", "renewed.async") == 1 && f.ledgerState(placed.Number+"/0/renewal") != store.Intended
			})
			f.watchAt(realtimeAccount)
			f.finish(placed.Units[0].WorkflowID)
			after, _ := f.world.realtime.Domain("renewed.async")
			if want := before.Expires.AddDate(1, 0, 0); !after.Expires.Equal(want) {
				t.Errorf("expired %s, expires %s", before.Expires, after.Expires)
			}
			if n := f.world.realtime.Count("renew", "renewed.async"); n != 1 {
				t.Errorf("%d renewals", n)
			}
			row := f.ledger(placed.Number + "/0/renewal")
			if row.State != store.Done || row.Submissions != c.submissions || row.Guard == "" {
				t.Errorf("the ledger has %+v", row)
			}
		})
	}
}

// TestRealtimeTransfer: the transfer, a new auth code and the lock are each pending and
// each requested once, even if the answer is lost.
func TestRealtimeTransfer(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"answered": "", "answers lost": "cut-after"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := worldOptions{manual: true}
			if kind != "" {
				options.faults = append(options.faults, fault(t, "realtimeregister:domains.transfer:"+kind), fault(t, "realtimeregister:domains.update:"+kind+"*2"))
			}
			f := seeded(t, options)
			id := f.place(example(t, "realtime-2-transfer.json")).Units[0].WorkflowID
			for _, step := range []int{10, 14, 15} {
				f.eventually(fmt.Sprintf("the order waits in step %d", step), func() bool {
					progress := f.progress(id)
					return progress.State == messages.Waiting && progress.Step == step
				})
				if err := f.world.realtime.Complete(realtimeTransfer); err != nil {
					t.Fatal(err)
				}
				f.watchAt(realtimeAccount)
			}
			if result := f.finish(id); len(result.Differences) > 0 {
				t.Errorf("differences %v", result.Differences)
			}
			for _, label := range []string{"transfer", "update:authcode", "update:status"} {
				if n := f.world.realtime.Count(label, realtimeTransfer); n != 1 {
					t.Errorf("%d of %s", n, label)
				}
			}
			d, _ := f.world.realtime.Domain(realtimeTransfer)
			if d.AuthCode == realtimeTransferKey || fmt.Sprint(d.Locks) != "[CLIENT_TRANSFER_PROHIBITED]" {
				t.Errorf("got %+v", d)
			}
			for _, text := range []string{f.historyText(id), f.log.String(), f.databaseText()} {
				if strings.Contains(text, realtimeTransferKey) || strings.Contains(text, d.AuthCode) {
					t.Error("an auth code is in history, log or database")
				}
			}
		})
	}
}

// TestRealtimeChanges: each of the other orders has one effect.
func TestRealtimeChanges(t *testing.T) {
	t.Parallel()
	f := seeded(t, worldOptions{})
	for _, c := range []struct {
		order, domain string
		labels        []string
		check         func(realtimeregister.Domain) bool
	}{
		{"realtime-4-owner-change.json", "sold.async", []string{"update:registrant"}, func(d realtimeregister.Domain) bool {
			return strings.HasPrefix(d.Registrant, "dp-") && d.Contacts["TECH"] == "old-contact"
		}},
		{"realtime-5-name-server-change.json", "delegated.sync", []string{"update:ns"}, func(d realtimeregister.Domain) bool {
			return fmt.Sprint(d.NameServers) == "[ns1.mine.example ns2.mine.example]"
		}},
		{"realtime-6-settings-change.json", "secured.sync",
			[]string{"update:zone", "update:zone", "update:privacyProtect", "update:autoRenew", "update:status"}, func(d realtimeregister.Domain) bool {
				return d.Template == realtimeTemplate && d.Signed && d.Privacy && d.AutoRenew && len(d.Locks) == 1
			}},
		{"realtime-7-contact-change.json", "managed.async", []string{"update:contacts"}, func(d realtimeregister.Domain) bool {
			return strings.HasPrefix(d.Contacts["TECH"], "dp-") && d.Contacts["ADMIN"] == "old-contact" && d.Registrant == "old-contact"
		}},
	} {
		id := f.place(example(t, c.order)).Units[0].WorkflowID
		f.eventually(c.order+" has reached the registrar", func() bool {
			return f.world.realtime.Count("update:*", c.domain) >= len(c.labels)
		})
		f.watchAt(realtimeAccount)
		if result := f.finish(id); len(result.Differences) > 0 {
			t.Errorf("%s: differences %v", c.order, result.Differences)
		}
		var labels []string
		for _, p := range f.world.realtime.Processes() {
			if p.Domain == c.domain {
				labels = append(labels, p.Label)
			}
		}
		d, _ := f.world.realtime.Domain(c.domain)
		if fmt.Sprint(labels) != fmt.Sprint(c.labels) || !c.check(d) {
			t.Errorf("%s: %v, the domain is %+v", c.order, labels, d)
		}
	}
	// The same person in two orders is one contact, in addition to the old one.
	if n := len(f.world.realtime.Contacts()); n != 2 {
		t.Errorf("%d contacts", n)
	}
}
