package epp_test

import (
	"context"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/epp"
	"domainprovisioning/registrars/registrarstest"
	standin "domainprovisioning/sandbox/standin/epp"
	"domainprovisioning/sandbox/standin/faults"
)

func plain(*standin.Options, *epp.Config) {}

func submit(t *testing.T, w *world, request registrars.Request) registrars.Operation {
	t.Helper()
	operation, err := w.plugin.Submit(t.Context(), request)
	if err != nil {
		t.Fatalf("%s: %v", request.Kind, err)
	}
	return operation
}

func (w *world) status(reference string) registrars.Operation {
	w.t.Helper()
	operation, err := w.plugin.Operation(context.Background(), reference)
	if err != nil {
		w.t.Fatalf("%s: %v", reference, err)
	}
	return operation
}

// later is how an operation stands when the registry must show it.
func (w *world) later(reference string) registrars.Operation {
	w.ahead.Store(int64(time.Hour))
	defer w.ahead.Store(0)
	return w.status(reference)
}

// kinds are those that the plug-in serves.
func kinds() []registrars.Kind { return (*epp.EPP)(nil).Describe().Kinds }

// TestAFailureThatProvesNothing: 2400 and 2500 may follow the effect, so the outcome is unknown,
// and what was paid is found by looking.
func TestAFailureThatProvesNothing(t *testing.T) {
	for _, kind := range kinds() {
		w := newWorld(t, "registry", plain)
		request := w.Request(kind, 1)
		w.standin.Faults.Add(faults.Fault{Method: call(kind), Kind: faults.RaiseFault})
		_, err := w.plugin.Submit(t.Context(), request)
		wantClass(t, err, registrars.ClassOutcomeUnknown)
		if n := w.Effects(kind, request.Domain); n != 1 {
			t.Errorf("%s: %d effects", kind, n)
		}
		finding, err := w.plugin.Find(t.Context(), request)
		if err != nil || finding.State != registrars.FoundObject {
			t.Errorf("%s: Find says %s, %v", kind, finding.State, err)
		}
	}
}

// TestWhatWasPaidIsNotPaidTwice: the registry refuses the second command, and the refusal is not
// taken for one of the order.
func TestWhatWasPaidIsNotPaidTwice(t *testing.T) {
	for _, kind := range []registrars.Kind{registrars.Registration, registrars.Renewal, registrars.Transfer} {
		for _, tld := range []string{"registry", "later"} {
			w := newWorld(t, tld, plain)
			request := w.Request(kind, 1)
			if tld == "later" {
				w.Hold(request.Domain)
			}
			before := w.standin.Balance()
			submit(t, w, request)
			spent := before - w.standin.Balance()
			request.Submission = 2
			_, err := w.plugin.Submit(t.Context(), request)
			wantClass(t, err, registrars.ClassOutcomeUnknown)
			if n := w.Effects(kind, request.Domain); n != 1 || before-w.standin.Balance() != spent {
				t.Errorf("%s.%s: %d effects, %d cents", kind, tld, n, before-w.standin.Balance())
			}
			if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State == registrars.FoundNothing || finding.State == registrars.Unclear {
				t.Errorf("%s.%s: Find says %s, %v", kind, tld, finding.State, err)
			}
		}
	}
}

// TestARefusedActionHasFailed: a registry that refuses what it had accepted leaves the domain as
// it was, and the operation has failed.
func TestARefusedActionHasFailed(t *testing.T) {
	for _, kind := range kinds() {
		w := newWorld(t, "registry", plain)
		request := w.Request(kind, 1)
		w.Hold(request.Domain)
		pending := submit(t, w, request)
		if pending.Status != registrars.StatusPending {
			t.Errorf("%s: %s", kind, pending.Status)
		}
		if err := w.standin.Fail(request.Domain.String(), "not eligible"); err != nil {
			t.Fatal(err)
		}
		// It may be nothing but a registry that does not show yet what it has accepted.
		told := kind == registrars.Transfer // the query says it
		if early := w.status(pending.Reference); early.Status != registrars.StatusPending && !told {
			t.Errorf("%s, at once: %+v", kind, early)
		}
		if later := w.later(pending.Reference); later.Status != registrars.StatusFailed && kind != registrars.Restore || later.Status == registrars.StatusPending {
			t.Errorf("%s, without a message: %+v", kind, later)
		}
		// The message says which transaction was refused.
		if _, found, err := w.plugin.NextNotice(t.Context()); err != nil || !found {
			t.Fatalf("no message: %v", err)
		}
		if ended := w.status(pending.Reference); ended.Status != registrars.StatusFailed || ended.Kind != kind || ended.Domain != request.Domain {
			t.Errorf("%s: %+v", kind, ended)
		}
		if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State != registrars.FoundNothing {
			t.Errorf("%s: Find says %s, %v", kind, finding.State, err)
		}
	}
}

