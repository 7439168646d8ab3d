package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// given is a command with a good body, another one, and what reaches the workflow.
type given struct {
	action, body, other string
	want                any
}

func commands() []given {
	by := "api/all"
	until := time.Date(2027, 1, 24, 12, 0, 0, 0, time.UTC)
	expires := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	return []given{
		{"retry", `{"reason": "r", "nothingThere": true}`, `{"reason": "r"}`, messages.Retry{Actor: by, Reason: "r", Sent: messages.Sent{Recorded: true}, NothingThere: true}},
		{"cancel", `{"reason": "r", "deleteRegistration": true}`, `{"reason": "r", "keep": true}`, messages.Cancel{Actor: by, Reason: "r", Sent: messages.Sent{Recorded: true}, DeleteRegistration: true}},
		{"extend", `{"reason": "r", "until": "2027-01-24T13:00:00+01:00"}`, `{"reason": "r", "until": "2027-01-25T13:00:00Z"}`, messages.Extend{Actor: by, Reason: "r", Sent: messages.Sent{Recorded: true}, Until: until}},
		{"skip", `{"reason": "r", "step": 13, "billingDomainId": 7}`, `{"reason": "r", "step": 13}`, messages.Skip{Actor: by, Reason: "r", Sent: messages.Sent{Recorded: true}, Step: 13, BillingDomainID: 7}},
		{
			"confirm-by-hand", `{"reason": "r", "outcome": "done", "expires": "2027-03-01"}`, `{"reason": "r", "outcome": "refused"}`,
			messages.ConfirmByHand{Actor: by, Reason: "r", Sent: messages.Sent{Recorded: true}, Outcome: messages.OutcomeDone, Expires: expires},
		},
	}
}

// same compares commands; the times of both may have other zones.
func same(got, want any) bool {
	extend, ok := got.(messages.Extend)
	if !ok {
		return got == want
	}
	extend.Until = extend.Until.UTC()
	return extend == want
}

// TestTheRepeatOfACommandThatEndedTheOrder: the first answer was lost. It comes again, and nothing
// is done or recorded a second time.
func TestTheRepeatOfACommandThatEndedTheOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.order(outside.NewCustomer)
		cancel := func() reply {
			return f.send(http.MethodPost, "/v1/orders/DP00000001/cancel", f.all, `{"reason": "r", "keep": true}`, "Idempotency-Key", "k1")
		}
		first := cancel()
		if err := f.Store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitCancelled, ""); err != nil {
			t.Fatal(err)
		}
		again := cancel()
		if first.status != http.StatusOK || again.status != http.StatusOK || again.header.Get("Idempotent-Replayed") != "true" ||
			strings.TrimSpace(again.body) != strings.TrimSpace(first.body) {
			t.Errorf("%d %s, then %d %s", first.status, first.body, again.status, again.body)
		}
		if page := f.acts("/v1/orders/DP00000001/acts"); len(page.Acts) != 1 || len(f.Temporal.Commands()) != 1 {
			t.Errorf("%d acts, %d commands", len(page.Acts), len(f.Temporal.Commands()))
		}
	})
}

