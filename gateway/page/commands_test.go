package page_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/messages"
	"domainprovisioning/store"
)

// What the desk allows has a form, in which a reason is asked for; the command carries who gave it.
func TestACommandIsGivenByAFormAndRecorded(t *testing.T) {
	for _, c := range []struct {
		action messages.Action
		update string
		fields []string
		sent   string // a part of what the workflow gets
	}{
		{messages.ActionRetry, "retry", nil, ""},
		{messages.ActionAcceptPrice, "retry", []string{"price", "250.00EUR"}, "250.00EUR"},
		{messages.ActionTakeOver, "retry", nil, "AllowTakeover:true"},
		{messages.ActionNothingThere, "retry", nil, "NothingThere:true"},
		{messages.ActionExtend, "extend", []string{"hours", "72"}, "Until:"},
		{messages.ActionSkip, "skip", []string{"step", "6", "billing", "77"}, "BillingDomainID:77"},
		{messages.ActionConfirmByHand, "confirm-by-hand", []string{"outcome", "done", "expires", "2027-03-02"}, "Outcome:done"},
		{messages.ActionCancel, "cancel", []string{"keep", "on"}, "Keep:true"},
	} {
		t.Run(string(c.action), func(t *testing.T) {
			o := begin(t)
			number := o.parked(messages.ReasonBalance, "no funds", c.action)
			b := o.as("chief")
			path := "/desk/orders/local:" + number + "/1/" + string(c.action)
			b.sees("/desk/orders/"+number, `href="`+path+`"`)
			id := b.formID(path)
			fields := append([]string{"id", id}, c.fields...)
			if got := b.post(path, append(fields, "reason", " \n ")...); got.status != http.StatusBadRequest || !strings.Contains(got.body, "A reason is missing") {
				t.Fatalf("without a reason: %d", got.status)
			}
			id = b.formID(path)
			fields[1] = id
			fields = append(fields, "reason", "paid\r\nin")
			got := b.post(path, fields...)
			if got.status != http.StatusOK {
				t.Fatalf("%d %s", got.status, got.body)
			}
			got.holds(t, `class="notice done"`, "accepted")
			again := b.post(path, fields...)
			if again.status != http.StatusOK || !strings.Contains(again.body, `class="notice done"`) {
				t.Errorf("the same form again: %d", again.status)
			}
			commands := o.Temporal.Commands()
			if len(commands) != 1 || commands[0].UpdateName != c.update || commands[0].UpdateID != "desk/desk/chief/"+id {
				t.Fatalf("sent %+v", commands)
			}
			if sent := sprint(commands[0].Args[0]); !strings.Contains(sent, c.sent) || !strings.Contains(sent, "Actor:desk/chief Reason:paid in") {
				t.Errorf("sent %s", sent)
			}
			if acts := o.acts(); !slices.Equal(acts, []string{"desk/chief desk " + string(actOf(c.action)) + " accepted"}) {
				t.Errorf("acts: %v", acts)
			}
			b.sees("/desk/orders/"+number, "paid in", "desk/chief")
		})
	}
}

// actOf is the command of an action that is a choice of another one.
func actOf(action messages.Action) messages.Action {
	switch action {
	case messages.ActionAcceptPrice, messages.ActionTakeOver, messages.ActionNothingThere:
		return messages.ActionRetry
	}
	return action
}

func TestACommandNeedsItsScope(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry, messages.ActionCancel, messages.ActionAmend, messages.ActionClose)
	for _, c := range []struct{ key, command string }{{"reader", "retry"}, {"reader", "amend"}, {"helper", "cancel"}, {"helper", "close"}} {
		b := o.as(c.key)
		path := "/desk/orders/" + number + "/1/" + c.command
		if got := b.get(path); got.status != http.StatusForbidden {
			t.Errorf("%s sees the form of %s: %d", c.key, c.command, got.status)
		}
		if got := b.post(path, "id", strings.Repeat("A", 26), "reason", "x"); got.status != http.StatusForbidden {
			t.Errorf("%s gives %s: %d", c.key, c.command, got.status)
		}
	}
	want := []string{"desk/reader desk retry refused", "desk/reader desk amend refused", "desk/helper desk cancel refused", "desk/helper desk close refused"}
	if acts := o.acts(); !slices.Equal(acts, want) || len(o.Temporal.Commands()) != 0 {
		t.Errorf("acts: %v", acts)
	}
}

