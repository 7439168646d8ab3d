package activities_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	standoperations "domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/store"
	"domainprovisioning/wire/xmlrpc"
)

// provisioned returns a customer for whom the first steps of the list of changes are done, in a
// world whose clock the test moves.
func provisioned(t *testing.T, steps int, byFaults bool) (*customer, *outside.Clock) {
	t.Helper()
	clock := outside.NewClock()
	w := outside.New(t, outside.Options{Now: clock.Now, Operations: standoperations.Options{RaiseFaults: byFaults}})
	w.Place(t, outside.NewCustomer)
	c := &customer{World: w, Operations: w.OperationsActivities(), t: t, input: w.Temporal.Starts()[0].Input}
	for _, step := range changes()[:steps] {
		c.must(nil, step.run(c))
	}
	return c, clock
}

// Numbers of steps for provisioned.
const (
	throughMember  = 2
	throughRequest = 4 // a domain request stands, but no domain
	throughHosting = 6
	throughAll     = 8
)

// takeBack is what the undo of the order asks about a thing.
func (c *customer) takeBack(what activities.TakeBackWhat) activities.TakeBackInput {
	in := activities.TakeBackInput{
		OrderNumber: c.input.OrderNumber, Item: c.input.Unit.Item, What: what, AccountID: c.input.AccountID,
		SubscriptionID: c.input.DomainSubscriptionID, DomainID: c.input.DomainID, Domain: c.creation().Domain, Users: c.input.Users,
	}
	if what == activities.TakeBackServices || what == activities.TakeBackHostingSubscription {
		in.SubscriptionID = c.input.HostingSubscriptionID
	}
	return in
}

// wantBack takes a thing back and checks the outcome and a part of the note.
func (c *customer) wantBack(in activities.TakeBackInput, outcome activities.TakeBackOutcome, note string) {
	c.t.Helper()
	got, err := c.TakeBack(c.t.Context(), in)
	if err != nil || got.Outcome != outcome || !strings.Contains(got.Note, note) {
		c.t.Errorf("%s: got %+v, %v, want %s: ...%s", in.What, got, err, outcome, note)
	}
	for _, personal := range []string{"jane", "Jane", "Example Shop", "Main Street"} {
		if strings.Contains(got.Note, personal) {
			c.t.Errorf("%s: the note has personal data: %s", in.What, got.Note)
		}
	}
}

func (c *customer) wantRemovals(want ...string) {
	c.t.Helper()
	if got := c.World.Operations.Removals(); !slices.Equal(got, want) {
		c.t.Errorf("removed %q, want %q", got, want)
	}
}

func (c *customer) subscriptionName(what activities.TakeBackWhat) string {
	return fmt.Sprintf("subscription %d", c.takeBack(what).SubscriptionID)
}

func (c *customer) accountName() string { return fmt.Sprintf("account %d", c.input.AccountID) }

// An order that came as far as the domain request is undone in order, and leaves nothing.
func TestAnUndoLeavesNothing(t *testing.T) {
	for _, byFaults := range []bool{false, true} {
		c, _ := provisioned(t, throughRequest, byFaults)
		subscription, account := c.subscriptionName(activities.TakeBackDomainSubscription), c.accountName()
		want := map[activities.TakeBackWhat]activities.TakeBackOutcome{
			activities.TakeBackServices: activities.TakeBackNothing, activities.TakeBackDomain: activities.TakeBackNothing,
			activities.TakeBackHostingSubscription: activities.TakeBackNothing, activities.TakeBackDomainRequest: activities.TakeBackUndone,
			activities.TakeBackDomainSubscription: activities.TakeBackUndone, activities.TakeBackMembers: activities.TakeBackCouldNot,
			activities.TakeBackAccount: activities.TakeBackUndone,
		}
		for _, what := range activities.TakeBackOrder() {
			c.wantBack(c.takeBack(what), want[what], "")
		}
		// The members went with their account, as we assume.
		c.wantBack(c.takeBack(activities.TakeBackMembers), activities.TakeBackUndone, "")
		c.wantRemovals("request "+shop, subscription, account)
		if got := c.Effects(shop); got != (outside.Effects{}) {
			t.Errorf("left behind: %s", got)
		}
		// All of it again makes no further call.
		calls := c.World.Operations.Calls("")
		for _, what := range activities.TakeBackOrder()[3:] {
			c.wantBack(c.takeBack(what), activities.TakeBackUndone, "")
		}
		if got := c.World.Operations.Calls(""); got != calls {
			t.Errorf("%d calls more", got-calls)
		}
		steps, err := c.Store.UndoSteps(t.Context(), c.input.OrderNumber)
		if err != nil || len(steps) != len(want) {
			t.Errorf("the ledger has %+v, %v", steps, err)
		}
	}
}

