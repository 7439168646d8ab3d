package rehearsal_test

import (
	"slices"
	"testing"

	"domainprovisioning/internal/outside"
)

// TestATransferThatBringsADomainAsItIs shows what is set afterwards, and what the transfer takes.
func TestATransferThatBringsADomainAsItIs(t *testing.T) {
	const hosts = `"nameServers": ["ns1.dns.example", {"host": "ns2.shop.example", "addresses": ["192.0.2.2"]}]`
	for name, c := range map[string]struct {
		more string
		want []string // the titles of what is called at the registrar
	}{
		"as usual":   {"", []string{"transfer", "auth code change", "owner change", "contact change", "name server change", "read domain"}},
		"with hosts": {", " + hosts, []string{"transfer", "auth code change", "owner change", "contact change", "register host", "name server change", "read domain"}},
	} {
		w, r := begin(t)
		w.UseRegistry(t).AddElsewhere("shop.example", "Key-1", false)
		plan := rehearse(t, r, outside.Alter(t, outside.NewCustomer, `"registration"`, `"transfer"`, `"transferKey": ""`, `"transferKey": "Key-1"`+c.more))
		if !plan.Accepted {
			t.Fatalf("%s: refused: %+v", name, plan.Refusals)
		}
		var called []string
		for _, step := range plan.Units[0].Steps {
			for _, call := range step.Calls {
				if call.System != outside.Account {
					continue
				}
				called = append(called, call.Name)
				if call.Name == "transfer" && len(call.Parameters) != 2 { // domain and key
					t.Errorf("%s: the transfer takes %v", name, call.Parameters)
				}
				if call.Name == "contact change" && len(call.Parameters) != 4 {
					t.Errorf("%s: the contact change takes %v", name, call.Parameters)
				}
			}
		}
		if !slices.Equal(called, c.want) {
			t.Errorf("%s: called %q", name, called)
		}
	}
}
