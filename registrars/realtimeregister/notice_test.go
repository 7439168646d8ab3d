package realtimeregister_test

import (
	"errors"
	"net/http"
	"testing"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

// The example of docs/protocols/realtime-register.md, section 12.1.
const (
	exampleKey  = "SHOP_KEY"
	exampleBody = `{"id":5001,"message":"done"}`
)

func signedBy(signature string) registrars.Callback {
	return registrars.Callback{Method: http.MethodPost, Header: http.Header{"Signature": {signature}}, Body: []byte(exampleBody)}
}

func keys(all ...string) func(*realtimeregister.Config) {
	return func(c *realtimeregister.Config) {
		for _, key := range all {
			c.WebhookKeys = append(c.WebhookKeys, domains.NewSecret(key))
		}
	}
}

func TestThreeFormsOfTheSignature(t *testing.T) {
	plugin := newServer(t).plugin(keys(exampleKey))
	for form, signature := range map[string]string{
		"the bytes":                   "wYBH4UGjiCOx6kC2gAoaJXyPCeURNN7d9X3HsV++Qwo=",
		"their hex text":              "YzE4MDQ3ZTE0MWEzODgyM2IxZWE0MGI2ODAwYTFhMjU3YzhmMDllNTExMzRkZWRkZjU3ZGM3YjE1ZmJlNDMwYQ==",
		"a blank and their hex text":  "IGMxODA0N2UxNDFhMzg4MjNiMWVhNDBiNjgwMGExYTI1N2M4ZjA5ZTUxMTM0ZGVkZGY1N2RjN2IxNWZiZTQzMGE=",
		"blanks around it":            "  wYBH4UGjiCOx6kC2gAoaJXyPCeURNN7d9X3HsV++Qwo= ",
		"hex text in capital letters": "QzE4MDQ3RTE0MUEzODgyM0IxRUE0MEI2ODAwQTFBMjU3QzhGMDlFNTExMzRERURERjU3REM3QjE1RkJFNDMwQQ==",
	} {
		if notice, err := plugin.DecodeCallback(signedBy(signature)); err != nil || notice.ID != "5001" {
			t.Errorf("%s: got %+v, %v", form, notice, err)
		}
	}
}

func TestSignaturesThatDoNotFit(t *testing.T) {
	plugin := newServer(t).plugin(keys(exampleKey))
	for name, signature := range map[string]string{
		"none": "", "no Base64": "*", "Base64 of nothing": "=", "the hex text itself": "c18047e141a38823b1ea40b6800a1a257c8f09e51134dedd f57dc7b15fbe430a",
		"another key": standin.Sign("OTHER", []byte(exampleBody), standin.Raw), "another body": standin.Sign(exampleKey, []byte("{}"), standin.Raw),
		"a shortened one": "wYBH4UGjiCOx6kC2gAoaJXyPCeURNN7d9X3HsV++",
	} {
		if _, err := plugin.DecodeCallback(signedBy(signature)); !errors.Is(err, registrars.ErrCallbackSignature) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestTwoKeysWhileOneIsChanged are accepted, and without a key no callback is.
func TestTwoKeysWhileOneIsChanged(t *testing.T) {
	signature := standin.Sign(exampleKey, []byte(exampleBody), standin.BlankHex)
	for name, c := range map[string]struct {
		keys  []string
		taken bool
	}{
		"the present key": {[]string{exampleKey, "former"}, true}, "the former key": {[]string{"present", exampleKey}, true},
		"neither": {[]string{"present", "former"}, false}, "no key": {nil, false},
	} {
		_, err := newServer(t).plugin(keys(c.keys...)).DecodeCallback(signedBy(signature))
		if c.taken != (err == nil) || err != nil && !errors.Is(err, registrars.ErrCallbackSignature) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWhatANotificationSays(t *testing.T) {
	plugin := newServer(t).plugin(keys(exampleKey))
	shop := domains.MustParseName("shop.example")
	for body, want := range map[string]registrars.Notice{
		`{"id": 1, "process": 7, "domainName": "shop.example", "subjectStatus": "COMPLETED", "eventType": "E"}`: {ID: "1", Reference: "7", Domain: shop, Claim: "COMPLETED"},
		`{"id": 2, "processType": "domain", "processIdentifier": "SHOP.example", "eventType": "ExampleEvent"}`:  {ID: "2", Domain: shop, Claim: "ExampleEvent"},
		`{"id": 3, "processType": "contact", "processIdentifier": "jane.holder", "subjectStatus": ""}`:          {ID: "3"},
		`{"id": 4, "process": "x", "domainName": "no name", "subjectStatus": "for Jane Holder"}`:                {ID: "4"},
		`{"id": 5, "process": null, "domainName": 7, "eventType": ["E"], "subjectStatus": "PREMIUM-CHANGE"}`:    {ID: "5", Claim: "PREMIUM-CHANGE"},
		`{"id": 7, "message": "below 10 EUR, by ` + apiKey + `", "notificationType": "BillingNotification", "eventType": "WatermarkReachedEvent", "subjectStatus": "WARNING"}`: {
			ID: "7", Account: registrars.AccountFunds, Claim: "WARNING", Text: "below 10 EUR, by [redacted]",
		},
		`{"id": 9, "message": "read this", "notificationType": "Notification", "eventType": "E"}`: {ID: "9", Account: registrars.AccountOther, Claim: "E", Text: "read this"},
		// What is about anything else bears no text: it may be about a person.
		`{"id": 10, "message": "Jane", "notificationType": "Notification", "processType": "contact", "processIdentifier": "jane.holder"}`: {ID: "10"},
		`{"id": 11, "message": "Jane", "notificationType": "Notification", "hostName": "ns1.shop.example"}`:                               {ID: "11"},
		`{"id": 12, "message": "Jane", "notificationType": "Notification", "domainName": "no name"}`:                                      {ID: "12"},
		`{"id": 13, "message": "Jane", "notificationType": "Notification", "domainName": 7}`:                                              {ID: "13"},
		`{"id": 14, "message": "Jane", "notificationType": "Notification", "process": {}}`:                                                {ID: "14"},
		`{"id": 15, "message": "Jane", "notificationType": "HostNotification"}`:                                                           {ID: "15"},
		`{"id": 16, "message": "Jane", "notificationType": "DomainExpiryReportNotification"}`:                                             {ID: "16"},
		`{"id": 17, "message": "Jane"}`: {ID: "17"},
		`{"id": 18, "message": "paid", "notificationType": "BillingNotification", "process": 7}`:                 {ID: "18", Reference: "7"},
		`{"id": 19, "message": "paid", "notificationType": "BillingNotification", "domainName": "shop.example"}`: {ID: "19", Domain: shop},
		`{"id": 8, "process": 7, "message": "of an operation", "eventType": "E"}`:                                {ID: "8", Reference: "7", Claim: "E"},
		`{"id": "6", "somethingNew": {"a": 1}}`:                                                                  {ID: "6"},
	} {
		got, err := plugin.DecodeCallback(registrars.Callback{
			Method: http.MethodPost, Header: http.Header{"Signature": {standin.Sign(exampleKey, []byte(body), standin.Raw)}}, Body: []byte(body),
		})
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
}

func TestNextNotice(t *testing.T) {
	const poll = "GET customers/shopreseller/notifications/poll"
	s := newServer(t)
	s.on(poll, reply(t, 200, "notification"))
	want := registrars.Notice{ID: "5001", Reference: "70012345", Domain: domains.MustParseName("shop.example"), Claim: "COMPLETED"}
	if got, found, err := s.plugin().NextNotice(t.Context()); err != nil || !found || got != want {
		t.Errorf("got %+v, %t, %v", got, found, err)
	}
	for _, body := range []string{`{"count": 0}`, `{"count": 0, "notification": null}`} {
		s.on(poll, text(200, body))
		if got, found, err := s.plugin().NextNotice(t.Context()); err != nil || found {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
	// An unreadable notification is returned with its number alone, so that it
	// does not block the queue.
	s.on(poll, text(200, `{"count": 1, "notification": {"id": 9, "process": {}, "domainName": []}}`))
	if got, found, err := s.plugin().NextNotice(t.Context()); err != nil || !found || got != (registrars.Notice{ID: "9"}) {
		t.Errorf("got %+v, %t, %v", got, found, err)
	}
	for _, body := range []string{`{"notification": {"id": -1}}`, `{"notification": "x"}`, `<html>`, ``} {
		s.on(poll, text(200, body))
		_, _, err := s.plugin().NextNotice(t.Context())
		wantClass(t, err, registrars.ClassTemporary)
	}
}

func TestAcknowledgeNotice(t *testing.T) {
	const ack = "POST customers/shopreseller/notifications/5001/ack"
	for name, c := range map[string]struct {
		answer answer
		class  registrars.Class
	}{
		"taken": {text(200, ""), ""}, "taken without words": {text(204, ""), ""}, "gone before": {failing(400, "ObjectDoesNotExist"), ""},
		"not there": {text(404, ""), ""}, "down": {failing(500, "InternalSRSError"), registrars.ClassOutcomeUnknown},
	} {
		s := newServer(t)
		s.on(ack, c.answer)
		err := s.plugin().AcknowledgeNotice(t.Context(), "5001")
		if c.class == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.class != "" {
			wantClass(t, err, c.class)
		}
	}
}

// TestASignedWebhookThatCannotBeReadHoldsNothingUp: all later webhooks of the account wait until
// it is taken, so it is news about nothing. One that is not signed is refused all the same.
func TestASignedWebhookThatCannotBeReadHoldsNothingUp(t *testing.T) {
	plugin := newServer(t).plugin(keys(exampleKey))
	ids := map[string]bool{}
	for _, body := range []string{`{"id":"none"}`, `[{"id":5001}]`, "\x00"} {
		callback := registrars.Callback{
			Method: http.MethodPost, Header: http.Header{"Signature": {standin.Sign(exampleKey, []byte(body), standin.Raw)}}, Body: []byte(body),
		}
		notice, err := plugin.DecodeCallback(callback)
		if err != nil || notice != (registrars.Notice{ID: notice.ID}) || len(notice.ID) < 64 {
			t.Errorf("%q: got %+v, %v", body, notice, err)
		}
		ids[notice.ID] = true
		callback.Header.Set("Signature", standin.Sign("OTHER", []byte(body), standin.Raw))
		if _, err := plugin.DecodeCallback(callback); !errors.Is(err, registrars.ErrCallbackSignature) {
			t.Errorf("%q, not signed by the registrar: %v", body, err)
		}
	}
	if len(ids) != 3 {
		t.Errorf("several events have one id: %v", ids)
	}
}
