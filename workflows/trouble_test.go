package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/registrars"
	standoperations "domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/store"
)

// TestSessionLimit: other programs hold all of the account's sessions for a while. The
// order waits for one, and nothing is done twice.
func TestSessionLimit(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	r.Netim.EndSessions()
	r.Fault(t, "netim:sessionOpen:too-many-sessions*3")
	r.finish()
	r.want(whole())
	if n := len(r.Netim.Sessions()); n != 1 {
		t.Errorf("%d sessions", n)
	}
	if got := r.started["SubmitRequest"]; got < 4 {
		t.Errorf("the request was begun %d times: the limit was not met", got)
	}
}

func TestRateLimited(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	r.Fault(t, "netim:domainCreate:rate-limit*2")
	r.finish()
	r.want(whole())
	if got := r.operation(registrars.Registration); got.State != store.Done {
		t.Errorf("the ledger has %+v", got)
	}
}

// TestRegistrarDownForADay: the registrar does not answer at all from the time of the
// request until the next day.
func TestRegistrarDownForADay(t *testing.T) {
	for _, kind := range []string{"http-error", "cut-before", "malformed"} {
		t.Run(kind, func(t *testing.T) {
			r := begin(t, outside.Options{}, outside.NewCustomer)
			r.when("SubmitRequest", 1, func() { r.Fault(t, fmt.Sprintf("netim:*:%s*always", kind)) })
			r.after(23*time.Hour, func() {
				if progress := r.progress(); progress.Step != 6 || progress.State != messages.Running {
					t.Errorf("after a day the order is %s at step %d: %+v", progress.State, progress.Step, progress.Attention)
				}
				r.Netim.Faults.Clear()
			})
			r.finish()
			r.want(whole())
		})
	}
}

// TestOperationsFaults: Operations carries out the calls and answers with a fault, or not
// at all; all of its errors are faults as well. Later tries know by the number of the
// attempt that they are not the first, and look.
func TestOperationsFaults(t *testing.T) {
	for _, kind := range []string{"fault", "cut-after", "malformed"} {
		t.Run(kind, func(t *testing.T) {
			r := begin(t, outside.Options{Operations: standoperations.Options{RaiseFaults: true}}, outside.NewCustomer)
			once := []string{"pem.addAccount", "pem.addAccountMember", "pem.activateSubscription", "pem.addDomain"}
			for _, method := range append(once, "pem.addDomainRequest", "pem.bindServicesToDomain") {
				r.Fault(t, "operations:"+method+":"+kind)
			}
			r.finish()
			r.want(whole())
			for _, method := range once {
				want := map[bool]int{true: 2, false: 1}[method == "pem.activateSubscription" || method == "pem.addDomain"]
				if got := r.Operations.Calls(method); got != want {
					t.Errorf("%d %s, want %d", got, method, want)
				}
			}
		})
	}
}

// TestRegistrarRejectsAfterDays: the order is parked with the reason, and a person's
// retry requests again.
func TestRegistrarRejectsAfterDays(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(3*day, func() {
		if err := r.Netim.Fail(shop, "the registry refuses the holder"); err != nil {
			t.Error(err)
		}
		r.confirm("failed")
	})
	r.after(4*day, func() {
		r.parked(10, registrationFailed)
		effects := whole()
		effects.Registered, effects.Registrations, effects.BillingRows = 0, 0, 0
		r.want(effects)
		r.retry(messages.Retry{Actor: "op", Reason: "the papers are there now"})
	})
	r.after(5*day, func() { r.complete(); r.confirm("done") })
	r.finish()
	effects := whole()
	effects.Creates = 2
	r.want(effects)
}
