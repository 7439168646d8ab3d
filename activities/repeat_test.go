package activities_test

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/activities"
	"domainprovisioning/internal/outside"
	"domainprovisioning/operations"
	"domainprovisioning/registrars"
	"domainprovisioning/wire/xmlrpc"
)

// change is a step that changes something in Operations.
type change struct {
	method string
	looks  bool // whether one can see afterwards that it was carried out
	run    func(c *customer) error
}

// changes returns the steps in order.
func changes() []change {
	activate := func(in activities.ActivateSubscriptionInput) func(c *customer) error {
		return func(c *customer) error {
			if in.SubscriptionID = c.input.HostingSubscriptionID; in.Template == outside.DomainTemplate {
				in.SubscriptionID = c.input.DomainSubscriptionID
			}
			in.AccountID = c.input.AccountID
			_, err := c.ActivateSubscription(c.t.Context(), in)
			return err
		}
	}
	return []change{
		{"pem.addAccount", true, func(c *customer) error { _, err := c.AddAccount(c.t.Context(), c.account()); return err }},
		{"pem.addAccountMember", true, func(c *customer) error { _, err := c.AddAccountMember(c.t.Context(), c.member()); return err }},
		{"pem.activateSubscription", true, activate(activities.ActivateSubscriptionInput{Template: outside.DomainTemplate})},
		{"pem.addDomainRequest", false, func(c *customer) error {
			_, err := c.AddDomainRequest(c.t.Context(), activities.AddDomainRequestInput{SubscriptionID: c.input.DomainSubscriptionID, Domain: c.creation().Domain})
			return err
		}},
		{"pem.addDomain", true, func(c *customer) error {
			created, err := c.CreateDomain(c.t.Context(), c.creation())
			if err == nil && (!created.Created || created.DomainID != c.input.DomainID) {
				return fmt.Errorf("step 7 gave %+v", created)
			}
			return err
		}},
		{"pem.activateSubscription", true, activate(activities.ActivateSubscriptionInput{Template: outside.HostingTemplate})},
		{"pem.bindServicesToDomain", false, func(c *customer) error {
			_, err := c.BindServicesToDomain(c.t.Context(), activities.BindServicesInput{DomainID: c.input.DomainID, SubscriptionID: c.input.HostingSubscriptionID})
			return err
		}},
		{"pem.addDomain", true, func(c *customer) error {
			registered, err := c.RegisterDomain(c.t.Context(), c.registration())
			if err == nil && (registered.DomainID != c.input.DomainID || registered.TakenOver) {
				return fmt.Errorf("step 11 gave %+v", registered)
			}
			return err
		}},
	}
}

// After an unknown outcome the next try looks: it repeats only what has not been done.
// That holds for every step and every kind of trouble, and whether Operations reports
// existing things by error replies or by faults.
func TestATryAfterAnUnknownOutcomeLooksFirst(t *testing.T) {
	for kind, carriedOut := range map[string]bool{
		"cut-after": true, "malformed": true, "fault": true, "cut-before": false, "http-error=502": false,
	} {
		for _, byFaults := range []bool{false, true} {
			for at, step := range changes() {
				t.Run(fmt.Sprintf("%s of %d %s, faults %t", kind, at, step.method, byFaults), func(t *testing.T) {
					c := ordered(t, byFaults)
					for _, before := range changes()[:at] {
						c.must(nil, before.run(c))
					}
					calls := c.World.Operations.Calls(step.method)
					c.Fault(t, "operations:"+step.method+":"+kind)
					wantClass(t, step.run(c), registrars.ClassOutcomeUnknown)

					c.Repeats = func(context.Context) bool { return true }
					c.must(nil, step.run(c))
					want := 2
					if carriedOut && step.looks {
						want = 1
					}
					if got := c.World.Operations.Calls(step.method) - calls; got != want {
						t.Errorf("%d calls, want %d", got, want)
					}
					c.Repeats = nil
					for _, after := range changes()[at+1:] {
						c.must(nil, after.run(c))
					}
					effects := outside.Effects{Accounts: 1, Members: 1, Subscriptions: 2, Domains: 1, Registered: 1, Bindings: 1}
					if got := c.Effects(shop); got != effects {
						t.Errorf("effects %s", got)
					}
				})
			}
		}
	}
}

