package gateway_test

import (
	"database/sql"
	"net/http"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/gateway/client"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// twice places 1001 for the command line, whose key is the number, and for the client till.
func (f *fixture) twice() (till string) {
	f.t.Helper()
	till = f.keyOf("till")
	if _, err := f.Intake.Place(f.t.Context(), []byte(numbered(f.t, "1001", "of-local"))); err != nil {
		f.t.Fatal(err)
	}
	if got := f.send(http.MethodPost, "/v1/orders", till, numbered(f.t, "1001", "of-till")); got.status != http.StatusCreated {
		f.t.Fatalf("%d %s", got.status, got.body)
	}
	f.Temporal.Show("domain-provisioning/of-local.example", messages.Progress{
		OrderNumber: "1001", Domain: "of-local.example", State: messages.Waiting, Step: 10, Steps: []messages.StepProgress{}, Undo: []messages.UndoLine{{Title: "it"}},
	})
	return till
}

// An order whose key is the number of another client's order, too, is reached by its address: by the
// stream, and by all that a program does with the unit that it was given.
func TestAnOrderWhoseKeyIsAnothersNumberIsReached(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.twice()
		_, events := f.follow(t.Context(), f.all, "local:1001", "")
		if event := <-events; event.event != "progress" || !strings.Contains(event.data, `"domain":"of-local.example"`) {
			t.Errorf("the stream says %+v", event)
		}
		remote, err := client.New(f.url, domains.NewSecret(f.all))
		if err != nil {
			t.Fatal(err)
		}
		page, err := remote.List(t.Context(), desk.Filter{Domain: "of-local.example"})
		if err != nil || len(page.Orders) != 1 || page.Orders[0].Order != "1001" || page.Orders[0].Address() != "local:1001" {
			t.Fatalf("%+v, %v", page.Orders, err)
		}
		unit := page.Orders[0]
		if progress, err := remote.Progress(t.Context(), unit); err != nil || progress.Domain != "of-local.example" {
			t.Errorf("%+v, %v", progress, err)
		}
		if found, err := remote.Find(t.Context(), unit.Address()); err != nil || len(found) != 1 || found[0].Domain != unit.Domain {
			t.Errorf("%+v, %v", found, err)
		}
		if _, err := remote.Undo(t.Context(), unit); err != nil {
			t.Error(err)
		}
		if _, err := remote.Retry(t.Context(), unit, "", messages.Retry{Actor: "jane", Reason: "r"}); err != nil {
			t.Error(err)
		}
		if given := f.Temporal.Commands(); len(given) != 1 || given[0].WorkflowID != unit.WorkflowID {
			t.Errorf("given %+v", given)
		}
		if acts, err := remote.ActsOf(t.Context(), unit, store.ActFilter{}); err != nil || len(acts.Acts) != 1 || acts.Acts[0].Command != "retry" {
			t.Errorf("%+v, %v", acts, err)
		}
		// What a person types without a client is no address, not even the key.
		if got := f.send(http.MethodPost, "/v1/orders/1001/cancel", f.all, `{"reason": "r"}`); got.status != http.StatusConflict || !strings.Contains(got.body, "local:1001, till:1001") && !strings.Contains(got.body, "till:1001, local:1001") {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}

// A stream ends when its order is not there any more, as after a restore, instead of being silent.
func TestTheStreamOfAnOrderThatIsGoneEnds(t *testing.T) {
	f := begin(t, outside.Options{})
	f.twice()
	_, events := f.follow(t.Context(), f.all, "of-local.example", "")
	<-events
	db, err := sql.Open("sqlite", f.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `DELETE FROM provisionings WHERE order_number = '1001'`); err != nil {
		t.Fatal(err)
	}
	for event := range events { // until it closes
		t.Errorf("got %+v", event)
	}
	if answer, _ := f.follow(t.Context(), f.all, "local:1001", "x"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("who connects again is answered %d", answer.StatusCode)
	}
}

// A client finds what was sent about an order by its own number, and by nothing what was sent about
// another's.
func TestDeliveriesAreFoundByTheNumberOfTheClient(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		till := f.keyOf("till")
		hook := f.addHook(till, `{"url": "https://orders.example/news"}`)
		everything, err := (&desk.Desk{Store: f.Store, Intake: f.Intake}).AddHook(desk.WithBy(t.Context(), desk.By{Operator: true}), desk.NewHook{URL: "https://all.example/news"}, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := f.send(http.MethodPost, "/v1/orders", till, numbered(t, "1001", "of-till")); got.status != http.StatusCreated {
			t.Fatalf("%d %s", got.status, got.body)
		}
		if _, err := f.Intake.Place(t.Context(), []byte(numbered(t, "1001", "of-local"))); err != nil {
			t.Fatal(err)
		}
		f.send(http.MethodPost, "/v1/orders", till, numbered(t, "1002", "another"))
		for _, c := range []struct {
			key, hook, order string
			want             string // numbers and keys
		}{
			{till, hook.ID, "1001", "1001 of till:1001"}, {till, hook.ID, "till:1001", "1001 of till:1001"}, {till, hook.ID, "of-till.example", "1001 of till:1001"},
			{till, hook.ID, "local:1001", ""}, {till, hook.ID, "of-local.example", ""}, {till, hook.ID, "9", ""}, {till, hook.ID, "no..name", ""}, {till, hook.ID, "none", ""},
			{f.all, everything.ID, "local:1001", "1001 of 1001"}, {f.all, everything.ID, "till:1001", "1001 of till:1001"},
		} {
			got := f.send(http.MethodGet, "/v1/hooks/"+c.hook+"/deliveries?order="+c.order, c.key, "")
			var list gateway.Deliveries
			got.decode(t, &list)
			var found []string
			for _, one := range list.Deliveries {
				key, err := f.Store.Deliveries(t.Context(), store.DeliveryFilter{Hook: c.hook, EventID: one.EventID})
				if err != nil || len(key) != 1 {
					t.Fatal(err)
				}
				found = append(found, one.Label+" of "+key[0].OrderNumber)
			}
			if got.status != http.StatusOK || list.Deliveries == nil || strings.Join(found, ", ") != c.want {
				t.Errorf("%s: %d, found %q, want %q", c.order, got.status, found, c.want)
			}
		}
		if got := f.send(http.MethodGet, "/v1/hooks/"+everything.ID+"/deliveries?order=1001", f.all, ""); got.status != http.StatusConflict || !strings.HasSuffix(got.problem(t).Type, "several-orders") {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := f.send(http.MethodPost, "/v1/hooks/"+hook.ID+"/resend", till, `{"order": "local:1001"}`); got.status != http.StatusConflict {
			t.Errorf("another's events: %d %s", got.status, got.body)
		}
	})
}
