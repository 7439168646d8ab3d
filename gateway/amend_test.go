package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
)

func (f *fixture) amendable() {
	f.Temporal.Show(shopWorkflow, messages.Progress{
		OrderNumber: "DP00000001", State: messages.NeedsAttention, Step: 6, Actions: []messages.Action{"amend"}, Amendable: messages.Changes(),
		Attention: &messages.Attention{Step: 6, Reason: messages.ReasonInvalid, Actions: []messages.Action{"amend"}},
	})
}

func TestAnOrderIsAmendedOnce(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.amendable()
	const path, amendment = "/v1/orders/shop.example/amend", `"reason": "moved", "amendment": {"contacts": {"owner": {"city": "Newtown"}}}`
	once := []string{"Idempotency-Key", "k1"}
	var amended desk.Amended
	dry := f.send(http.MethodPost, path, f.operate, `{"dryRun": true, `+amendment+`}`, once...) // it uses up no key
	if dry.decode(t, &amended); dry.status != http.StatusOK || amended.Revision != 0 || !slices.Equal(amended.Changes, []messages.Change{messages.ChangeContacts}) {
		t.Errorf("%d %s", dry.status, dry.body)
	}
	if sent := f.Temporal.Commands(); len(sent) != 0 {
		t.Errorf("a dry run has sent %+v", sent)
	}
	for range 2 {
		got := f.send(http.MethodPost, path, f.operate, `{`+amendment+`}`, once...)
		if got.decode(t, &amended); got.status != http.StatusOK || amended.Revision != 1 || amended.Next != "amend is done" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if err := conforms(t, schema(t, "Amended"), got.body); err != nil {
			t.Error(err)
		}
	}
	if sent := f.Temporal.Commands(); len(sent) != 1 || sent[0].Args[0].(messages.Amend).Revision != 1 || sent[0].Args[0].(messages.Amend).Actor != "api/desk" {
		t.Errorf("sent %+v", sent)
	}
	if got := f.send(http.MethodPost, path, f.operate, `{`+strings.Replace(amendment, "Newtown", "Oldtown", 1)+`}`, once...); got.status != http.StatusUnprocessableEntity ||
		got.problem(t).Type != "urn:domainprovisioning:problem:idempotency-key-reused" {
		t.Errorf("another body: %d %s", got.status, got.body)
	}
	if strings.Contains(f.log.String(), "Newtown") {
		t.Error("the log holds the amendment")
	}
}

func TestAnAmendmentThatBreaksRulesNamesTheFields(t *testing.T) {
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.amendable()
	send := func(key, body string) reply {
		return f.send(http.MethodPost, "/v1/orders/shop.example/amend", key, body)
	}
	got := send(f.operate, `{"reason": "x", "amendment": {"contacts": {"owner": {"country": "nowhere"}}, "domain": "other"}}`)
	p := got.problem(t)
	var pointers []string
	for _, fault := range p.Errors {
		pointers = append(pointers, fault.Pointer)
	}
	if got.status != http.StatusUnprocessableEntity || p.Type != "urn:domainprovisioning:problem:amendment-refused" ||
		!slices.Contains(pointers, "/amendment/contacts/owner/country") || !slices.Contains(pointers, "/amendment/domain") {
		t.Errorf("%d %s", got.status, got.body)
	}
	for body, pointer := range map[string]string{
		`{"amendment": {"planId": 6}}`: "/reason", `{"reason": "x"}`: "/amendment", `{"reason": "x", "amendment": []}`: "/amendment", `{"reason": "x", "amendment": null}`: "/amendment",
	} {
		if got := send(f.operate, body); got.status != http.StatusBadRequest || got.problem(t).Errors[0].Pointer != pointer {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := send(f.read, `{"reason": "x", "amendment": {"planId": 6}}`); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d %s", got.status, got.body)
	}
	f.Temporal.Show(shopWorkflow, messages.Progress{OrderNumber: "DP00000001", State: messages.Running, Step: 3})
	if got := send(f.operate, `{"reason": "x", "amendment": {"planId": 6}}`); got.status != http.StatusConflict || !strings.Contains(got.problem(t).Detail, "amend is not allowed now") {
		t.Errorf("while it runs: %d %s", got.status, got.body)
	}
	if sent := f.Temporal.Commands(); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
}

// The description has the fields that the reader knows, and no others.
func TestTheFieldsOfAnAmendmentAreDescribed(t *testing.T) {
	s := schema(t, "AmendCommand")
	const body = `{"reason": "x", "amendment": {"customer": {"login": null}, "contacts": {"owner": {}}, "nameServers": null, "transferKey": "k", "language": null,
		"expires": "2027-01-01", "parameters": {"a": null}, "settings": {}, "planId": 6, "periodId": null, "hosting": {"planId": 20}}, "dryRun": true}`
	if err := conforms(t, s, body); err != nil {
		t.Error(err)
	}
	if conforms(t, s, strings.Replace(body, `"language"`, `"tongue"`, 1)) == nil {
		t.Error("an unknown field conforms")
	}
	f := begin(t, outside.Options{})
	f.order(outside.NewCustomer)
	f.amendable()
	got := f.send(http.MethodPost, "/v1/orders/shop.example/amend", f.operate, body)
	if strings.Contains(got.body, "unknown") {
		t.Errorf("the reader does not know all: %s", got.body)
	}
}
