package workflows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	"domainprovisioning/store"
	"domainprovisioning/workflows"
)

// undone lists what has become of the things that a cancelled order made, in the order in which
// they were taken back.
func undone(progress messages.Progress) string {
	lines := make([]string, len(progress.Undo))
	for n, line := range progress.Undo {
		lines[n] = line.Title + " " + string(line.State)
	}
	return strings.Join(lines, ", ")
}

// These are the things of an order of outside.NewCustomer.
const (
	accountGone = "account 1048576 undone, staff members of the account undone"
	accountKept = "account 1048576 kept, staff members of the account could-not"
	domainKept  = "domain in Operations could-not, "
	beneathIt   = ", domain request and its DNS zone nothing, domain subscription 1048576 kept, " + accountKept
)

// TestCancelAtEachStepTakesBackWhatWasMade: the latest first. Step 7 makes a domain that no
// known call removes, and what it stands on stays with it.
func TestCancelAtEachStepTakesBackWhatWasMade(t *testing.T) {
	const hosting = "hosting subscription 100000 undone, services of the hosting subscription on the domain undone, "
	const registration = "registration at the registrar "
	const inBilling = "hosting subscription 100000 kept, services of the hosting subscription on the domain could-not, "
	for number, at := range []struct {
		activity string
		start    int
		order    string
		undone   string
		removals string
	}{
		{"AddAccount", 1, outside.NewCustomer, "account 1048576 undone", "account 1048576"},
		{"AddAccountMember", 1, outside.NewCustomer, accountGone, "account 1048576"},
		{"ActivateSubscription", 1, outside.NewCustomer, "domain subscription 1048576 undone, " + accountGone, "subscription 1048576, account 1048576"},
		{"AddDomainRequest", 1, outside.NewCustomer, "domain request and its DNS zone undone, domain subscription 1048576 undone, " + accountGone,
			"request shop.example, subscription 1048576, account 1048576"},
		{"GetNameServers", 1, outside.NewCustomer, "domain request and its DNS zone undone, domain subscription 1048576 undone, " + accountGone,
			"request shop.example, subscription 1048576, account 1048576"},
		{"SubmitRequest", 1, outside.NewCustomer, registration + "undone, domain request and its DNS zone undone, domain subscription 1048576 undone, " + accountGone,
			"request shop.example, subscription 1048576, account 1048576"},
		{"CreateDomain", 1, outside.NewCustomer, domainKept + registration + "undone" + beneathIt, ""},
		{"ActivateSubscription", 2, outside.NewCustomer, "hosting subscription 100000 undone, " + domainKept + registration + "undone" + beneathIt, "subscription 100000"},
		{"BindServicesToDomain", 1, outside.NewCustomer, hosting + domainKept + registration + "undone" + beneathIt, "subscription 100000"},
		{"ConfirmRequest", 1, outside.NewCustomer, hosting + domainKept + registration + "kept" + beneathIt, "subscription 100000"},
		{"RegisterDomain", 1, outside.NewCustomer, hosting + domainKept + registration + "kept" + beneathIt, "subscription 100000"},
		// The name exists, as a domain of the same account: step 12 binds.
		{"BindServicesToDomain", 1, outside.ExistingCustomer, hosting + "domain in Operations kept, " + registration +
			"kept, domain request and its DNS zone nothing, domain subscription 1048576 kept", "subscription 100000"},
		{"AddDomainSubscription", 1, outside.NewCustomer, "the domain's record in Billing kept, " + inBilling + domainKept + registration + "kept" + beneathIt, ""},
		{"VerifyDomain", 1, outside.NewCustomer, "the domain's record in Billing kept, " + inBilling + domainKept + registration + "kept" + beneathIt, ""},
	} {
		t.Run(fmt.Sprintf("step %d", number+1), func(t *testing.T) {
			r := begin(t, manual(), at.order)
			if number+1 == 12 {
				r.Operations.AddExistingDomain(shop, outside.Customer)
			}
			if at.activity == "VerifyDomain" {
				// Where the domain could not be read with the registrar's answer, it is read at the end.
				r.Netim.Faults.Add(faults.Fault{Method: "domainInfo", Kind: faults.HTTPError})
			}
			r.when(at.activity, at.start, r.CancelWorkflow)
			r.after(day, func() { r.complete(); r.confirm("event-1") })
			if err := r.execute(); !temporal.IsCanceledError(err) {
				t.Errorf("got %v", err)
			}
			progress := r.progress()
			if progress.State != messages.Cancelled || progress.Step != number+1 {
				t.Errorf("the order is %s at step %d", progress.State, progress.Step)
			}
			if r.seen.latest["ProvisioningState"] != string(messages.Cancelled) {
				t.Errorf("search attributes say %v", r.seen.latest)
			}
			if got := undone(progress); got != at.undone {
				t.Errorf("undone\n got %s\nwant %s", got, at.undone)
			}
			if got := strings.Join(r.Operations.Removals(), ", "); got != at.removals {
				t.Errorf("removed\n got %s\nwant %s", got, at.removals)
			}
			r.closed(store.UnitCancelled)
			r.leaves(strings.Contains(at.undone, "kept") || strings.Contains(at.undone, "could-not"))
			if _, kept := r.Netim.Registration(shop); kept != (number+1 >= 10) {
				t.Errorf("the name is registered: %t", kept)
			}
			// The name is free for another order.
			if number+1 < 10 {
				r.Place(t, outside.Alter(t, outside.NewCustomer, "jane@", "john@"))
			}
		})
	}
}

