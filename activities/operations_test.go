package activities_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/domains"
	"domainprovisioning/internal/outside"
	"domainprovisioning/registrars"
	standoperations "domainprovisioning/sandbox/standin/operations"
	"domainprovisioning/workflows"
)

// customer is a world where steps 1 to 3 of an order are done.
type customer struct {
	*outside.World
	*activities.Operations

	t     *testing.T
	input workflows.UnitInput
}

func aCustomer(t *testing.T) *customer { return aCustomerOf(t, false) }

// aCustomerOf returns a customer of an Operations that answers errors with faults, or
// with error replies.
func aCustomerOf(t *testing.T, byFaults bool) *customer {
	t.Helper()
	c := ordered(t, byFaults)
	c.must(c.AddAccount(t.Context(), c.account()))
	c.must(c.AddAccountMember(t.Context(), c.member()))
	c.must(c.ActivateSubscription(t.Context(), c.subscription()))
	return c
}

// ordered returns a world with an order for which nothing has been done.
func ordered(t *testing.T, byFaults bool) *customer {
	t.Helper()
	w := outside.New(t, outside.Options{Operations: standoperations.Options{RaiseFaults: byFaults}})
	w.Place(t, outside.NewCustomer)
	return &customer{World: w, Operations: w.OperationsActivities(), t: t, input: w.Temporal.Starts()[0].Input}
}

func (c *customer) must(_ any, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *customer) account() activities.AddAccountInput {
	return activities.AddAccountInput{OrderNumber: c.input.OrderNumber, AccountID: c.input.AccountID}
}

func (c *customer) member() activities.AddAccountMemberInput {
	return activities.AddAccountMemberInput{OrderNumber: c.input.OrderNumber, AccountID: c.input.AccountID, Users: c.input.Users}
}

func (c *customer) subscription() activities.ActivateSubscriptionInput {
	return activities.ActivateSubscriptionInput{
		AccountID: c.input.AccountID, SubscriptionID: c.input.DomainSubscriptionID, Template: outside.DomainTemplate,
		OrderNumber: c.input.OrderNumber, Item: c.input.Unit.Item,
	}
}

func (c *customer) creation() activities.CreateDomainInput {
	return activities.CreateDomainInput{
		AccountID: c.input.AccountID, SubscriptionID: c.input.DomainSubscriptionID, DomainID: c.input.DomainID, Domain: domains.MustParseName(shop),
	}
}

func (c *customer) registration() activities.RegisterDomainInput {
	return activities.RegisterDomainInput{AccountID: c.input.AccountID, SubscriptionID: c.input.DomainSubscriptionID, Domain: domains.MustParseName(shop)}
}

// Every step runs twice, as after a lost answer: the result is the same and nothing is
// created twice, whether Operations says "it exists" by error replies or by faults.
func TestEveryStepMayBeRepeated(t *testing.T) {
	for name, byFaults := range map[string]bool{"error replies": false, "faults": true} {
		t.Run(name, func(t *testing.T) { everyStepTwice(t, aCustomerOf(t, byFaults)) })
	}
}

func everyStepTwice(t *testing.T, c *customer) {
	t.Helper()
	c.must(c.AddAccount(t.Context(), c.account()))
	c.must(c.AddAccountMember(t.Context(), c.member()))
	c.must(c.ActivateSubscription(t.Context(), c.subscription()))
	request := activities.AddDomainRequestInput{SubscriptionID: c.input.DomainSubscriptionID, Domain: domains.MustParseName(shop)}
	first, err := c.AddDomainRequest(t.Context(), request)
	again, err2 := c.AddDomainRequest(t.Context(), request)
	if err != nil || err2 != nil || !first.NewZone || again.NewZone || !first.NameServers.Same(again.NameServers) {
		t.Errorf("step 4: %+v, %v; again: %+v, %v", first, err, again, err2)
	}
	for try := range 2 {
		created, err := c.CreateDomain(t.Context(), c.creation())
		if err != nil || !created.Created || created.DomainID != c.input.DomainID {
			t.Errorf("step 7, try %d: %+v, %v", try, created, err)
		}
	}
	hosting := activities.ActivateSubscriptionInput{AccountID: c.input.AccountID, SubscriptionID: c.input.HostingSubscriptionID, Template: outside.HostingTemplate}
	c.must(c.ActivateSubscription(t.Context(), hosting))
	for try := range 2 {
		registered, err := c.RegisterDomain(t.Context(), c.registration())
		if err != nil || registered.DomainID != c.input.DomainID || registered.TakenOver {
			t.Errorf("step 11, try %d: %+v, %v", try, registered, err)
		}
		c.must(c.BindServicesToDomain(t.Context(), activities.BindServicesInput{DomainID: registered.DomainID, SubscriptionID: hosting.SubscriptionID}))
	}
	want := outside.Effects{Accounts: 1, Members: 1, Subscriptions: 2, Domains: 1, Registered: 1, Bindings: 1}
	if got := c.Effects(shop); got != want {
		t.Errorf("effects %s", got)
	}
}