// TestTransfersEnd as the registry says, whoever ended them.
func TestTransfersEnd(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*world, string) error
		want registrars.Status
	}{
		"approved":  {func(w *world, name string) error { return w.standin.Complete(name) }, registrars.StatusDone},
		"rejected":  {func(w *world, name string) error { return w.standin.Fail(name, "no") }, registrars.StatusFailed},
		"cancelled": {func(w *world, name string) error { return w.standin.Cancel(name) }, registrars.StatusCancelled},
		"gone":      {func(w *world, name string) error { w.standin.RemoveDomain(name); return nil }, registrars.StatusFailed},
	} {
		w := newWorld(t, "registry", plain)
		request := w.Request(registrars.Transfer, 1)
		w.Hold(request.Domain)
		pending := submit(t, w, request)
		if err := c.end(w, request.Domain.String()); err != nil {
			t.Fatal(err)
		}
		if ended := w.later(pending.Reference); ended.Status != c.want {
			t.Errorf("%s: %s, want %s", name, ended.Status, c.want)
		}
	}
	w := newWorld(t, "registry", plain)
	request := w.Request(registrars.Transfer, 1)
	request.AuthCode = domains.NewSecret("Another-code-12")
	_, err := w.plugin.Submit(t.Context(), request)
	if refused := wantClass(t, err, registrars.ClassInvalid); refused.Field != "authCode" {
		t.Errorf("a wrong auth code: %v", err)
	}
}

// TestAReportThatIsLostIsSentAgain, and the request, which is paid, is not.
func TestAReportThatIsLostIsSentAgain(t *testing.T) {
	for _, fault := range []faults.Kind{faults.CutBefore, faults.CutAfter, faults.HTTPError} {
		w := newWorld(t, "reports", plain)
		request := w.Request(registrars.Restore, 1)
		w.standin.Faults.Add(faults.Fault{Method: "domain.restore.report", Kind: fault})
		operation := submit(t, w, request)
		if fault != faults.CutAfter && operation.Status != registrars.StatusPending {
			t.Errorf("%s: %s", fault, operation.Status)
		}
		if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State == registrars.FoundNothing {
			t.Errorf("%s: Find says %s, %v", fault, finding.State, err)
		}
		if ended := w.status(operation.Reference); ended.Status != registrars.StatusDone {
			t.Errorf("%s: %+v", fault, ended)
		}
		if n := w.Effects(registrars.Restore, request.Domain); n != 1 {
			t.Errorf("%s: %d restores", fault, n)
		}
	}
	// Lost between the two, the restore is found, and asking for it sends the report.
	w := newWorld(t, "reports", plain)
	request := w.Request(registrars.Restore, 1)
	w.standin.Faults.Add(faults.Fault{Method: "domain.restore", Kind: faults.CutAfter})
	_, err := w.plugin.Submit(t.Context(), request)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	finding, err := w.plugin.Find(t.Context(), request)
	if err != nil || finding.State != registrars.FoundOperation {
		t.Fatalf("Find says %s, %v", finding.State, err)
	}
	if ended := w.status(finding.Operation.Reference); ended.Status != registrars.StatusDone || w.Effects(registrars.Restore, request.Domain) != 1 {
		t.Errorf("%+v, %d restores", ended, w.Effects(registrars.Restore, request.Domain))
	}
	// A second submission sends the report alone.
	w = newWorld(t, "reports", plain)
	request = w.Request(registrars.Restore, 1)
	w.standin.Faults.Add(faults.Fault{Method: "domain.restore", Kind: faults.CutAfter})
	_, err = w.plugin.Submit(t.Context(), request)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	before := w.standin.Balance()
	if again := submit(t, w, request); again.Status != registrars.StatusDone || w.Effects(registrars.Restore, request.Domain) != 1 || w.standin.Balance() != before {
		t.Errorf("%+v, %d restores", again, w.Effects(registrars.Restore, request.Domain))
	}
}

