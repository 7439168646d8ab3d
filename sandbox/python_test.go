package main

import (
	"path/filepath"
	"strings"
	"testing"

	"domainprovisioning/config"
	"domainprovisioning/internal/pythontest"
)

// TestAnIndependentClientPlacesAnOrder uses Python's own XML-RPC client to place an order, and
// reaches Operations through Python's own server and client. Billing wants texts without a type,
// which Python's client does not write.
func TestAnIndependentClientPlacesAnOrder(t *testing.T) {
	t.Parallel()
	pythontest.Find(t)
	f := begin(t, worldOptions{}, func(cfg *config.Config) {
		login := strings.NewReplacer("http://", "http://"+operationsLogin+":"+operationsPass+"@")
		cfg.Operations.URL = pythontest.Relay(t, login.Replace(cfg.Operations.URL))
	})
	c := f.client()
	script := filepath.Join("testdata", "place_order.py")
	gateway := strings.Replace(c.url, "http://", "http://shop:"+c.key+"@", 1) + "/RPC2"
	output, err := pythontest.Run(t, script, gateway, "shop")
	if err != nil || !strings.Contains(output, "order DP00000001") {
		t.Fatalf("%v\n%s", err, output)
	}
	f.finish(shopWorkflow)
	f.want("shop.example", whole())
	// A refusal gives its reasons in base64, as Billing does.
	output, err = pythontest.Run(t, script, gateway, "sh op")
	if err == nil || !strings.Contains(output, `fault 1: item 1: DomainID "sh op" holds a blank at character 3`) {
		t.Errorf("%v\n%s", err, output)
	}
	if calls := f.world.operations.Calls(""); calls < 9 {
		t.Errorf("%d calls of Operations", calls)
	} else {
		t.Logf("through Python: %d calls of Operations, 2 of the gateway", calls)
	}
}
