package desk_test

import (
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func TestAnOverviewListsTheLongestTroubleFirst(t *testing.T) {
	c := standings(t)
	view, err := c.Overview(operator(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, need := range view.Needs {
		got = append(got, need.Order+" "+need.Reason)
		if need.Progress != nil && need.Progress.Attention == nil {
			t.Errorf("%s: %+v", need.Order, need.Progress)
		}
	}
	if len(got) == 0 || view.More || view.Open[messages.NeedsAttention] != 3 || view.Open[messages.Undoing] != 1 {
		t.Errorf("needs %v, counts %v", got, view.Open)
	}
	for n := 1; n < len(view.Needs); n++ {
		if before, after := view.Needs[n-1].Since, view.Needs[n].Since; before != nil && after != nil && before.After(*after) {
			t.Errorf("%v is not in order", got)
		}
	}
}

func TestAllowedIsWhatTheWorkflowAllows(t *testing.T) {
	progress := messages.Progress{Actions: []messages.Action{messages.ActionRetry}}
	if got := (desk.Standing{Progress: &progress}).Allowed(); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	progress.Attention = &messages.Attention{Reason: messages.ReasonTerminated, Actions: []messages.Action{messages.ActionResume, messages.ActionClose}}
	if got := (desk.Standing{Progress: &progress}).Allowed(); len(got) != 2 || got[0] != messages.ActionResume {
		t.Errorf("of a stopped one: %v", got)
	}
	if got := (desk.Standing{}).Allowed(); got != nil {
		t.Errorf("of one that does not answer: %v", got)
	}
}

func TestASearchFindsByEverythingThatNamesAnOrder(t *testing.T) {
	c := begin(t)
	number := c.order(outside.NewCustomer)
	other := c.order(outside.Alter(t, outside.DomainOnly, `"shop"`, `"4711"`))
	key := number + "/1/registration"
	if _, _, err := c.World.Store.Intend(operator(t), store.Intention{Key: key, Account: outside.Account, Kind: "registration", Domain: "shop.example", WorkflowID: shopWorkflow}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.World.Store.Learn(operator(t), key, store.LedgerChange{State: store.Pending, Reference: "4711"}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		text, by string
		orders   []string
	}{
		{number, "order number", []string{number}},
		{" shop.example ", "domain", []string{number}},
		{"4711", "operation at " + outside.Account, []string{number}},
		{"4711.example", "domain", []string{other}},
		{"500100", "customer's account", []string{other}},
		{"sho", "part of the domain", []string{number}},
		{"nothing", "", nil},
	} {
		hits, err := c.Search(operator(t), s.text)
		if err != nil || len(hits) != len(s.orders) {
			t.Errorf("%q: %+v, %v", s.text, hits, err)
			continue
		}
		for n, hit := range hits {
			if hit.Order != s.orders[n] || hit.By != s.by {
				t.Errorf("%q: order %s by %s", s.text, hit.Order, hit.By)
			}
		}
	}
	for _, text := range []string{"", "a\x00b"} {
		if _, err := c.Search(operator(t), text); err == nil {
			t.Errorf("%q is searched for", text)
		}
	}
}

func TestPeopleAreShownAndThatIsRecorded(t *testing.T) {
	c := begin(t)
	number := c.order(outside.NewCustomer)
	found, err := c.Find(operator(t), "shop.example")
	if err != nil {
		t.Fatal(err)
	}
	people, err := c.People(desk.WithBy(operator(t), desk.By{Actor: "anna", Via: "desk"}), found[0])
	if err != nil || len(people) == 0 || people[0].Login != "jane@shop.example" || people[0].Contact.LastName != "Example" {
		t.Fatalf("%d people, %v", len(people), err)
	}
	acts, err := c.World.Store.Acts(operator(t), store.ActFilter{OrderNumber: number})
	if err != nil || len(acts) != 1 || acts[0].Command != "show-contacts" || acts[0].Actor != "anna" || acts[0].Outcome != store.ActAccepted {
		t.Errorf("acts: %+v, %v", acts, err)
	}
	existing := c.order(outside.Alter(t, outside.DomainOnly, `"shop"`, `"store"`))
	if people, err := c.People(operator(t), c.unit(existing)); err != nil || people[0].Account != outside.Customer || people[0].Login != "" {
		t.Errorf("of an existing account: %d people, %v", len(people), err)
	}
}

func TestFiguresHaveEveryDayAndTheWaitsOfEachRegistrar(t *testing.T) {
	c := begin(t)
	c.shops(3)
	for n, hours := range []int{1, 2, 30} {
		key := []string{"DP00000001/0/registration", "DP00000002/0/registration", "DP00000003/0/registration"}[n]
		if _, _, err := c.World.Store.Intend(operator(t), store.Intention{Key: key, Account: outside.Account, Kind: "registration", Domain: "shop.example", WorkflowID: key}); err != nil {
			t.Fatal(err)
		}
		c.clock.Advance(time.Duration(hours) * time.Hour)
		if _, err := c.World.Store.Learn(operator(t), key, store.LedgerChange{State: store.Done, Reference: key}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.World.Store.CloseUnit(operator(t), "DP00000002", 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	figures, err := c.Figures(operator(t), c.clock.Now())
	if err != nil || len(figures.Days) != desk.FigureDays {
		t.Fatalf("%+v, %v", figures, err)
	}
	all := 0
	for _, day := range figures.Days {
		all += day.All()
	}
	day := figures.Days[desk.FigureDays-2] // the orders are of yesterday
	if all != 3 || day.Done != 1 || day.Open != 2 {
		t.Errorf("%d in all, yesterday %+v", all, day)
	}
	if len(figures.Waits) != 1 || figures.Waits[0].Median != 2*time.Hour || figures.Waits[0].P90 != 30*time.Hour || figures.Waits[0].Requests != 3 {
		t.Errorf("waits: %+v", figures.Waits)
	}
}

func TestAccountsAreThoseThatAreWatchedOrOweSomething(t *testing.T) {
	c := begin(t)
	c.WatchEvery = map[string]time.Duration{"netim-2": 10 * time.Minute}
	if _, _, err := c.World.Store.Intend(operator(t), store.Intention{Key: "A/0/registration", Account: outside.Account, Kind: "registration", Domain: "shop.example", WorkflowID: "w"}); err != nil {
		t.Fatal(err)
	}
	accounts, err := c.Accounts(operator(t))
	if err != nil || len(accounts) != 2 || accounts[0].Registrar != outside.Account || accounts[0].Pending != 1 || accounts[0].Late() ||
		accounts[1].Registrar != "netim-2" || !accounts[1].Late() {
		t.Errorf("%+v, %v", accounts, err)
	}
}