// removals are the things for whose removal there is a call, with the step after which they can be
// removed, and what stands in the way of each.
func removals() []struct {
	what   activities.TakeBackWhat
	steps  int
	method string
	before []activities.TakeBackWhat
} {
	return []struct {
		what   activities.TakeBackWhat
		steps  int
		method string
		before []activities.TakeBackWhat
	}{
		{activities.TakeBackHostingSubscription, throughHosting, "pem.removeSubscription", nil},
		{activities.TakeBackDomainRequest, throughRequest, "pem.removeDomainRequest", nil},
		{activities.TakeBackDomainSubscription, throughRequest, "pem.removeSubscription", nil},
		{activities.TakeBackAccount, throughRequest, "pem.removeAccount", []activities.TakeBackWhat{activities.TakeBackDomainSubscription}},
	}
}

// After an unknown outcome the next try looks, and the thing is removed once.
func TestARemovalIsRepeatedHarmlessly(t *testing.T) {
	for kind, calls := range map[string]int{
		"cut-after": 1, "malformed": 1, "fault": 1, "cut-before": 2, "http-error=502": 2,
	} {
		for _, byFaults := range []bool{false, true} {
			for _, test := range removals() {
				t.Run(fmt.Sprintf("%s of %s, faults %t", kind, test.what, byFaults), func(t *testing.T) {
					c, _ := provisioned(t, test.steps, byFaults)
					for _, what := range test.before {
						c.wantBack(c.takeBack(what), activities.TakeBackUndone, "")
					}
					removed, made := len(c.World.Operations.Removals()), c.World.Operations.Calls(test.method)
					c.Fault(t, "operations:"+test.method+":"+kind)
					_, err := c.TakeBack(t.Context(), c.takeBack(test.what))
					wantClass(t, err, registrars.ClassOutcomeUnknown)
					c.wantBack(c.takeBack(test.what), activities.TakeBackUndone, "")
					c.wantBack(c.takeBack(test.what), activities.TakeBackUndone, "")
					if got := len(c.World.Operations.Removals()) - removed; got != 1 {
						t.Errorf("%d removals", got)
					}
					if got := c.World.Operations.Calls(test.method) - made; got != calls {
						t.Errorf("%d calls, want %d", got, calls)
					}
				})
			}
		}
	}
}

// What passes is retried, and nothing is removed while a look is not answered.
func TestALookThatIsNotAnsweredHoldsTheRemoval(t *testing.T) {
	for what, reads := range map[activities.TakeBackWhat][]string{
		activities.TakeBackServices: {"pem.getDomainByName"}, activities.TakeBackDomain: {"pem.getDomainByName"},
		activities.TakeBackHostingSubscription: {"pem.getSubscription"},
		activities.TakeBackDomainRequest:       {"pem.getSubscription", "pem.getNameServers"},
		activities.TakeBackDomainSubscription:  {"pem.getSubscription", "pem.getDomainByName"},
		activities.TakeBackMembers:             {"pem.getAccountMembers"},
		activities.TakeBackAccount:             {"pem.getAccountInfo", "pem.getAccountSubscriptions", "pem.getDomainByName", "pem.getAccountMembers"},
	} {
		for _, read := range reads {
			steps := throughRequest
			if what == activities.TakeBackHostingSubscription {
				steps = throughHosting
			}
			if what == activities.TakeBackAccount {
				steps = throughMember
			}
			c, _ := provisioned(t, steps, false)
			c.Fault(t, "operations:"+read+":http-error")
			_, err := c.TakeBack(t.Context(), c.takeBack(what))
			wantClass(t, err, registrars.ClassTemporary)
			c.wantRemovals()
		}
	}
}