// leaves checks that what could not be taken back is listed for a person, and only then.
func (r *run) leaves(something bool) {
	r.t.Helper()
	ends, err := r.Store.LooseEnds(r.t.Context(), store.LooseEndFilter{Kind: store.Left})
	if err != nil || len(ends) > 0 != something {
		r.t.Errorf("it leaves %+v, %v", ends, err)
	}
}

func TestCancelWhileWaitingAndWhileParked(t *testing.T) {
	whole := "hosting subscription 100000 undone, services of the hosting subscription on the domain undone, " + domainKept +
		"registration at the registrar undone" + beneathIt
	for name, c := range map[string]struct {
		options outside.Options
		at      time.Duration
		seen    func(*run)
		undone  string
	}{
		"waiting":         {manual(), day, func(*run) {}, whole},
		"deadline passed": {manual(), 6 * day, func(r *run) { r.parked(10, messages.ReasonDeadlinePassed) }, whole},
		"parked": {outside.Options{Registration: failing()}, day, func(r *run) { r.parked(6, registrationFailed) },
			"registration at the registrar undone, domain request and its DNS zone undone, domain subscription 1048576 undone, " + accountGone},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, c.options, outside.NewCustomer)
			r.after(c.at, func() {
				c.seen(r)
				r.command(messages.CancelOrder().Name, messages.Cancel{Actor: "ann", Reason: "the customer withdrew"}, "")
			})
			result := r.cancelled()
			if got := undone(messages.Progress{Undo: result.Undone}); got != c.undone {
				t.Errorf("undone\n got %s\nwant %s", got, c.undone)
			}
			if row := r.ledger(); !row.State.Final() || row.State == store.Done {
				t.Errorf("the ledger has %s", row.State)
			}
		})
	}
}

// cancelled runs the workflow, which must end with what became of the things that it made: an
// order that was cancelled by command is a result, and no failure.
func (r *run) cancelled() workflows.UnitResult {
	r.t.Helper()
	if err := r.execute(); err != nil {
		r.t.Fatal(err)
	}
	var result workflows.UnitResult
	if err := r.GetWorkflowResult(&result); err != nil {
		r.t.Fatal(err)
	}
	if progress := r.progress(); progress.State != messages.Cancelled || progress.Attention != nil || len(progress.Actions) != 0 {
		r.t.Errorf("at the end the order is %s, attention %+v, allowed %v", progress.State, progress.Attention, progress.Actions)
	}
	r.closed(store.UnitCancelled)
	return result
}

// command sends a command, which must be accepted, or else be refused for the reason.
func (r *run) command(name string, command any, refused string) {
	r.t.Helper()
	r.UpdateWorkflow(name, "", &testsuite.TestUpdateCallback{
		OnAccept: func() {},
		OnReject: func(err error) {
			if refused == "" || !strings.Contains(err.Error(), refused) {
				r.t.Errorf("%s %+v: refused: %v; want %q", name, command, err, refused)
			}
		},
		OnComplete: func(answer any, err error) {
			if refused != "" || err != nil {
				r.t.Errorf("%s %+v: answered %+v, %v; want %q", name, command, answer, err, refused)
			}
		},
	}, command)
}
