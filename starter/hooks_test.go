package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"domainprovisioning/assembly"
	"domainprovisioning/desk"
	"domainprovisioning/internal/outside"
	"domainprovisioning/messages"
	"domainprovisioning/store"
)

func decoded[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func TestEndpointsAreManagedAtTheCommandLine(t *testing.T) {
	h := settled(t)
	made := decoded[desk.MadeHook](t, h.prints("", "hooks add https://orders.example/news --event order.done,order.failed --client shop --json"))
	if made.Client != "shop" || strings.Join(made.Events, " ") != "order.done order.failed" || !strings.HasPrefix(made.Secret, "whsec_") {
		t.Errorf("made %+v", made)
	}
	id := made.ID
	h.prints("", "hooks list", id, "shop", "order.done,order.failed", "works", "https://orders.example/news")
	if all := h.prints("", "hooks list --json"); strings.Contains(all, made.Secret) {
		t.Error("a list shows the secret")
	}
	h.prints("", "hooks change "+id+" --event order.* --url https://orders.example/other", id)
	rotated := decoded[desk.MadeHook](t, h.prints("", "hooks rotate "+id+" --json"))
	if rotated.Secret == made.Secret || rotated.OldSecretUntil == nil || rotated.URL != "https://orders.example/other" {
		t.Errorf("rotated %+v", rotated)
	}
	sent := decoded[desk.SentEvent](t, h.prints("", "hooks test "+id+" --json"))
	h.prints("", "hooks deliveries "+id, "hook.test", "waiting", sent.EventID)
	h.prints("", "hooks resend "+id+" --event "+sent.EventID, "1 sent again")
	h.prints("", "hooks enable "+id, "is told news again")
	for _, c := range []struct {
		command, want string
		code          assembly.ExitCode
	}{
		{"hooks add http://orders.example/", "url must begin with https://", assembly.ExitRefused},
		{"hooks add https://127.0.0.1/", "hooks.private_hosts", assembly.ExitRefused},
		{"hooks add https://user:pw@orders.example/ --client me", "no user name or password", assembly.ExitRefused},
		{"hooks add https://orders.example/ --event order.lost", `events holds "order.lost", and may hold *, order.*, order.accepted`, assembly.ExitRefused},
		{"hooks change " + id, "url or events must be given", assembly.ExitRefused},
		{"hooks resend " + id, "event or order must be given", assembly.ExitRefused},
		{"hooks resend " + id + " --event evt_x --order 1", "and not both", assembly.ExitRefused},
		{"hooks resend " + id + " --order nothing", "no such event", assembly.ExitRefused},
		{"hooks listen --event x", `events holds "x"`, assembly.ExitRefused},
		{"hooks receive", "hooks.private_hosts", assembly.ExitRefused},
		{"hooks receive --address nowhere", "--address", assembly.ExitUsage},
		{"hooks deliveries --state lost", "--state", assembly.ExitUsage},
		{"hooks deliveries --limit 0", "--limit must be 1 to 1000", assembly.ExitUsage},
		{"--gateway http://127.0.0.1:1 hooks list", "without --gateway", assembly.ExitUsage},
		{"hooks rotate hook_nobody", "there is no such endpoint", assembly.ExitNotFound},
		{"hooks deliveries hook_nobody", "there is no such endpoint", assembly.ExitNotFound},
	} {
		if got := h.fails("", c.command, c.want); assembly.ExitCodeOf(got.err) != c.code {
			t.Errorf("%s: exit code %d, want %d", c.command, assembly.ExitCodeOf(got.err), c.code)
		}
	}
	h.prints("", "hooks remove "+id, "removed")
	h.fails("", "hooks remove "+id, "no such endpoint")
	h.prints("", "audit", "hook-add", "hook-change", "hook-rotate", "hook-enable", "hook-remove")
}

// output is what a running command has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newOutput() *output { return &output{more: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

// until waits until the output has a text.
func (o *output) until(t *testing.T, text string) string {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		o.mu.Lock()
		got := o.text.String()
		o.mu.Unlock()
		if strings.Contains(got, text) {
			return got
		}
		select {
		case <-o.more:
		case <-deadline:
			t.Fatalf("no %q in:\n%s", text, got)
		}
	}
}

func TestATerminalListensToWhatHappens(t *testing.T) {
	h := settled(t)
	ctx, stop := context.WithCancel(t.Context())
	out, errOut := newOutput(), newOutput()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"hooks", "listen", "--event", "order.*", "--client", store.LocalClient}, strings.NewReader(""), out, errOut)
	}()
	errOut.until(t, "listening")
	h.prints(outside.NewCustomer, "order -")
	out.until(t, "order.accepted    DP00000001  item 1  shop.example  running at step 1")
	if err := h.store.CloseUnit(t.Context(), "DP00000001", 1, store.UnitDone, ""); err != nil {
		t.Fatal(err)
	}
	out.until(t, "order.done")
	stop()
	if err := <-ended; err != nil {
		t.Errorf("interrupted: %v", err)
	}
	if hook, err := h.store.Deliveries(t.Context(), store.DeliveryFilter{}); err != nil || len(hook) != 0 {
		t.Errorf("the terminal has left %+v, %v", hook, err)
	}
}

// TestAReceiverTakesOnlyWhatIsSigned asks the receiver as anybody could.
func TestAReceiverTakesOnlyWhatIsSigned(t *testing.T) {
	verifier, err := standardwebhooks.NewWebhook("whsec_" + strings.Repeat("QUFB", 8))
	if err != nil {
		t.Fatal(err)
	}
	out := newOutput()
	s := &starter{out: out, errOut: newOutput(), json: true}
	server := httptest.NewServer(s.receiver(verifier))
	defer server.Close()
	body := []byte(`{"type":"order.done","timestamp":"2026-01-02T03:04:05Z","data":{"order":"SO-1","item":0}}`)
	signature, err := verifier.Sign("evt_1", time.Now(), body)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		signature string
		body      []byte
		want      int
	}{{signature, body, http.StatusNoContent}, {"", body, http.StatusUnauthorized}, {signature, []byte("{}"), http.StatusUnauthorized}, {signature, make([]byte, longestNews+1), http.StatusBadRequest}} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, bytes.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(standardwebhooks.HeaderWebhookID, "evt_1")
		request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(time.Now().Unix(), 10))
		request.Header.Set(standardwebhooks.HeaderWebhookSignature, c.signature)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != c.want {
			t.Errorf("%q: %d, want %d", c.body[:2], response.StatusCode, c.want)
		}
	}
	if got := decoded[messages.News](t, out.until(t, "order.done")); got.Data.Order != "SO-1" {
		t.Errorf("printed %+v", got)
	}
}
