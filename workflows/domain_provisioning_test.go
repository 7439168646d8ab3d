package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/sandbox/standin/faults"
	standnetim "domainprovisioning/sandbox/standin/netim"
	standoperations "domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/workflows"
)

func TestAnOrderWaitsForDaysAndEndsWithEverythingOnce(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(3*day, func() {
		progress := r.progress()
		if progress.State != messages.Waiting || progress.Step != 10 {
			t.Errorf("after three days the order is %s at step %d", progress.State, progress.Step)
		}
		r.complete()
		r.confirm("event-1")
	})
	result := r.finish()
	r.want(whole())
	if asked := r.started["ConfirmRequest"]; asked != 1 {
		t.Errorf("the registrar was asked %d times; waiting asks nothing", asked)
	}
	registration, _ := r.Netim.Registration(shop)
	row := r.Billing.RowsOf(shop)[0]
	want := workflows.UnitResult{
		OrderNumber: r.input.OrderNumber, AccountID: r.input.AccountID,
		DomainSubscriptionID: r.input.DomainSubscriptionID, HostingSubscriptionID: r.input.HostingSubscriptionID,
		DomainID: r.input.DomainID, BillingDomainID: row.DomainID, RegistrarReference: "101",
	}
	got := result
	got.Expires = time.Time{}
	if got.Differences != nil || got.OrderNumber == "" || got.RegistrarReference != want.RegistrarReference ||
		got.AccountID != want.AccountID || got.DomainID != want.DomainID || got.BillingDomainID != want.BillingDomainID ||
		got.DomainSubscriptionID != want.DomainSubscriptionID || got.HostingSubscriptionID != want.HostingSubscriptionID {
		t.Errorf("result %+v, want %+v", got, want)
	}
	// The period begins with the confirmation, not with the order.
	if !row.Start.Equal(registration.Created.Truncate(time.Second)) || result.Expires.Year() != registration.Created.Year()+1 {
		t.Errorf("Billing counts from %s, the registrar from %s, the result says %s", row.Start, registration.Created, result.Expires)
	}
	if bound := r.started["BindServicesToDomain"]; bound != 1 || !strings.Contains(step(r.progress(), 12), "bound in step 9") {
		t.Errorf("%d bindings, step 12 %s", bound, step(r.progress(), 12))
	}
}

func TestRegisteredAtOnceDoesNotWait(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	began := r.Now()
	r.finish()
	r.want(whole())
	if passed := r.Now().Sub(began); passed > time.Minute {
		t.Errorf("the order took %s", passed)
	}
	if r.started["ConfirmRequest"] != 0 || !strings.Contains(step(r.progress(), 10), "answer to the request") {
		t.Errorf("step 10 is %s", step(r.progress(), 10))
	}
}

func TestASlowRegistryIsFoundDoneByTheFirstLookAfterItsEnd(t *testing.T) {
	r := begin(t, outside.Options{Registration: standnetim.Behaviour{PendingFor: 2 * day}}, outside.NewCustomer)
	r.after(day, func() { r.confirm("too-early") })
	r.after(3*day, func() { r.confirm("in-time") })
	r.finish()
	r.want(whole())
	if asked := r.started["ConfirmRequest"]; asked != 2 {
		t.Errorf("two confirmations led to %d looks", asked)
	}
}

func TestTheUnitDecidesWhichStepsAreLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		order   string
		skipped []int
		effects outside.Effects
	}{
		"new customer": {
			order: outside.NewCustomer, skipped: []int{12}, effects: whole(),
		},
		"existing account": {
			order: outside.ExistingCustomer, skipped: []int{1, 2, 12}, effects: whole(),
		},
		"domain without hosting": {
			order: outside.DomainOnly, skipped: []int{1, 2, 8, 9, 12},
			effects: outside.Effects{
				Accounts: 1, Members: 1, Subscriptions: 1, Domains: 1, Registered: 1,
				Creates: 1, Registrations: 1, Contacts: 2, BillingRows: 1,
			},
		},
		"hosting without domain": {
			order: outside.HostingOnly, skipped: []int{1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14},
			effects: outside.Effects{Accounts: 1, Members: 1, Subscriptions: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, outside.Options{}, c.order)
			r.finish()
			r.want(c.effects)
			var skipped []int
			for _, line := range r.progress().Steps {
				switch line.State {
				case messages.StepSkipped:
					skipped = append(skipped, line.Number)
				case messages.StepDone:
				default:
					t.Errorf("step %d is %s", line.Number, line.State)
				}
			}
			if !slices.Equal(skipped, c.skipped) {
				t.Errorf("steps %v are left out, want %v", skipped, c.skipped)
			}
		})
	}
}