func TestWhatIsNotThereIsNothing(t *testing.T) {
	for _, what := range activities.TakeBackOrder() {
		c, _ := provisioned(t, 0, false)
		c.wantBack(c.takeBack(what), activities.TakeBackNothing, "is not there")
		// It may come to be after all, so it is looked for again.
		for _, step := range changes()[:throughMember] {
			c.must(nil, step.run(c))
		}
		if what == activities.TakeBackAccount {
			c.wantBack(c.takeBack(what), activities.TakeBackUndone, "")
		}
	}
}

// What belongs to another account, or was there before the order, stays, and no removal is called.
func TestWhatTheOrderDidNotMakeStays(t *testing.T) {
	for what, note := range map[activities.TakeBackWhat]string{
		activities.TakeBackServices: "belongs to account", activities.TakeBackDomain: "belongs to account",
		activities.TakeBackHostingSubscription: "belongs to account", activities.TakeBackDomainRequest: "belongs to account",
		activities.TakeBackDomainSubscription: "belongs to account", activities.TakeBackAccount: "the order did not make it",
	} {
		c, _ := provisioned(t, throughAll, false)
		in := c.takeBack(what)
		in.AccountID = c.World.Operations.AddExistingAccount(0)
		outcome := activities.TakeBackKept
		if what == activities.TakeBackServices {
			// The domain is another's, so no services of ours are on it.
			outcome, note = activities.TakeBackNothing, ""
		}
		c.wantBack(in, outcome, note)
		c.wantRemovals()
	}
	for what, kind := range map[activities.TakeBackWhat]int{
		activities.TakeBackDomainSubscription: outside.DomainTemplate, activities.TakeBackDomainRequest: outside.DomainTemplate,
		activities.TakeBackHostingSubscription: outside.HostingTemplate,
	} {
		c, _ := provisioned(t, throughRequest, false)
		in := c.takeBack(what)
		in.SubscriptionID = 77
		c.must(c.ActivateSubscription(t.Context(), activities.ActivateSubscriptionInput{
			AccountID: c.input.AccountID, SubscriptionID: 77, Template: kind, OrderNumber: c.input.OrderNumber,
		}))
		c.wantBack(in, activities.TakeBackKept, "the order did not make subscription 77")
		c.wantBack(in, activities.TakeBackKept, "the order did not make subscription 77")
		c.wantRemovals()
	}
	t.Run("a domain that was there", func(t *testing.T) {
		c, _ := provisioned(t, throughMember, false)
		id := c.World.Operations.AddExistingDomain(shop, c.input.AccountID)
		c.wantBack(c.takeBack(activities.TakeBackDomain), activities.TakeBackKept, fmt.Sprintf("the order did not make domain %d", id))
	})
	t.Run("an account that has our id", func(t *testing.T) {
		c, _ := provisioned(t, 0, false)
		c.World.Operations.AddExistingAccount(c.input.AccountID)
		c.wantBack(c.takeBack(activities.TakeBackAccount), activities.TakeBackKept, "belongs to somebody else")
		c.wantRemovals()
	})
}

// What something else needs stays.
func TestWhatIsInUseStays(t *testing.T) {
	c, _ := provisioned(t, throughAll, false)
	c.wantBack(c.takeBack(activities.TakeBackDomainSubscription), activities.TakeBackKept, "domain "+shop)
	c.wantBack(c.takeBack(activities.TakeBackAccount), activities.TakeBackKept, "it has subscription")
	billed := c.takeBack(activities.TakeBackHostingSubscription)
	billed.InBilling = true
	c.wantBack(billed, activities.TakeBackKept, "terminate it in Billing")
	c.wantRemovals()

	t.Run("an account with a domain", func(t *testing.T) {
		c, _ := provisioned(t, throughMember, false)
		c.World.Operations.AddExistingDomain(shop, c.input.AccountID)
		c.wantBack(c.takeBack(activities.TakeBackAccount), activities.TakeBackKept, "it has domain "+shop)
		c.wantRemovals()
	})
	t.Run("an account with users of others", func(t *testing.T) {
		c, _ := provisioned(t, throughMember, false)
		c.must(c.OperationsClient.AddAccountMember(t.Context(), operations.AddAccountMemberParams{
			AccountID: c.input.AccountID, ExternalIdentity: operations.ExternalIdentity{SystemName: "s", IdentityKey: domains.NewSecret("k")},
		}))
		c.wantBack(c.takeBack(activities.TakeBackAccount), activities.TakeBackKept, "1 of its users were not made by the order")
		c.wantRemovals()
	})
	t.Run("an account that another order is for", func(t *testing.T) {
		c, _ := provisioned(t, throughRequest, false)
		other := c.Place(t, outside.Alter(t, outside.DomainOnly, "500100", fmt.Sprint(c.input.AccountID), `"shop"`, `"other"`))
		c.wantBack(c.takeBack(activities.TakeBackDomainSubscription), activities.TakeBackUndone, "")
		c.wantBack(c.takeBack(activities.TakeBackAccount), activities.TakeBackKept, "item 0 of order "+other.Number)
	})
	t.Run("a subscription that another order uses", func(t *testing.T) {
		c, _ := provisioned(t, throughHosting, false)
		hosting := c.takeBack(activities.TakeBackHostingSubscription)
		c.Place(t, outside.Alter(t, outside.ExistingCustomer, "500100", fmt.Sprint(c.input.AccountID), `"shop"`, `"other"`,
			`"parentId": -1}`, fmt.Sprintf(`"parentId": -1, "subscriptionId": %d}`, hosting.SubscriptionID)))
		c.wantBack(hosting, activities.TakeBackKept, "it is used by item")
		c.wantRemovals()
	})
}