func TestACommandReachesTheWorkflowOnce(t *testing.T) {
	for _, c := range commands() {
		t.Run(c.action, func(t *testing.T) {
			f := begin(t, outside.Options{})
			f.order(outside.NewCustomer)
			path, once := "/v1/orders/shop.example/"+c.action, []string{"Idempotency-Key", "k1"}
			for _, replayed := range []string{"", "true"} {
				var answer messages.Answer
				got := f.send(http.MethodPost, path, f.all, c.body, once...)
				if got.header.Get("Idempotent-Replayed") != replayed {
					t.Errorf("replayed %q, want %q", got.header.Get("Idempotent-Replayed"), replayed)
				}
				if got.decode(t, &answer); got.status != http.StatusOK || answer.Step != 6 || answer.Next != c.action+" is done" {
					t.Errorf("%d %s", got.status, got.body)
				}
			}
			sent := f.Temporal.Commands()
			if len(sent) != 1 || sent[0].WorkflowID != shopWorkflow || sent[0].UpdateName != c.action || !same(outside.Timed(t, sent[0].Args[0]), c.want) {
				t.Fatalf("sent %+v", sent)
			}
			if got := f.send(http.MethodPost, path, f.all, c.other, once...); got.status != http.StatusUnprocessableEntity ||
				got.problem(t).Type != "urn:domainprovisioning:problem:idempotency-key-reused" {
				t.Errorf("another body under the same key: %d %s", got.status, got.body)
			}
			if got := f.send(http.MethodPost, path, f.all, c.body); got.status != http.StatusOK {
				t.Errorf("without a key it is a command of its own: %d %s", got.status, got.body)
			}
			if sent := f.Temporal.Commands(); len(sent) != 2 || sent[0].UpdateID == sent[1].UpdateID {
				t.Errorf("sent %+v", sent)
			}
			page := f.acts("/v1/orders/shop.example/acts")
			if len(page.Acts) != 2 || page.Acts[0].Command != c.action || page.Acts[0].Reason != "r" || page.Acts[0].Actor != "api/all" ||
				page.Acts[0].Outcome != store.ActAccepted {
				t.Errorf("the record: %+v", page.Acts)
			}
		})
	}
}