// A successful first try costs nothing extra: one call per step, and the read that step
// 11 needs in any case.
func TestAHealthyFirstTryMakesNoFurtherCall(t *testing.T) {
	c := ordered(t, false)
	var want []string
	for _, step := range changes() {
		c.must(nil, step.run(c))
		want = append(want, step.method)
	}
	want = slices.Insert(want, len(want)-1, "pem.getDomainByName")
	var got []string
	for _, call := range c.World.Operations.Log() {
		got = append(got, call.Method)
	}
	if !slices.Equal(got, want) {
		t.Errorf("calls %v", got)
	}
}

// As long as nobody can tell whether the thing exists, nothing is sent.
func TestALookThatIsNotAnsweredHoldsTheCall(t *testing.T) {
	for step, reading := range map[int]string{
		0: "pem.getAccountInfo", 1: "pem.getAccountMemberByLogin", 2: "pem.getSubscription", 4: "pem.getDomainByName", 7: "pem.getDomainByName",
	} {
		for _, kind := range []string{"cut-after", "http-error", "malformed", "fault"} {
			c := ordered(t, false)
			c.Repeats = func(context.Context) bool { return true }
			for _, before := range changes()[:step] {
				c.must(nil, before.run(c))
			}
			method := changes()[step].method
			calls := c.World.Operations.Calls(method)
			c.Fault(t, "operations:"+reading+":"+kind)
			err := changes()[step].run(c)
			wantClass(t, err, registrars.ClassTemporary)
			if _, trouble := failure(t, err); trouble.Unreadable != (kind == "malformed") {
				t.Errorf("%s %s: %+v", reading, kind, trouble)
			}
			if got := c.World.Operations.Calls(method); got != calls {
				t.Errorf("%s %s: %s was called anyway", reading, kind, method)
			}
		}
	}
}

// answers is an Operations that gives one answer per method, and counts.
type answers struct {
	replies map[string]any
	calls   map[string]int
}