func TestWithoutHostingTheBillingRowHasNoParentAndTheAccountsUserStandsForTheContacts(t *testing.T) {
	r := begin(t, outside.Options{}, outside.DomainOnly)
	r.finish()
	row := r.Billing.RowsOf(shop)[0]
	member := r.Operations.Members()[0].ID
	if row.ParentID != -1 || row.AccountID != outside.Customer || row.Users != [4]int{member, member, member, member} {
		t.Errorf("Billing has parent %d, account %d, users %v; the account's user is %d", row.ParentID, row.AccountID, row.Users, member)
	}
}

func TestANameThatExistsInTheOwnAccountIsBoundOnlyAfterTheConfirmation(t *testing.T) {
	r := begin(t, manual(), outside.ExistingCustomer)
	existing := r.Operations.AddExistingDomain(shop, outside.Customer)
	r.after(day, func() {
		if n := len(r.Operations.Bindings()); n != 0 || !strings.HasPrefix(step(r.progress(), 9), "skipped: no call") {
			t.Errorf("%d bindings before the confirmation, step 9 %s", n, step(r.progress(), 9))
		}
		r.complete()
		r.confirm("event-1")
	})
	result := r.finish()
	if result.DomainID != existing || len(r.Operations.Domains()) != 1 {
		t.Errorf("domain %d, want the existing %d", result.DomainID, existing)
	}
	r.want(whole())
	if !strings.HasPrefix(step(r.progress(), 12), "done: domain") {
		t.Errorf("step 12 is %s", step(r.progress(), 12))
	}
}

func TestADomainOfAnotherAccountIsReplacedOnlyWithPermission(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	other := r.Operations.AddExistingAccount(0)
	theirs := r.Operations.AddExistingDomain(shop, other)
	r.after(time.Hour, func() {
		r.parked(11, messages.ReasonConflict)
		r.retry(messages.Retry{Actor: "ann", Reason: "looked at it"})
	})
	r.after(2*time.Hour, func() {
		r.parked(11, messages.ReasonConflict) // a retry alone does not give permission
		if d, _ := r.Operations.Domain(shop); d.ID != theirs || d.AccountID != other {
			t.Errorf("another customer's domain was touched: %+v", d)
		}
		r.retry(messages.Retry{Actor: "ann", Reason: "the other account has lost the name", AllowTakeover: true})
	})
	result := r.finish()
	domain, _ := r.Operations.Domain(shop)
	if domain.AccountID != result.AccountID || domain.ID != result.DomainID || len(domain.Bound) != 1 {
		t.Errorf("the domain is %+v, the result %+v", domain, result)
	}
	if !strings.Contains(step(r.progress(), 11), "replaces one of another account") {
		t.Errorf("step 11 is %s", step(r.progress(), 11))
	}
}

// A domain that disappeared between step 7 and step 11 is created again, and has lost the
// services that step 9 bound.
func TestADomainThatIsMadeAnewIsBoundAnew(t *testing.T) {
	r := begin(t, manual(), outside.NewCustomer)
	r.after(day, func() {
		if err := r.OperationsClient.RemoveDomain(t.Context(), r.input.DomainID); err != nil {
			t.Error(err)
		}
		r.complete()
		r.confirm("event-1")
	})
	result := r.finish()
	if domain, _ := r.Operations.Domain(shop); domain.ID != result.DomainID || len(domain.Bound) != 1 {
		t.Errorf("the domain is %+v, the result %+v", domain, result)
	}
	if !strings.HasPrefix(step(r.progress(), 9), "done") || !strings.HasPrefix(step(r.progress(), 12), "done") {
		t.Errorf("step 9 %s, step 12 %s", step(r.progress(), 9), step(r.progress(), 12))
	}
}

