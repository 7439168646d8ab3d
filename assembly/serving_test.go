package assembly

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domainprovisioning/config"
	"domainprovisioning/gateway"
	"domainprovisioning/internal/outside"
	"domainprovisioning/store"
)

const webhookSecret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"

// A registrar with its own form of callbacks decodes them itself. Others use Standard
// Webhooks, and an account without a secret accepts none.
func TestWhoReadsTheCallbacksOfAnAccount(t *testing.T) {
	m := assembled(t, func(c *config.Config) {
		signed, own := c.Registrars["a-second"], c.Registrars["a-second"]
		signed.CallbackSecret = webhookSecret
		own.Plugin, own.Settings, own.CallbackSecret = "realtimeregister", nil, "key"
		c.Registrars["a-second"], c.Registrars["own"] = signed, own
	})
	decoders, err := m.Decoders()
	if err != nil {
		t.Fatal(err)
	}
	if _, webhook := decoders["a-second"].(*gateway.Webhook); !webhook || decoders["own"] == nil || any(decoders["own"]) != any(m.Accounts["own"]) {
		t.Errorf("got %v", decoders)
	}
	if decoder, listed := decoders["netim-main"]; !listed || decoder != nil {
		t.Errorf("without a secret: %v", decoder)
	}
}

func TestASecretOfCallbacksThatIsNoneNamesItsKey(t *testing.T) {
	m := assembled(t, func(c *config.Config) {
		account := c.Registrars["a-second"]
		account.CallbackSecret = "hunter2"
		c.Registrars["a-second"] = account
	})
	_, err := m.Decoders()
	if err == nil || !strings.HasPrefix(err.Error(), "config: registrars.a-second.callback_secret ") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
	if _, again := m.Gateway(t.Context(), m.temporal); again == nil || again.Error() != err.Error() {
		t.Errorf("the gateway says %v", again)
	}
}

func TestAGatewayOnATakenAddressSaysWhatToDo(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	m := assembled(t, func(c *config.Config) { c.Gateway.Address = taken.Addr().String() })
	if _, err := m.Gateway(t.Context(), m.temporal); err == nil || !strings.Contains(err.Error(), "free the port or set gateway.address") {
		t.Errorf("got %v", err)
	}
}

// The relay takes what the last request has stored before the gateway ends.
func TestAGatewayThatStopsLeavesNothingBehind(t *testing.T) {
	m := assembled(t, func(c *config.Config) { c.Gateway.WebUI = "https://ui.example/namespaces/default" })
	serving, err := m.Gateway(t.Context(), m.temporal)
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := m.Store.CreateAPIKey(t.Context(), "shop", "", []store.Scope{store.ScopePlace}, "test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- serving.Serve(ctx) }()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+serving.Address+"/v1/orders", strings.NewReader(outside.NewCustomer))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key.Reveal())
	request.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Timeout: 20 * time.Second}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusCreated || !strings.Contains(string(body), `"webUi":"https://ui.example/namespaces/default/workflows/domain-provisioning%2Fshop.example"`) {
		t.Errorf("%d %s, %v", answer.StatusCode, body, err)
	}
	// This confirmation was only stored, as after a callback.
	if _, err := m.Store.Receive(t.Context(), store.Confirmation{EventID: "e1", Source: "callback", Account: "netim-main", Domain: "shop.example"}, 0); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if signals := m.frontend.Signals(); len(signals) != 1 || len(m.frontend.Started()) != 1 {
		t.Errorf("%d signals, started %v", len(signals), m.frontend.Started())
	}
	if _, err := new(net.Dialer).DialContext(t.Context(), "tcp", serving.Address); err == nil {
		t.Error("it listens still")
	}
}

// The operator supplies the gateway's certificate; without its key nothing is served.
func TestAGatewayWithoutItsKeyIsRefused(t *testing.T) {
	_, cert, _ := certified(t)
	m := assembled(t, func(c *config.Config) {
		c.Gateway.TLSCertFile, c.Gateway.TLSKeyFile = cert, filepath.Join(t.TempDir(), "none.pem")
	})
	serving, err := m.Gateway(t.Context(), m.temporal)
	if err != nil {
		t.Fatal(err)
	}
	if err := serving.Serve(t.Context()); err == nil || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("got %v", err)
	}
}