// TestADomainOfAnother is not read, and nothing is concluded from it about what was here.
func TestADomainOfAnother(t *testing.T) {
	w := newWorld(t, "registry", plain)
	name := domains.MustParseName("theirs.registry")
	w.standin.AddElsewhere(name.String(), worldAuthCode, true)
	_, err := w.plugin.ReadDomain(t.Context(), name)
	wantClass(t, err, registrars.ClassNotFound)
	for kind, want := range map[registrars.Kind]registrars.FindingState{
		registrars.Registration: registrars.FoundNothing, registrars.Transfer: registrars.FoundNothing, registrars.Renewal: registrars.Unclear,
		registrars.Deletion: registrars.Unclear, registrars.LockChange: registrars.Unclear,
	} {
		request := registrarstest.Request(kind, 1, "registry")
		request.Domain = name
		if kind == registrars.Transfer {
			// The registry tells who has the code whether a transfer was asked for, and others nothing.
			if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State != registrars.Unclear {
				t.Errorf("with a wrong code: Find says %s, %v", finding.State, err)
			}
			request.AuthCode = domains.NewSecret(worldAuthCode)
		}
		if finding, err := w.plugin.Find(t.Context(), request); err != nil || finding.State != want {
			t.Errorf("%s: Find says %s, %v, want %s", kind, finding.State, err, want)
		}
	}
	if operation := w.status("registration:theirs.registry:SV-1"); operation.Status != registrars.StatusUnknown {
		t.Errorf("a registration that another has: %s", operation.Status)
	}
	for _, text := range []string{"", "x", "registration", "registration:theirs.registry", "no-kind:a.registry:SV-1", "registration::SV-1", "zone-reset:a.registry:1"} {
		_, err := w.plugin.Operation(t.Context(), text)
		wantClass(t, err, registrars.ClassInvalid)
		wantClass(t, w.plugin.Cancel(t.Context(), text), registrars.ClassInvalid)
	}
}

// TestTheLoginIsRefused: whatever the registry says, the configuration is what mends it.
func TestTheLoginIsRefused(t *testing.T) {
	w := newWorld(t, "registry", func(_ *standin.Options, c *epp.Config) { c.Password = domains.NewSecret("wrong-password") })
	_, err := w.plugin.ReadDomain(t.Context(), domains.MustParseName("a.registry"))
	wantClass(t, err, registrars.ClassAuth)
	lacking := newWorld(t, "registry", func(o *standin.Options, _ *epp.Config) { o.Without = []string{"urn:ietf:params:xml:ns:contact-1.0"} })
	_, err = lacking.plugin.ReadDomain(t.Context(), domains.MustParseName("a.registry"))
	if refused := wantClass(t, err, registrars.ClassAuth); refused.Rule != "the registry does not offer urn:ietf:params:xml:ns:contact-1.0" {
		t.Errorf("%v", err)
	}
	full := newWorld(t, "registry", func(o *standin.Options, _ *epp.Config) { o.MostSessions = 1 })
	if _, err := full.plugin.ReadDomain(t.Context(), domains.MustParseName("a.registry")); registrars.ClassOf(err) != registrars.ClassNotFound {
		t.Errorf("%v", err)
	}
	_, err = full.another().ReadDomain(t.Context(), domains.MustParseName("a.registry"))
	if refused := wantClass(t, err, registrars.ClassRateLimited); refused.After != time.Minute {
		t.Errorf("after %s", refused.After)
	}
	if err := full.plugin.ChangePassword(t.Context(), domains.NewSecret("new-password")); err == nil {
		t.Error("a password is changed without a session")
	}
}