func TestARefusedCommandSaysWhyAndKeepsTheForm(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry, messages.ActionExtend)
	o.Temporal.Refuse(shopWorkflow, "retry is not allowed now: it <i>runs</i>")
	b := o.as("helper")
	path := "/desk/orders/" + number + "/1/retry"
	got := b.post(path, "id", b.formID(path), "reason", `"><script>alert(1)</script>`)
	if got.status != http.StatusConflict {
		t.Errorf("%d", got.status)
	}
	got.holds(t, `class="notice refused"`, "it &lt;i&gt;runs&lt;/i&gt;", "&lt;script&gt;alert(1)")
	got.lacks(t, "<script>alert", "<i>runs")
	if acts := o.acts(); !slices.Equal(acts, []string{"desk/helper desk retry refused"}) {
		t.Errorf("acts: %v", acts)
	}
	extend := "/desk/orders/" + number + "/1/extend"
	if got := b.post(extend, "id", b.formID(extend), "reason", "x", "hours", "9000"); got.status != http.StatusBadRequest || !strings.Contains(got.body, `value="9000"`) {
		t.Errorf("too long: %d", got.status)
	}
	for _, id := range []string{"", "x", strings.Repeat("A", 27)} {
		if got := b.post(path, "id", id, "reason", "x"); got.status != http.StatusBadRequest {
			t.Errorf("form id %q: %d", id, got.status)
		}
	}
	if got := b.get("/desk/orders/" + number + "/1/explode"); got.status != http.StatusNotFound {
		t.Errorf("an unknown command: %d", got.status)
	}
	if got := b.post("/desk/orders/"+number+"/9/retry", "id", strings.Repeat("A", 26), "reason", "x"); got.status != http.StatusNotFound {
		t.Errorf("an unknown item: %d", got.status)
	}
}

func TestACommandThatNobodyHasAnsweredIsNotKnownYet(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonBalance, "no funds", messages.ActionRetry)
	b := o.as("helper")
	path := "/desk/orders/" + number + "/1/retry"
	id := b.formID(path)
	o.Temporal.SetDown(true)
	got := b.post(path, "id", id, "reason", "paid in")
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "Not known yet") {
		t.Errorf("%d %s", got.status, got.body)
	}
	o.Temporal.SetDown(false)
	if got := b.post(path, "id", id, "reason", "paid in"); got.status != http.StatusOK || len(o.Temporal.Commands()) != 1 {
		t.Errorf("the same form again: %d", got.status)
	}
}

func TestAnAmendmentIsCheckedAndGiven(t *testing.T) {
	o := begin(t)
	number := o.parked(messages.ReasonRejected, "nobody reads vera@", messages.ActionAmend)
	b := o.as("helper")
	path := "/desk/orders/" + number + "/1/amend"
	b.sees(path, "Name servers", "Transfer key", `type="password"`, "<option>owner</option>", "<option>customer</option>").lacks(t, "jane@shop.example")
	fields := func(more ...string) []string {
		return append([]string{"id", b.formID(path), "whose", "owner", "email", "office@shop.example", "reason", "asked the customer"}, more...)
	}
	checked := b.post(path, fields("do", "check", "transferKey", "secret-key")...)
	checked.lacks(t, "secret-key")
	checked = b.post(path, fields("do", "check")...)
	if checked.status != http.StatusOK || len(o.Temporal.Commands()) != 0 {
		t.Fatalf("checked: %d %s", checked.status, checked.body)
	}
	checked.holds(t, "This would change: <b>contacts</b>", `value="office@shop.example"`)
	bad := b.post(path, fields("do", "check", "email", "nobody")...)
	if bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.body, "contacts.owner.email") {
		t.Errorf("a wrong address: %d %s", bad.status, bad.body)
	}
	for what, more := range map[string][]string{
		"no JSON": {"document", "{"}, "no object": {"document", "null"}, "twice": {"document", `{"contacts": {}}`}, "a stranger's contact": {"whose", "king"},
	} {
		if got := b.post(path, fields(more...)...); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d", what, got.status)
		}
	}
	if got := b.post(path, fields("reason", "")...); got.status != http.StatusBadRequest || len(o.acts()) != 0 {
		t.Errorf("without a reason: %d, %v", got.status, o.acts())
	}
	given := fields("do", "amend", "document", `{"nameServers": ["ns1.dns.example", "ns2.dns.example"]}`)
	for range 2 {
		got := b.post(path, given...)
		if got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
		got.holds(t, "accepted as revision 1 (contacts, nameServers)")
	}
	if commands := o.Temporal.Commands(); len(commands) != 1 || strings.Contains(sprint(commands[0].Args[0]), "office@") {
		t.Errorf("sent %+v", commands)
	}
	if revision, err := o.Store.RevisedDocument(t.Context(), number, 1); err != nil || !strings.Contains(string(revision), "office@shop.example") {
		t.Errorf("the revision: %v", err)
	}
	acts, err := o.Store.Acts(t.Context(), store.ActFilter{OrderNumber: number})
	if err != nil || len(acts) != 1 || acts[0].Reason != "asked the customer" {
		t.Errorf("acts: %+v, %v", acts, err)
	}
}
