package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/desk"
	"domainprovisioning/domains"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// accounts are registrar accounts that note what they are asked.
type accounts struct {
	asked []string
	err   error
}

func (*accounts) Names() []string { return []string{outside.Account} }

func (*accounts) Has(account string) bool { return account == outside.Account }

func (a *accounts) CheckOperation(_ context.Context, account, key string) (before, now, word string, err error) {
	a.asked = append(a.asked, "check "+account+" "+key)
	return "pending", "done", "Done", a.err
}

func (a *accounts) CancelOperation(_ context.Context, account, reference string) error {
	a.asked = append(a.asked, "cancel "+account+" "+reference)
	return a.err
}

func (*accounts) ChangePassword(context.Context, string, domains.Secret) error {
	panic("a gateway changes no password")
}

// pending notes an operation at a registrar in the ledger.
func (f *fixture) pending(account, reference string) string {
	f.t.Helper()
	key := "DP00000001/1/registration"
	if account != outside.Account {
		key = "DP00000002/1/registration"
	}
	if _, _, err := f.Store.Intend(f.t.Context(), store.Intention{Key: key, Account: account, Kind: "registration", Domain: "shop.example", WorkflowID: "w"}); err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.Store.Learn(f.t.Context(), key, store.LedgerChange{State: store.Pending, Reference: reference}); err != nil {
		f.t.Fatal(err)
	}
	return key
}

func withAccounts(a *accounts) func(*gateway.Options) {
	return func(o *gateway.Options) {
		o.Desk.Registrars, o.Desk.WatchEvery = a, map[string]time.Duration{outside.Account: 10 * time.Minute}
	}
}

func TestOperationsOverHTTP(t *testing.T) {
	a := &accounts{}
	f := begin(t, outside.Options{}, withAccounts(a))
	f.order(outside.NewCustomer)
	key := f.pending(outside.Account, "101")
	f.pending("former", "7")
	var listed gateway.Operations
	f.getAll("/v1/operations?registrar="+outside.Account).decode(t, &listed)
	if len(listed.Operations) != 1 || listed.Operations[0].Reference != "101" || listed.Operations[0].State != "pending" || listed.Operations[0].Order != "DP00000001" {
		t.Errorf("%+v", listed)
	}
	var checked desk.Checked
	f.send(http.MethodPost, "/v1/operations/check", f.all, `{"reference": "101"}`).decode(t, &checked)
	if checked != (desk.Checked{Reference: "101", Registrar: outside.Account, Domain: "shop.example", Order: "DP00000001", Before: "pending", State: "done", Word: "Done"}) {
		t.Errorf("%+v", checked)
	}
	if got := f.send(http.MethodPost, "/v1/operations/withdraw", f.all, `{"reference": "101", "reason": "ordered by mistake"}`); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	if want := fmt.Sprint([]string{"check " + outside.Account + " " + key, "cancel " + outside.Account + " 101"}); fmt.Sprint(a.asked) != want {
		t.Errorf("asked %v, want %s", a.asked, want)
	}
	page := f.acts("/v1/orders/DP00000001/acts")
	if len(page.Acts) != 2 || page.Acts[0].Command != "check" || page.Acts[1].Command != "withdraw" || page.Acts[1].Actor != "api/all" ||
		page.Acts[1].Reason != "ordered by mistake" || page.Acts[1].Outcome != store.ActAccepted {
		t.Errorf("%+v", page)
	}
}

// What the registrar says decides about the answer; what it was not asked has no effect.
func TestOperationsThatAreNotCarriedOut(t *testing.T) {
	a := &accounts{}
	f := begin(t, outside.Options{}, withAccounts(a))
	f.order(outside.NewCustomer)
	f.pending(outside.Account, "101")
	f.pending("former", "7")
	for name, c := range map[string]struct {
		path, key, body string
		err             error
		status          int
		says            string
	}{
		"no reference":   {"operations/check", f.all, `{}`, nil, 400, "reference"},
		"an odd field":   {"operations/check", f.all, `{"reference": "101", "force": true}`, nil, 400, "documented fields"},
		"no reason":      {"operations/withdraw", f.all, `{"reference": "101"}`, nil, 400, "reason"},
		"a blank reason": {"operations/withdraw", f.all, `{"reference": "101", "reason": " "}`, nil, 400, "reason"},
		"not there":      {"operations/withdraw", f.all, `{"reference": "4711", "reason": "x"}`, nil, 404, "nothing of that name"},
		"no account":     {"operations/withdraw", f.all, `{"reference": "7", "reason": "x"}`, nil, 409, "is not configured"},
		"refused":        {"operations/withdraw", f.all, `{"reference": "101", "reason": "x"}`, &desk.NotAllowedError{Reason: "it is too late"}, 409, "it is too late"},
		"away":           {"operations/check", f.all, `{"reference": "101"}`, desk.ErrRegistrarAway, 503, "registrar-away"},
		"a reader":       {"operations/check", f.read, `{"reference": "101"}`, nil, 403, "operate"},
		"of a client":    {"operations/check", f.operate, `{"reference": "101"}`, nil, 403, "scope all"},
		"no loose end":   {"loose-ends/settle", f.all, `{"id": "left/nowhere/0", "reason": "x"}`, nil, 404, "nothing of that name"},
		"no id":          {"loose-ends/settle", f.all, `{"reason": "x"}`, nil, 400, "id"},
		"settle why":     {"loose-ends/settle", f.all, `{"id": "left/nowhere/0"}`, nil, 400, "reason"},
		"settle reading": {"loose-ends/settle", f.read, `{"id": "left/nowhere/0", "reason": "x"}`, nil, 403, "operate"},
	} {
		a.err = c.err
		got := f.send(http.MethodPost, "/v1/"+c.path, c.key, c.body)
		if got.status != c.status || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %d %s, want %d with %q", name, got.status, got.body, c.status, c.says)
		}
		got.problem(t)
	}
	if len(a.asked) != 2 {
		t.Errorf("the registrars were asked %v", a.asked)
	}
}

func TestALooseEndIsSettledOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.order(outside.NewCustomer)
		key := f.pending(outside.Account, "101")
		if _, err := f.Store.Learn(t.Context(), key, store.LedgerChange{State: store.Done, Reference: "101"}); err != nil {
			t.Fatal(err)
		}
		if err := f.Store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitCancelled, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Store.MarkAbandoned(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		var open gateway.LooseEnds
		f.getAll("/v1/loose-ends?kind=abandoned").decode(t, &open)
		if len(open.LooseEnds) != 1 || open.LooseEnds[0].Reference != "101" || open.LooseEnds[0].SettledAt != nil {
			t.Fatalf("%+v", open)
		}
		body := fmt.Sprintf(`{"id": %q, "reason": "given back"}`, open.LooseEnds[0].ID)
		var settled desk.LooseEnd
		f.send(http.MethodPost, "/v1/loose-ends/settle", f.all, body).decode(t, &settled)
		if settled.SettledBy != "api/all" || settled.SettledReason != "given back" || settled.SettledAt == nil {
			t.Errorf("%+v", settled)
		}
		f.getAll("/v1/loose-ends").decode(t, &open)
		if len(open.LooseEnds) != 0 {
			t.Errorf("%+v", open)
		}
		f.getAll("/v1/loose-ends?settled=true").decode(t, &open)
		if len(open.LooseEnds) != 1 || open.LooseEnds[0].SettledBy != "api/all" {
			t.Errorf("%+v", open)
		}
	})
}

func TestTheInboxAndTheWatchesOverHTTP(t *testing.T) {
	f := begin(t, outside.Options{}, withAccounts(&accounts{}))
	for _, event := range []store.Confirmation{
		{EventID: "e1", Source: messages.FromCallback, Account: outside.Account, Domain: "shop.example", Claim: "done"},
		{EventID: "e2", Source: messages.FromCallback, Account: "other", Domain: "shop2.example"},
	} {
		if _, err := f.Store.Receive(t.Context(), event, 0); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]int{"": 2, "?limit=1": 1, "?domain=shop.example": 1, "?registrar=other&state=received": 1, "?state=late": 0} {
		var inbox gateway.Inbox
		got := f.getAll("/v1/inbox" + query)
		got.decode(t, &inbox)
		if got.status != http.StatusOK || inbox.Reports == nil || len(inbox.Reports) != want {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
	for _, path := range []string{
		"inbox?state=lost", "inbox?limit=0", "inbox?limit=1001", "inbox?colour=red", "inbox?state=late&state=late", "operations?all=perhaps", "operations?limit=10001",
		"loose-ends?kind=lost", "loose-ends?settled=2", "watches?late=true",
	} {
		if got := f.getAll("/v1/" + path); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	var watches gateway.Watches
	f.getAll("/v1/watches").decode(t, &watches)
	if len(watches.Watches) != 1 || watches.Watches[0].Schedule != "never" || watches.Watches[0].Every != "10m0s" || !watches.Watches[0].Late || watches.Watches[0].News != 0 {
		t.Errorf("%+v", watches)
	}
}

// The answers conform to their description.
func TestAnswersAboutOperationsConformToTheDescription(t *testing.T) {
	f := begin(t, outside.Options{}, withAccounts(&accounts{}))
	f.order(outside.NewCustomer)
	f.pending(outside.Account, "101")
	if _, err := f.Store.Receive(t.Context(), store.Confirmation{EventID: "e1", Source: messages.FromCallback, Account: outside.Account, Domain: "shop.example"}, 0); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		schema string
		answer reply
	}{
		"operations": {"Operations", f.getAll("/v1/operations")}, "loose ends": {"LooseEnds", f.getAll("/v1/loose-ends")},
		"inbox": {"Inbox", f.getAll("/v1/inbox")}, "watches": {"Watches", f.getAll("/v1/watches")},
		"checked":   {"Checked", f.send(http.MethodPost, "/v1/operations/check", f.all, `{"reference": "101"}`)},
		"withdrawn": {"Operation", f.send(http.MethodPost, "/v1/operations/withdraw", f.all, `{"reference": "101", "reason": "x"}`)},
	} {
		if err := conforms(t, schema(t, c.schema), c.answer.body); err != nil {
			t.Errorf("%s: %v in %s", name, err, c.answer.body)
		}
	}
}
