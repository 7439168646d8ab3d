package realtimeregister_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"domainprovisioning/domains"
	"domainprovisioning/registrars"
	"domainprovisioning/registrars/realtimeregister"
	"domainprovisioning/sandbox/standin/faults"
	standin "domainprovisioning/sandbox/standin/realtimeregister"
)

func TestNewChecksItsConfiguration(t *testing.T) {
	for want, change := range map[string]func(*realtimeregister.Config){
		"login must be the customer's handle":                      func(c *realtimeregister.Config) { c.Customer = "hunter2 x" },
		"password is missing: the API key":                         func(c *realtimeregister.Config) { c.APIKey = domains.Secret{} },
		"visible ASCII":                                            func(c *realtimeregister.Config) { c.APIKey = domains.NewSecret("hunter2\r\nX-Evil: 1") },
		"two keys at the most":                                     keys("hunter2", "b", "c"),
		"callback_secret must not be empty":                        keys("hunter2", ""),
		"realtimeregister.template_prefix must have":               func(c *realtimeregister.Config) { c.TemplatePrefix = "hunter2/" },
		"realtimeregister.credit_limit_cents must not be negative": func(c *realtimeregister.Config) { c.CreditLimitCents = -1 },
		"url must be https":                                        func(c *realtimeregister.Config) { c.URL = "http://api.example/" },
		"url is not valid":                                         func(c *realtimeregister.Config) { c.URL = "" },
		"must not hold user":                                       func(c *realtimeregister.Config) { c.URL = "https://u:hunter2@api.example/" },
	} {
		config := realtimeregister.Config{URL: "https://api.example/", Customer: "shopreseller", APIKey: domains.NewSecret("hunter2")}
		change(&config)
		if _, err := realtimeregister.New(config); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.HasPrefix(err.Error(), "realtimeregister: ") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestAFailureAfterItWasTaken: a 202 answer, and a process that fails days later.
func TestAFailureAfterItWasTaken(t *testing.T) {
	w := newWorld(t, "async")
	request := w.Request(registrars.Registration, 1)
	w.Hold(request.Domain)
	operation, err := w.plugin.Submit(t.Context(), request)
	if err != nil || operation.Status != registrars.StatusPending {
		t.Fatalf("got %+v, %v", operation, err)
	}
	if err := w.standin.Fail(request.Domain.String(), "refused by the registry"); err != nil {
		t.Fatal(err)
	}
	asked, err := w.plugin.Operation(t.Context(), operation.Reference)
	if err != nil || asked.Status != registrars.StatusFailed || asked.Reason != "refused by the registry" {
		t.Errorf("got %+v, %v", asked, err)
	}
	if balance, held := w.standin.Balance(); balance != 10_000_00 || held != 0 {
		t.Errorf("balance %d, %d held", balance, held)
	}
	// The registrar's support restarts it.
	if err := w.Finish(request.Domain); err != nil {
		t.Fatal(err)
	}
	if asked, err = w.plugin.Operation(t.Context(), operation.Reference); err != nil || asked.Status != registrars.StatusDone {
		t.Errorf("got %+v, %v", asked, err)
	}
}

// TestInDoubt: it is neither success nor failure, and is found by looking.
func TestInDoubt(t *testing.T) {
	w := newWorld(t, "sync")
	for i, kind := range []registrars.Kind{registrars.Registration, registrars.Renewal, registrars.OwnerChange, registrars.Deletion} {
		request := w.Request(kind, i+1)
		w.standin.Faults.Add(faults.Fault{Method: method(kind), Kind: faults.InDoubt})
		operation, err := w.plugin.Submit(t.Context(), request)
		if err != nil || operation.Status != registrars.StatusPending {
			t.Fatalf("%s: got %+v, %v", kind, operation, err)
		}
		asked, err := w.plugin.Operation(t.Context(), operation.Reference)
		if err != nil || asked.Status != registrars.StatusUnknown || asked.Word != "IN_DOUBT" {
			t.Errorf("%s: got %+v, %v", kind, asked, err)
		}
		if found, err := w.plugin.Find(t.Context(), request); err != nil || found.State != registrars.FoundOperation || found.Operation.Status != registrars.StatusUnknown {
			t.Errorf("%s: got %+v, %v", kind, found, err)
		}
		if err := w.Finish(request.Domain); err != nil {
			t.Fatal(err)
		}
		if found, err := w.plugin.Find(t.Context(), request); err != nil || found.State != registrars.FoundObject {
			t.Errorf("%s: got %+v, %v", kind, found, err)
		}
	}
}

// TestA202WithoutANumber has an unknown outcome, and its process is found.
func TestA202WithoutANumber(t *testing.T) {
	w := newWorld(t, "async")
	for i, kind := range registrars.Kinds() {
		request := w.Request(kind, i+1)
		w.Hold(request.Domain)
		w.standin.Faults.Add(faults.Fault{Method: method(kind), Kind: faults.NoProcessID})
		_, err := w.plugin.Submit(t.Context(), request)
		wantClass(t, err, registrars.ClassOutcomeUnknown)
		found, err := w.plugin.Find(t.Context(), request)
		if err != nil || found.State != registrars.FoundOperation || found.Operation.Reference == "" {
			t.Errorf("%s: got %+v, %v", kind, found, err)
		}
		if n := w.Effects(kind, request.Domain); n != 1 {
			t.Errorf("%s: %d effects", kind, n)
		}
	}
}

// TestTheNumberInTheBody, and a number with 200, both of which the documentation
// leaves open.
func TestTheNumberInTheBody(t *testing.T) {
	for name, change := range map[string]func(*standin.Options){
		"in the body": func(o *standin.Options) { o.ProcessIDInBody = true },
		"always":      func(o *standin.Options) { o.ProcessIDAlways = true },
	} {
		for _, tld := range []string{"sync", "async"} {
			w := newWorld(t, tld, change)
			request := w.Request(registrars.Renewal, 1)
			operation, err := w.plugin.Submit(t.Context(), request)
			if err != nil || operation.Reference == "" && (tld == "async" || name == "always") {
				t.Errorf("%s, %s: got %+v, %v", name, tld, operation, err)
			}
		}
	}
}

// TestCancelAtTheStandIn: the process ends, and its money is released.
func TestCancelAtTheStandIn(t *testing.T) {
	w := newWorld(t, "async")
	request := w.Request(registrars.Registration, 1)
	w.Hold(request.Domain)
	operation, err := w.plugin.Submit(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.plugin.Cancel(t.Context(), operation.Reference); err != nil {
		t.Fatal(err)
	}
	if asked, err := w.plugin.Operation(t.Context(), operation.Reference); err != nil || asked.Status != registrars.StatusCancelled {
		t.Errorf("got %+v, %v", asked, err)
	}
	wantClass(t, w.plugin.Cancel(t.Context(), operation.Reference), registrars.ClassRejected)
	if _, held := w.standin.Balance(); held != 0 {
		t.Errorf("%d held", held)
	}
}

func TestDumpsHoldNoSecrets(t *testing.T) {
	w := newWorld(t, "async")
	var lock sync.Mutex
	var dump strings.Builder
	plugin := w.another(func(c *realtimeregister.Config) {
		c.Dump = func(direction string, document []byte) {
			lock.Lock()
			defer lock.Unlock()
			dump.WriteString(direction + " " + string(document) + "\n")
		}
	})
	request := w.Request(registrars.Transfer, 1)
	if _, err := plugin.Submit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if _, err := plugin.ReadDomain(t.Context(), request.Domain); err != nil {
		t.Fatal(err)
	}
	text := dump.String()
	for _, secret := range []string{worldKey, worldAuthCode} {
		if strings.Contains(text, secret) {
			t.Errorf("a secret is in\n%s", text)
		}
	}
	for _, want := range []string{"POST /v2/domains/d1.async/transfer", `"authcode":"[redacted]"`, "reply 202", "reply 200"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// TestThePaceIsKept: the requests of one value wait for their turn.
func TestThePaceIsKept(t *testing.T) {
	w := newWorld(t, "sync")
	plugin := w.another(func(c *realtimeregister.Config) { c.RequestsPerSecond = 50 })
	began := time.Now()
	for range 50 + 5 { // the first fifty are the burst
		if _, err := plugin.PendingOperations(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 90*time.Millisecond {
		t.Errorf("55 requests at 50 a second took %s", took)
	}
}

// TestASlowAnswerIsNotWaitedForForEver.
func TestASlowAnswerIsNotWaitedForForEver(t *testing.T) {
	w := newWorld(t, "sync")
	request := w.Request(registrars.Deletion, 1)
	w.standin.Faults.Add(faults.Fault{Method: "domains.delete", Kind: faults.Delay, Delay: time.Hour})
	plugin := w.another(func(c *realtimeregister.Config) { c.Timeout = 50 * time.Millisecond })
	_, err := plugin.Submit(t.Context(), request)
	wantClass(t, err, registrars.ClassOutcomeUnknown)
}