// Of two items of an order that are cancelled, the last one removes what they share, whether they
// are cancelled one after the other or at once.
func TestWhatItemsShareIsRemovedByTheLast(t *testing.T) {
	for _, atOnce := range []bool{false, true} {
		w := outside.New(t, outside.Options{})
		w.Place(t, outside.Alter(t, outside.NewCustomer, `"transferKey": ""}`,
			`"transferKey": ""}, {"id": 2, "planId": 5, "periodId": 1, "parentId": 0, "operation": "registration", "domain": "other", "transferKey": ""}`))
		starts := w.Temporal.Starts()
		if len(starts) != 2 {
			t.Fatalf("%d units", len(starts))
		}
		one := &customer{World: w, Operations: w.OperationsActivities(), t: t, input: starts[0].Input}
		two := &customer{World: w, Operations: w.OperationsActivities(), t: t, input: starts[1].Input}
		for _, step := range changes()[:throughMember] {
			one.must(nil, step.run(one))
		}
		account := one.takeBack(activities.TakeBackAccount)
		other := two.takeBack(activities.TakeBackAccount)
		one.wantBack(account, activities.TakeBackKept, fmt.Sprintf("item %d of order", other.Item))
		one.wantRemovals()
		if !atOnce {
			if err := w.Store.CloseUnit(t.Context(), account.OrderNumber, account.Item, store.UnitCancelled, ""); err != nil {
				t.Fatal(err)
			}
		}
		two.wantBack(other, activities.TakeBackUndone, "")
		one.wantRemovals(one.accountName())
	}
}

// A removal without known parameters is never called, and a person is told what to do.
func TestWhatNoCallIsKnownForIsListed(t *testing.T) {
	for what, note := range map[activities.TakeBackWhat]string{
		activities.TakeBackServices: "pem.unbindServicesFromDomain does it, whose parameters are not known. We assume that a removal of the subscription ends this too",
		activities.TakeBackDomain:   "remove domain shop.example by hand; pem.removeDomain does it, whose parameters are not known. Its id is",
		activities.TakeBackMembers:  "pem.removeAccountMember does it, whose parameters are not known. We assume that a removal of the account ends this too",
	} {
		c, _ := provisioned(t, throughAll, false)
		c.wantBack(c.takeBack(what), activities.TakeBackCouldNot, note)
		c.wantRemovals()
		if what == activities.TakeBackDomain {
			c.must(nil, c.OperationsClient.RemoveDomain(t.Context(), c.input.DomainID))
			c.wantBack(c.takeBack(what), activities.TakeBackUndone, "")
		}
	}
	// Services that ended with their subscription are gone.
	c, _ := provisioned(t, throughAll, false)
	c.wantBack(c.takeBack(activities.TakeBackServices), activities.TakeBackCouldNot, "by hand")
	c.wantBack(c.takeBack(activities.TakeBackHostingSubscription), activities.TakeBackUndone, "")
	c.wantBack(c.takeBack(activities.TakeBackServices), activities.TakeBackUndone, "")
	c.wantRemovals(c.subscriptionName(activities.TakeBackHostingSubscription))
}