func TestTheCustomersOwnNameServersWin(t *testing.T) {
	own := outside.Alter(t, outside.NewCustomer, `"transferKey": ""`,
		`"transferKey": "", "nameServers": ["ns1.mine.example", "ns2.mine.example", "ns3.mine.example"]`)
	r := begin(t, outside.Options{}, own)
	result := r.finish()
	registration, _ := r.Netim.Registration(shop)
	want := []string{"ns1.mine.example", "ns2.mine.example", "ns3.mine.example"}
	if !slices.Equal(registration.NameServers, want) || len(result.Differences) != 0 {
		t.Errorf("the registrar has %v, differences %v", registration.NameServers, result.Differences)
	}
	if row := r.Billing.RowsOf(shop)[0]; !slices.Equal(row.NameServers[:3], want) {
		t.Errorf("Billing has %v", row.NameServers)
	}
	if !strings.Contains(step(r.progress(), 5), "the customer's own: ns1.mine.example") {
		t.Errorf("step 5 is %s", step(r.progress(), 5))
	}
}

func TestTheZonesNameServersAreUsedOtherwise(t *testing.T) {
	servers := []string{"a.zone.example", "b.zone.example", "c.zone.example"}
	r := begin(t, outside.Options{Operations: standoperations.Options{NameServers: servers}}, outside.NewCustomer)
	r.finish()
	if registration, _ := r.Netim.Registration(shop); !slices.Equal(registration.NameServers, servers) {
		t.Errorf("the registrar has %v", registration.NameServers)
	}
}

func TestDifferencesAtTheRegistrarAreReportedAndDoNotFailTheOrder(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	r.Netim.Faults.Add(faults.Fault{Method: "domainInfo", Kind: faults.HTTPError}) // when the registration is done
	r.when("VerifyDomain", 1, func() {
		r.Netim.AddRegistration(standnetim.Registration{
			Domain: shop, Owner: "CT99999", NameServers: []string{"ns1.other.example", "ns2.other.example"},
			Created: r.Now(), Expires: r.Now().AddDate(3, 0, 0),
		})
	})
	result := r.finish()
	if len(result.Differences) != 3 || !slices.Equal(r.progress().Notes, result.Differences) {
		t.Errorf("differences %q, notes %q", result.Differences, r.progress().Notes)
	}
	if !strings.Contains(step(r.progress(), 14), "3 differences") {
		t.Errorf("step 14 is %s", step(r.progress(), 14))
	}
}

func TestEachLostAnswerOfOperationsAndBillingIsMadeGood(t *testing.T) {
	calls := []string{
		"operations:pem.addAccount", "operations:pem.addAccountMember", "operations:pem.activateSubscription",
		"operations:pem.addDomainRequest", "operations:pem.getNameServers", "operations:pem.addDomain",
		"operations:pem.bindServicesToDomain", "billing:DomainSubscrWithIDAdd_API",
	}
	r := begin(t, outside.Options{}, outside.NewCustomer)
	for _, call := range calls {
		r.Fault(t, call+":cut-after")
		r.Fault(t, call+":http-error=502")
	}
	r.finish()
	r.want(whole())
}

// The test environment gives a step ten tries; in production their number is not limited.
func TestARegistrarThatIsDownIsWaitedForWithoutAnAlarm(t *testing.T) {
	r := begin(t, outside.Options{}, outside.NewCustomer)
	r.Fault(t, "netim:*:http-error=503*always")
	r.after(10*time.Minute, func() {
		if progress := r.progress(); progress.State != messages.Running || progress.Step != 6 || progress.Attention != nil {
			t.Errorf("ten minutes later the order is %s at step %d: %+v", progress.State, progress.Step, progress.Attention)
		}
		r.Netim.Faults.Clear()
	})
	r.finish()
	r.want(whole())
	// 2 s, doubled each time: the tries become less frequent, so that they overload
	// nobody.
	if tries := r.started["SubmitRequest"]; tries > 10 {
		t.Errorf("%d tries in ten minutes", tries)
	}
}

func TestAnOrderOfNothingIsRefused(t *testing.T) {
	r := begin(t, outside.Options{}, outside.HostingOnly)
	r.input.Unit.Hosting = nil
	if err := r.execute(); err == nil || !strings.Contains(err.Error(), "neither a domain nor hosting") {
		t.Errorf("got %v", err)
	}
	r.want(outside.Effects{Accounts: 1, Members: 1})
}