func TestAReservedIdThatSomebodyElseHasIsAConflict(t *testing.T) {
	for name, call := range map[string]func(c *customer, other int) error{
		"account id": func(c *customer, other int) error {
			_, err := c.AddAccount(c.t.Context(), activities.AddAccountInput{OrderNumber: c.input.OrderNumber, AccountID: other})
			return err
		},
		"user id": func(c *customer, _ int) error {
			in := c.member()
			in.AccountID = c.input.AccountID
			in.Users = []activities.NewUser{{UserID: c.stranger().ID, Contact: in.Users[0].Contact}}
			if err := c.OperationsClient.RemoveAccountMember(c.t.Context(), c.input.Users[0].UserID); err != nil {
				c.t.Fatal(err)
			}
			_, err := c.AddAccountMember(c.t.Context(), in)
			return err
		},
		"login": func(c *customer, other int) error {
			in := c.member()
			in.AccountID = other
			in.Users = []activities.NewUser{{UserID: 777, Contact: in.Users[0].Contact}}
			_, err := c.AddAccountMember(c.t.Context(), in)
			return err
		},
		"subscription of another account": func(c *customer, other int) error {
			in := c.subscription()
			in.AccountID = other
			_, err := c.ActivateSubscription(c.t.Context(), in)
			return err
		},
		"subscription of another template": func(c *customer, _ int) error {
			in := c.subscription()
			in.Template = outside.HostingTemplate
			_, err := c.ActivateSubscription(c.t.Context(), in)
			return err
		},
		"domain id": func(c *customer, other int) error {
			in := c.creation()
			in.DomainID = c.World.Operations.AddExistingDomain("other.example", other)
			_, err := c.CreateDomain(c.t.Context(), in)
			return err
		},
		"domain at step 11": func(c *customer, other int) error {
			c.World.Operations.AddExistingDomain(shop, other)
			_, err := c.RegisterDomain(c.t.Context(), c.registration())
			return err
		},
	} {
		for _, byFaults := range []bool{false, true} {
			for _, repeats := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, faults %t, repeats %t", name, byFaults, repeats), func(t *testing.T) {
					c := aCustomerOf(t, byFaults)
					c.Repeats = func(context.Context) bool { return repeats }
					err := call(c, c.World.Operations.AddExistingAccount(0))
					wantClass(t, err, registrars.ClassConflict)
					for _, personal := range []string{"Jane", "jane@", "Main Street"} {
						if strings.Contains(err.Error(), personal) {
							t.Errorf("%q is in %v", personal, err)
						}
					}
				})
			}
		}
	}
}

// stranger returns a member of another account.
func (c *customer) stranger() standoperations.Member {
	for _, member := range c.World.Operations.Members() {
		if member.AccountID != c.input.AccountID {
			return member
		}
	}
	c.t.Fatal("there is no other member")
	return standoperations.Member{}
}

func TestANameThatExistsIsNotOursUnlessItHasOurId(t *testing.T) {
	for name, own := range map[string]bool{"in the own account": true, "in another account": false} {
		t.Run(name, func(t *testing.T) {
			c := aCustomer(t)
			owner := c.input.AccountID
			if !own {
				owner = c.World.Operations.AddExistingAccount(0)
			}
			existing := c.World.Operations.AddExistingDomain(shop, owner)
			got, err := c.CreateDomain(t.Context(), c.creation())
			if err != nil || got.Created || got.DomainID != existing {
				t.Errorf("got %+v, %v", got, err)
			}
			if d, _ := c.World.Operations.Domain(shop); d.ID != existing || d.AccountID != owner {
				t.Errorf("the existing domain was touched: %+v", d)
			}
		})
	}
}