// A refusal is an answer, without Operations' own words, and may be tried again.
func TestARefusedRemovalIsReported(t *testing.T) {
	c, _ := provisioned(t, throughRequest, false)
	live := c.Client
	in := c.takeBack(activities.TakeBackDomainSubscription)
	mine := xmlrpc.Struct{"subscription_id": in.SubscriptionID, "owner_id": in.AccountID, "is_active": true}
	for words, note := range map[string]string{
		"Jane Example of 1 Main Street has not paid.": "rejected: operations: pem.removeSubscription: other",
		"Subscription #1 does not exist.":             "not-found: operations: pem.removeSubscription: not found",
	} {
		a := &answers{replies: map[string]any{
			"pem.getSubscription": done(mine), "pem.getDomainByName": refusal("Domain does not exist."), "pem.removeSubscription": refusal(words),
		}}
		a.serve(t, c)
		c.wantBack(in, activities.TakeBackCouldNot, note)
		if a.calls["pem.removeSubscription"] != 1 {
			t.Errorf("calls %v", a.calls)
		}
	}
	c.Client = live
	c.wantBack(in, activities.TakeBackUndone, "")
	c.wantRemovals(c.subscriptionName(activities.TakeBackDomainSubscription))
}

// The parameters of the look for a domain request are assumed, those of its removal documented.
func TestADomainRequestIsRemovedWithoutALook(t *testing.T) {
	for reply, outcome := range map[string]activities.TakeBackOutcome{"": activities.TakeBackUndone, "Domain request does not exist.": activities.TakeBackNothing} {
		c, _ := provisioned(t, throughRequest, false)
		in := c.takeBack(activities.TakeBackDomainRequest)
		answer := done(xmlrpc.Struct{})
		if reply != "" {
			answer = refusal(reply)
		}
		a := &answers{replies: map[string]any{
			"pem.getSubscription":     done(xmlrpc.Struct{"subscription_id": in.SubscriptionID, "owner_id": in.AccountID, "is_active": true}),
			"pem.getNameServers":      refusal("wrong set of arguments"),
			"pem.removeDomainRequest": answer,
		}}
		a.serve(t, c)
		c.wantBack(in, outcome, "")
		if a.calls["pem.removeDomainRequest"] != 1 {
			t.Errorf("calls %v", a.calls)
		}
	}
}

// Operations may still be removing a subscription when the account's turn comes. After an hour it
// counts as one that stays.
func TestASubscriptionThatIsBeingRemovedIsWaitedFor(t *testing.T) {
	c, clock := provisioned(t, throughRequest, false)
	in := c.takeBack(activities.TakeBackDomainSubscription)
	key := store.UndoKey{OrderNumber: in.OrderNumber, Item: in.Item, What: string(in.What)}
	c.must(c.Store.BeginUndo(t.Context(), key, c.subscriptionName(in.What)))
	c.must(c.Store.EndUndo(t.Context(), key, store.Undone, ""))
	_, err := c.TakeBack(t.Context(), c.takeBack(activities.TakeBackAccount))
	wantClass(t, err, registrars.ClassTemporary)
	clock.Advance(time.Hour)
	c.wantBack(c.takeBack(activities.TakeBackAccount), activities.TakeBackKept, "it has subscription")
	c.wantRemovals()
}

func TestAThingThatNobodyKnowsIsInvalid(t *testing.T) {
	c, _ := provisioned(t, 0, false)
	_, err := c.TakeBack(t.Context(), c.takeBack("invoice"))
	wantClass(t, err, registrars.ClassInvalid)
}

// A try that was overtaken while it looked removes nothing.
func TestATryThatWasOvertakenRemovesNothing(t *testing.T) {
	c, _ := provisioned(t, throughRequest, false)
	in := c.takeBack(activities.TakeBackDomainSubscription)
	c.Undo = overtaken{c.Store}
	_, err := c.TakeBack(t.Context(), in)
	wantClass(t, err, registrars.ClassTemporary)
	c.wantRemovals()
}

// overtaken is a ledger in which another try calls between the look and the call of this one.
type overtaken struct{ *store.Store }

func (o overtaken) CallUndo(ctx context.Context, seen store.UndoStep) error {
	if err := o.Store.CallUndo(ctx, seen); err != nil {
		return err
	}
	return o.Store.CallUndo(ctx, seen)
}
