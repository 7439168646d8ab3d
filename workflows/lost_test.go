package workflows_test

import (
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
)

// A try of the fast lane that was not answered may take effect for two minutes. The undo of an order
// that is given up meanwhile begins after that, although the ordinary lane has made the call. The
// undo of one whose calls were all answered begins at once.
func TestAnUndoWaitsForCallsThatMayStillArrive(t *testing.T) {
	for name, c := range map[string]struct {
		late  time.Duration
		waits bool
	}{"answered": {0, false}, "not answered": {1500 * time.Millisecond, true}} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, outside.ExistingCustomer)
			if c.late > 0 {
				r.Operations.Faults.Add(faults.Fault{Method: "pem.activateSubscription", After: 1, Kind: faults.Late, Delay: c.late})
			}
			var givenUp, looked time.Time
			r.when("BindServicesToDomain", 1, func() { givenUp = r.Now(); r.CancelWorkflow() })
			r.when("TakeBack", 1, func() { looked = r.Now() })
			if err := r.execute(); !temporal.IsCanceledError(err) {
				t.Errorf("got %v", err)
			}
			if waited := looked.Sub(givenUp); (waited > time.Minute) != c.waits {
				t.Errorf("the undo began after %s", waited)
			}
			if got := strings.Join(r.Operations.Removals(), ", "); got != "subscription 100000" {
				t.Errorf("removed %s", got)
			}
		})
	}
}

// A take-over is given up while its call is on the way in the ordinary lane: the undo looks for the
// domain, which step 7 did not make, once the call cannot arrive any more.
func TestATakeOverThatIsGivenUpIsLookedForAgain(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	r.Operations.AddExistingDomain(shop, r.Operations.AddExistingAccount(0))
	r.after(time.Hour, func() {
		r.parked(11, messages.ReasonConflict)
		r.Fault(t, "operations:pem.addDomain:http-error*3")
		r.retry(messages.Retry{Actor: "tester", Reason: "the other account has lost the name", AllowTakeover: true})
	})
	var givenUp, ended time.Time
	r.when("RegisterDomain", 3, func() { givenUp = r.Now(); r.CancelWorkflow() })
	r.when("RecordOutcome", 1, func() { ended = r.Now() })
	if err := r.execute(); !temporal.IsCanceledError(err) {
		t.Errorf("got %v", err)
	}
	if waited := ended.Sub(givenUp); waited < 2*time.Minute {
		t.Errorf("nobody looked after the call could not arrive any more: %s", waited)
	}
}

// The registrar refuses for a day for a passing reason, and registers then. What it has is as
// ordered, although it counts from another day than that of the first try.
func TestARegistrationThatTookADayIsAsOrdered(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	r.Fault(t, "netim:domainCreate:dns-not-ready*600")
	began := r.Now()
	r.finish()
	if took := r.Now().Sub(began); took < 12*time.Hour {
		t.Errorf("it took %s", took)
	}
	if notes := r.progress().Notes; len(notes) != 0 {
		t.Errorf("notes %q", notes)
	}
}