func TestStepElevenTakesOverOnlyWithPermission(t *testing.T) {
	c := aCustomer(t)
	other := c.World.Operations.AddExistingAccount(0)
	theirs := c.World.Operations.AddExistingDomain(shop, other)
	in := c.registration()
	_, err := c.RegisterDomain(t.Context(), in)
	wantClass(t, err, registrars.ClassConflict)
	if d, _ := c.World.Operations.Domain(shop); d.ID != theirs {
		t.Errorf("replaced without permission: %+v", d)
	}
	in.AllowTakeover = true
	got, err := c.RegisterDomain(t.Context(), in)
	if d, _ := c.World.Operations.Domain(shop); err != nil || !got.TakenOver || d.AccountID != c.input.AccountID || d.ID != got.DomainID {
		t.Errorf("got %+v, %v; the domain is %+v", got, err, d)
	}
}

func TestNameServers(t *testing.T) {
	fallback := domains.NameServers{"a.example", "b.example"}
	for name, c := range map[string]struct {
		servers []string
		fault   string
		class   registrars.Class
		want    domains.NameServers
	}{
		"of the zone":       {servers: []string{"x.example", "y.example", "z.example"}, want: domains.NameServers{"x.example", "y.example", "z.example"}},
		"one is not enough": {servers: []string{"x.example"}, class: registrars.ClassInvalid},
		"answer lost":       {servers: []string{"x.example", "y.example"}, fault: "operations:pem.getNameServers:cut-after", class: registrars.ClassTemporary},
	} {
		t.Run(name, func(t *testing.T) {
			w := outside.New(t, outside.Options{Operations: standoperations.Options{NameServers: c.servers}})
			account := w.Operations.AddExistingAccount(0)
			o := w.OperationsActivities()
			_, err := o.ActivateSubscription(t.Context(), activities.ActivateSubscriptionInput{AccountID: account, SubscriptionID: 5, Template: outside.DomainTemplate})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := o.AddDomainRequest(t.Context(), activities.AddDomainRequestInput{SubscriptionID: 5, Domain: domains.MustParseName(shop)}); err != nil {
				t.Fatal(err)
			}
			if c.fault != "" {
				w.Fault(t, c.fault)
			}
			got, err := o.GetNameServers(t.Context(), activities.GetNameServersInput{SubscriptionID: 5, Domain: domains.MustParseName(shop), Fallback: fallback})
			if c.class != "" {
				wantClass(t, err, c.class)
				return
			}
			if err != nil || !got.NameServers.Same(c.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestAnAccountWithoutUserIsRefusedAndAUserIdIsPreferredToAMemberId(t *testing.T) {
	w := outside.New(t, outside.Options{Operations: standoperations.Options{UserIDOffset: 5000}})
	account := w.Operations.AddExistingAccount(0)
	member := w.Operations.Members()[0].ID
	o := w.OperationsActivities()
	got, err := o.ReadAccount(t.Context(), activities.ReadAccountInput{AccountID: account})
	if err != nil || got.UserID != member+5000 {
		t.Errorf("got %+v, %v; the member is %d", got, err, member)
	}
	if err := w.OperationsClient.RemoveAccountMember(t.Context(), member); err != nil {
		t.Fatal(err)
	}
	_, err = o.ReadAccount(t.Context(), activities.ReadAccountInput{AccountID: account})
	wantClass(t, err, registrars.ClassInvalid)
	_, err = o.ReadAccount(t.Context(), activities.ReadAccountInput{AccountID: 4})
	wantClass(t, err, registrars.ClassNotFound)
}

// The stand-in refuses activation with parameters and says so. The refusal proves that
// they were sent.
func TestAPSDefaultsOfTheItemGoToTheActivation(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Place(t, outside.Alter(t, outside.NewCustomer,
		`"parentId": -1}`, `"parentId": -1, "apsDefaults": {"mail": {"aps": {"type": "http://app.example/mail/1.0"}}}}`))
	input := w.Temporal.Starts()[0].Input
	account := w.Operations.AddExistingAccount(0)
	o := w.OperationsActivities()
	_, err := o.ActivateSubscription(t.Context(), activities.ActivateSubscriptionInput{
		AccountID: account, SubscriptionID: 5, Template: outside.HostingTemplate, OrderNumber: input.OrderNumber, Item: 0, APSDefaults: true,
	})
	wantClass(t, err, registrars.ClassRejected)
	if _, trouble := failure(t, err); !strings.Contains(trouble.Detail, "without parameters") {
		t.Errorf("got %v", err)
	}
	_, err = o.ActivateSubscription(t.Context(), activities.ActivateSubscriptionInput{
		AccountID: account, SubscriptionID: 5, Template: outside.DomainTemplate, OrderNumber: input.OrderNumber, Item: 1, APSDefaults: true,
	})
	if err != nil {
		t.Errorf("the domain's item has no such parameters: %v", err)
	}
	_, err = o.ActivateSubscription(t.Context(), activities.ActivateSubscriptionInput{
		AccountID: account, SubscriptionID: 6, Template: outside.DomainTemplate, OrderNumber: input.OrderNumber, Item: 9, APSDefaults: true,
	})
	wantClass(t, err, registrars.ClassInvalid)
}

func TestAUserWithoutAPasswordGetsOneThatStaysTheSame(t *testing.T) {
	w := outside.New(t, outside.Options{})
	w.Place(t, outside.Alter(t, outside.NewCustomer,
		`"transferKey": ""`, `"transferKey": "", "contacts": {"tech": 900}`,
		`  }}
}`, `  }}, "additionalContacts": [{"id": 900, "login": "theo@shop.example", "contact": {
    "firstName": "Theo", "lastName": "Technic", "address1": "2 Side Street", "city": "Sampleton", "postalCode": "10001", "country": "us",
    "state": "NY", "email": "theo@shop.example", "phone": {"countryCode": "1", "areaCode": "212", "number": "5550101"}}}]
}`))
	input := w.Temporal.Starts()[0].Input
	o := w.OperationsActivities()
	if _, err := o.AddAccount(t.Context(), activities.AddAccountInput{OrderNumber: input.OrderNumber, AccountID: input.AccountID}); err != nil {
		t.Fatal(err)
	}
	in := activities.AddAccountMemberInput{OrderNumber: input.OrderNumber, AccountID: input.AccountID, Users: input.Users}
	w.Fault(t, "operations:pem.addAccountMember:cut-after")
	_, err := o.AddAccountMember(t.Context(), in)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
	reference := "order/" + input.OrderNumber + "/user/" + itoa(input.Users[1].UserID) + "/password"
	if _, err := o.AddAccountMember(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	first, err := w.Store.Secret(t.Context(), reference)
	if err != nil || len(first.Reveal()) < 20 {
		t.Fatalf("no good password is kept: %d characters, %v", len(first.Reveal()), err)
	}
	got, err := o.AddAccountMember(t.Context(), in)
	again, _ := w.Store.Secret(t.Context(), reference)
	if err != nil || len(got.MemberIDs) != 2 || first.Reveal() != again.Reveal() || len(w.Operations.Members()) != 2 {
		t.Errorf("got %+v, %v; %d members", got, err, len(w.Operations.Members()))
	}
	in.Users[1].Contact.ID = 901
	_, err = o.AddAccountMember(t.Context(), in)
	wantClass(t, err, registrars.ClassInvalid)
}

// An account is not made for a customer who has one, if nobody could tell at the door.
func TestNoAccountForALoginThatIsInUse(t *testing.T) {
	w := outside.New(t, outside.Options{})
	other := w.Operations.AddExistingAccount(0)
	member := w.Operations.Members()[0]
	w.Place(t, outside.Alter(t, outside.NewCustomer, `"login": "jane@shop.example"`, `"login": "`+member.Login+`"`))
	input := w.Temporal.Starts()[0].Input
	in := activities.AddAccountInput{OrderNumber: input.OrderNumber, AccountID: input.AccountID, AskLogin: true}
	_, err := w.OperationsActivities().AddAccount(t.Context(), in)
	wantClass(t, err, registrars.ClassConflict)
	if !strings.Contains(err.Error(), fmt.Sprint("account ", other)) || strings.Contains(err.Error(), member.Login) || len(w.Operations.Accounts()) != 1 {
		t.Errorf("got %v, %d accounts", err, len(w.Operations.Accounts()))
	}
	in.AskLogin = false // somebody was asked, who knew nothing of it
	if _, err := w.OperationsActivities().AddAccount(t.Context(), in); err != nil || len(w.Operations.Accounts()) != 2 {
		t.Errorf("got %v, %d accounts", err, len(w.Operations.Accounts()))
	}
}