func (a *answers) serve(t *testing.T, c *customer) {
	t.Helper()
	a.calls = map[string]int{}
	server := httptest.NewServer(&xmlrpc.Handler{Serve: func(_ context.Context, method string, _ []any) (any, error) {
		a.calls[method]++
		reply, ok := a.replies[method]
		if !ok {
			t.Errorf("%s was called", method)
		}
		if fault, ok := reply.(*xmlrpc.Fault); ok {
			return nil, fault
		}
		return reply, nil
	}})
	t.Cleanup(server.Close)
	client, err := operations.New(operations.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	c.Client = client
	c.Repeats = func(context.Context) bool { return true }
}

func done(members xmlrpc.Struct) any { return xmlrpc.Struct{"status": 0, "result": members} }

func refusal(text string) any { return xmlrpc.Struct{"status": -1, "error_message": text} }

// The parameters of some reads are assumed. If a server refuses them, that does not stop
// the step, because the reserved id guards the call.
func TestALookThatIsRefusedDoesNotHoldTheCall(t *testing.T) {
	c := ordered(t, false)
	a := &answers{replies: map[string]any{
		"pem.getAccountMemberByLogin": refusal("wrong set of arguments"), "pem.addAccountMember": done(xmlrpc.Struct{"user_id": 77}),
		"pem.getDomainByName": refusal("wrong set of arguments"), "pem.addDomain": done(xmlrpc.Struct{"domain_id": c.input.DomainID}),
	}}
	a.serve(t, c)
	if got, err := c.AddAccountMember(t.Context(), c.member()); err != nil || !slices.Equal(got.MemberIDs, []int{77}) {
		t.Errorf("step 2: %+v, %v", got, err)
	}
	if got, err := c.CreateDomain(t.Context(), c.creation()); err != nil || !got.Created {
		t.Errorf("step 7: %+v, %v", got, err)
	}
	if want := map[string]int{
		"pem.getAccountMemberByLogin": 1, "pem.addAccountMember": 1, "pem.getDomainByName": 1, "pem.addDomain": 1,
	}; !maps.Equal(a.calls, want) {
		t.Errorf("calls %v", a.calls)
	}
}

// If Operations answers "it exists" but the look does not find it, its last answer
// decides: a fault is retried, an error reply needs a person.
func TestWhatExistsAndIsNotThere(t *testing.T) {
	for class, exists := range map[registrars.Class]any{
		registrars.ClassOutcomeUnknown: &xmlrpc.Fault{Code: 1, Text: "Account #5 already exists."},
		registrars.ClassConflict:       refusal("Account #5 already exists."),
	} {
		c := ordered(t, false)
		a := &answers{replies: map[string]any{"pem.addAccount": exists, "pem.getAccountInfo": refusal("Account #5 does not exist.")}}
		a.serve(t, c)
		_, err := c.AddAccount(t.Context(), c.account())
		wantClass(t, err, class)
		if a.calls["pem.addAccount"] != 1 || a.calls["pem.getAccountInfo"] != 2 {
			t.Errorf("calls %v", a.calls)
		}
	}
}

// An account that does not show its owner cannot be compared, and nobody guesses.
func TestAnAccountThatDoesNotShowWhoseItIs(t *testing.T) {
	person := xmlrpc.Struct{"first_name": "Jane", "last_name": "Example"}
	for place, info := range map[string]xmlrpc.Struct{
		"result.email":             {"account_type": "C", "person": person},
		"result.person.last_name":  {"account_type": "C", "email": "jane@shop.example"},
		"result.person.first_name": {"account_type": "C", "email": "jane@shop.example", "person": xmlrpc.Struct{"last_name": "Example"}},
	} {
		c := ordered(t, false)
		(&answers{replies: map[string]any{"pem.getAccountInfo": done(info)}}).serve(t, c)
		_, err := c.AddAccount(t.Context(), c.account())
		wantClass(t, err, registrars.ClassTemporary)
		if application, trouble := failure(t, err); !trouble.Unreadable || !strings.HasSuffix(application.Message(), place+" is missing") {
			t.Errorf("got %v", err)
		}
	}
}

// Step 4 is documented to return what exists. If Operations refuses it as existing
// anyway, step 5 tells whether it is ours.
func TestARequestThatIsRefusedAsExisting(t *testing.T) {
	servers := done(xmlrpc.Struct{"name_servers": []any{"ns1.dns.example", "ns2.dns.example"}})
	exists := &xmlrpc.Fault{Code: 1, Text: "Domain request already exists."}
	for name, test := range map[string]struct {
		exists, servers any
		class           registrars.Class // "" is success
	}{
		"ours":                    {exists, servers, ""},
		"ours, by an error reply": {refusal("Domain request already exists."), servers, ""},
		"another's":               {refusal("Domain request already exists."), refusal("Domain request does not exist."), registrars.ClassConflict},
		"nobody knows whose":      {exists, refusal("wrong set of arguments"), registrars.ClassOutcomeUnknown},
		"nobody says whose":       {exists, &xmlrpc.Fault{Code: 2, Text: "internal error"}, registrars.ClassTemporary},
	} {
		t.Run(name, func(t *testing.T) {
			c := ordered(t, false)
			(&answers{replies: map[string]any{"pem.addDomainRequest": test.exists, "pem.getNameServers": test.servers}}).serve(t, c)
			got, err := c.AddDomainRequest(t.Context(), activities.AddDomainRequestInput{SubscriptionID: 5, Domain: c.creation().Domain})
			if test.class != "" {
				wantClass(t, err, test.class)
			} else if err != nil || len(got.NameServers) != 2 || got.NewZone {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// A repeat of step 11 leaves alone a domain that the previous try has registered. A
// domain that existed before the order, under the customer's older subscription, is
// registered again, which does no harm.
func TestARepeatOfStepElevenKnowsItsOwnDomain(t *testing.T) {
	for name, test := range map[string]struct {
		subscription, status int
		add                  any
		adds                 int
		class                registrars.Class
	}{
		"registered by us":                {subscription: 1, status: 2},
		"not registered yet":              {subscription: 1, status: 0, add: done(xmlrpc.Struct{"domain_id": 8}), adds: 1},
		"of an older subscription":        {subscription: 7, status: 2, add: done(xmlrpc.Struct{"domain_id": 8}), adds: 1},
		"refused as existing":             {subscription: 7, status: 2, add: &xmlrpc.Fault{Text: "Domain already exists."}, adds: 1},
		"refused, and not registered yet": {subscription: 1, status: 0, add: &xmlrpc.Fault{Text: "Domain already exists."}, adds: 1, class: registrars.ClassOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			c := ordered(t, false)
			in := c.registration()
			in.SubscriptionID = 1
			a := &answers{replies: map[string]any{
				"pem.getDomainByName": done(xmlrpc.Struct{
					"domain_id": 8, "account_id": in.AccountID, "subscription_id": test.subscription, "registrar_status": test.status,
				}),
			}}
			if test.add != nil {
				a.replies["pem.addDomain"] = test.add
			}
			a.serve(t, c)
			got, err := c.RegisterDomain(t.Context(), in)
			if test.class != "" {
				wantClass(t, err, test.class)
			} else if err != nil || got.DomainID != 8 || got.TakenOver {
				t.Errorf("got %+v, %v", got, err)
			}
			if a.calls["pem.addDomain"] != test.adds {
				t.Errorf("calls %v", a.calls)
			}
		})
	}
}