func TestACommandThatIsRefusedChangesNothing(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.order(outside.Alter(t, outside.HostingOnly, `"vendorAccountId"`, `"number": "A-2", "vendorAccountId"`))
	if err := f.Store.CloseUnit(t.Context(), "shop:A-2", 0, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	f.Temporal.Refuse(shopWorkflow, "not now: step 3 is running. Allowed: cancel")
	for _, c := range commands() {
		key := f.operate
		if c.action == "cancel" {
			key = f.cancel
		}
		for name, r := range map[string]struct {
			id, key, body string
			status        int
			want          string
		}{
			"by the workflow":          {"shop.example", key, c.body, http.StatusConflict, "not now: step 3 is running. Allowed: cancel"},
			"of an ended order":        {"A-2", key, c.body, http.StatusConflict, "order A-2 is done, and takes no command"},
			"no such order":            {"A-3", key, c.body, http.StatusNotFound, "no-such-order"},
			"without a reason":         {"shop.example", key, strings.Replace(c.body, `"r"`, `" "`, 1), http.StatusBadRequest, `"pointer":"/reason","detail":"reason is missing: say why, for the record"`},
			"without a body":           {"shop.example", key, "", http.StatusBadRequest, `"pointer":"/reason"`},
			"with an odd field":        {"shop.example", key, strings.Replace(c.body, `{`, `{"actor": "jane", `, 1), http.StatusBadRequest, "documented fields"},
			"with a reason of no text": {"shop.example", key, strings.Replace(c.body, `"r"`, `7`, 1), http.StatusBadRequest, `"pointer":"/reason"`},
			"without the scope":        {"shop.example", f.read, c.body, http.StatusForbidden, "lacks the scope"},
			"by a key that may not":    {"shop.example", f.place, c.body, http.StatusForbidden, "lacks the scope"},
		} {
			got := f.send(http.MethodPost, "/v1/orders/"+r.id+"/"+c.action, r.key, r.body)
			if got.status != r.status || !strings.Contains(got.body, r.want) || got.problem(t).Status != r.status {
				t.Errorf("%s %s: %d %s", c.action, name, got.status, got.body)
			}
		}
	}
	if sent := f.Temporal.Commands(); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
}

// A key that may retry must not be able to give orders up.
func TestCancellingNeedsAScopeOfItsOwn(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	got := f.send(http.MethodPost, "/v1/orders/shop.example/cancel", f.operate, `{"reason": "r"}`)
	if got.status != http.StatusForbidden || got.problem(t).Detail != "it lacks the scope cancel" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := f.send(http.MethodPost, "/v1/orders/shop.example/retry", f.cancel, `{"reason": "r"}`); got.status != http.StatusForbidden {
		t.Errorf("%d %s", got.status, got.body)
	}
	// Both are on record, with the key.
	page := f.acts("/v1/orders/shop.example/acts")
	if len(page.Acts) != 2 || page.Acts[0].Command != "cancel" || page.Acts[0].Outcome != store.ActRefused || page.Acts[0].Actor != "api/desk" ||
		page.Acts[1].Actor != "api/canceller" {
		t.Errorf("the record: %+v", page.Acts)
	}
}

func TestFieldsOfCommandsAreChecked(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	for body, want := range map[string]string{
		`extend {"reason": "r", "until": "tomorrow"}`:                                           "/until",
		`extend {"reason": "r"}`:                                                                "/until",
		`skip {"reason": "r"}`:                                                                  "/step",
		`skip {"reason": "r", "step": -1}`:                                                      "/step",
		`skip {"reason": "r", "step": 13, "billingDomainId": -1}`:                               "/billingDomainId",
		`cancel {"reason": "r", "keep": true, "deleteRegistration": true}`:                      "/deleteRegistration",
		`confirm-by-hand {"reason": "r"}`:                                                       "/outcome",
		`confirm-by-hand {"reason": "r", "outcome": "perhaps"}`:                                 "/outcome",
		`confirm-by-hand {"reason": "r", "outcome": "done", "expires": "2027-03-01T00:00:00Z"}`: "/expires",
	} {
		action, body, _ := strings.Cut(body, " ")
		got := f.send(http.MethodPost, "/v1/orders/shop.example/"+action, f.all, body)
		if p := got.problem(t); got.status != http.StatusBadRequest || len(p.Errors) != 1 || p.Errors[0].Pointer != want {
			t.Errorf("%s %s: %d %s", action, body, got.status, got.body)
		}
	}
	if sent := f.Temporal.Commands(); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
}

func TestWhatACancellationWouldTakeBack(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	path := "/v1/orders/shop.example/undo"
	if got := f.get(path); got.status != http.StatusServiceUnavailable {
		t.Errorf("while nobody answers: %d %s", got.status, got.body)
	}
	lines := []messages.UndoLine{
		{Title: "registration of shop.example", State: messages.UndoKept, Note: "could be given back until 2026-12-01"},
		{Title: "account 1048576", State: messages.UndoPlanned},
	}
	f.Temporal.Show(shopWorkflow, messages.Progress{OrderNumber: "DP00000001", State: messages.Waiting, Step: 10, Undo: lines})
	var undo gateway.Undo
	got := f.get(path + "?item=1&domain=SHOP.example")
	if got.decode(t, &undo); got.status != http.StatusOK || undo.Order != "DP00000001" || undo.Item != 1 || len(undo.Lines) != 2 || undo.Lines[0] != lines[0] {
		t.Errorf("%d %s", got.status, got.body)
	}
	if err := conforms(t, schema(t, "Undo"), got.body); err != nil {
		t.Error(err)
	}
	f.Temporal.Show(shopWorkflow, messages.Progress{OrderNumber: "DP00000001", State: messages.Waiting, Undo: []messages.UndoLine{}})
	if got := f.get(path); got.status != http.StatusOK || !strings.Contains(got.body, `"lines":[]`) {
		t.Errorf("nothing to take back: %d %s", got.status, got.body)
	}
	for query, status := range map[string]int{
		"item=2": http.StatusNotFound, "item=x": http.StatusBadRequest, "item=1&item=1": http.StatusBadRequest, "keep=true": http.StatusBadRequest,
	} {
		if got := f.get(path + "?" + query); got.status != status {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
	if got := f.send(http.MethodGet, path, f.operate, ""); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", got.status)
	}
	if sent := f.Temporal.Commands(); len(sent) != 0 {
		t.Errorf("it was given up: %+v", sent)
	}
}
